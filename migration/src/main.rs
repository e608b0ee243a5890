//! The `db` command: migrate, roll back, look.

use std::io::Write;
use std::process::ExitCode;

use albedo_core::database::Connector;
use albedo_core::settings::{Settings, Sources};
use clap::{Parser, Subcommand};

/// Changes and shows the schema of the database at DATABASE_URL.
#[derive(Parser)]
#[command(name = "db", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Applies all pending revisions.
    Migrate,
    /// Takes the last revisions back.
    Rollback {
        /// How many.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        step: u32,
    },
    /// Lists the revisions; exit code 3 if some are pending.
    Status,
    /// Takes all revisions back and applies them again; every row is lost.
    Reset,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            let mut text = error.to_string();
            let mut cause = error.source();
            while let Some(inner) = cause {
                text = format!("{text}\n  {inner}");
                cause = inner.source();
            }
            // Nobody is left to tell when the terminal itself is gone.
            let _ = writeln!(std::io::stderr(), "db: {text}");
            ExitCode::from(1)
        }
    }
}

async fn run(command: Command) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let settings = Settings::load(&Sources::from_process())?;
    let connector = Connector::new(&settings.database).await?;
    let database = connector.open().await?;
    let mut out = std::io::stdout();
    let mut code = ExitCode::SUCCESS;
    match command {
        Command::Migrate => match migration::migrate_with(&database).await? {
            0 => writeln!(out, "The schema is up to date.")?,
            1 => writeln!(out, "Applied 1 revision.")?,
            many => writeln!(out, "Applied {many} revisions.")?,
        },
        Command::Rollback { step } => {
            migration::rollback(&database, step).await?;
            writeln!(out, "Took {step} back.")?;
        }
        Command::Status => {
            for revision in migration::status(&database).await? {
                let state = if revision.applied { "applied" } else { "pending" };
                if !revision.applied {
                    code = ExitCode::from(3);
                }
                writeln!(out, "{state}  {}", revision.name)?;
            }
        }
        Command::Reset => {
            migration::reset(&database).await?;
            writeln!(out, "Took everything back and applied it again.")?;
        }
    }
    connector.close().await;
    Ok(code)
}
