//! The five operations of every resource over HTTP.
//!
//! Each asks in the same order: is the client served at all (406), who is it (401), may they (403), are path, query and
//! headers right (400), is the body (400, 413, 415, 422). Only then is anything read or written; what `If-None-Match` says is
//! looked at with the row at hand.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use albedo_core::listing::{self, Listed, Shown};
use albedo_engine::{Access, Caller, Receipt, RowBytes, Services};
use bytes::Bytes;

use super::writing::{self, Wish};
use super::{Resource, links};
use crate::error::ApiError;
use crate::extract;

/// `GET` of a list.
///
/// # Errors
/// See the module.
pub async fn list(resource: Resource, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    extract::accepts_json(&request)?;
    let (services, caller) = admitted(resource, &request, Access::Read).await?;
    let parents = extract::parents(&request, resource.description)?;
    let relations = relations(resource);
    let listed = Listed { shown: shown(resource, &relations), restores: resource.description.restores() };
    let wanted = listing::read(listed, request.query_string()).map_err(ApiError::bad_request)?;
    let rows = services.at(resource, &caller, Access::Read, parents)?;
    let address = |cursor: &str| links::at_cursor(&request, cursor);
    let found = rows.list_bytes(&wanted, request.query_string(), &address).await?;
    let mut response = HttpResponse::Ok();
    private(&mut response);
    if let Some(link) = links::around(&request, &found.around, wanted.counts()) {
        response.insert_header((header::LINK, link));
    }
    Ok(json(response, found.body))
}

/// `GET` of a row.
///
/// # Errors
/// See the module.
pub async fn get(resource: Resource, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    extract::accepts_json(&request)?;
    let (services, caller) = admitted(resource, &request, Access::Read).await?;
    let (parents, id) = extract::parents_and_id(&request, resource.description)?;
    let relations = relations(resource);
    let wanted = listing::read_row(shown(resource, &relations), request.query_string());
    let wanted = wanted.map_err(ApiError::bad_request)?;
    let row = services.at(resource, &caller, Access::Read, parents)?.get_bytes(id, &wanted).await?;
    if extract::is_unchanged(&request, row.identity.version, || row.digest())? {
        let mut response = HttpResponse::NotModified();
        private(&mut response);
        return Ok(response.insert_header((header::ETAG, tag(&row))).finish());
    }
    Ok(with_row(StatusCode::OK, row))
}

/// `POST` to a list.
///
/// # Errors
/// See the module.
pub async fn create(resource: Resource, request: HttpRequest, payload: Payload) -> Result<HttpResponse, ApiError> {
    extract::accepts_json(&request)?;
    let (services, caller) = admitted(resource, &request, Access::Write).await?;
    let parents = extract::parents(&request, resource.description)?;
    let wish = Wish::of(&request)?;
    let body = extract::json(&request, payload, None).await?;
    let rows = wish.on(services.at(resource, &caller, Access::Write, parents)?);
    let claim = wish.claim(&request, &body)?;
    let receipt = |made: &RowBytes| Receipt {
        status: StatusCode::CREATED.as_u16(),
        location: Some(links::below(request.path(), made.identity.id)),
        etag: Some(extract::entity_tag_text(made.identity.version, made.digest())),
        body: made.body.clone(),
    };
    if let Some(claim) = &claim {
        return Ok(writing::kept(rows.create_once(claim, body, &receipt).await?));
    }
    let row = rows.create(body).await?;
    let location = links::header(&links::below(request.path(), row.identity.id));
    let mut response = with_row(StatusCode::CREATED, row);
    response.headers_mut().insert(header::LOCATION, location);
    Ok(wish.told(response))
}

/// `PATCH` of a row.
///
/// # Errors
/// See the module.
pub async fn update(resource: Resource, request: HttpRequest, payload: Payload) -> Result<HttpResponse, ApiError> {
    extract::accepts_json(&request)?;
    let (services, caller) = admitted(resource, &request, Access::Write).await?;
    let (parents, id) = extract::parents_and_id(&request, resource.description)?;
    let wish = Wish::without_key(&request)?;
    let expected = extract::if_match(&request)?;
    let body = extract::json(&request, payload, Some(extract::MERGE_PATCH)).await?;
    let rows = wish.on(services.at(resource, &caller, Access::Write, parents)?);
    let row = rows.update(id, &expected, body).await?;
    Ok(wish.told(with_row(StatusCode::OK, row)))
}

/// `DELETE` of a row.
///
/// # Errors
/// See the module.
pub async fn delete(resource: Resource, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let (services, caller) = admitted(resource, &request, Access::Write).await?;
    let (parents, id) = extract::parents_and_id(&request, resource.description)?;
    let wish = Wish::without_key(&request)?;
    let expected = extract::if_match(&request)?;
    wish.on(services.at(resource, &caller, Access::Write, parents)?).delete(id, &expected).await?;
    Ok(wish.told(HttpResponse::NoContent().finish()))
}

/// The services, and who asks, where their role reaches.
pub(super) async fn admitted(
    resource: Resource,
    request: &HttpRequest,
    access: Access,
) -> Result<(Data<Services>, Caller), ApiError> {
    let services = extract::services(request)?;
    let caller = extract::caller(request, &services).await?;
    resource.authorize(&caller, access)?;
    Ok((services, caller))
}

/// The relations that can be shown with a row.
fn relations(resource: Resource) -> Vec<&'static str> {
    resource.description.expansions.iter().map(|expansion| expansion.name).collect()
}

fn shown<'r>(resource: Resource, relations: &'r [&'static str]) -> Shown<'r> {
    Shown { fields: resource.description.fields, computed: resource.computed, relations }
}

fn tag(row: &RowBytes) -> HeaderValue {
    extract::entity_tag(row.identity.version, row.digest())
}

pub(super) fn with_row(status: StatusCode, row: RowBytes) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    private(&mut response);
    response.insert_header((header::ETAG, tag(&row)));
    json(response, row.body)
}

/// Kept by the client alone, and asked for again each time: with an entity tag that costs no body.
pub(super) fn private(response: &mut HttpResponseBuilder) {
    response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")));
    response.insert_header((header::VARY, HeaderValue::from_static("Accept, Authorization")));
}

pub(super) fn json(mut response: HttpResponseBuilder, body: Bytes) -> HttpResponse {
    response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(extract::JSON))).body(body)
}
