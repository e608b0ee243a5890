//! Pages of other origins: none, unless the settings name them.

use actix_cors::{Cors, CorsError};
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, header};
use actix_web::middleware::Condition;

use crate::error::ApiError;

/// Seconds that a browser may remember what it was allowed.
const REMEMBERED: usize = 600;

/// Lets the pages of these origins call; off where there are none. Access tokens are sent by scripts and no cookie is read,
/// so there are no credentials to allow.
#[must_use]
pub fn cors(origins: &[String]) -> Condition<Cors> {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::HEAD, Method::POST, Method::PATCH, Method::DELETE])
        .allowed_headers([
            header::AUTHORIZATION.as_str(),
            header::CONTENT_TYPE.as_str(),
            header::IF_MATCH.as_str(),
            header::IF_NONE_MATCH.as_str(),
            "idempotency-key",
            "x-request-id",
            "traceparent",
        ])
        .expose_headers([
            header::ETAG.as_str(),
            header::LINK.as_str(),
            header::LOCATION.as_str(),
            header::RETRY_AFTER.as_str(),
            "dry-run",
            "idempotency-replayed",
            "ratelimit",
            "ratelimit-policy",
            "x-request-id",
        ])
        // A page of another origin gets its answer without the headers that would let it read it: the browser decides.
        .block_on_origin_mismatch(false)
        .max_age(REMEMBERED);
    Condition::new(!origins.is_empty(), origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin)))
}

/// What was asked before the request itself and is refused, as a problem document like any other refusal.
pub(super) fn in_own_words(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let refused = response.response().error().and_then(|error| error.as_error::<CorsError>());
    let Some(refused) = refused else { return response };
    let refusal = match refused {
        CorsError::MethodNotAllowed => ApiError::origin_refused("Access-Control-Request-Method"),
        CorsError::HeadersNotAllowed | CorsError::BadRequestHeaders => {
            ApiError::origin_refused("Access-Control-Request-Headers")
        }
        _ => ApiError::origin_refused("Origin"),
    };
    let (request, _) = response.into_parts();
    let refusal = refusal.into_response(&request);
    ServiceResponse::new(request, refusal)
}
