//! `db`: the command line of the migrations.

mod seed;

use std::process::ExitCode;

use albedo_core::settings::{Environment, Settings, Sources};
use albedo_migrate::cli::{self, Project};
use secrecy::ExposeSecret;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let settings = || Settings::load(&Sources::from_process());
    let project = Project::new(migration::history())
        .versions(concat!(env!("CARGO_MANIFEST_DIR"), "/versions"))
        .entities(migration::target)
        .database_url(move || settings().map(|settings| settings.database.url.expose_secret().to_owned()))
        .seed(|connection| Box::pin(seed::cities(connection)))
        // Settings that cannot be read may be production's: a shell without its secrets still reaches its rows.
        .production(!settings().is_ok_and(|settings| settings.environment == Environment::Development));
    cli::run(project).await
}
