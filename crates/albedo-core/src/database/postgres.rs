//! PostgreSQL: a small pool for each worker, every wait bounded by the server itself.
//!
//! A timeout on our side alone does not stop the statement, and its connection stays taken until the server answers.
//! So each connection tells the server its limits before its first query.

use std::{io, str::FromStr, sync::Arc, time::Duration};

use deadpool::managed::{Manager, Metrics, RecycleResult};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions};
use tokio::time::timeout;

use super::{
    Backend, ConnectError, Connections, Database, Reads,
    connections::check,
    lease::Opener,
    patience::{reason, try_until},
    pooler::{self, Pooling},
    pulse::Pulse,
    replicas::{Follower, Following, ReplicaFacts, Replicas, examine},
};
use crate::settings::{DatabaseSettings, ReplicaSettings};

/// Longest time one try to reach the server may take.
const TRY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a transaction may sit idle before the server ends it: only a lost client does that.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(10);
/// A connection is replaced at this age: what the server keeps for one only grows, and after a failover the old ones
/// should not lead to the old server for ever.
const OLDEST: Duration = Duration::from_secs(30 * 60);
/// How often the server checks that the client of a long statement is still there.
const CLIENT_CHECK: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub(super) struct PostgresConnector {
    place: String,
    options: PgConnectOptions,
    limits: String,
    connections: u32,
    acquire_timeout: Duration,
    pulse: Arc<Pulse>,
    replicas: Option<Arc<Replicas>>,
}

impl PostgresConnector {
    pub(super) async fn new(settings: &DatabaseSettings) -> Result<Self, ConnectError> {
        let options = options(&settings.url).map_err(|error| ConnectError::Url { reason: reason(&error) })?;
        let mut connector = Self {
            place: place(&options),
            pulse: Arc::new(Pulse::of(options.clone(), true)),
            limits: limits(settings),
            connections: settings.connections_per_worker,
            acquire_timeout: settings.acquire_timeout,
            replicas: settings.replicas.as_ref().map(replicas).transpose()?.map(Arc::new),
            options,
        };
        // Tried with a bare connection: a pool tells nothing but a timeout of a server that refuses.
        let reached = try_until(settings, &connector.place, may_pass, || knock(&connector.options));
        if let Err(given_up) = reached.await {
            return Err(connector.explain(given_up.attempts, &given_up.error));
        }
        match pooler::examine(&connector.options).await {
            Pooling::Steady => {}
            Pooling::ByTransaction => {
                tracing::warn!(
                    place = connector.place,
                    "a pooler gives each transaction another connection: set statement_timeout and lock_timeout by ALTER ROLE, \
                     and let the db command migrate straight on the server (ALBEDO_MIGRATE_ON_START=false)"
                );
                connector.pulse = Arc::new(Pulse::of(connector.options.clone(), false));
            }
            Pooling::Forgetful => return Err(ConnectError::Pooler { place: connector.place }),
        }
        Ok(connector)
    }

    pub(super) async fn open(&self) -> Result<Database, ConnectError> {
        let connections = self.pool(&self.options, &self.pulse, None);
        // The server was reached before. That it is slow or full at this moment is no reason for a worker not to start: its
        // requests try again.
        if let Ok(Err(error)) = timeout(TRY_TIMEOUT, connections.opened()).await
            && !may_pass(&error)
        {
            return Err(self.explain(1, &error));
        }
        let replicas = self.replicas.as_ref().map(|replicas| {
            let pool =
                |follower: &Arc<Follower>| self.pool(follower.options(), follower.pulse(), Some(Arc::clone(follower)));
            Reads { pools: replicas.followers().iter().map(pool).collect(), replicas: Arc::clone(replicas) }
        });
        Ok(Database { backend: Backend::Postgres, read: connections.clone(), write: connections, replicas })
    }

    fn pool(&self, options: &PgConnectOptions, pulse: &Arc<Pulse>, follower: Option<Arc<Follower>>) -> Connections {
        let (options, limits, pulse) = (options.clone(), self.limits.clone(), Arc::clone(pulse));
        let opener = PostgresOpener { options, limits, pulse, follower };
        Connections::postgres(opener, self.connections, self.acquire_timeout)
    }

    pub(super) const fn replicas(&self) -> Option<&Arc<Replicas>> {
        self.replicas.as_ref()
    }

    pub(super) async fn examine_replicas(&self) -> Vec<(String, ReplicaFacts)> {
        match &self.replicas {
            Some(replicas) => examine(replicas, &self.options).await,
            None => Vec::new(),
        }
    }

