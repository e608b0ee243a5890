//! `albedo-api serve`.

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::time::Duration;

use albedo_core::settings::Settings;
use albedo_core::telemetry;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::Application;
use crate::routes::Api;

pub(super) async fn serve(settings: Settings, api: Api) -> Result<(), Box<dyn Error>> {
    let guard = telemetry::start(&settings.telemetry)?;
    // A panic is a line in the log like any other failure, not raw text between the lines.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic was caught: {}", panic.payload_as_str().unwrap_or("without a message"));
    }));
    if settings.security.jwt_secret_is_random {
        tracing::warn!("ALBEDO_JWT_SECRET is not set: access tokens end with this process");
    }
    let drain_delay = settings.server.drain_delay;
    let application = Application::build(settings, api).await?;
    if let Some(address) = application.address() {
        tracing::info!(%address, "listening");
        print_links(address)?;
    }
    if let Some(address) = application.metrics_address() {
        tracing::info!(%address, "figures at /metrics");
    }
    let outcome = run_until_told(application, Signals::listen()?, drain_delay).await;
    tracing::info!("stopped");
    drop(guard);
    outcome
}

const IMPATIENT: &str = "a second signal came; requests under way were not finished";

/// The first signal lets running requests finish; a second one does not wait for them.
async fn run_until_told(
    application: Application,
    mut signals: Signals,
    drain_delay: Duration,
) -> Result<(), Box<dyn Error>> {
    let (server, in_flight) = (application.handle(), application.in_flight());
    let mut running = Box::pin(application.run());
    tokio::select! {
        ended = &mut running => return Ok(ended?),
        () = signals.next() => in_flight.drain(),
    }
    // A server that closes its door at once refuses whatever a load balancer sends until it has noticed.
    if !drain_delay.is_zero() {
        tracing::info!(seconds = drain_delay.as_secs_f64(), "not ready any more; answering until nobody asks");
        tokio::select! {
            ended = &mut running => return Ok(ended?),
            () = tokio::time::sleep(drain_delay) => {}
            () = signals.next() => return Err(IMPATIENT.into()),
        }
    }
    tracing::info!("stopping; requests under way are finished first");
    // The call sends the command; what it returns only waits for the end. A server that is busy stopping hears no second
    // command, so the second signal leaves it behind.
    drop(server.stop(true));
    tokio::select! {
        ended = running => Ok(ended?),
        () = signals.next() => Err(IMPATIENT.into()),
    }
}

/// What asks the server to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// For a person who has just typed `make run`. A program reads the log instead.
fn print_links(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout();
    if !out.is_terminal() {
        return Ok(());
    }
    let host = if address.ip().is_unspecified() { "localhost".to_owned() } else { address.ip().to_string() };
    let base = format!("http://{host}:{}", address.port());
    writeln!(out, "\n  Albedo serves at {base}\n")?;
    for (what, path) in
        [("Swagger UI", "/docs"), ("ReDoc", "/redoc"), ("OpenAPI", "/api/openapi.json"), ("Health", "/api/health")]
    {
        writeln!(out, "  {what:<11}{base}{path}")?;
    }
    writeln!(out, "\n  Make an admin: make admin EMAIL=you@example.com\n")
}
