//! What to migrate: the revisions of Albedo's schema, and how a server brings its database up to them.
//!
//! The server calls [`migrate_with`] at start and [`pending`] for its readiness; people use the `db` command.

mod naming;
mod versions;

use albedo_core::database::{Backend, ConnectError, Connector, Database};
use albedo_core::settings::{Settings, SettingsError, Sources};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use thiserror::Error;

/// The revisions as SeaORM's own tools read them.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        versions::all()
    }
}

/// Why the schema could not be read or changed.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// The URL is not one that we know.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The database cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A revision failed. It left no trace: all revisions of one run share a transaction.
    #[error("the migration failed and was rolled back; mend the cause and run `make db-migrate` again")]
    Database(#[from] DbErr),
}

/// One revision and whether it is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its name.
    pub name: String,
    /// Whether it is applied.
    pub applied: bool,
}

/// Applies all pending revisions to the database at `url`, and says how many there were.
///
/// # Errors
/// When the URL is none, the database cannot be reached, or it refuses a revision.
pub async fn migrate(url: &str) -> Result<usize, MigrationError> {
    let settings = Settings::load(&Sources::new(None, [("DATABASE_URL".to_owned(), url.to_owned())]))?;
    let connector = Connector::new(&settings.database).await?;
    let database = connector.open().await?;
    let outcome = migrate_with(&database).await;
    database.close().await?;
    connector.close().await;
    outcome
}

/// Applies all pending revisions through an open handle.
///
/// All or nothing, and safe when several processes start at once: the first one works while the others wait.
///
/// # Errors
/// When the database refuses a revision.
pub async fn migrate_with(database: &Database) -> Result<usize, MigrationError> {
    // Up to date is the usual case, and asks for no lock.
    if pending(database).await? == 0 {
        return Ok(0);
    }
    let transaction = alone(database).await?;
    let before = Migrator::get_pending_migrations(&transaction).await?.len();
    Migrator::up(&transaction, None).await?;
    transaction.commit().await?;
    Ok(before)
}

/// Takes the last revisions back.
///
/// # Errors
/// When the database refuses.
pub async fn rollback(database: &Database, steps: u32) -> Result<(), MigrationError> {
    let transaction = alone(database).await?;
    Migrator::down(&transaction, Some(steps)).await?;
    Ok(transaction.commit().await?)
}

/// Takes all revisions back and applies them again: every row is lost.
///
/// # Errors
/// When the database refuses.
pub async fn reset(database: &Database) -> Result<(), MigrationError> {
    let transaction = alone(database).await?;
    Migrator::down(&transaction, None).await?;
    Migrator::up(&transaction, None).await?;
    Ok(transaction.commit().await?)
}

/// How many revisions are not applied yet. Changes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn pending(database: &Database) -> Result<usize, MigrationError> {
    Ok(status(database).await?.iter().filter(|revision| !revision.applied).count())
}

/// Every revision, oldest first. Changes nothing, not even on a database that was never migrated.
///
/// # Errors
/// When the database does not answer.
pub async fn status(database: &Database) -> Result<Vec<Revision>, MigrationError> {
    let applied = applied(database).await?;
    let names = Migrator::migrations().into_iter().map(|migration| migration.name().to_owned());
    Ok(names.map(|name| Revision { applied: applied.contains(&name), name }).collect())
}

async fn applied(database: &Database) -> Result<Vec<String>, DbErr> {
    if !SchemaManager::new(database.read()).has_table("seaql_migrations").await? {
        return Ok(Vec::new());
    }
    let query = Query::select().column("version").from("seaql_migrations").take();
    database.read().query_all(&query).await?.iter().map(|row| row.try_get("", "version")).collect()
}

/// A transaction that no other migrating process shares: SQLite's immediate one locks the file, PostgreSQL takes a lock.
async fn alone(database: &Database) -> Result<DatabaseTransaction, DbErr> {
    let transaction = database.begin_write().await?;
    if database.backend() == Backend::Postgres {
        // A schema change may take longer than a request may, and a second server waits for the first one's.
        transaction.execute_unprepared("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
        transaction.execute_unprepared("SELECT pg_advisory_xact_lock(7140513211)").await?;
    }
    Ok(transaction)
}
