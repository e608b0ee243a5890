//! Migrations written for SeaORM's own runner: run as they are, or recorded for a script.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{
    DatabaseConnection, DatabaseConnectionType, DbBackend, DbErr, ExecResult, MockDatabase, MockDatabaseConnection,
    MockDatabaseTrait, MockExecResult, QueryResult, Statement, Transaction,
};
use sea_orm_migration::{MigrationTrait, SchemaManager};

use super::database_error::refused;
use super::session::Session;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::revision::Direction;

/// Runs an old migration in the session, or writes down what it would execute.
pub(super) async fn run(session: &mut Session<'_>, migration: &dyn MigrationTrait, direction: Direction) -> Result<()> {
    if !session.is_script() {
        let Some(executor) = session.executor() else { return Ok(()) };
        return call(migration, &SchemaManager::new(executor), direction).await;
    }
    let (connection, log) = recorder(session.dialect);
    call(migration, &SchemaManager::new(&connection), direction).await.map_err(|error| {
        error.hint(
            "a script has no database to ask: run this revision online with `migrate`, or rewrite it as operations",
        )
    })?;
    let statements = std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner));
    for sql in statements {
        session.execute(&sql).await?;
    }
    Ok(())
}

async fn call(migration: &dyn MigrationTrait, manager: &SchemaManager<'_>, direction: Direction) -> Result<()> {
    let done = match direction {
        Direction::Up => migration.up(manager).await,
        Direction::Down => migration.down(manager).await,
    };
    done.map_err(|error| refused(error, &format!("-- inside the migration `{}`", migration.name())))
}

type Log = Arc<Mutex<Vec<String>>>;

fn recorder(dialect: Dialect) -> (DatabaseConnection, Log) {
    let log = Log::default();
    let backend = match dialect {
        Dialect::Sqlite => DbBackend::Sqlite,
        Dialect::Postgres => DbBackend::Postgres,
    };
    let recorder = Recorder { backend, log: Arc::clone(&log) };
    let mock = Arc::new(MockDatabaseConnection::new(recorder));
    (DatabaseConnectionType::MockDatabaseConnection(mock).into(), log)
}

/// A connection that writes down what it is told and changes nothing.
#[derive(Debug)]
struct Recorder {
    backend: DbBackend,
    log: Log,
}

impl MockDatabaseTrait for Recorder {
    fn execute(&mut self, _: usize, statement: Statement) -> std::result::Result<ExecResult, DbErr> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(statement.to_string().trim_end_matches(';').to_owned());
        // A result can only be made by SeaORM's own mock, so one is asked for a single answer.
        let result = MockExecResult { last_insert_id: 0, rows_affected: 1 };
        MockDatabaseTrait::execute(&mut MockDatabase::new(self.backend).append_exec_results([result]), 0, statement)
    }

    fn query(&mut self, _: usize, statement: Statement) -> std::result::Result<Vec<QueryResult>, DbErr> {
        Err(DbErr::Custom(format!("it asks the database: {statement}")))
    }

    fn begin(&mut self) {}

    fn commit(&mut self) {}

    fn rollback(&mut self) {}

    fn drain_transaction_log(&mut self) -> Vec<Transaction> {
        Vec::new()
    }

    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    fn ping(&self) -> std::result::Result<(), DbErr> {
        Ok(())
    }
}

/// Whether the migration wants no transaction around it.
pub(super) fn wants_no_transaction(migration: &dyn MigrationTrait) -> bool {
    migration.use_transaction() == Some(false)
}

/// What an adopted migration that runs without a transaction means for a run that dies in it.
pub(super) fn half_done(version: &str) -> Error {
    Error::failed(format!("{version} was begun without a transaction and did not come to its end"))
        .hint("look at what it has done, put that right, then `stamp` the revision that describes the database")
}
