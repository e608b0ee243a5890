//! SQLite: one file, one writer for the whole process, a few readers for each worker.
//!
//! SQLite lets one connection write at a time. With a writer each, workers would find the file locked and fail; with
//! one writer they queue for it, in order, and its transactions never meet another of this process.

use std::{fs, path::Path, str::FromStr, time::Duration};

use deadpool::managed::{Manager, Metrics, RecycleResult};
use secrecy::ExposeSecret;
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::time::timeout;

use super::{
    Backend, ConnectError, Connections, Database,
    lease::Opener,
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
    writer: Connections,
    readers: u32,
    acquire_timeout: Duration,
}

impl SqliteConnector {
    pub(super) async fn new(settings: &DatabaseSettings) -> Result<Self, ConnectError> {
        let options = options(settings.url.expose_secret())?;
        let path = options.get_filename().to_owned();
        // Waiting for the one writer is waiting for a free connection and for a lock in one, so it may last as long as
        // both.
        let patience = settings.acquire_timeout + settings.lock_timeout;
        let writes = SqliteOpener(options.clone().journal_mode(SqliteJournalMode::Wal));
        let writer = Connections::sqlite(writes, 1, patience);
        // The writer opens the file before any reader: it creates it and turns on the write-ahead log, which stays on.
        let connector = Self {
            place: path.display().to_string(),
            readers: settings.connections_per_worker.min(MOST_READERS),
            acquire_timeout: settings.acquire_timeout,
            options: options.create_if_missing(false),
            writer,
        };
        // Turning the log on cannot wait for a lock, so of several processes that open a new file at once some fail.
        let opened = try_until(settings, &connector.place, is_locked, || knock(&connector.writer, patience));
        match opened.await {
            Ok(()) => Ok(connector),
            Err(given_up) => Err(ConnectError::File { path, reason: reason(&given_up.error) }),
        }
    }

    pub(super) async fn open(&self) -> Result<Database, ConnectError> {
        let reads = SqliteOpener(self.options.clone().pragma("query_only", "ON"));
        let readers = Connections::sqlite(reads, self.readers, self.acquire_timeout);
        // A busy machine may take its time to open the file; the first request waits for it again.
        if let Ok(Err(error)) = timeout(self.acquire_timeout, readers.opened()).await {
            return Err(ConnectError::File { path: self.options.get_filename().to_owned(), reason: reason(&error) });
        }
        Ok(Database { backend: Backend::Sqlite, read: readers, write: self.writer.clone(), replicas: None })
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

/// Opens connections to the file.
pub(super) struct SqliteOpener(SqliteConnectOptions);

impl Manager for SqliteOpener {
    type Type = SqliteConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<SqliteConnection, sqlx::Error> {
        self.0.connect().await
    }

    async fn recycle(&self, _: &mut SqliteConnection, _: &Metrics) -> RecycleResult<sqlx::Error> {
        // A file of this machine neither hangs up nor goes silent.
        Ok(())
    }
}

impl Opener for SqliteOpener {
    // Its thread goes on to the next statement when it is done with the last one, whoever waited for that. A second writer
    // opened beside it would only find the file locked.
    const CLOSES_GIVEN_UP: bool = false;

    async fn close(connection: SqliteConnection) {
        // It is not used any more either way.
        let _ = connection.close().await;
    }
}

async fn knock(writer: &Connections, patience: Duration) -> Result<(), sqlx::Error> {
    match timeout(patience, writer.opened()).await {
        Ok(opened) => opened.map(drop),
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}

fn is_locked(error: &sqlx::Error) -> bool {
    // SQLITE_BUSY and its extended codes, which keep 5 in the last byte.
    let code = match error {
        sqlx::Error::Database(told) => told.code().and_then(|code| code.parse::<i32>().ok()),
        _ => None,
    };
    code.is_some_and(|code| code & 0xff == 5)
}
