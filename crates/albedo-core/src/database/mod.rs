//! The way to the database: one [`Connector`] a process, one [`Database`] a worker.
//!
//! The URL picks the backend here, once. Everyone above asks for [`Database::read`], [`Database::write`] or
//! [`Database::begin_write`] and need not know which database answers. No table and no query of ours lives here.

mod connections;
mod error;
mod facts;
mod lease;
mod patience;
mod pooler;
mod postgres;
mod pulse;
mod replicas;
mod session;
mod sqlite;
mod transaction;

use std::{fmt, io, sync::Arc, time::Duration};

use sea_orm::{ConnAcquireErr, DbErr};
use tokio::time::timeout;

pub use self::{
    connections::Connections,
    error::ConnectError,
    facts::{Facts, PoolFigures},
    replicas::{Following, Ledger, ReadFigures, Reader, ReplicaFacts, ReplicaFigures, Replicas, State as ReplicaState},
    session::Session,
    transaction::Transaction,
};
use self::{postgres::PostgresConnector, sqlite::SqliteConnector};
use crate::{cache::Tag, settings::DatabaseSettings};

/// How long [`Database::ping`] waits.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// Which database answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Backend {
    /// The name people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Opens the database, once for each worker.
#[derive(Clone)]
pub struct Connector(Kind);

#[derive(Clone)]
enum Kind {
    Sqlite(SqliteConnector),
    Postgres(PostgresConnector),
}

impl Connector {
    /// Reaches the database a first time, waiting for a server that is still starting.
    ///
    /// # Errors
    /// What is wrong with the URL, the file or the server, and what to do; never with the password.
    pub async fn new(settings: &DatabaseSettings) -> Result<Self, ConnectError> {
        match settings.scheme() {
            "sqlite" => SqliteConnector::new(settings).await.map(Kind::Sqlite),
            "postgres" | "postgresql" => PostgresConnector::new(settings).await.map(Kind::Postgres),
            other => Err(ConnectError::Scheme { found: other.to_owned() }),
        }
        .map(Self)
    }

    /// One handle, to be made on the thread that uses it: its sockets stay with that thread's reactor.
    ///
    /// # Errors
    /// When the database refuses, or its file cannot be opened. One that is slow or away for the moment is tried again by the
    /// first request.
    pub async fn open(&self) -> Result<Database, ConnectError> {
        match &self.0 {
            Kind::Sqlite(connector) => connector.open().await,
            Kind::Postgres(connector) => connector.open().await,
        }
    }

    /// Which database answers.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match &self.0 {
            Kind::Sqlite(_) => Backend::Sqlite,
            Kind::Postgres(_) => Backend::Postgres,
        }
    }

    /// Where the database is, for the log: a path, or host, port, name and user. Never the password.
    #[must_use]
    pub fn place(&self) -> &str {
        match &self.0 {
            Kind::Sqlite(connector) => connector.place(),
            Kind::Postgres(connector) => connector.place(),
        }
    }

    /// The replicas that reads may go to, where there are some.
    #[must_use]
    pub const fn replicas(&self) -> Option<&Arc<Replicas>> {
        match &self.0 {
            Kind::Sqlite(_) => None,
            Kind::Postgres(connector) => connector.replicas(),
        }
    }

    /// What each replica is found to be now, by its host and port.
    pub async fn examine_replicas(&self) -> Vec<(String, ReplicaFacts)> {
        match &self.0 {
            Kind::Sqlite(_) => Vec::new(),
            Kind::Postgres(connector) => connector.examine_replicas().await,
        }
    }

    /// Begins to follow the replicas, for as long as what is given is kept; without that, all reads go to the primary.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn follow_replicas(&self) -> io::Result<Option<Following>> {
        match &self.0 {
            Kind::Sqlite(_) => Ok(None),
            Kind::Postgres(connector) => connector.follow(),
        }
    }

    /// Ends what all handles share; to be called after their own [`Database::close`].
    pub async fn close(&self) {
        match &self.0 {
            Kind::Sqlite(connector) => connector.close().await,
            Kind::Postgres(_) => {}
        }
    }
}

// The driver's own options show the password.
impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connector").field(&self.place()).finish()
    }
}

/// One worker's connections. Clones share them.
#[derive(Clone, Debug)]
pub struct Database {
    backend: Backend,
    read: Connections,
    write: Connections,
    replicas: Option<Reads>,
}

/// One worker's connections to the replicas, in their order.
#[derive(Clone, Debug)]
struct Reads {
    replicas: Arc<Replicas>,
    pools: Vec<Connections>,
}

impl Database {
    /// Connections for queries. On SQLite they refuse to write.
    #[must_use]
    pub fn read(&self) -> &Connections {
        &self.read
    }

    /// Connections for one read that depends on these: to a replica, where one shows all that was written to them and all
    /// that was shown of them here, else as [`Database::read`].
    ///
    /// Where writes are not told to the cache, nothing is known of them: say `None`, and the primary is read.
    pub async fn reader(&self, tags: impl FnOnce() -> Option<Vec<Tag>>) -> Reader<'_> {
        let Some(Reads { replicas, pools }) = &self.replicas else { return Reader::of_primary(&self.read) };
        match tags() {
            Some(tags) => Reader::decide(&self.read, replicas, pools, tags).await,
            None => Reader::of_primary(&self.read),
        }
    }

    /// The replicas that reads may go to, where there are some.
    #[must_use]
    pub fn replicas(&self) -> Option<&Arc<Replicas>> {
        self.replicas.as_ref().map(|reads| &reads.replicas)
    }

    /// Connections for single statements that write.
    ///
    /// On SQLite this is the one writer that all workers share: whoever holds a transaction on it and asks for another
    /// one waits for himself.
    #[must_use]
    pub fn write(&self) -> &Connections {
        &self.write
    }

    /// A transaction that will write. It is rolled back when dropped without a commit.
    ///
    /// # Errors
    /// When no connection becomes free in time, or the database is gone.
    pub async fn begin_write(&self) -> Result<Transaction, DbErr> {
        Transaction::begin(&self.write).await
    }

    /// Which database answers.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Whether the database answers within a second.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        let ping = async { self.read.take().await?.ping().await };
        match timeout(PING_TIMEOUT, ping).await {
            Ok(answer) => answer,
            Err(_) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)),
        }
    }

    /// Ends this worker's own connections; what it shares with others is ended by [`Connector::close`].
    pub async fn close(self) {
        self.read.close().await;
        for pool in self.replicas.iter().flat_map(|reads| &reads.pools) {
            pool.close().await;
        }
    }
}
