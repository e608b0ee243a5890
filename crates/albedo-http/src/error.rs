//! Refusals as answers: the only room with status codes, and the one place where a failure is logged.
//!
//! Every refusal is a problem document (RFC 9457), `application/problem+json`, in one shape. What a driver or Rust itself
//! said stays in the log, under the request id that the client is given.

use std::fmt;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{StatusCode, Uri};
use actix_web::{HttpRequest, HttpResponse};
use albedo_core::body::Malformed;
use albedo_core::fault::{Code, Fault, Faults};
use albedo_engine::{ServiceError, Services};
use serde::Serialize;

use crate::middleware::request_id;

/// The media type of every refusal.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request is refused.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    detail: String,
    faults: Faults,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The document that a refused client gets.
#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    errors: &'a [Fault],
}

impl ApiError {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), faults: Faults::none(), headers: Vec::new(), cause: None }
    }

    fn because_of(status: StatusCode, detail: &str, faults: Faults) -> Self {
        Self { faults, ..Self::new(status, detail) }
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The status of the answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Query, path or header parameters that are wrong.
    #[must_use]
    pub fn bad_request(faults: impl Into<Faults>) -> Self {
        Self::because_of(
            StatusCode::BAD_REQUEST,
            "The request has parameters that are wrong; see errors.",
            faults.into(),
        )
    }

    /// No such address.
    #[must_use]
    pub fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is nothing at this path; /docs lists what there is.")
    }

    /// The address knows other methods.
    #[must_use]
    pub fn method_not_allowed(allowed: &HeaderValue) -> Self {
        let detail = format!("This path answers {}.", allowed.to_str().unwrap_or_default());
        Self::new(StatusCode::METHOD_NOT_ALLOWED, detail).with(header::ALLOW, allowed.clone())
    }

    /// The client accepts no JSON.
    #[must_use]
    pub fn not_acceptable() -> Self {
        let detail = "This path answers application/json, which the Accept header leaves out.";
        let fault = Fault::in_header("Accept", Code::NotAChoice, "Accept application/json.");
        Self::because_of(StatusCode::NOT_ACCEPTABLE, detail, fault.into())
    }

    /// The body is not of a media type that the operation reads.
    #[must_use]
    pub fn unsupported_media_type(wanted: &str) -> Self {
        let detail = format!("The body must be {wanted}, in UTF-8 and without a content encoding.");
        let fault = Fault::in_header("Content-Type", Code::NotAChoice, format!("Send {wanted}."))
            .with("allowed", [wanted].as_slice());
        Self { detail, ..Self::because_of(StatusCode::UNSUPPORTED_MEDIA_TYPE, "", fault.into()) }
    }

    /// The body is larger than any that is read.
    #[must_use]
    pub fn too_large(max: usize) -> Self {
        let fault = Fault::at("", Code::TooLarge, format!("At most {max} bytes are read.")).with("max", max);
        Self::because_of(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.", fault.into())
    }

    /// The body did not arrive in time.
    #[must_use]
    pub fn body_timeout() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time.")
    }

    /// The body broke off.
    #[must_use]
    pub fn body_broken() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "The body broke off before its end.")
    }

    /// The body is no text.
    #[must_use]
    pub fn body_not_text() -> Self {
        let detail = "The body is not valid UTF-8 text.";
        Self::because_of(StatusCode::BAD_REQUEST, detail, Fault::at("", Code::InvalidFormat, detail).into())
    }

    /// The answer took too long to find.
    #[must_use]
    pub fn handler_timeout() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "The answer took too long; try again.").retryable()
    }

    /// More requests are under way than the server takes.
    #[must_use]
    pub fn overloaded() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "The server has too much to do; try again.").retryable()
    }

    /// The client has asked too often; `wait` is in seconds.
    #[must_use]
    pub fn too_many(wait: u64) -> Self {
        let unit = if wait == 1 { "second" } else { "seconds" };
        let detail = format!("Too many requests; try again in {wait} {unit}.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, detail).with(header::RETRY_AFTER, HeaderValue::from(wait))
    }

    /// A page of another origin asks for more than it may; `header` says what.
    #[must_use]
    pub fn origin_refused(header: &'static str) -> Self {
        let detail = "Pages of this origin may not send such requests.";
        Self::because_of(StatusCode::FORBIDDEN, detail, Fault::in_header(header, Code::NotAChoice, detail).into())
    }

    /// The handler panicked; the message goes to the log.
    #[must_use]
    pub fn panicked(message: String) -> Self {
        Self::internal(message.into())
    }

    fn internal(cause: Box<dyn std::error::Error + Send + Sync>) -> Self {
        let detail = "Something failed that should not have. The request id leads to the cause in the server's log.";
        Self { cause: Some(cause), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail) }
    }

    fn unauthenticated(challenge: &'static str, detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail).with(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    /// No access token was sent.
    #[must_use]
    pub fn no_token() -> Self {
        Self::unauthenticated("Bearer", "Sign in, and send the access token as Authorization: Bearer.")
    }

    fn retryable(self) -> Self {
        self.with(header::RETRY_AFTER, HeaderValue::from(Services::RETRY_AFTER.as_secs()))
    }

    /// The answer, with the request's path and id. A failure of ours is logged here, once.
    #[must_use]
    pub fn into_response(self, request: &HttpRequest) -> HttpResponse {
        let id = request_id(request);
        if self.status.is_server_error() {
            let causes = self.cause.as_deref().map(chain).unwrap_or_default();
            let (status, path) = (self.status.as_u16(), request.path());
            tracing::error!(request_id = %id, status, path, error = %causes, "{}", self.detail);
        }
        let problem = Problem {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Problem"),
            status: self.status.as_u16(),
            detail: &self.detail,
            instance: path_of(request.uri()),
            request_id: &id,
            errors: self.faults.as_slice(),
        };
        // Strings and numbers alone: nothing in it can fail to be written.
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = HttpResponse::build(self.status);
        response.content_type(PROBLEM_JSON);
        for header in self.headers {
            response.insert_header(header);
        }
        response.body(body)
    }
}

