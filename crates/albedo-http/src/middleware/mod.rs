//! What happens around every request: an id, a bound on how many are under way, common headers, one line in the log.

mod compress;
mod cors;
mod spans;
mod trace;
mod unread;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest};
use albedo_engine::Caller;
use uuid::Uuid;

pub use cors::cors;
pub use spans::{Spans, SpansError};

use crate::error::ApiError;
use crate::limits;
use crate::metrics::{Metrics, RouteTemplate};
use trace::{TRACEPARENT, TraceId};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST_ID: usize = 128;

/// The id of a request: the client's own, if it is sane, or a new one.
#[derive(Clone)]
struct RequestId(HeaderValue);

impl RequestId {
    fn of(request: &ServiceRequest) -> Self {
        let sent = request.headers().get(X_REQUEST_ID).filter(|value| is_sane(value));
        Self(sent.cloned().unwrap_or_else(new_id))
    }

    fn text(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// Letters, digits and a few marks: an id goes into logs and other people's tools.
fn is_sane(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    (1..=LONGEST_ID).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/' | b'+' | b'='))
}

fn new_id() -> HeaderValue {
    let mut buffer = Uuid::encode_buffer();
    let text = Uuid::now_v7().hyphenated().encode_lower(&mut buffer);
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("none"))
}

/// The id of this request, for services.
pub(crate) fn known_as(request: &HttpRequest) -> albedo_engine::RequestId {
    let extensions = request.extensions();
    extensions.get::<RequestId>().map_or(albedo_engine::RequestId::NONE, |id| albedo_engine::RequestId::of(id.text()))
}

/// The id of this request, for answers and logs.
#[must_use]
pub fn request_id(request: &HttpRequest) -> String {
    let extensions = request.extensions();
    let id = extensions.get::<RequestId>().and_then(|id| id.0.to_str().ok());
    id.unwrap_or_default().to_owned()
}

/// How many requests are under way in the process, how many may be, and whether the last ones have come. Clones share it.
#[derive(Clone, Debug)]
pub struct InFlight {
    now: Arc<AtomicUsize>,
    most: usize,
    draining: Arc<AtomicBool>,
}

impl InFlight {
    /// None under way yet.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { now: Arc::default(), most, draining: Arc::default() }
    }

    /// Answers go on, and each asks its client to come back on another connection: soon there will be none here.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the server is about to stop.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// How many are under way.
    #[must_use]
    pub fn now(&self) -> usize {
        self.now.load(Ordering::Relaxed)
    }

    fn enter(&self) -> Option<Place<'_>> {
        let place = Place(&self.now);
        (self.now.fetch_add(1, Ordering::Relaxed) < self.most).then_some(place)
    }
}

/// Counts one request until dropped, also when its client goes away.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Wraps every request.
///
/// # Errors
/// None of its own; those of the service inside pass through.
pub async fn around(
    in_flight: InFlight,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = RequestId::of(&request);
    request.extensions_mut().insert(id.clone());
    let body = unread::hold(&mut request);
    let place = in_flight.enter();
    if place.is_none() && !is_health(request.path()) {
        request.extensions_mut().insert(PutOff);
    }
    let mut response = cors::in_own_words(next.call(request).await?.map_into_boxed_body());
    finish(response.headers_mut(), &id);
    limits::tell(&mut response);
    let mut response = compress::compress(response).await;
    let took = started.elapsed();
    let (trace, answer) = trace::of(&response, &id, took);
    if let Some(answer) = answer {
        response.headers_mut().insert(TRACEPARENT, answer);
    }
    if in_flight.is_draining() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    log(&response, &id, trace, took);
    count(&response, took);
    Ok(unread::release_after(response, body))
}

/// Marks a request that is one too many.
struct PutOff;

/// Refuses what is one too many: inside [`cors`], so that a page of an allowed origin may read when to ask again.
///
/// # Errors
/// None of its own; those of the service inside pass through.
pub async fn put_off(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.extensions().get::<PutOff>().is_some() {
        let refusal = ApiError::overloaded().into_response(request.request());
        return Ok(request.into_response(refusal));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Supervisors ask here. One that is told 503 under load would restart what does its best.
fn is_health(path: &str) -> bool {
    path.starts_with("/api/health")
}

fn finish(headers: &mut HeaderMap, id: &RequestId) {
    headers.insert(X_REQUEST_ID, id.0.clone());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Pages and cacheable answers bring their own.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.insert(header::CONTENT_SECURITY_POLICY, nothing);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// One line a request. The path without its query, which may hold what no log should.
fn log(response: &ServiceResponse<BoxBody>, id: &RequestId, trace: TraceId, took: Duration) {
    let request = response.request();
    let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let user = request.extensions().get::<Caller>().map(|caller| caller.user);
    tracing::info!(
        target: "albedo_http::request",
        request_id = id.text(),
        trace_id = %trace,
        method = %request.method(),
        path = request.path(),
        status = response.status().as_u16(),
        microseconds,
        user = user.map(tracing::field::display),
        "request"
    );
}

/// Counts the answer, where somebody wants figures.
fn count(response: &ServiceResponse<BoxBody>, took: Duration) {
    let request = response.request();
    if let Some(metrics) = request.app_data::<Data<Metrics>>() {
        metrics.answered(request.method(), request.app_data::<RouteTemplate>(), response.status(), took);
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestId").field(&self.0).finish()
    }
}
