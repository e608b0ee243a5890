//! Which database, how many connections, and how long anything may wait for it.

use std::{path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};

use super::{
    reader::{Read, Reader},
    server::ServerSettings,
    variables as var,
};

/// How a `DATABASE_URL` may begin.
pub const DATABASE_SCHEMES: [&str; 3] = ["sqlite:", "postgres://", "postgresql://"];

/// What the database connections are made from.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// The database; a secret, since it may hold a password.
    pub url: SecretString,
    /// Streaming replicas that reads may go to.
    pub replicas: Option<ReplicaSettings>,
    /// Connections of one worker on PostgreSQL; on SQLite, readers of one worker beside the one writer.
    pub connections_per_worker: u32,
    /// How long a request waits for a free connection.
    pub acquire_timeout: Duration,
    /// How long one statement may run (PostgreSQL).
    pub statement_timeout: Duration,
    /// How long one statement may wait for a lock.
    pub lock_timeout: Duration,
    /// Times to try a database that does not answer yet at start.
    pub connect_attempts: u32,
    /// Pause before the second try; it doubles with each further one.
    pub connect_backoff: Duration,
    /// Whether the server brings the schema up to date before it listens.
    pub migrate_on_start: bool,
}

/// Where replicas are.
#[derive(Clone, Debug)]
pub struct ReplicaSettings {
    /// One URL for each; secrets, since they may hold passwords.
    pub urls: Vec<SecretString>,
    /// One that is further behind is not read from.
    pub longest_lag: Duration,
}

impl ReplicaSettings {
    fn read(reader: &mut Reader<'_>, primary: Read<&SecretString>) -> Read<Option<Self>> {
        let urls = reader.secrets(&var::DATABASE_REPLICA_URLS);
        let longest_lag = reader.seconds(&var::REPLICA_LAG, 0.1..=3600.0);
        let urls = urls?;
        let mut fault = None;
        for (number, url) in (1..).zip(&urls) {
            if !is_postgres(url) {
                let problem = format_args!("number {number} must begin with postgres:// or postgresql://");
                fault = Some(reader.fault(&var::DATABASE_REPLICA_URLS, problem));
            }
        }
        if !urls.is_empty() && primary.is_ok_and(|primary| !is_postgres(primary)) {
            let problem = format_args!("replicas are PostgreSQL's, and {} is another database", var::DATABASE_URL.name);
            fault = Some(reader.fault(&var::DATABASE_REPLICA_URLS, problem));
        }
        match (fault, longest_lag) {
            (None, Ok(longest_lag)) => Ok((!urls.is_empty()).then_some(Self { urls, longest_lag })),
            (Some(noted), _) | (None, Err(noted)) => Err(noted),
        }
    }
}

fn is_postgres(url: &SecretString) -> bool {
    ["postgres://", "postgresql://"].iter().any(|scheme| url.expose_secret().starts_with(scheme))
}

impl DatabaseSettings {
    pub(super) fn read(reader: &mut Reader<'_>, server: Read<&ServerSettings>) -> Read<Self> {
        let url = reader.required(&var::DATABASE_URL, format!("a URL that begins with {}", schemes()), |text| {
            DATABASE_SCHEMES.iter().any(|scheme| text.starts_with(scheme)).then(|| SecretString::from(text))
        });
        let replicas = ReplicaSettings::read(reader, url.as_ref().map_err(|noted| *noted));
        let connections = reader.number_or(&var::DATABASE_CONNECTIONS, 1..=100, share_of_connections(server));
        let acquire_timeout = reader.seconds(&var::DATABASE_ACQUIRE, 0.05..=60.0);
        let statement_timeout = reader.seconds(&var::DATABASE_STATEMENT, 0.05..=3600.0);
        let lock_timeout = reader.seconds(&var::DATABASE_LOCK, 0.05..=3600.0);
        let connect_attempts = reader.number(&var::DATABASE_ATTEMPTS, 1..=100);
        let connect_backoff = reader.seconds(&var::DATABASE_BACKOFF, 0.01..=5.0);
        let migrate_on_start = reader.required(&var::MIGRATE_ON_START, "true or false", |text| text.parse().ok());

        // A request that gives up before its statement does would leave the connection busy behind it, and a few of
        // those empty the pool.
        if let (Ok(statement), Ok(server)) = (statement_timeout, server)
            && statement >= server.handler_timeout
        {
            reader.fault(&var::DATABASE_STATEMENT, format_args!("must be less than {}", var::HANDLER_TIMEOUT.name));
        }
        if let (Ok(lock), Ok(statement)) = (lock_timeout, statement_timeout)
            && lock > statement
        {
            reader.fault(&var::DATABASE_LOCK, format_args!("must not be more than {}", var::DATABASE_STATEMENT.name));
        }
        Ok(Self {
            url: url?,
            replicas: replicas?,
            connections_per_worker: connections?,
            acquire_timeout: acquire_timeout?,
            statement_timeout: statement_timeout?,
            lock_timeout: lock_timeout?,
            connect_attempts: connect_attempts?,
            connect_backoff: connect_backoff?,
            migrate_on_start: migrate_on_start?,
        })
    }

    /// The file of a SQLite database.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let (path, _) = self.url.expose_secret().split_once('?').unwrap_or((self.url.expose_secret(), ""));
        let path = path.strip_prefix("sqlite:")?;
        Some(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))
    }

    /// The scheme people wrote, for messages; never the rest of the URL.
    #[must_use]
    pub(crate) fn scheme(&self) -> &str {
        match self.url.expose_secret().split_once(':') {
            Some((scheme, _)) if scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '+') => scheme,
            _ => "",
        }
    }
}

/// The allowed beginnings as a sentence says them.
pub(crate) fn schemes() -> String {
    DATABASE_SCHEMES.join(", ")
}

/// Eight keep two cores of PostgreSQL busy, and more only make each other wait: with sixteen the slowest hundredth of the
/// requests took five times as long. A worker under two could not read while it writes.
fn share_of_connections(server: Read<&ServerSettings>) -> u32 {
    let workers = server.map_or(1, |server| u32::try_from(server.workers).unwrap_or(u32::MAX));
    (8 / workers.max(1)).clamp(2, 4)
}
