//! Connecting, and telling apart what databases refuse.

use std::str::FromStr;
use std::time::{Duration, Instant};

use sea_orm::sqlx::{self, Connection, postgres::PgConnectOptions};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr};

use super::options::{Options, back_off};
use crate::dialect::Dialect;
use crate::error::{Error, Result};

/// The code a database gives its refusal: SQLSTATE on PostgreSQL, the result code on SQLite.
fn code(error: &DbErr) -> Option<String> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))
        | DbErr::Conn(RuntimeErr::SqlxError(error)) => {
            error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned())
        }
        _ => None,
    }
}

/// What the database says, with its own hint when it has one.
fn said(error: &DbErr) -> String {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))
        | DbErr::Conn(RuntimeErr::SqlxError(error)) => match error.as_database_error() {
            Some(error) => error.message().to_owned(),
            None => error.to_string(),
        },
        other => other.to_string(),
    }
}

/// The code below an error of ours, if a database is at its bottom.
fn code_below(error: &Error) -> Option<String> {
    std::error::Error::source(error).and_then(|source| source.downcast_ref::<DbErr>()).and_then(code)
}

/// Whether trying the whole step again may help: lock not available, deadlock, serialization.
pub(super) fn is_passing(error: &Error) -> bool {
    matches!(code_below(error).as_deref(), Some("55P03" | "40P01" | "40001"))
}

/// Whether PostgreSQL ended a statement because it took too long.
pub(super) fn is_overdue(error: &Error) -> bool {
    code_below(error).as_deref() == Some("57014")
}

/// Whether SQLite is held by another writer. The low byte is BUSY (5) or LOCKED (6), the rest says how.
pub(super) fn is_busy(error: &Error) -> bool {
    code_below(error).and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// A refused statement as an error of ours.
pub(super) fn refused(error: DbErr, sql: &str) -> Error {
    Error::failed(said(&error)).on_sql(sql).because(error)
}

/// Opens one connection, trying again while the server is starting or out of reach.
///
/// # Errors
/// When it stays out of reach, or refuses for a reason that waiting does not mend.
pub async fn connect(url: &str, options: &Options) -> Result<DatabaseConnection> {
    let dialect = Dialect::of_url(url)?;
    let give_up = Instant::now() + options.connect_wait;
    let mut attempt = 0;
    loop {
        match try_connect(dialect, url).await {
            Ok(connection) => return Ok(connection),
            Err(error) => {
                let wait = back_off(attempt, Duration::from_millis(100), Duration::from_secs(3));
                if !is_starting(&error) || Instant::now() + wait >= give_up {
                    return Err(cannot_connect(dialect, url, error, attempt));
                }
                tokio::time::sleep(wait).await;
                attempt += 1;
            }
        }
    }
}

async fn try_connect(dialect: Dialect, url: &str) -> std::result::Result<DatabaseConnection, sqlx::Error> {
    // One connection, and never another in its place: what a session sets on it must stay set.
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).min_connections(0).sqlx_logging(false).test_before_acquire(false);
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>).acquire_timeout(Duration::from_secs(60));
    match dialect {
        Dialect::Postgres => {
            // The pool would hide the reason behind a timeout, so one connection goes ahead to ask.
            let settings = PgConnectOptions::from_str(url)?.extra_float_digits(None);
            sqlx::PgConnection::connect_with(&settings).await?.close().await?;
            // The default of every server; sent along, pgbouncer refuses the connection.
            options.map_sqlx_postgres_opts(|options| options.extra_float_digits(None));
            options.set_application_name(format!("migrate {}", std::process::id()));
        }
        Dialect::Sqlite => {
            sqlx::SqliteConnection::connect(url).await?.close().await?;
            options.map_sqlx_sqlite_opts(|options| options.busy_timeout(Duration::from_millis(500)));
        }
    }
    Database::connect(options).await.map_err(|error| match error {
        DbErr::Conn(RuntimeErr::SqlxError(error)) => sqlx::Error::Configuration(error.to_string().into()),
        other => sqlx::Error::Configuration(other.to_string().into()),
    })
}

/// A server that is starting, restarting, full for the moment or not yet there.
fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() != std::io::ErrorKind::PermissionDenied,
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P03" | "57P01" | "57P02" | "53300" | "5"))
        }
        sqlx::Error::PoolTimedOut => true,
        _ => false,
    }
}

fn cannot_connect(dialect: Dialect, url: &str, error: sqlx::Error, attempts: u32) -> Error {
    let code = match &error {
        sqlx::Error::Database(error) => error.code().map(|code| code.into_owned()),
        _ => None,
    };
    let hint = match (dialect, code.as_deref()) {
        (Dialect::Postgres, Some("3D000")) | (Dialect::Sqlite, Some("14")) => "`create-database` makes it",
        (Dialect::Postgres, Some("28P01" | "28000")) => "check user and password in the database URL",
        (Dialect::Postgres, _) => "is the server running, and is the database URL right?",
        (Dialect::Sqlite, _) => "is the path right, and may this user write there?",
    };
    let tried = if attempts > 0 { format!(" after {} tries", attempts + 1) } else { String::new() };
    Error::failed(format!("cannot connect to {}{tried}: {error}", without_password(url))).hint(hint).because(error)
}

/// The URL as it may be shown.
#[must_use]
pub(super) fn without_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            // Cannot fail: an address with a password has a host.
            let _ = parsed.set_password(Some("***"));
            parsed.to_string()
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("postgres://u:secret@h/d"), "postgres://u:***@h/d");
        assert_eq!(without_password("sqlite://x.db"), "sqlite://x.db");
    }
}
