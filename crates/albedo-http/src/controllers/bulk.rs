//! `POST` to a list's `bulk`: many operations on one resource, all of them or none.

use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use albedo_engine::{Access, Done, Receipt, ServiceError};
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::Resource;
use super::crud::{admitted, json, private};
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
    let rows = wish.on(services.at(resource, &caller, Access::Write, parents)?);
    let claim = wish.claim(&request, &body)?;
    if let Some(claim) = &claim {
        let receipt = |done: &[Done]| Ok(receipt(results(done)?));
        return Ok(writing::kept(rows.bulk_once(claim, body, extract::expected, &receipt).await?));
    }
    let body = results(&rows.bulk(body, extract::expected).await?)?;
    let mut response = HttpResponse::Ok();
    private(&mut response);
    Ok(wish.told(json(response, body)))
}

#[derive(Serialize)]
struct Results<'d> {
    results: Vec<Outcome<'d>>,
}

/// What the operation would have been answered alone.
#[derive(Serialize)]
struct Outcome<'d> {
    status: u16,
    id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'d RawValue>,
}

/// The answer's body.
fn results(done: &[Done]) -> Result<Bytes, ServiceError> {
    let results = done.iter().map(outcome).collect::<Result<_, _>>()?;
    serde_json::to_vec(&Results { results }).map(Bytes::from).map_err(ServiceError::internal)
}

fn outcome(done: &Done) -> Result<Outcome<'_>, ServiceError> {
    let (status, row) = match done {
        Done::Deleted(id) => {
            return Ok(Outcome { status: StatusCode::NO_CONTENT.as_u16(), id: *id, etag: None, body: None });
        }
        Done::Created(row) => (StatusCode::CREATED, row),
        Done::Updated(row) => (StatusCode::OK, row),
    };
    let etag = Some(extract::entity_tag_text(row.identity.version, row.digest()));
    let body = serde_json::from_slice(&row.body).map_err(ServiceError::internal)?;
    Ok(Outcome { status: status.as_u16(), id: row.identity.id, etag, body: Some(body) })
}

/// The answer as it is kept for retries.
fn receipt(body: Bytes) -> Receipt {
    Receipt { status: StatusCode::OK.as_u16(), location: None, etag: None, body }
}
