//! From a request to values: who asks, which rows, which body. Each refuses what it cannot read.

mod body;
mod conditions;
mod query;
mod writing;

use actix_web::http::header::{self, AcceptEncoding, Encoding, Header, HeaderMap};
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use albedo_core::fault::{Code, Fault, Faults};
use albedo_core::scalar;
use albedo_engine::{Caller, Services};
use albedo_entities::Description;
use uuid::Uuid;

pub use body::{JSON, MERGE_PATCH, form, json};
pub(crate) use conditions::packed_tag;
pub use conditions::{entity_tag, entity_tag_text, expected, if_match, is_unchanged};
pub use query::query;
pub use writing::{claim, dry_run, idempotency_key};

use crate::error::ApiError;
use crate::limits;
use crate::middleware::known_as;

/// The services of this worker.
///
/// # Errors
/// When the application was put together without them.
pub fn services(request: &HttpRequest) -> Result<Data<Services>, ApiError> {
    let services = request.app_data::<Data<Services>>().cloned();
    services.ok_or_else(|| ApiError::panicked("the worker has no services".to_owned()))
}

/// Who sent the access token.
///
/// # Errors
/// 401 without a token, or with one that is not good any more; 429.
pub async fn caller(request: &HttpRequest, services: &Services) -> Result<Caller, ApiError> {
    let found = match bearer(request.headers()) {
        Some(token) => services.auth().caller(token).await.map_err(ApiError::from),
        None => Err(ApiError::no_token()),
    };
    match found {
        Ok(mut caller) => {
            caller.request = known_as(request);
            request.extensions_mut().insert(caller);
            limits::count_user(request, &caller).await?;
            Ok(caller)
        }
        // Whoever guesses tokens is told to wait, and no more whether a guess was right.
        Err(refusal) => limits::count_address(request).await.and(Err(refusal)),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start())
}

/// The ids of the parents in the path, outermost first.
///
/// # Errors
/// 400 naming each parameter that is no UUID.
pub fn parents(request: &HttpRequest, description: &Description) -> Result<Vec<Uuid>, ApiError> {
    let mut faults = Faults::none();
    let parents = read_parents(request, description, &mut faults);
    faults.none_or(parents).map_err(ApiError::bad_request)
}

/// The ids of the parents and of the row itself.
///
/// # Errors
/// 400 naming each parameter that is no UUID.
pub fn parents_and_id(request: &HttpRequest, description: &Description) -> Result<(Vec<Uuid>, Uuid), ApiError> {
    let mut faults = Faults::none();
    let parents = read_parents(request, description, &mut faults);
    let id = read_id(request, &description.parameter(), &mut faults);
    faults.none_or((parents, id.unwrap_or_default())).map_err(ApiError::bad_request)
}

fn read_parents(request: &HttpRequest, description: &Description, faults: &mut Faults) -> Vec<Uuid> {
    let mut parents: Vec<_> = description.parents().map(Description::parameter).collect();
    parents.reverse();
    parents.iter().filter_map(|parameter| read_id(request, parameter, faults)).collect()
}

fn read_id(request: &HttpRequest, parameter: &str, faults: &mut Faults) -> Option<Uuid> {
    let id = request.match_info().get(parameter).and_then(scalar::uuid);
    if id.is_none() {
        let detail = "This is not a UUID.";
        faults.add(Fault::in_parameter(parameter, Code::InvalidFormat, detail).with("format", "uuid"));
    }
    id
}

/// Refuses a query where none is read: a misspelt path must not look as if its query had been heard.
///
/// # Errors
/// 400 naming the parameters.
pub fn no_query(request: &HttpRequest) -> Result<(), ApiError> {
    let mut faults = Faults::none();
    for (name, _) in &albedo_core::listing::pairs(request.query_string()).map_err(ApiError::bad_request)? {
        let shown: String = name.chars().take(64).collect();
        faults.add(Fault::in_parameter(shown, Code::Unknown, "This operation has no query parameters."));
    }
    faults.none_or(()).map_err(ApiError::bad_request)
}

/// Whether to send the answer compressed. A client that says nothing may be a person with a plain tool, and gets plain text.
#[must_use]
pub fn accepts_gzip(request: &HttpRequest) -> bool {
    let told = request.headers().contains_key(header::ACCEPT_ENCODING);
    let known = [Encoding::gzip(), Encoding::identity()];
    told && AcceptEncoding::parse(request)
        .is_ok_and(|accepted| accepted.negotiate(known.iter()) == Some(Encoding::gzip()))
}

/// Refuses a client that accepts no JSON.
///
/// # Errors
/// 406.
pub fn accepts_json(request: &HttpRequest) -> Result<(), ApiError> {
    let values = request.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    let ranges: Vec<_> = values.flat_map(|value| value.split(',')).filter_map(range).collect();
    // The most precise range decides (RFC 9110, 12.5.1): `application/json;q=0, */*` takes anything but JSON.
    let decides = ["application/json", "application/*", "*/*"].into_iter().find_map(|known| {
        let taken = ranges.iter().filter(|range| range.media_type.eq_ignore_ascii_case(known)).map(|range| range.taken);
        taken.reduce(|one, other| one || other)
    });
    if decides.unwrap_or(ranges.is_empty()) { Ok(()) } else { Err(ApiError::not_acceptable()) }
}

/// One range of an `Accept` header; a quality of zero says that it is not taken.
struct MediaRange<'a> {
    media_type: &'a str,
    taken: bool,
}

/// `None` for what stands between two commas when nothing does.
fn range(text: &str) -> Option<MediaRange<'_>> {
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next().filter(|media_type| !media_type.is_empty())?;
    let refused = parts.any(|parameter| {
        let quality = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="));
        quality.and_then(|quality| quality.parse::<f32>().ok()) == Some(0.0)
    });
    Some(MediaRange { media_type, taken: !refused })
}
