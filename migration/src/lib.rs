//! What to migrate: the revisions of Albedo's schema, and how a server brings its database up to them.
//!
//! The files are in `versions/`; this crate gathers them. The server calls [`migrate`] at start and [`pending`] for its
//! readiness; people use the `db` command.

use albedo_core::database::{Backend, Database};
use albedo_migrate::run::{Goal, Runner, State};
use albedo_migrate::{Dialect, Error, History, Settings};
use thiserror::Error as ThisError;

mod target;

pub use target::target;

include!(concat!(env!("OUT_DIR"), "/versions.rs"));

/// Why the schema could not be read or changed: what failed, on which revision, and what to do.
#[derive(Debug, ThisError)]
#[error(transparent)]
pub struct MigrationError(#[from] Error);

/// Every revision, with the graph between them.
///
/// # Errors
/// When the graph is faulty, which the build has already looked for.
pub fn history() -> Result<History, Error> {
    History::builder().collected(VERSIONS).build()
}

/// What `migrate.toml` says. It is compiled in, so that a server waits as long as the `db` command does.
///
/// # Errors
/// With all that is wrong in it.
pub fn settings() -> Result<Settings, Error> {
    let path = std::path::Path::new("migration/migrate.toml");
    let mut no_template = |_: &std::path::Path| Ok("{{migration}}{{functions}}".to_owned());
    Settings::parse(include_str!("../migrate.toml"), path, None, &mut no_template)
}

/// Applies all pending revisions to the database at `url`, and says how many there were.
///
/// Each revision is a transaction, and several processes may start at once: one works while the others wait. Where nothing
/// is pending, nothing is locked or written.
///
/// # Errors
/// When the database cannot be reached or refuses a revision.
pub async fn migrate(url: &str) -> Result<usize, MigrationError> {
    let history = history()?;
    let mut runner = Runner::connect(&history, url, settings()?.timeouts.options()).await?;
    Ok(runner.run(&Goal::latest(), |_| {}).await?.done.len())
}

/// How many revisions are not applied yet. Changes nothing, not even on a database that was never migrated.
///
/// Revisions that this version does not know count for nothing: while servers are replaced one by one, the old ones go on
/// working on the new schema.
///
/// # Errors
/// When the database does not answer.
pub async fn pending(database: &Database) -> Result<usize, MigrationError> {
    let history = history()?;
    let dialect = match database.backend() {
        Backend::Sqlite => Dialect::Sqlite,
        Backend::Postgres => Dialect::Postgres,
    };
    let state = State::read(database.read(), dialect).await?;
    let (applied, _newer) = history.applied(state.rows.iter().map(|row| row.version.as_str()));
    Ok(history.graph().len() - applied.len())
}