/// The path alone: a query may hold what nobody should log or echo. `CONNECT` has none.
fn path_of(uri: &Uri) -> &str {
    if uri.path().is_empty() { "/" } else { uri.path() }
}

/// An error with its causes on one line.
fn chain(error: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.detail)
    }
}

impl std::error::Error for ApiError {}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::NotFound(what) => {
                let what = what.replace('_', " ");
                Self::new(StatusCode::NOT_FOUND, format!("There is no such {what}, or it is not yours."))
            }
            ServiceError::Invalid(faults) => Self::because_of(
                StatusCode::UNPROCESSABLE_ENTITY,
                "The body has values that are wrong; see errors.",
                faults,
            ),
            ServiceError::Query(faults) => Self::bad_request(faults),
            ServiceError::Conflict(faults) => {
                Self::because_of(StatusCode::CONFLICT, "Other rows stand against this; see errors.", faults)
            }
            ServiceError::Changed => {
                let fault = Fault::in_header("If-Match", Code::Contradiction, "The entity tag is not the current one.");
                let detail = "The row has changed since it was read; read it again.";
                Self::because_of(StatusCode::PRECONDITION_FAILED, detail, fault.into())
            }
            ServiceError::StateWanted => {
                let fault = Fault::in_header("If-Match", Code::Required, "Send the entity tag that was read.");
                let detail = "A change of this resource has to say which state it changes.";
                Self::because_of(StatusCode::PRECONDITION_REQUIRED, detail, fault.into())
            }
            ServiceError::KeyReused => {
                let detail = "This key was used for another request; send a new one.";
                let fault = Fault::in_header("Idempotency-Key", Code::KeyReused, detail);
                let detail = "The idempotency key stands for another request; nothing was written.";
                Self::because_of(StatusCode::UNPROCESSABLE_ENTITY, detail, fault.into())
            }
            ServiceError::AnswerTooLarge(max) => {
                let detail = format!("At most {max} bytes of an answer are kept; write less at once, or send no key.");
                let fault = Fault::in_header("Idempotency-Key", Code::TooLarge, detail).with("max", max);
                let detail = "The answer is too large to be kept for a retry; nothing was written.";
                Self::because_of(StatusCode::UNPROCESSABLE_ENTITY, detail, fault.into())
            }
            ServiceError::Unauthenticated => Self::unauthenticated(
                "Bearer error=\"invalid_token\"",
                "The token is not valid, has expired, or its session has ended; sign in again.",
            ),
            ServiceError::WrongCredentials => {
                Self::unauthenticated("Bearer", "The email address or the password is wrong.")
            }
            ServiceError::Forbidden => Self::new(StatusCode::FORBIDDEN, "Your role does not reach for this."),
            ServiceError::Unavailable { what, source } => {
                let detail = format!("{what} is not available at the moment; try again.");
                let capital =
                    detail.get(..1).map(str::to_uppercase).unwrap_or_default() + detail.get(1..).unwrap_or_default();
                Self { cause: source, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, capital) }.retryable()
            }
            ServiceError::Internal(cause) => Self::internal(cause),
        }
    }
}

impl From<Malformed> for ApiError {
    fn from(malformed: Malformed) -> Self {
        let text = malformed.to_string();
        let detail = text.get(..1).map(str::to_uppercase).unwrap_or_default() + text.get(1..).unwrap_or_default() + ".";
        let mut fault =
            Fault::at("", if malformed == Malformed::Empty { Code::Required } else { Code::InvalidFormat }, &*detail);
        if let Some((line, column)) = malformed.place() {
            fault = fault.with("line", line).with("column", column);
        }
        Self::because_of(StatusCode::BAD_REQUEST, &detail, fault.into())
    }
}