    /// Begins to follow the replicas, where there are some.
    pub(super) fn follow(&self) -> io::Result<Option<Following>> {
        self.replicas.as_ref().map(|replicas| replicas.start(self.options.clone())).transpose()
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    fn explain(&self, attempts: u32, error: &sqlx::Error) -> ConnectError {
        let place = self.place.clone();
        let reason = reason(error);
        match error {
            sqlx::Error::Database(told) => {
                let advice = match told.code().as_deref() {
                    Some("28P01" | "28000") => "check user and password in DATABASE_URL",
                    Some("3D000") => "create the database (createdb), or correct its name in DATABASE_URL",
                    Some("53300") => "lower ALBEDO_DATABASE_CONNECTIONS, or raise max_connections of the server",
                    Some("57P03") => "wait until the server has started",
                    _ => "see the log of the server",
                };
                ConnectError::Refused { place, reason, advice }
            }
            sqlx::Error::Tls(_) => {
                ConnectError::Refused { place, reason, advice: "check sslmode and sslrootcert in DATABASE_URL" }
            }
            sqlx::Error::Configuration(_) => ConnectError::Url { reason },
            _ => ConnectError::Unreachable { place, attempts, reason },
        }
    }
}

/// Opens connections for the pool of a worker.
pub(super) struct PostgresOpener {
    options: PgConnectOptions,
    limits: String,
    pulse: Arc<Pulse>,
    /// Whom connections lead to, where that is a replica.
    follower: Option<Arc<Follower>>,
}

impl PostgresOpener {
    pub(super) const fn pulse(&self) -> &Arc<Pulse> {
        &self.pulse
    }
}

/// A connection, with the process of the server that serves it.
pub(super) struct PostgresLink {
    pub(super) own: PgConnection,
    pub(super) process: i32,
    pub(super) pulse: Arc<Pulse>,
}

impl Manager for PostgresOpener {
    type Type = PostgresLink;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<PostgresLink, sqlx::Error> {
        let mut own = self.options.connect().await?;
        let process = set_limits(&mut own, &self.limits).await?;
        if let Some(follower) = &self.follower {
            follower.admit(&mut own).await?;
        }
        Ok(PostgresLink { own, process, pulse: Arc::clone(&self.pulse) })
    }

    async fn recycle(&self, connection: &mut PostgresLink, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        check(&mut connection.own, metrics, OLDEST).await
    }
}

impl Opener for PostgresOpener {
    const CLOSES_GIVEN_UP: bool = true;

    async fn close(connection: PostgresLink) {
        // It is not used any more either way.
        let _ = connection.own.close().await;
    }
}

/// How to connect to the server that a URL names.
fn options(url: &SecretString) -> Result<PgConnectOptions, sqlx::Error> {
    let options = PgConnectOptions::from_str(url.expose_secret())?
        .application_name("albedo")
        // The default of every server we support; sent along, pgbouncer refuses the connection.
        .extra_float_digits(None);
    Ok(options.disable_statement_logging())
}

/// The replicas, none of them asked yet: one that is away comes by itself, and none is needed to start.
fn replicas(settings: &ReplicaSettings) -> Result<Replicas, ConnectError> {
    let read = |url: &SecretString| {
        let options = options(url).map_err(|error| ConnectError::ReplicaUrl { reason: reason(&error) })?;
        Ok((options.clone(), Arc::new(Pulse::of(options, true))))
    };
    let known = settings.urls.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Replicas::of(known, settings.longest_lag))
}

async fn knock(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    match timeout(TRY_TIMEOUT, PgConnection::connect_with(options)).await {
        Ok(Ok(connection)) => connection.close().await,
        Ok(Err(error)) => Err(error),
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}

/// Whether a server that is starting, or full for the moment, could give this answer.
fn may_pass(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(told) => matches!(told.code().as_deref(), Some("57P03" | "57P01" | "57P02" | "53300")),
        _ => false,
    }
}

/// Host and port, or the folder of a socket.
pub(super) fn server(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

/// The server, for the log and for messages; never the password.
pub(super) fn place(options: &PgConnectOptions) -> String {
    let server = server(options);
    let user = options.get_username();
    let database = options.get_database().unwrap_or(user);
    format!("PostgreSQL at {server}, database {database:?}, user {user:?}")
}

/// One statement that sets every limit the server knows.
///
/// As startup options these would be refused by pgbouncer, and a plain `SET` fails on a server that lacks one of them.
fn limits(settings: &DatabaseSettings) -> String {
    let milliseconds = [
        ("statement_timeout", settings.statement_timeout),
        ("lock_timeout", settings.lock_timeout),
        ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION),
    ];
    let values = milliseconds.map(|(name, limit)| format!("('{name}', '{}')", limit.as_millis())).join(", ");
    format!(
        "SELECT set_config(known.name, wanted.setting, false) \
         FROM (VALUES {values}) AS wanted (name, setting) JOIN pg_settings AS known ON known.name = wanted.name"
    )
}

/// Sets them, and tells which process of the server does.
async fn set_limits(connection: &mut PgConnection, limits: &str) -> Result<i32, sqlx::Error> {
    connection.execute(AssertSqlSafe(limits)).await?;
    // PostgreSQL 13 lacks it and some systems cannot do it: a comfort, not a condition.
    let check = format!("SET client_connection_check_interval = {}", CLIENT_CHECK.as_millis());
    if let Err(error) = connection.execute(AssertSqlSafe(check)).await {
        tracing::debug!(%error, "the server does not watch for lost clients");
    }
    sqlx::query_scalar("SELECT pg_backend_pid()").persistent(false).fetch_one(connection).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_tells_all_but_the_password() {
        for (url, expected) in [
            (
                "postgres://ana:hunter2@db.example:6432/albedo",
                r#"PostgreSQL at db.example:6432, database "albedo", user "ana""#,
            ),
            ("postgresql://ana:hunter2@db", r#"PostgreSQL at db:5432, database "ana", user "ana""#),
            (
                "postgres://ana:hunter2@localhost/albedo?host=/run/postgresql",
                r#"PostgreSQL at /run/postgresql, database "albedo", user "ana""#,
            ),
        ] {
            assert_eq!(place(&url.parse().unwrap()), expected);
        }
    }

    #[test]
    fn a_server_that_starts_or_is_full_is_worth_another_try() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        assert!(may_pass(&sqlx::Error::Io(refused)));
        assert!(!may_pass(&sqlx::Error::Configuration("no such sslmode".into())));
        assert!(!may_pass(&sqlx::Error::Tls("no certificate".into())));
    }
}
