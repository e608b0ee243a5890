//! `albedo-api token issue`: tokens for a script or a first try, on the word of whoever may run this command.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;

use albedo_core::cache::Cache;
use albedo_core::database::Connector;
use albedo_core::settings::Settings;
use albedo_engine::{Services, Shared};
use secrecy::ExposeSecret;
use serde_json::json;

use super::answer::Answer;

/// Prints the tokens of a new login of this user.
pub(super) async fn issue(settings: Settings, email: &str, json: bool) -> Result<(), Box<dyn Error>> {
    if settings.security.jwt_secret_is_random {
        return Err("ALBEDO_JWT_SECRET is not set, so no server would take the token; \
                    set the one that the server has, or sign in at POST /api/v1/auth/login"
            .into());
    }
    let connector = Connector::new(&settings.database).await?;
    let database = connector.open().await?;
    if migration::pending(&database).await? > 0 {
        return Err("the database is not up to date; run `make db-migrate`, or start the server once".into());
    }
    let services = Services::new(database, Arc::new(Shared::start(settings.security, Cache::Off(None, None))?));
    let grant = services.auth().issue(email).await?;
    connector.close().await;
    let grant =
        grant.ok_or_else(|| format!("nobody active has the address {email}; see `albedo-api admin create --help`"))?;
    let mut out = Answer::start();
    if !json {
        return Ok(writeln!(out, "{}", grant.access_token.expose_secret())?);
    }
    let grant = json!({
        "access_token": grant.access_token.expose_secret(),
        "refresh_token": grant.refresh_token.expose_secret(),
        "token_type": "Bearer",
        "expires_in": grant.expires_in,
    });
    serde_json::to_writer_pretty(&mut out, &grant)?;
    Ok(writeln!(out)?)
}
