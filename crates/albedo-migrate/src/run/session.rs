//! Where statements go: to a connection, onto the pages of a script, or both.
//!
//! A script for SQLite is written while a database in memory goes along, since a rebuild edits the text that is stored
//! there. So online and offline walk the same code, and differ in this file alone.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend, DbErr, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use super::database_error::refused;
use super::options::Limits;
use super::shadow::in_memory;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::inspect::sqlite::stored;
use crate::operation::OnlineFunction;
use crate::schema::stored::Stored;

/// One conversation with a database, or with a script.
pub(super) struct Session<'c> {
    pub(super) dialect: Dialect,
    live: Option<DatabaseConnection>,
    /// Somebody else's transaction, which is neither begun nor ended here.
    borrowed: Option<&'c DatabaseExecutor<'c>>,
    transaction: Option<DatabaseTransaction>,
    page: Option<String>,
    is_script: bool,
    limits: Option<Limits>,
    /// Whether foreign keys go on again after this transaction.
    enforce_again: bool,
}

impl<'c> Session<'c> {
    /// Statements go to this connection, which has to be the only one of its pool.
    pub(super) fn online(live: DatabaseConnection, dialect: Dialect, limits: Limits) -> Self {
        Self {
            dialect,
            live: Some(live),
            borrowed: None,
            transaction: None,
            page: None,
            is_script: false,
            limits: Some(limits),
            enforce_again: false,
        }
    }

    /// Statements go into somebody else's transaction.
    pub(super) fn within(executor: &'c DatabaseExecutor<'c>, dialect: Dialect) -> Self {
        Self {
            dialect,
            live: None,
            borrowed: Some(executor),
            transaction: None,
            page: None,
            is_script: false,
            limits: None,
            enforce_again: false,
        }
    }

    /// Statements go onto pages; for SQLite with a database in memory beside them.
    pub(super) async fn script(dialect: Dialect, limits: Limits) -> Result<Self> {
        let live = match dialect {
            Dialect::Sqlite => Some(in_memory().await?),
            Dialect::Postgres => None,
        };
        Ok(Self {
            dialect,
            live,
            borrowed: None,
            transaction: None,
            page: None,
            is_script: true,
            limits: Some(limits),
            enforce_again: false,
        })
    }

    /// Begins to write statements down.
    pub(super) fn record(&mut self) {
        self.page = Some(String::new());
    }

    /// What has been written down.
    pub(super) fn written(&mut self) -> String {
        self.page.take().unwrap_or_default()
    }

    pub(super) const fn is_script(&self) -> bool {
        self.is_script
    }

    fn write(&mut self, line: &str) {
        if let Some(page) = &mut self.page {
            page.push_str(line);
            page.push('\n');
        }
    }

    /// A line for the reader of a script.
    pub(super) fn remark(&mut self, text: &str) {
        for line in text.lines() {
            self.write(&format!("-- {line}"));
        }
    }

    /// A line of the script that no database sees.
    pub(super) fn write_only(&mut self, line: &str) {
        self.write(line);
    }

    /// Begins a transaction. One that rebuilds tables needs foreign keys off, which SQLite only heeds outside of one.
    pub(super) async fn begin(&mut self, rebuilds: bool) -> Result<()> {
        let off = rebuilds && self.dialect == Dialect::Sqlite;
        if off {
            self.enforce_again = self.is_script || self.number("PRAGMA foreign_keys").await? == 1;
            self.execute("PRAGMA foreign_keys = OFF").await?;
        }
        let begun = self.begin_transaction().await;
        if begun.is_err() {
            self.enforce().await?;
        }
        begun?;
        if off && self.number("PRAGMA foreign_keys").await? != 0 {
            self.rollback().await?;
            return Err(Error::failed(
                "foreign keys could not be switched off, and rebuilding a table would follow them",
            )
            .hint("give the runner a connection of its own, outside of any transaction"));
        }
        if let (Dialect::Postgres, Some(limits)) = (self.dialect, self.limits) {
            self.execute(&format!("SET LOCAL lock_timeout = '{}ms'", limits.lock.as_millis())).await?;
        }
        Ok(())
    }

    /// Waits for the transaction of a runner that was killed. Its lock went with one connection, while the server may
    /// still be busy with the last statement of the other; whoever looks at the version table before that is done sees
    /// the past.
    pub(super) async fn wait_for_orphan(&mut self) -> Result<()> {
        if self.dialect == Dialect::Postgres && !self.is_script && self.transaction.is_some() {
            let key = "hashtextextended('seaql_migrations step of ' || coalesce(current_schema(), ''), 0)";
            self.query(&format!("SELECT 1 FROM pg_advisory_xact_lock({key})")).await?;
        }
        // Only now: waiting for that transaction is no fault of a statement.
        if let (Dialect::Postgres, Some(Limits { statement: Some(statement), .. })) = (self.dialect, self.limits) {
            self.execute(&format!("SET LOCAL statement_timeout = '{}ms'", statement.as_millis())).await?;
        }
        Ok(())
    }

