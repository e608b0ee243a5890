//! Bodies: bounded in size and time, of a known media type, read strictly.

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{self, BytesMut, Payload};
use albedo_core::body;
use albedo_core::settings::ServerSettings;
use futures_util::StreamExt;
use serde_json::Value;
use tokio::time::timeout;

use crate::error::ApiError;

/// The media type of bodies.
pub const JSON: &str = "application/json";
/// The media type of changes (RFC 7396); plain JSON means the same.
pub const MERGE_PATCH: &str = "application/merge-patch+json";
const FORM: &str = "application/x-www-form-urlencoded";

/// What is read and thrown away of a body that is too large. Many clients read no answer before they have sent all, and
/// would see nothing but a broken connection.
const DRAINED: usize = 16 * 1024 * 1024;

/// The JSON value of the body.
///
/// # Errors
/// 400 with the place of the fault, 408, 413 or 415.
pub async fn json(request: &HttpRequest, payload: Payload, also: Option<&str>) -> Result<Value, ApiError> {
    let wanted = |media_type: &str| {
        media_type.eq_ignore_ascii_case(JSON) || also.is_some_and(|also| media_type.eq_ignore_ascii_case(also))
    };
    let bytes = read(request, payload).await?;
    if !bytes.is_empty() && !is_of_type(request, wanted) {
        return Err(ApiError::unsupported_media_type(also.unwrap_or(JSON)));
    }
    Ok(body::read(&bytes)?)
}

/// The text of an HTML form's body.
///
/// # Errors
/// 400, 408, 413 or 415.
pub async fn form(request: &HttpRequest, payload: Payload) -> Result<String, ApiError> {
    let bytes = read(request, payload).await?;
    if !is_of_type(request, |media_type| media_type.eq_ignore_ascii_case(FORM)) {
        return Err(ApiError::unsupported_media_type(FORM));
    }
    String::from_utf8(bytes.to_vec()).map_err(|_| ApiError::body_not_text())
}

/// Whether the body is of a wanted type, in UTF-8 and not encoded.
fn is_of_type(request: &HttpRequest, wanted: impl Fn(&str) -> bool) -> bool {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    let plain = header(header::CONTENT_ENCODING).is_none_or(|encoding| encoding.eq_ignore_ascii_case("identity"));
    let Some(content_type) = header(header::CONTENT_TYPE) else { return false };
    let mut parts = content_type.split(';').map(str::trim);
    let named = parts.next().is_some_and(wanted);
    let utf8 = parts.all(|parameter| {
        let charset = parameter.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
        charset.is_none_or(|(_, charset)| charset.trim_matches('"').eq_ignore_ascii_case("utf-8"))
    });
    plain && named && utf8
}

async fn read(request: &HttpRequest, payload: Payload) -> Result<BytesMut, ApiError> {
    let settings = request.app_data::<web::Data<ServerSettings>>();
    let Some(settings) = settings else { return Err(ApiError::panicked("the worker has no settings".to_owned())) };
    let arrived = timeout(settings.body_timeout, collect(request, payload, settings.max_body_bytes)).await;
    arrived.unwrap_or_else(|_| Err(ApiError::body_timeout()))
}

async fn collect(request: &HttpRequest, mut payload: Payload, most: usize) -> Result<BytesMut, ApiError> {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let mut bytes = BytesMut::with_capacity(announced.unwrap_or(0).min(most));
    let mut arrived = 0_usize;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| ApiError::body_broken())?;
        arrived = arrived.saturating_add(chunk.len());
        if arrived > DRAINED {
            break;
        }
        if arrived <= most {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = BytesMut::new();
        }
    }
    if arrived > most { Err(ApiError::too_large(most)) } else { Ok(bytes) }
}
