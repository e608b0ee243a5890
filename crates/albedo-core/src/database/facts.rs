//! What a database says of itself, for the people who look after it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{ConnAcquireErr, ConnectionTrait, DbErr, Statement};
use tokio::time::timeout;

use super::{Backend, Connections, Database};

/// Longest time that a database may take to say it.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its version, such as `15.8`.
    pub version: String,
    /// Its clock; SQLite has none but ours.
    pub clock: Option<DateTime<Utc>>,
    /// Whether we are a superuser there, who may do anything to all databases of the server.
    pub superuser: bool,
}

/// The connections of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolFigures {
    /// How many are open.
    pub open: u64,
    /// How many of those nobody uses.
    pub idle: u64,
    /// How many requests wait for one.
    pub waiting: u64,
    /// How many statements they were sent until now, those that begin and end transactions among them.
    pub statements: u64,
}

impl PoolFigures {
    fn of(connections: &Connections) -> Self {
        let status = connections.status();
        Self {
            open: status.size as u64,
            idle: status.available as u64,
            waiting: status.waiting as u64,
            statements: connections.statements(),
        }
    }
}

impl Database {
    /// This worker's own connections.
    #[must_use]
    pub fn pool(&self) -> PoolFigures {
        PoolFigures::of(&self.read)
    }

    /// The connections that all workers share: SQLite's one writer.
    #[must_use]
    pub fn shared_pool(&self) -> Option<PoolFigures> {
        (self.backend == Backend::Sqlite).then(|| PoolFigures::of(&self.write))
    }

    /// Asks the database for its facts.
    ///
    /// # Errors
    /// When it does not answer within five seconds.
    pub async fn facts(&self) -> Result<Facts, DbErr> {
        let asked = timeout(PATIENCE, self.ask_facts()).await;
        asked.unwrap_or(Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)))
    }

    async fn ask_facts(&self) -> Result<Facts, DbErr> {
        let question = match self.backend {
            Backend::Sqlite => "SELECT sqlite_version() AS version, NULL AS clock, FALSE AS superuser",
            Backend::Postgres => {
                "SELECT current_setting('server_version') AS version, clock_timestamp() AS clock, \
                 current_setting('is_superuser') = 'on' AS superuser"
            }
        };
        let question = Statement::from_string(self.read.get_database_backend(), question);
        let row = self.read.query_one_raw(question).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("the database said nothing".to_owned()))?;
        let clock = match self.backend {
            Backend::Sqlite => None,
            Backend::Postgres => row.try_get("", "clock")?,
        };
        Ok(Facts { version: row.try_get("", "version")?, clock, superuser: row.try_get("", "superuser")? })
    }
}