    async fn begin_transaction(&mut self) -> Result<()> {
        let word = if self.dialect == Dialect::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
        self.write(&format!("{word};"));
        if let Some(live) = &self.live {
            let immediate = (self.dialect == Dialect::Sqlite).then_some(SqliteTransactionMode::Immediate);
            let options = TransactionOptions { sqlite_transaction_mode: immediate, ..TransactionOptions::default() };
            self.transaction = Some(live.begin_with_options(options).await.map_err(|error| refused(error, word))?);
        }
        Ok(())
    }

    pub(super) async fn commit(&mut self) -> Result<()> {
        self.write("COMMIT;");
        if let Some(transaction) = self.transaction.take() {
            transaction.commit().await.map_err(|error| refused(error, "COMMIT"))?;
        }
        self.enforce().await
    }

    pub(super) async fn rollback(&mut self) -> Result<()> {
        if let Some(transaction) = self.transaction.take() {
            transaction.rollback().await.map_err(|error| refused(error, "ROLLBACK"))?;
        }
        self.enforce().await
    }

    async fn enforce(&mut self) -> Result<()> {
        if std::mem::take(&mut self.enforce_again) {
            self.execute("PRAGMA foreign_keys = ON").await?;
        }
        Ok(())
    }

    /// Runs a statement, or writes it down.
    pub(super) async fn execute(&mut self, sql: &str) -> Result<()> {
        // A remark at the end of raw SQL would swallow a semicolon on the same line.
        let end = if sql.lines().last().is_some_and(|line| line.contains("--")) { "\n;" } else { ";" };
        self.write(&format!("{sql}{end}"));
        let run = match self.executor() {
            Some(executor) => executor.execute_unprepared(sql).await.map(|_| ()),
            None => Ok(()),
        };
        run.map_err(|error| refused(error, sql))
    }

    /// Asks the database; a script without one knows no answer.
    pub(super) async fn query(&self, sql: &str) -> Result<Vec<QueryResult>> {
        let backend = match self.dialect {
            Dialect::Sqlite => DbBackend::Sqlite,
            Dialect::Postgres => DbBackend::Postgres,
        };
        match self.executor() {
            Some(executor) => {
                executor.query_all_raw(Statement::from_string(backend, sql)).await.map_err(|error| refused(error, sql))
            }
            None => Ok(Vec::new()),
        }
    }

    async fn number(&self, sql: &str) -> Result<i64> {
        let row = self.query(sql).await?.into_iter().next();
        let number = row.map(|row| row.try_get_by_index::<i32>(0)).transpose();
        Ok(number.map_err(|error| refused(error, sql))?.map_or(0, i64::from))
    }

    /// What SQLite has stored.
    pub(super) async fn stored(&self) -> Result<Stored> {
        match self.executor() {
            Some(executor) => stored(&executor).await,
            None => Ok(Stored::default()),
        }
    }

    /// What functions work on: the transaction while there is one.
    pub(super) fn executor(&self) -> Option<DatabaseExecutor<'_>> {
        match (&self.transaction, &self.live, self.borrowed) {
            (Some(transaction), ..) => Some(DatabaseExecutor::Transaction(transaction)),
            (None, Some(live), _) => Some(DatabaseExecutor::Connection(live)),
            (None, None, Some(DatabaseExecutor::Connection(connection))) => {
                Some(DatabaseExecutor::Connection(connection))
            }
            (None, None, Some(DatabaseExecutor::Transaction(transaction))) => {
                Some(DatabaseExecutor::Transaction(transaction))
            }
            (None, None, Some(DatabaseExecutor::OwnedTransaction(transaction))) => {
                Some(DatabaseExecutor::Transaction(transaction))
            }
            (None, None, None) => None,
        }
    }

    /// Runs a data step written in Rust; in a script a remark stands in its place.
    pub(super) async fn online_function(&mut self, function: &OnlineFunction) -> Result<()> {
        if self.is_script {
            self.remark(&format!(
                "NOT IN THIS SCRIPT: the data step `{}` is a function and runs online only",
                function.name
            ));
            return Ok(());
        }
        let done: std::result::Result<(), DbErr> = match self.executor() {
            Some(executor) => (function.run)(&executor).await,
            None => Ok(()),
        };
        done.map_err(|error| refused(error, &format!("-- inside the function `{}`", function.name)))
    }
}
