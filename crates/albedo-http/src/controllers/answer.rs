//! The frame around every handler: its refusals become problem documents, its panics too, and it has an end.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use albedo_core::settings::ServerSettings;
use bytes::Bytes;
use futures_util::FutureExt;
use serde::Serialize;
use tokio::time::timeout;

use crate::error::ApiError;

/// Runs a handler to its answer.
pub async fn answer(
    request: HttpRequest,
    handler: impl Future<Output = Result<HttpResponse, ApiError>>,
) -> HttpResponse {
    let limit = request.app_data::<web::Data<ServerSettings>>().map(|settings| limit(request.method(), settings));
    // What a handler shares with others are pools and caches, which stand a panic; actix would drop the connection.
    let guarded = AssertUnwindSafe(handler).catch_unwind();
    let outcome = match limit {
        Some(limit) => timeout(limit, guarded).await.unwrap_or_else(|_| Ok(Err(ApiError::handler_timeout()))),
        None => guarded.await,
    };
    let result = outcome.unwrap_or_else(|panic| Err(ApiError::panicked(message(&*panic))));
    result.unwrap_or_else(|error| error.into_response(&request))
}

/// A body has a deadline of its own; what remains is ours, and the database gives up before we do.
fn limit(method: &Method, settings: &ServerSettings) -> Duration {
    match *method {
        Method::POST | Method::PATCH => settings.body_timeout + settings.handler_timeout,
        _ => settings.handler_timeout,
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".to_owned())
}

/// A value as JSON bytes, written once.
///
/// # Errors
/// 500 where a view cannot be written, which is ours to mend.
pub fn json_bytes<T: Serialize>(value: &T) -> Result<Bytes, ApiError> {
    match serde_json::to_vec(value) {
        Ok(bytes) => Ok(Bytes::from(bytes)),
        Err(error) => Err(ApiError::panicked(error.to_string())),
    }
}
