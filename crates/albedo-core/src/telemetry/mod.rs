//! The log: one line an event, for people in a terminal and as flat JSON everywhere else.
//!
//! Lines go through a bounded queue to a thread of their own, so a pipe that nobody reads never blocks a worker: what
//! does not fit is counted and lost. Only `main` calls in.

mod batched;
mod json;
#[cfg(test)]
mod memory;

use std::io::{self, IsTerminal};

use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use self::{batched::Batched, json::json};
use crate::settings::{LogFormat, TelemetrySettings};

/// Lines that wait for a slow reader before any is lost.
const QUEUED_LINES: usize = 16_384;

/// Keeps the log going; dropping it writes what is queued.
#[must_use = "the log ends when this is dropped"]
#[derive(Debug)]
pub struct TelemetryGuard {
    _writer: WorkerGuard,
    lost: ErrorCounter,
}

impl TelemetryGuard {
    /// Lines lost since the start because nobody read fast enough.
    #[must_use]
    pub fn lost_lines(&self) -> usize {
        self.lost.dropped_lines()
    }
}

/// Why the log cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("ALBEDO_LOG cannot be read: {0}; write a level such as info, or targets such as info,albedo_http=debug")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// There is a log already.
    #[error("the log has been started before; it can be started once in a process")]
    Started,
}

/// Starts the log of this process, on standard output.
///
/// # Errors
/// When the filter cannot be read, or a log is running.
pub fn start(settings: &TelemetrySettings) -> Result<TelemetryGuard, TelemetryError> {
    let filter = EnvFilter::builder().parse(&settings.filter)?;
    let pretty = match settings.format {
        LogFormat::Pretty => true,
        LogFormat::Json => false,
        LogFormat::Auto => io::stdout().is_terminal(),
    };
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(QUEUED_LINES)
        .thread_name("albedo-log")
        .finish(Batched::to(io::stdout()));
    let lost = writer.error_counter();
    let started = if pretty {
        let colours = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let lines = tracing_subscriber::fmt().compact().with_ansi(colours);
        tracing::subscriber::set_global_default(lines.with_env_filter(filter).with_writer(writer).finish())
    } else {
        tracing::subscriber::set_global_default(json(filter, writer))
    };
    started.map_err(|_| TelemetryError::Started)?;
    Ok(TelemetryGuard { _writer: guard, lost })
}
