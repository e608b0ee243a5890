//! SQLite: one file, one writer for the whole process, a few readers for each worker.
//!
//! SQLite lets one connection write at a time. With a writer each, workers would find the file locked and fail; with
//! one writer they queue for it, in order, and its transactions never meet another of this process.

use std::{fs, path::Path, str::FromStr, time::Duration};

use sea_orm::SqlxSqliteConnector;
use secrecy::ExposeSecret;
use sqlx::{
    ConnectOptions, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Backend, ConnectError, Database,
    patience::{reason, try_until},
};
use crate::settings::DatabaseSettings;

/// How long a statement waits for other processes: a backup, a command line, a second server.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// More readers than this only wait for the same cores; each is a thread.
const MOST_READERS: u32 = 4;

#[derive(Clone)]
pub(super) struct SqliteConnector {
    place: String,
    options: SqliteConnectOptions,
    writer: SqlitePool,
    readers: u32,
    acquire_timeout: Duration,
}

impl SqliteConnector {
    pub(super) async fn new(settings: &DatabaseSettings) -> Result<Self, ConnectError> {
        let options = options(settings.url.expose_secret())?;
        let path = options.get_filename().to_owned();
        // Waiting for the one writer is waiting for a free connection and for a lock in one, so it may last as long as
        // both.
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .acquire_timeout(settings.acquire_timeout + settings.lock_timeout)
            .connect_lazy_with(options.clone().journal_mode(SqliteJournalMode::Wal));
        // The writer opens the file before any reader: it creates it and turns on the write-ahead log, which stays on.
        let connector = Self {
            place: path.display().to_string(),
            readers: settings.connections_per_worker.min(MOST_READERS),
            acquire_timeout: settings.acquire_timeout,
            options: options.create_if_missing(false),
            writer,
        };
        // Turning the log on cannot wait for a lock, so of several processes that open a new file at once some fail.
        let opened = try_until(settings, &connector.place, is_locked, || knock(&connector.writer));
        match opened.await {
            Ok(()) => Ok(connector),
            Err(given_up) => Err(ConnectError::File { path, reason: reason(&given_up.error) }),
        }
    }

    pub(super) async fn open(&self) -> Result<Database, ConnectError> {
        let readers = SqlitePoolOptions::new()
            .max_connections(self.readers)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .acquire_timeout(self.acquire_timeout)
            .connect_lazy_with(self.options.clone().pragma("query_only", "ON"));
        // A busy machine may take its time to open the file; the first request waits for it again.
        if let Err(error) = readers.acquire().await
            && !matches!(error, sqlx::Error::PoolTimedOut)
        {
            return Err(ConnectError::File { path: self.options.get_filename().to_owned(), reason: reason(&error) });
        }
        Ok(Database {
            backend: Backend::Sqlite,
            read: SqlxSqliteConnector::from_sqlx_sqlite_pool(readers),
            write: SqlxSqliteConnector::from_sqlx_sqlite_pool(self.writer.clone()),
        })
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    pub(super) async fn close(&self) {
        self.writer.close().await;
    }
}

fn options(url: &str) -> Result<SqliteConnectOptions, ConnectError> {
    let (path, parameters) = url.split_once('?').unwrap_or((url, ""));
    let path = path.trim_start_matches("sqlite:").trim_start_matches("//");
    let parameter = |wanted: &str| parameters.split('&').any(|parameter| parameter == wanted);
    if path.is_empty() || path == ":memory:" || parameter("mode=memory") || parameter("vfs=memdb") {
        return Err(ConnectError::InMemory);
    }
    if parameter("mode=ro") || parameter("immutable=true") || parameter("immutable=1") {
        return Err(ConnectError::ReadOnly);
    }
    let options = SqliteConnectOptions::from_str(url).map_err(|error| ConnectError::Url { reason: reason(&error) })?;
    let path = options.get_filename();
    if parameter("mode=rwc") {
        create_folder(path)?;
    } else if !path.exists() {
        return Err(ConnectError::MissingFile { path: path.to_owned() });
    }
    Ok(options
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .synchronous(SqliteSynchronous::Full)
        .with_regexp()
        .disable_statement_logging())
}

fn create_folder(file: &Path) -> Result<(), ConnectError> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            fs::create_dir_all(folder).map_err(|source| ConnectError::Folder { path: folder.to_owned(), source })
        }
        _ => Ok(()),
    }
}

async fn knock(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    pool.acquire().await.map(drop)
}

fn is_locked(error: &sqlx::Error) -> bool {
    // SQLITE_BUSY and its extended codes, which keep 5 in the last byte.
    let code = match error {
        sqlx::Error::Database(told) => told.code().and_then(|code| code.parse::<i32>().ok()),
        _ => None,
    };
    code.is_some_and(|code| code & 0xff == 5)
}
