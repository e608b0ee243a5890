//! Which trace a request belongs to (W3C Trace Context): its caller's, or one of its own.

use std::fmt;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Data;
#[cfg(feature = "otlp")]
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceState};
use uuid::Uuid;

use super::RequestId;
use super::spans::Spans;

pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The id of a trace: 32 hexadecimal digits in lower case, not all zero.
#[derive(Clone, Copy)]
pub(super) struct TraceId([u8; 32]);

/// What a caller says of its trace.
pub(super) struct Parent<'r> {
    trace: &'r str,
    #[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "only a span has a parent"))]
    span: &'r str,
    flags: &'r str,
}

/// The trace of a request that was answered, for the log, and what its caller is told of it.
pub(super) fn of<B>(response: &ServiceResponse<B>, id: &RequestId, took: Duration) -> (TraceId, Option<HeaderValue>) {
    let request = response.request();
    let parent = Parent::of(request);
    if let Some(spans) = request.app_data::<Data<Spans>>() {
        return spans.record(response, parent.as_ref(), id, took);
    }
    (TraceId::of(parent.as_ref(), id), parent.and_then(|parent| parent.answer()))
}

impl<'r> Parent<'r> {
    /// What the request says, where that makes sense; what does not is as good as nothing.
    pub(super) fn of(request: &'r HttpRequest) -> Option<Self> {
        Self::read(request.headers().get(TRACEPARENT)?.to_str().ok()?)
    }

    /// Later versions may say more after the flags, which is not for us; version ff is none.
    fn read(text: &'r str) -> Option<Self> {
        let mut parts = text.split('-');
        let [version, trace, span, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
        let whole = is_hex(version, 2) && is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2);
        let empty = |id: &str| id.bytes().all(|digit| digit == b'0');
        let known = version != "ff" && (version != "00" || parts.next().is_none());
        (whole && known && !empty(trace) && !empty(span)).then_some(Self { trace, span, flags })
    }

    /// The same for OpenTelemetry.
    #[cfg(feature = "otlp")]
    pub(super) fn context(&self) -> Option<SpanContext> {
        let flags = TraceFlags::new(u8::from_str_radix(self.flags, 16).ok()?);
        let trace = opentelemetry::trace::TraceId::from_hex(self.trace).ok()?;
        Some(SpanContext::new(trace, SpanId::from_hex(self.span).ok()?, flags, true, TraceState::default()))
    }

    /// The same trace with a span of ours, for the answer.
    pub(super) fn answer(&self) -> Option<HeaderValue> {
        // Half of a new UUID: 62 of its bits are random.
        let (_, span) = Uuid::now_v7().as_u64_pair();
        HeaderValue::try_from(format!("00-{}-{span:016x}-{}", self.trace, self.flags)).ok()
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

impl TraceId {
    /// The caller's trace, or else one that follows from the request's id, so that either leads to the other.
    pub(super) fn of(parent: Option<&Parent<'_>>, id: &RequestId) -> Self {
        let text = parent.map_or_else(|| id.text(), |parent| parent.trace);
        let mut digits = text.bytes().filter(|byte| *byte != b'-').map(|byte| byte.to_ascii_lowercase());
        let mut trace = [b'0'; 32];
        let mut filled = true;
        for place in &mut trace {
            match digits.next().filter(u8::is_ascii_hexdigit) {
                Some(digit) => *place = digit,
                None => filled = false,
            }
        }
        if filled && digits.next().is_none() { Self(trace) } else { Self::of_uuid(Uuid::now_v7()) }
    }

    /// Of a text that is one already.
    #[cfg(feature = "otlp")]
    pub(super) fn of_text(text: &str) -> Self {
        Self(text.as_bytes().try_into().unwrap_or([b'0'; 32]))
    }

    fn of_uuid(id: Uuid) -> Self {
        let mut trace = [0; 32];
        id.simple().encode_lower(&mut trace);
        Self(trace)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn what_makes_no_sense_is_as_good_as_nothing() {
        let read = |text: &str| Parent::read(text).map(|parent| parent.trace.to_owned());
        let span = "00f067aa0ba902b7";
        assert_eq!(read(&format!("00-{TRACE}-{span}-01")), Some(TRACE.to_owned()));
        assert_eq!(read(&format!("cc-{TRACE}-{span}-01-what-comes-later")), Some(TRACE.to_owned()));
        for text in [
            String::new(),
            TRACE.to_owned(),
            format!("ff-{TRACE}-{span}-01"),
            format!("00-{TRACE}-{span}-01-more"),
            format!("00-{}-{span}-01", TRACE.to_uppercase()),
            format!("00-{}-{span}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{TRACE}-{span}"),
            format!("00-{TRACE}x-{span}-01"),
        ] {
            assert_eq!(read(&text), None, "{text}");
        }
    }

    #[test]
    fn an_answer_stays_in_the_trace_with_a_span_of_its_own() {
        let sent = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let answer = Parent::read(&sent).unwrap().answer().unwrap();
        let answer = answer.to_str().unwrap();
        assert!(Parent::read(answer).is_some_and(|parent| parent.trace == TRACE && parent.flags == "01"), "{answer}");
        assert_ne!(answer, sent);
    }

    #[test]
    fn a_request_without_a_trace_has_one_that_leads_to_its_id() {
        let of = |id: &str| TraceId::of(None, &RequestId(HeaderValue::from_str(id).unwrap())).to_string();
        assert_eq!(of("01a20680-7a3c-7c11-9a51-2f0c1c9f4e11"), "01a206807a3c7c119a512f0c1c9f4e11");
        for id in ["r-1", "no-hexadecimal-digits-but-as-long-as-", "01a20680-7a3c-7c11-9a51-2f0c1c9f4e11a"] {
            let trace = of(id);
            assert!(is_hex(&trace, 32) && trace != "0".repeat(32), "{trace}");
        }
    }
}
