//! Scratch databases: a fresh SQLite in memory, or a PostgreSQL database under a name by chance that is dropped at the
//! end, after a failure too.
//!
//! A history is replayed there, a script is loaded there, and what came of it is read. The project's own database is
//! never touched.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sea_orm::sqlx::{self, Connection, PgConnection};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

use super::database_error::{connect, refused, without_password};
use super::goal::Goal;
use super::options::{Limits, Options};
use super::runner::Runner;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::history::History;

/// How every scratch database of PostgreSQL is called; the second it was made and digits by chance follow.
const PREFIX: &str = "albedo_shadow_";
/// A scratch database that is older belongs to a process that was killed.
const FORGOTTEN: Duration = Duration::from_secs(3_600);

/// Where scratch databases are made.
#[derive(Clone, Debug, Default)]
pub struct Shadows {
    /// A PostgreSQL server, as a URL of any database on it.
    pub postgres: Option<String>,
    /// How patiently it is reached.
    pub options: Options,
}

/// One scratch database.
#[derive(Debug)]
pub struct Shadow {
    /// Its only connection.
    pub connection: DatabaseConnection,
    /// What it speaks.
    pub dialect: Dialect,
    options: Options,
}

impl Shadows {
    /// Why there is none for this dialect.
    ///
    /// # Errors
    /// With what to type so that there is one.
    pub fn available(&self, dialect: Dialect) -> Result<()> {
        if dialect == Dialect::Sqlite || self.postgres.is_some() {
            return Ok(());
        }
        Err(Error::usage("no PostgreSQL server is named for scratch databases")
            .hint("set SHADOW_DATABASE_URL, pass --shadow-url, or write [shadow] postgres = \"postgres://...\" into migrate.toml"))
    }

    /// Makes a scratch database, does the work in it, and drops it whatever came of that.
    ///
    /// # Errors
    /// When none can be made, or the work fails.
    pub async fn within<T>(&self, dialect: Dialect, work: impl AsyncFnOnce(&Shadow) -> Result<T>) -> Result<T> {
        self.available(dialect)?;
        match &self.postgres {
            Some(server) if dialect == Dialect::Postgres => self.within_postgres(server, work).await,
            _ => {
                let shadow = Shadow { connection: in_memory().await?, dialect, options: self.options.clone() };
                work(&shadow).await
            }
        }
    }

    async fn within_postgres<T>(&self, server: &str, work: impl AsyncFnOnce(&Shadow) -> Result<T>) -> Result<T> {
        let failed = |error: sqlx::Error| {
            let said = error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
            Error::failed(format!("no scratch database can be made on {}: {said}", without_password(server)))
                .hint("its user has to be allowed to CREATE DATABASE")
                .because(error)
        };
        // The server may still be starting, which this waits out.
        connect(server, &self.options).await?.close().await.map_err(|error| refused(error, "-- closing"))?;
        let mut own = PgConnection::connect(server).await.map_err(failed)?;
        sweep(&mut own).await;
        let name = format!("{PREFIX}{}_{}", seconds(), chance());
        let run = |sql: String| sqlx::AssertSqlSafe(sql);
        // template0 holds nothing that somebody has added.
        let make = format!("CREATE DATABASE {} TEMPLATE template0", Dialect::Postgres.quote(&name));
        sqlx::raw_sql(run(make)).execute(&mut own).await.map_err(failed)?;
        let done = self.work_in(server, &name, work).await;
        let dropped = drop_shadow(&mut own, &name).await;
        match (done, dropped) {
            (Ok(_), Err(error)) => Err(failed(error).hint(format!("drop it by hand: DROP DATABASE {name}"))),
            (done, _) => done,
        }
    }

    async fn work_in<T>(&self, server: &str, name: &str, work: impl AsyncFnOnce(&Shadow) -> Result<T>) -> Result<T> {
        let mut url = url::Url::parse(server)
            .map_err(|error| Error::usage(format!("the URL of the scratch server is faulty: {error}")))?;
        url.set_path(name);
        let connection = connect(url.as_str(), &self.options).await?;
        let shadow = Shadow { connection, dialect: Dialect::Postgres, options: self.options.clone() };
        let done = work(&shadow).await;
        // The database is dropped by force; a connection that does not close well is no matter.
        let _ = shadow.connection.close().await;
        done
    }
}

impl Shadow {
    pub(super) const fn limits(&self) -> Limits {
        self.options.limits()
    }

    /// Replays a history.
    ///
    /// # Errors
    /// When a revision fails.
    pub async fn replay(&self, history: &History, goal: &Goal) -> Result<()> {
        Runner::on(history, &self.connection, self.options.clone())?.run(goal, |_| {}).await.map(|_| ())
    }

    /// Runs SQL text as it is, however many statements it has.
    ///
    /// # Errors
    /// When a statement is refused.
    pub async fn run(&self, sql: &str) -> Result<()> {
        self.connection.execute_unprepared(sql).await.map(|_| ()).map_err(|error| refused(error, sql))
    }
}

/// A database in memory, on one connection that is never closed.
pub(super) async fn in_memory() -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1).sqlx_logging(false).idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    let opened = Database::connect(options).await;
    opened.map_err(|error| Error::failed("no database in memory can be opened").because(error))
}

/// Drops what killed processes have left behind. Nobody waits for it, and it may fail: the next one tries again.
async fn sweep(own: &mut PgConnection) {
    let before = seconds().saturating_sub(FORGOTTEN.as_secs());
    let sql = format!(
        "SELECT datname::text FROM pg_database d WHERE datname ~ '^{PREFIX}[0-9]+_[0-9a-f]+$' AND split_part(datname, '_', 3)::bigint < {before} \
         AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datid = d.oid)"
    );
    let names = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *own).await;
    for name in names.unwrap_or_default() {
        let _ = drop_shadow(own, &name).await;
    }
}

async fn drop_shadow(own: &mut PgConnection, name: &str) -> std::result::Result<(), sqlx::Error> {
    let name = Dialect::Postgres.quote(name);
    // A server before 13 knows no FORCE; the connections that were closed are gone there after a moment.
    let mut last = Ok(());
    for force in [" WITH (FORCE)", "", "", ""] {
        let sql = format!("DROP DATABASE IF EXISTS {name}{force}");
        last = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *own).await.map(|_| ());
        if last.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    last
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Digits that no other process has. The hasher's keys come from the system's source of randomness.
fn chance() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
