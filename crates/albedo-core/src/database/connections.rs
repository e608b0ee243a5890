//! The connections of one kind, as SeaORM's statements know them.
//!
//! The pool is deadpool's, under the driver's plain connections. The driver's own pool asks the server for a sign of life
//! each time a connection comes back to it, which costs PostgreSQL as much as a short query; here a connection is asked
//! only before use, and only when it has been idle.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use async_trait::async_trait;
use deadpool::managed::{Manager, Metrics, Pool, PoolError, QueueMode, RecycleError, RecycleResult, Status};
use sea_orm::{ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sqlx::Connection;
use tokio::time::timeout;

use super::lease::{Held, Lease, Opener};
use super::pulse::{Pulse, silence};
use super::{postgres::PostgresOpener, sqlite::SqliteOpener};

/// Idle for this long, a connection is asked for a sign of life before it is used.
const IDLE_BEFORE_CHECK: Duration = Duration::from_secs(1);
/// How long that sign may take. A few that a network has swallowed must not use up the time a request has.
const CHECK_TIMEOUT: Duration = Duration::from_millis(250);

/// Connections that statements run on, each on whichever is free.
#[derive(Clone)]
pub struct Connections {
    pool: Kind,
    wait: Duration,
    statements: Arc<AtomicU64>,
}

#[derive(Clone)]
enum Kind {
    Sqlite(Pool<SqliteOpener>),
    Postgres(Pool<PostgresOpener>),
}

impl Connections {
    pub(super) fn sqlite(opener: SqliteOpener, most: u32, wait: Duration) -> Self {
        Self { pool: Kind::Sqlite(pool(opener, most)), wait, statements: Arc::default() }
    }

    pub(super) fn postgres(opener: PostgresOpener, most: u32, wait: Duration) -> Self {
        Self { pool: Kind::Postgres(pool(opener, most)), wait, statements: Arc::default() }
    }

    /// How many connections there are, how many are free, and how many requests wait for one.
    #[must_use]
    pub fn status(&self) -> Status {
        match &self.pool {
            Kind::Sqlite(pool) => pool.status(),
            Kind::Postgres(pool) => pool.status(),
        }
    }

    /// How many statements were sent, those that begin and end transactions among them.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Relaxed)
    }

    /// A connection, for as long as it is held.
    pub(super) async fn take(&self) -> Result<Held, DbErr> {
        let pulse = self.pulse();
        if pulse.is_some_and(Pulse::is_away) {
            return Err(DbErr::Conn(RuntimeErr::SqlxError(silence().into())));
        }
        match timeout(self.wait, self.opened()).await {
            Ok(taken) => taken.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into()))),
            Err(_) => {
                if let Some(pulse) = pulse {
                    pulse.wonder();
                }
                Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))
            }
        }
    }

    fn pulse(&self) -> Option<&Arc<Pulse>> {
        match &self.pool {
            Kind::Sqlite(_) => None,
            Kind::Postgres(pool) => Some(pool.manager().pulse()),
        }
    }

    /// The same with the driver's own error, for the one who opens the database.
    pub(super) async fn opened(&self) -> Result<Held, sqlx::Error> {
        match &self.pool {
            Kind::Sqlite(pool) => {
                let taken = pool.get().await.map_err(not_taken)?;
                Ok(Held::Sqlite(Lease::of(taken, Arc::clone(&self.statements))))
            }
            Kind::Postgres(pool) => {
                let taken = pool.get().await.map_err(not_taken)?;
                Ok(Held::Postgres(Lease::of(taken, Arc::clone(&self.statements))))
            }
        }
    }

    /// Ends the idle connections in order; those in use end when they come back.
    pub(super) async fn close(&self) {
        match &self.pool {
            Kind::Sqlite(pool) => close(pool).await,
            Kind::Postgres(pool) => close(pool).await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Connections {
    fn get_database_backend(&self) -> DbBackend {
        match &self.pool {
            Kind::Sqlite(_) => DbBackend::Sqlite,
            Kind::Postgres(_) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.take().await?.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.take().await?.run(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.take().await?.one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.take().await?.all(statement).await
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connections").field(&self.status()).finish()
    }
}

fn pool<M: Manager>(opener: M, most: u32) -> Pool<M> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    // The one used last is the least likely to be gone, and the others grow old enough to be looked at.
    let built = Pool::builder(opener).max_size(most).queue_mode(QueueMode::Lifo).build();
    built.unwrap_or_else(|error| unreachable!("a pool without timeouts of its own needs no runtime: {error}"))
}

/// Whether a pooled connection may be used once more: not too old, and there, if it has been idle.
pub(super) async fn check<C: Connection>(
    connection: &mut C,
    metrics: &Metrics,
    oldest: Duration,
) -> RecycleResult<sqlx::Error> {
    if metrics.age() > oldest {
        return Err(RecycleError::message("old"));
    }
    if metrics.last_used() < IDLE_BEFORE_CHECK {
        return Ok(());
    }
    match timeout(CHECK_TIMEOUT, connection.ping()).await {
        Ok(answer) => answer.map_err(RecycleError::Backend),
        Err(_) => Err(RecycleError::message("silent")),
    }
}

fn not_taken(error: PoolError<sqlx::Error>) -> sqlx::Error {
    match error {
        PoolError::Backend(error) => error,
        PoolError::Closed => sqlx::Error::PoolClosed,
        _ => sqlx::Error::PoolTimedOut,
    }
}

async fn close<M: Opener>(pool: &Pool<M>) {
    for connection in pool.retain(|_, _| false).removed {
        M::close(connection).await;
    }
    pool.close();
}
