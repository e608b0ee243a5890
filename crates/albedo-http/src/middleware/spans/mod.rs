//! Requests as OpenTelemetry spans, for builds with the feature `otlp`; others have the same names with nothing behind them.

#[cfg(not(feature = "otlp"))]
mod absent;
#[cfg(feature = "otlp")]
mod otlp;

#[cfg(not(feature = "otlp"))]
pub use absent::Spans;
#[cfg(feature = "otlp")]
pub use otlp::Spans;

/// Why no spans can be sent.
#[derive(Debug, thiserror::Error)]
pub enum SpansError {
    /// The program was built without them.
    #[error("this program was built without traces; build it with --features otlp, or take ALBEDO_OTLP_ENDPOINT away")]
    NotBuilt,
    /// The collector's address cannot be used.
    #[error("ALBEDO_OTLP_ENDPOINT cannot be used: {0}; write a URL such as http://127.0.0.1:4318")]
    Endpoint(String),
}
