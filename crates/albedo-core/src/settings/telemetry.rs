//! What is logged, and in which shape.

use std::net::SocketAddr;

use tracing_subscriber::EnvFilter;

use super::{
    reader::{Read, Reader},
    variables as var,
};

/// What the log is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelemetrySettings {
    /// Directives of a `tracing` filter: `info`, or `info,albedo_http=debug`.
    pub filter: String,
    /// The shape of a line.
    pub format: LogFormat,
    /// Where Prometheus finds the figures.
    pub metrics: MetricsPlace,
    /// The collector that traces are sent to.
    pub otlp_endpoint: Option<String>,
}

/// Where Prometheus finds the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsPlace {
    /// Nowhere; nothing is counted.
    Off,
    /// At `/metrics`, beside the API.
    BesideApi,
    /// At `/metrics` of an address of their own, which the world need not reach.
    At(SocketAddr),
}

/// The shape of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Pretty in a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Pretty,
    /// One JSON object a line, for machines.
    Json,
}

impl TelemetrySettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let filter = reader.required(
            &var::LOG,
            "a level (error, warn, info, debug, trace, off) or targets with levels such as info,albedo_http=debug",
            |text| EnvFilter::builder().parse(text).ok().map(|_| text.to_owned()),
        );
        let format = reader.required(&var::LOG_FORMAT, "auto, pretty or json", |text| match text {
            "auto" => Some(LogFormat::Auto),
            "pretty" => Some(LogFormat::Pretty),
            "json" => Some(LogFormat::Json),
            _ => None,
        });
        let metrics =
            reader.required(&var::METRICS, "off, on, or an address such as 127.0.0.1:9400", |text| match text {
                "off" => Some(MetricsPlace::Off),
                "on" => Some(MetricsPlace::BesideApi),
                address => address.parse().ok().map(MetricsPlace::At),
            });
        let otlp_endpoint = reader.optional(&var::OTLP_ENDPOINT, "a URL such as http://127.0.0.1:4318", |text| {
            let url = url::Url::parse(text).ok()?;
            matches!(url.scheme(), "http" | "https").then(|| text.to_owned())
        });
        Ok(Self { filter: filter?, format: format?, metrics: metrics?, otlp_endpoint: otlp_endpoint? })
    }
}
