//! `albedo-api admin create`.

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use albedo_core::cache::Cache;
use albedo_core::database::Connector;
use albedo_core::settings::{Settings, Sources};
use albedo_engine::auth::AdminOutcome;
use albedo_engine::{Services, Shared};
use secrecy::{ExposeSecret, SecretString};

use super::answer::Answer;

/// Says the password, or names the file that holds it.
const PASSWORD: [&str; 2] = ["ALBEDO_ADMIN_PASSWORD", "ALBEDO_ADMIN_PASSWORD_FILE"];

pub(super) async fn create(email: &str) -> Result<(), Box<dyn Error>> {
    let given = PASSWORD.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    let sources = Sources::from_process();
    // A password alone is half a first admin, which the settings refuse; the command line has the other half.
    let settings = Settings::load(&if given { sources.with("ALBEDO_ADMIN_EMAIL", email) } else { sources })?;
    let password = match settings.first_admin.filter(|_| given) {
        Some(admin) => admin.password,
        None => ask_password()?,
    };
    let connector = Connector::new(&settings.database).await?;
    let database = connector.open().await?;
    if migration::pending(&database).await? > 0 {
        if !settings.database.migrate_on_start {
            let told =
                "the database has pending revisions, and ALBEDO_MIGRATE_ON_START is false; run `make db-migrate`";
            return Err(told.into());
        }
        migration::migrate(settings.database.url.expose_secret()).await?;
    }
    let services = Services::new(database, Arc::new(Shared::start(settings.security, Cache::Off(None, None))?));
    let outcome = services.auth().make_admin(email, &password).await?;
    connector.close().await;
    let done = if outcome == AdminOutcome::Promoted { "has a new password and is an admin" } else { "is an admin" };
    Ok(writeln!(Answer::start(), "{email} {done}.")?)
}

fn ask_password() -> Result<SecretString, Box<dyn Error>> {
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned().into());
    }
    let password = rpassword::prompt_password("Password (15 characters or more): ")?;
    if rpassword::prompt_password("The same again: ")? != password {
        return Err("the two passwords differ; run the command again".into());
    }
    Ok(password.into())
}
