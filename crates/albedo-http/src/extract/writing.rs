//! What a write says besides its body: `dry_run`, and a key of the client's own.

use actix_web::HttpRequest;
use actix_web::web::Data;
use albedo_core::claim::{Asked, Claim};
use albedo_core::fault::{Code, Fault, Faults};
use albedo_core::listing;
use albedo_core::settings::ServerSettings;
use serde_json::Value;

use crate::error::ApiError;

const KEY: &str = "Idempotency-Key";

/// Whether nothing shall be kept of what the request does.
///
/// # Errors
/// 400 naming each parameter that a write does not know, and a value that is neither `true` nor `false`.
pub fn dry_run(request: &HttpRequest) -> Result<bool, ApiError> {
    if request.query_string().is_empty() {
        return Ok(false);
    }
    let (mut faults, mut said) = (Faults::none(), None);
    for (name, value) in &listing::pairs(request.query_string()).map_err(ApiError::bad_request)? {
        match (&**name, &**value) {
            ("dry_run", _) if said.is_some() => {
                faults.add(Fault::in_parameter("dry_run", Code::Duplicate, "Send this parameter once."));
            }
            ("dry_run", "true") => said = Some(true),
            ("dry_run", "false") => said = Some(false),
            ("dry_run", _) => {
                said = Some(false);
                let detail = "This must be one of true, false.";
                faults.add(
                    Fault::in_parameter("dry_run", Code::NotAChoice, detail)
                        .with("allowed", ["true", "false"].as_slice()),
                );
            }
            (other, _) => {
                let shown: String = other.chars().take(64).collect();
                let detail = "There is no such parameter; allowed is dry_run.";
                faults.add(Fault::in_parameter(shown, Code::Unknown, detail).with("allowed", ["dry_run"].as_slice()));
            }
        }
    }
    faults.none_or(said.unwrap_or(false)).map_err(ApiError::bad_request)
}

/// The key of a write that may be sent twice, if it has one.
///
/// # Errors
/// 400 where there are several, or the key is none.
pub fn idempotency_key(request: &HttpRequest) -> Result<Option<&str>, ApiError> {
    let mut keys = request.headers().get_all(KEY);
    let Some(key) = keys.next() else { return Ok(None) };
    if keys.next().is_some() {
        return Err(ApiError::bad_request(Fault::in_header(KEY, Code::Duplicate, "Send one key.")));
    }
    key.to_str().ok().filter(|key| Claim::is_key(key)).map(Some).ok_or_else(no_key)
}

/// The key with the request that it stands for.
///
/// # Errors
/// 400 where the key is none.
pub fn claim(request: &HttpRequest, key: &str, body: &Value) -> Result<Claim, ApiError> {
    let settings = request.app_data::<Data<ServerSettings>>();
    let Some(settings) = settings else { return Err(ApiError::panicked("the worker has no settings".to_owned())) };
    let path = request.path().trim_end_matches('/');
    let asked = Asked { method: request.method().as_str(), path, query: request.query_string(), body };
    Claim::new(key, settings.idempotency_lives, asked).ok_or_else(no_key)
}

fn no_key() -> ApiError {
    let max = Claim::LONGEST_KEY;
    let detail = format!("Send 1 to {max} visible ASCII characters, such as a UUID.");
    ApiError::bad_request(Fault::in_header(KEY, Code::InvalidFormat, detail).with("max", max))
}
