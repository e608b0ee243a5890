//! One runner at a time.
//!
//! PostgreSQL: an advisory lock on a connection of its own, asked for again and again. Waiting inside
//! `pg_advisory_lock` would hold a snapshot, and the holder's CREATE INDEX CONCURRENTLY would wait for it for ever.
//! SQLite: every step begins with BEGIN IMMEDIATE, which is the lock; only a step without a transaction needs more, and
//! takes a lock on a file beside the database, which is gone again when the lock is.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sea_orm::DatabaseConnection;
use sea_orm::sqlx::{self, Connection, PgConnection};

use super::options::{Event, Options, back_off};
use crate::error::{Error, Result};

/// One lock for each schema of each database.
const KEY: &str = "hashtextextended('seaql_migrations of ' || coalesce(current_schema(), ''), 0)";

/// A lock that is held until it is dropped, or its process dies.
#[derive(Debug)]
pub(super) enum Lock {
    Postgres(Box<PgConnection>),
    File { _held: FileLock },
}

impl Lock {
    /// Waits for the advisory lock.
    pub(super) async fn postgres(
        connection: &DatabaseConnection,
        options: &Options,
        tell: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Self> {
        let settings = connection.get_postgres_connection_pool().connect_options();
        let failed = |error: sqlx::Error| {
            Error::failed(format!("the migration lock cannot be asked for: {error}")).because(error)
        };
        let mut own = PgConnection::connect_with(&settings).await.map_err(failed)?;
        let give_up = Instant::now() + options.lock_wait;
        let ask = format!("SELECT pg_try_advisory_lock({KEY})");
        let mut told = false;
        for attempt in 0.. {
            if sqlx::query_scalar::<_, bool>(sqlx::AssertSqlSafe(ask.clone()))
                .fetch_one(&mut own)
                .await
                .map_err(failed)?
            {
                return Ok(Self::Postgres(Box::new(own)));
            }
            let wait = back_off(attempt, Duration::from_millis(20), Duration::from_millis(500));
            let late = Instant::now() + wait >= give_up;
            if late || !told {
                let holder = holder(&mut own).await;
                if late {
                    return Err(not_obtained(&holder, options));
                }
                tell(Event::Waiting { holder });
                told = true;
            }
            tokio::time::sleep(wait).await;
        }
        Err(not_obtained("another runner", options))
    }

    /// Waits for the lock on a file that stands for a SQLite database.
    pub(super) async fn file(database: &str, options: &Options, tell: &mut (dyn FnMut(Event) + Send)) -> Result<Self> {
        let path = lock_path(database);
        let give_up = Instant::now() + options.lock_wait;
        for attempt in 0.. {
            if let Some(lock) = FileLock::take(&path)? {
                return Ok(Self::File { _held: lock });
            }
            if attempt == 0 {
                tell(Event::Waiting { holder: "another runner".to_owned() });
            }
            let wait = back_off(attempt, Duration::from_millis(20), Duration::from_millis(500));
            if Instant::now() + wait >= give_up {
                break;
            }
            tokio::time::sleep(wait).await;
        }
        Err(not_obtained("another runner", options))
    }

    /// Gives the lock back. Dropping does so too, but the server would notice a little later.
    pub(super) async fn release(self) {
        if let Self::Postgres(connection) = self {
            // The lock ends with its connection; an error here only says that it has ended already.
            let _ = connection.close().await;
        }
    }
}

/// A lock on a file that is there only while the lock is held.
#[derive(Debug)]
pub(super) struct FileLock {
    held: File,
    path: PathBuf,
}

impl FileLock {
    /// Takes the lock if nobody has it. A file that a killed runner left behind is locked by nobody.
    fn take(path: &Path) -> Result<Option<Self>> {
        loop {
            let held = File::options().create(true).truncate(false).write(true).open(path)?;
            match held.try_lock() {
                Ok(()) if is_at(&held, path) => return Ok(Some(Self { held, path: path.to_owned() })),
                // Its holder removed it between the two calls, so a lock on it keeps nobody out.
                Ok(()) => {}
                Err(TryLockError::Error(error)) => return Err(error.into()),
                Err(TryLockError::WouldBlock) => return Ok(None),
            }
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // While it is still locked; a file that stays does no harm. Where files have no number to be told apart by,
        // it has to stay.
        if cfg!(unix) && is_at(&self.held, &self.path) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Whether the open file is the one of this name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let number = |metadata: &std::fs::Metadata| (metadata.dev(), metadata.ino());
    matches!((file.metadata(), std::fs::metadata(path)), (Ok(one), Ok(other)) if number(&one) == number(&other))
}

/// Whether the open file is the one of this name; it always is, since it is never removed here.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Beside the database, as SQLite's own files are: whoever may write one may write the other.
fn lock_path(database: &str) -> PathBuf {
    let whole = std::fs::canonicalize(database).unwrap_or_else(|_| PathBuf::from(database));
    let mut name = whole.into_os_string();
    name.push("-migrate.lock");
    PathBuf::from(name)
}

async fn holder(own: &mut PgConnection) -> String {
    let sql = format!(
        "SELECT format('%s (pid %s, %s, connected since %s)', coalesce(nullif(a.application_name, ''), 'a session'), a.pid, \
         coalesce(host(a.client_addr), 'this host'), to_char(a.backend_start, 'HH24:MI:SS')) \
         FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
         AND ((l.classid::bigint << 32) | l.objid::bigint) = {KEY} LIMIT 1"
    );
    let found = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql)).fetch_optional(own).await;
    found.ok().flatten().unwrap_or_else(|| "another runner".to_owned())
}

pub(super) fn not_obtained(holder: &str, options: &Options) -> Error {
    Error::locked(format!("{holder} is migrating, and was not done after {:?}", options.lock_wait))
        .hint("wait for it, raise --lock-wait, or end it if it hangs; nothing was changed here")
}
