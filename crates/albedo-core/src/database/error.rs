//! Why the database cannot be opened, in words for the person who set `DATABASE_URL`.

use std::{io, path::PathBuf};

use crate::settings::schemes;

/// Why the database cannot be opened. No message holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL names a database we do not know.
    #[error("DATABASE_URL begins with {found:?}, which is not supported; it must begin with {}", schemes())]
    Scheme {
        /// What stands before `://`.
        found: String,
    },
    /// The URL has a known scheme and cannot be read beyond that.
    #[error(
        "DATABASE_URL cannot be read: {reason}; write sqlite://path?mode=rwc or postgres://user:password@host:port/name (special characters in the password as %XX)"
    )]
    Url {
        /// The parser's reason.
        reason: String,
    },
    /// The URL of a replica cannot be read.
    #[error(
        "DATABASE_REPLICA_URLS cannot be read: {reason}; write postgres://user:password@host:port/name for each, separated by commas (special characters in the password as %XX)"
    )]
    ReplicaUrl {
        /// The parser's reason.
        reason: String,
    },
    /// A SQLite database that would live in memory.
    #[error(
        "DATABASE_URL names a SQLite database in memory, which readers and the writer cannot share; use a file: sqlite://albedo.db?mode=rwc"
    )]
    InMemory,
    /// A SQLite database that nobody may write.
    #[error("DATABASE_URL opens SQLite read-only; use mode=rwc, or mode=rw for a file that must exist")]
    ReadOnly,
    /// A SQLite file that does not exist, without the permission to make it.
    #[error("the SQLite file {} does not exist; add ?mode=rwc to DATABASE_URL to create it", path.display())]
    MissingFile {
        /// The file, as the URL names it.
        path: PathBuf,
    },
    /// The folder of the SQLite file cannot be made.
    #[error("the folder {} of the SQLite file cannot be created: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The SQLite file is there and cannot be used.
    #[error("the SQLite file {} cannot be opened: {reason}; check that it is a SQLite database, and that this user may write it and its folder", path.display())]
    File {
        /// The file, as the URL names it.
        path: PathBuf,
        /// SQLite's reason.
        reason: String,
    },
    /// Nothing answered.
    #[error(
        "{place} does not answer ({attempts} tries): {reason}; check that it runs, and the host and port in DATABASE_URL"
    )]
    Unreachable {
        /// Host, port, database and user.
        place: String,
        /// How often it was tried.
        attempts: u32,
        /// What the last try ended with.
        reason: String,
    },
    /// Between us and the server stands a pooler that forgets prepared statements.
    #[error(
        "{place} is behind a pooler in transaction mode that forgets prepared statements, so most requests would fail; set pool_mode = session for this database, or use pgbouncer 1.21 or newer with max_prepared_statements = 200"
    )]
    Pooler {
        /// Host, port, database and user.
        place: String,
    },
    /// The server answered, and does not let us in.
    #[error("{place} refuses the connection: {reason}; {advice}")]
    Refused {
        /// Host, port, database and user.
        place: String,
        /// The server's reason.
        reason: String,
        /// What to do about it.
        advice: &'static str,
    },
}
