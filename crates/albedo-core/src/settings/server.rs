//! Where the server listens and how much of one client it puts up with.

use std::{net::IpAddr, num::NonZeroUsize, thread, time::Duration};

use super::{
    Environment,
    reader::{Read, Reader},
    variables as var,
};

/// The HTTP server's own settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSettings {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 lets the system choose.
    pub port: u16,
    /// Worker threads, at least one.
    pub workers: usize,
    /// Largest request body in bytes.
    pub max_body_bytes: usize,
    /// How long a write with an `Idempotency-Key` is remembered.
    pub idempotency_lives: Duration,
    /// Open connections of the whole process.
    pub max_connections: usize,
    /// Requests worked on at a time by the whole process.
    pub max_in_flight: usize,
    /// How long a client may take to send the head of a request.
    pub head_timeout: Duration,
    /// How long a client may take to send the body of a request.
    pub body_timeout: Duration,
    /// How long the server may take to answer.
    pub handler_timeout: Duration,
    /// How long an idle connection stays open; zero closes it after each answer.
    pub keep_alive: Duration,
    /// How long the server goes on answering once it is told to stop, so that load balancers see that it is not ready.
    pub drain_delay: Duration,
    /// How long requests in flight have to end after that.
    pub shutdown_timeout: Duration,
}

impl ServerSettings {
    pub(super) fn read(reader: &mut Reader<'_>, environment: Read<Environment>) -> Read<Self> {
        let host = reader.required(&var::HOST, "an IP address such as 127.0.0.1 or ::", |text| text.parse().ok());
        let port = reader.number(&var::PORT, 0..=u16::MAX);
        let workers = reader.number_or(&var::WORKERS, 1..=512, cores());
        let max_body_bytes = reader.number(&var::MAX_BODY_BYTES, 1024..=64 * 1024 * 1024);
        let idempotency_hours = reader.number(&var::IDEMPOTENCY_HOURS, 1..=720);
        let max_connections = reader.number(&var::MAX_CONNECTIONS, 1..=1_000_000);
        let max_in_flight = reader.number(&var::MAX_IN_FLIGHT, 1..=1_000_000);
        let head_timeout = reader.seconds(&var::HEAD_TIMEOUT, 0.1..=300.0);
        let body_timeout = reader.seconds(&var::BODY_TIMEOUT, 0.1..=3600.0);
        let handler_timeout = reader.seconds(&var::HANDLER_TIMEOUT, 0.1..=3600.0);
        let keep_alive = reader.seconds(&var::KEEP_ALIVE, 0.0..=3600.0);
        // Nobody shares requests out on a developer's machine, and waiting for that would only be in the way.
        let usual = if matches!(environment, Ok(Environment::Production)) { 5 } else { 0 };
        let drain_delay = reader.seconds_or(&var::DRAIN, 0.0..=300.0, Duration::from_secs(usual));
        let shutdown_timeout = reader.seconds(&var::SHUTDOWN_TIMEOUT, 0.0..=3600.0);
        Ok(Self {
            host: host?,
            port: port?,
            workers: workers?,
            max_body_bytes: max_body_bytes?,
            idempotency_lives: Duration::from_secs(3600 * idempotency_hours?),
            max_connections: max_connections?,
            max_in_flight: max_in_flight?,
            head_timeout: head_timeout?,
            body_timeout: body_timeout?,
            handler_timeout: handler_timeout?,
            keep_alive: keep_alive?,
            drain_delay: drain_delay?,
            shutdown_timeout: shutdown_timeout?,
        })
    }
}

/// Cores this process may use, at least one.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
