//! The verbs of `albedo-api`.

mod admin;
mod answer;
mod doctor;
mod health;
mod openapi;
mod purge;
mod routes;
mod serve;
mod settings;
mod table;
mod token;

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use actix_web::rt::System;
use albedo_core::settings::{Settings, Sources};
use chrono::TimeDelta;
use clap::{Parser, Subcommand};

use crate::routes::Api;

/// The Albedo server: a catalogue of assistants and the entities they understand.
///
/// Settings come from the environment, then from albedo.toml, then from their defaults; without any, it serves a SQLite
/// file in the working directory on port 4000.
#[derive(Parser)]
#[command(name = "albedo-api", version)]
struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Serves until SIGTERM or Ctrl-C, then finishes what is under way. The default.
    Serve,
    /// Accounts of admins.
    Admin {
        #[command(subcommand)]
        verb: AdminVerb,
    },
    /// Looks for what is wrong or weak here: settings, database, services, machine. Exits 1 if something fails.
    Doctor,
    /// Asks the server of these settings whether it is ready, as a container's health check does. Exits 1 if not.
    Health,
    /// Prints the OpenAPI document, or what it breaks of an older one.
    Openapi {
        /// A line for each value.
        #[arg(long)]
        pretty: bool,
        /// An older document, such as the one that clients were made of: tells what of it is no longer so. Exits 1 if
        /// there is anything.
        #[arg(long, value_name = "FILE", conflicts_with = "pretty")]
        against: Option<PathBuf>,
    },
    /// Deletes for good what was deleted a while ago, and could be restored until now.
    Purge {
        /// How long ago at least, such as 30d, 12h or 90m.
        #[arg(long, value_parser = purge::age)]
        older_than: TimeDelta,
    },
    /// Lists every path that is served, with its method and whether it asks for a token.
    Routes {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows every setting, where it comes from and its value; secrets are hidden. Exits 1 if they are not good.
    Settings {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Access tokens.
    Token {
        #[command(subcommand)]
        verb: TokenVerb,
    },
}

#[derive(Subcommand)]
enum TokenVerb {
    /// Prints an access token for a user, without their password: for scripts and first tries.
    ///
    /// It is a login of its own, which ends as every other does. Whoever can run this can read the signing secret anyway.
    Issue {
        /// Address of the user.
        #[arg(long)]
        email: String,
        /// The whole answer of a login as JSON, with the refresh token.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
enum AdminVerb {
    /// Makes an admin: a new account, or the one with this address, with a new password.
    ///
    /// The password is asked for in a terminal, or read from ALBEDO_ADMIN_PASSWORD, or from the first line of the input.
    Create {
        /// Address to sign in with.
        #[arg(long)]
        email: String,
    },
}

/// Runs the verb that the command line asks for, to its end.
///
/// What the program itself is compiled to is a call of this: it is linked after each edit of anything, and all that it does not
/// have to compile as well shortens that.
#[must_use]
pub fn run(api: fn() -> Api) -> ExitCode {
    System::new().block_on(Box::pin(run_verb(api)))
}

async fn run_verb(api: fn() -> Api) -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.verb.unwrap_or(Verb::Serve) {
        Verb::Serve => match settings() {
            Ok(settings) => Box::pin(serve::serve(settings, api())).await,
            Err(error) => Err(error),
        },
        Verb::Admin { verb: AdminVerb::Create { email } } => admin::create(&email).await,
        Verb::Doctor => return Box::pin(doctor::examine()).await,
        Verb::Health => settings().and_then(|settings| health::ask(&settings.server)),
        Verb::Purge { older_than } => match settings() {
            Ok(settings) => purge::purge(settings, older_than).await,
            Err(error) => Err(error),
        },
        Verb::Openapi { against: Some(file), .. } => openapi::compare(&api(), &file),
        Verb::Openapi { pretty, .. } => openapi::print(&api(), pretty),
        Verb::Routes { json } => routes::print(&api(), json),
        Verb::Settings { json } => settings::print(json),
        Verb::Token { verb: TokenVerb::Issue { email, json } } => match settings() {
            Ok(settings) => token::issue(settings, &email, json).await,
            Err(error) => Err(error),
        },
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where not even the error can be told, the exit code has to do.
            let _ = writeln!(io::stderr(), "albedo-api: {}", told(&*error));
            ExitCode::FAILURE
        }
    }
}

fn settings() -> Result<Settings, Box<dyn Error>> {
    Ok(Settings::load(&Sources::from_process())?)
}

/// An error with its causes, a line each.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let line = cause.to_string();
        if !text.contains(&line) {
            text.push_str("\n  because: ");
            text.push_str(&line);
        }
        next = cause.source();
    }
    text
}
