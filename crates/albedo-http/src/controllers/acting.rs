//! `POST` to a path below a row: a resource's own verbs, and the way back from a delete.

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use albedo_engine::{Access, Receipt, RowBytes, VerbDescription};

use super::Resource;
use super::crud::{admitted, with_row};
use super::writing::{self, Wish};
use crate::error::ApiError;
use crate::extract;

/// `POST` to a deleted row's `restore`.
///
/// # Errors
/// As the operations of every resource.
pub async fn restore(resource: Resource, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    act(resource, None, request, None).await
}

/// `POST` to a row's verb.
///
/// # Errors
/// As the operations of every resource, and what the verb refuses.
pub async fn act_by(
    resource: Resource,
    verb: VerbDescription,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let payload = verb.has_body().then_some(payload);
    act(resource, Some(verb), request, payload).await
}

async fn act(
    resource: Resource,
    verb: Option<VerbDescription>,
    request: HttpRequest,
    payload: Option<Payload>,
) -> Result<HttpResponse, ApiError> {
    extract::accepts_json(&request)?;
    let access = verb.map_or(Access::Write, |verb| verb.access());
    let (services, caller) = admitted(resource, &request, access).await?;
    let (parents, id) = extract::parents_and_id(&request, resource.description)?;
    let wish = Wish::of(&request)?;
    let expected = extract::if_match(&request)?;
    let body = match payload {
        Some(payload) => extract::json(&request, payload, None).await?,
        None => serde_json::Value::Null,
    };
    let claim = wish.claim(&request, &body)?;
    let receipt = |row: &RowBytes| Receipt {
        status: StatusCode::OK.as_u16(),
        location: None,
        etag: Some(extract::entity_tag_text(row.identity.version, row.digest())),
        body: row.body.clone(),
    };
    let rows = wish.on(services.at(resource, &caller, access, parents)?);
    let row = match (&claim, verb) {
        (Some(claim), None) => {
            return Ok(writing::kept(rows.restore_once(claim, id, &expected, &receipt).await?));
        }
        (Some(claim), Some(verb)) => {
            return Ok(writing::kept(rows.act_once(claim, verb.name, id, &expected, body, &receipt).await?));
        }
        (None, None) => rows.restore(id, &expected).await?,
        (None, Some(verb)) => rows.act(verb.name, id, &expected, body).await?,
    };
    Ok(wish.told(with_row(StatusCode::OK, row)))
}
