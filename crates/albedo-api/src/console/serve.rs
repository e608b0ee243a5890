//! `albedo-api serve`.

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;

use actix_web::dev::ServerHandle;
use albedo_api::app::Application;
use albedo_core::settings::Settings;
use albedo_core::telemetry;
use tokio::signal::unix::{SignalKind, signal};

pub(super) async fn serve(settings: Settings) -> Result<(), Box<dyn Error>> {
    let guard = telemetry::start(&settings.telemetry)?;
    // A panic is a line in the log like any other failure, not raw text between the lines.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic was caught: {}", panic.payload_as_str().unwrap_or("without a message"));
    }));
    if settings.security.jwt_secret_is_random {
        tracing::warn!("ALBEDO_JWT_SECRET is not set: access tokens end with this process");
    }
    let application = Application::build(settings).await?;
    if let Some(address) = application.address() {
        tracing::info!(%address, "listening");
        print_links(address)?;
    }
    tokio::spawn(stop_on_signal(application.handle())?);
    application.run().await?;
    tracing::info!("stopped");
    drop(guard);
    Ok(())
}

/// The first signal lets running requests finish; a second one does not wait for them.
fn stop_on_signal(server: ServerHandle) -> io::Result<impl Future<Output = ()>> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        for graceful in [true, false] {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
            tracing::info!(graceful, "stopping");
            // Begun and not awaited: the next signal must be heard while requests finish.
            tokio::spawn(server.stop(graceful));
        }
    })
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
