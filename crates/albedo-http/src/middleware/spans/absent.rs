//! No spans: the feature `otlp` is off.

use std::time::Duration;

use actix_web::dev::ServiceResponse;
use actix_web::http::header::HeaderValue;

use super::SpansError;
use crate::middleware::RequestId;
use crate::middleware::trace::{Parent, TraceId};

/// Nothing: without the feature nobody can have one.
#[derive(Debug)]
pub enum Spans {}

impl Spans {
    /// Says that there are none.
    ///
    /// # Errors
    /// Always.
    pub const fn start(_endpoint: &str) -> Result<Self, SpansError> {
        Err(SpansError::NotBuilt)
    }

    pub(in crate::middleware) fn record<B>(
        &self,
        _response: &ServiceResponse<B>,
        _parent: Option<&Parent<'_>>,
        _id: &RequestId,
        _took: Duration,
    ) -> (TraceId, Option<HeaderValue>) {
        match *self {}
    }

    /// Sends what has not been sent yet.
    pub fn end(&self) {
        match *self {}
    }
}
