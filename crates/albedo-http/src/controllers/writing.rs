//! How a write is made, as a client asks for it: plainly, on trial by `dry_run=true`, or once for an `Idempotency-Key`; and
//! how its answer tells.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use albedo_core::claim::Claim;
use albedo_engine::{Crud, Kept, Receipt};
use serde_json::Value;

use super::crud::{json, private};
use crate::error::ApiError;
use crate::extract;

/// Says that an answer was given before, and nothing written this time.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Says that nothing of what is answered was kept.
const ON_TRIAL: HeaderName = HeaderName::from_static("dry-run");

/// What a request says of how its write is to be made, but for the body.
#[derive(Clone, Copy)]
pub(super) enum Wish<'a> {
    Plain,
    OnTrial,
    Once(&'a str),
}

impl<'a> Wish<'a> {
    /// Of a change or a delete, which are the same when they are made twice.
    pub(super) fn without_key(request: &HttpRequest) -> Result<Wish<'static>, ApiError> {
        Ok(if extract::dry_run(request)? { Wish::OnTrial } else { Wish::Plain })
    }

    /// Of a `POST`. A trial leaves nothing behind, so its key is not looked at beyond its form.
    pub(super) fn of(request: &'a HttpRequest) -> Result<Self, ApiError> {
        let (on_trial, key) = (extract::dry_run(request)?, extract::idempotency_key(request)?);
        Ok(match key {
            _ if on_trial => Self::OnTrial,
            Some(key) => Self::Once(key),
            None => Self::Plain,
        })
    }

    /// The claim, where there is a key.
    pub(super) fn claim(self, request: &HttpRequest, body: &Value) -> Result<Option<Claim>, ApiError> {
        let Self::Once(key) = self else { return Ok(None) };
        extract::claim(request, key, body).map(Some)
    }

    /// The verbs, on trial where that was asked for.
    pub(super) fn on(self, rows: Crud<'_>) -> Crud<'_> {
        if matches!(self, Self::OnTrial) { rows.on_trial() } else { rows }
    }

    /// The answer, marked where it stands for nothing.
    pub(super) fn told(self, mut response: HttpResponse) -> HttpResponse {
        if matches!(self, Self::OnTrial) {
            response.headers_mut().insert(ON_TRIAL, HeaderValue::from_static("true"));
        }
        response
    }
}

/// The answer that is kept, in the bytes of the first time.
pub(super) fn kept(kept: Kept) -> HttpResponse {
    let Kept { receipt: Receipt { status, location, etag, body }, replayed } = kept;
    // What was kept was sent once already.
    let mut response = HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::OK));
    private(&mut response);
    let headers = [(header::LOCATION, location), (header::ETAG, etag)];
    for (name, value) in headers.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        response.insert_header((name, value));
    }
    if replayed {
        response.insert_header((REPLAYED, HeaderValue::from_static("true")));
    }
    json(response, body)
}
