//! What an assistant understands in a text, over HTTP.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use albedo_entities::{Resource, assistant};
use albedo_services::Access;

use super::json_bytes;
use crate::error::ApiError;
use crate::extract;

/// `POST /assistants/{assistant_id}/match`. Asks and changes nothing, so a reader's role reaches.
///
/// # Errors
/// 400, 401, 403, 404, 406, 409, 413, 415, 422, 503.
pub async fn find_mentions(request: HttpRequest, payload: Payload) -> Result<HttpResponse, ApiError> {
    extract::accepts_json(&request)?;
    let services = extract::services(&request)?;
    let caller = extract::caller(&request, &services).await?;
    let description = assistant::Entity::description();
    caller.require(Access::Read.least(description))?;
    let (_, assistant) = extract::parents_and_id(&request, description)?;
    extract::no_query(&request)?;
    let body = extract::json(&request, payload, None).await?;
    let matches = services.find_mentions(&caller, assistant, body).await?;
    Ok(HttpResponse::Ok().content_type(extract::JSON).body(json_bytes(&matches)?))
}
