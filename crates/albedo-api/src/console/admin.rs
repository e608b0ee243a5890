//! `albedo-api admin create`.

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use albedo_core::database::Connector;
use albedo_core::settings::Settings;
use albedo_services::auth::AdminOutcome;
use albedo_services::{Services, Shared};
use secrecy::SecretString;

pub(super) async fn create(settings: Settings, email: &str) -> Result<(), Box<dyn Error>> {
    let given = settings.first_admin.map(|admin| admin.password);
    let password = match given {
        Some(password) => password,
        None => ask_password()?,
    };
    let connector = Connector::new(&settings.database).await?;
    let database = connector.open().await?;
    migration::migrate_with(&database).await?;
    let services = Services::new(database, Arc::new(Shared::start(settings.security)?));
    let outcome = services.auth().make_admin(email, &password).await?;
    connector.close().await;
    let done = if outcome == AdminOutcome::Promoted { "has a new password and is an admin" } else { "is an admin" };
    Ok(writeln!(io::stdout(), "{email} {done}.")?)
}

fn ask_password() -> Result<SecretString, Box<dyn Error>> {
    if let Ok(password) = std::env::var("ALBEDO_ADMIN_PASSWORD") {
        return Ok(password.into());
    }
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
