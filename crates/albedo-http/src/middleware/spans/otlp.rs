//! One span a request, in the caller's trace or in one of its own, sent to a collector by OTLP over HTTP.
//!
//! Spans go through a bounded queue to a thread of their own: a collector that is slow or away costs spans and no request.
//! `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_TRACES_SAMPLER` mean what they mean everywhere.

use std::fmt;
use std::time::{Duration, SystemTime};

use actix_web::dev::ServiceResponse;
use actix_web::http::header::HeaderValue;
use opentelemetry::trace::{Span, SpanContext, SpanKind, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use super::SpansError;
use crate::metrics::RouteTemplate;
use crate::middleware::RequestId;
use crate::middleware::trace::{Parent, TraceId};

const SERVICE: &str = "albedo-api";
/// How long a stop waits for the last spans.
const PATIENCE: Duration = Duration::from_secs(3);

/// Records requests and sends them.
pub struct Spans {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl fmt::Debug for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spans").finish_non_exhaustive()
    }
}

impl Spans {
    /// Sends to a collector, such as `http://127.0.0.1:4318`. That it is not there now is no fault.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn start(endpoint: &str) -> Result<Self, SpansError> {
        let traces = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        let exporter = SpanExporter::builder().with_http().with_endpoint(traces).build();
        let exporter = exporter.map_err(|error| SpansError::Endpoint(error.to_string()))?;
        let resource = Resource::builder();
        let resource = match std::env::var_os("OTEL_SERVICE_NAME") {
            Some(_) => resource,
            None => resource.with_service_name(SERVICE),
        };
        let resource = resource.with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))).build();
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
        Ok(Self { tracer: provider.tracer(SERVICE), provider })
    }

    /// The span of a request that was answered: its trace, for the log, and its own id, for the answer.
    pub(in crate::middleware) fn record<B>(
        &self,
        response: &ServiceResponse<B>,
        parent: Option<&Parent<'_>>,
        id: &RequestId,
        took: Duration,
    ) -> (TraceId, Option<HeaderValue>) {
        let request = response.request();
        let route = request.app_data::<RouteTemplate>().map(|route| route.0.clone());
        let name = match &route {
            Some(route) => format!("{} {route}", request.method()),
            None => request.method().to_string(),
        };
        let status = response.status();
        let mut attributes = vec![
            KeyValue::new("http.request.method", request.method().to_string()),
            KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
            KeyValue::new("url.path", request.path().to_owned()),
            KeyValue::new("url.scheme", "http"),
            KeyValue::new("albedo.request_id", id.text().to_owned()),
        ];
        attributes.extend(route.map(|route| KeyValue::new("http.route", route)));
        let end = SystemTime::now();
        let span = self.tracer.span_builder(name).with_kind(SpanKind::Server).with_attributes(attributes);
        let span = span.with_start_time(end.checked_sub(took).unwrap_or(end));
        let remote = parent.and_then(Parent::context);
        let context = remote.map_or_else(Context::new, |remote| Context::new().with_remote_span_context(remote));
        let mut span = self.tracer.build_with_context(span, &context);
        if status.is_server_error() {
            span.set_status(Status::error(""));
        }
        let told = told(span.span_context());
        span.end_with_timestamp(end);
        told
    }

    /// Sends what has not been sent yet; waits a little for that.
    pub fn end(&self) {
        if let Err(error) = self.provider.shutdown_with_timeout(PATIENCE) {
            tracing::warn!(%error, "the last spans may be lost");
        }
    }
}

fn told(span: &SpanContext) -> (TraceId, Option<HeaderValue>) {
    let (trace, flags) = (span.trace_id().to_string(), span.trace_flags().to_u8());
    let answer = HeaderValue::try_from(format!("00-{trace}-{}-{flags:02x}", span.span_id())).ok();
    (TraceId::of_text(&trace), answer)
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanId, TraceFlags, TraceState};

    use super::*;

    #[test]
    fn an_answer_names_the_span_in_its_trace() {
        let trace = opentelemetry::trace::TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736").unwrap();
        let span = SpanId::from_hex("00f067aa0ba902b7").unwrap();
        let context = SpanContext::new(trace, span, TraceFlags::SAMPLED, false, TraceState::default());
        let (trace, answer) = told(&context);
        assert_eq!(trace.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(answer.unwrap(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    }
}
