//! `POST` to a list's `bulk`: many operations on one resource, all of them or none.

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use albedo_services::{Access, Done, Receipt, ServiceError};
use bytes::Bytes;
use serde::Serialize;
use uuid::Uuid;

use super::crud::{admitted, json, private};
use super::endpoint::{Bulk, Call, Resource, Written};
use super::writing::{self, Wish};
use crate::error::ApiError;
use crate::extract;

/// `POST` to a list's `bulk`.
///
/// # Errors
/// As the operations on single rows.
pub async fn bulk(resource: Resource, request: HttpRequest, payload: Payload) -> Result<HttpResponse, ApiError> {
    extract::accepts_json(&request)?;
    let (services, caller) = admitted(resource, &request, Access::Write).await?;
    let parents = extract::parents(&request, resource.description)?;
    let wish = Wish::of(&request)?;
    let body = extract::json(&request, payload, None).await?;
    let call = Call { services: &services, caller: &caller, parents };
    let claim = wish.claim(&request, &body)?;
    // A bulk makes its answer itself: it has many rows.
    let of_one_row = |made: &Written| receipt(made.body.clone());
    match resource.endpoint.bulk(call, wish.how(claim.as_ref(), &of_one_row), body).await? {
        Bulk::Kept(kept) => Ok(writing::kept(kept)),
        Bulk::Done(body) => {
            let mut response = HttpResponse::Ok();
            private(&mut response);
            Ok(wish.told(json(response, body)))
        }
    }
}

#[derive(Serialize)]
struct Results<'d, V> {
    results: Vec<Outcome<'d, V>>,
}

/// What the operation would have been answered alone.
#[derive(Serialize)]
struct Outcome<'d, V> {
    status: u16,
    id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'d V>,
}

/// The answer's body.
pub(super) fn results<V: Serialize>(done: &[Done<V>]) -> Result<Bytes, ServiceError> {
    let results = Results { results: done.iter().map(outcome).collect() };
    serde_json::to_vec(&results).map(Bytes::from).map_err(ServiceError::internal)
}

fn outcome<V>(done: &Done<V>) -> Outcome<'_, V> {
    let (status, row) = match done {
        Done::Deleted(id) => {
            return Outcome { status: StatusCode::NO_CONTENT.as_u16(), id: *id, etag: None, body: None };
        }
        Done::Created(row) => (StatusCode::CREATED, row),
        Done::Updated(row) => (StatusCode::OK, row),
    };
    let etag = Some(extract::entity_tag_text(row.identity.version));
    Outcome { status: status.as_u16(), id: row.identity.id, etag, body: Some(&row.view) }
}

/// The answer as it is kept for retries.
pub(super) fn receipt(body: Bytes) -> Receipt {
    Receipt { status: StatusCode::OK.as_u16(), location: None, etag: None, body }
}
