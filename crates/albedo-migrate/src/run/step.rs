//! One revision, one way: its operations, its row in the version table, and nothing in between that could be half done.

use std::time::{Duration, Instant};

use super::adopt;
use super::perform::Performer;
use super::session::Session;
use super::version_table;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::history::{Body, History};
use crate::operation::{Operation, Operations};
use crate::revision::{Direction, NodeSet, Step};
use crate::schema::Schema;
use crate::sql::rebuild::{GUARD_AFTER, GUARD_BEFORE};
use crate::sql::{definition, postgres, sqlite};

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done(Duration),
    /// Another runner had done it.
    Skipped,
}

/// Everything a step needs to know.
pub(super) struct Job<'j> {
    pub(super) history: &'j History,
    pub(super) step: Step,
    /// What the version table calls it: the file stem, or what that was; several rows for what was squashed.
    pub(super) rows: Vec<String>,
    pub(super) applied: &'j NodeSet,
    /// Whether the row is written here; SeaORM's own runner writes it itself.
    pub(super) writes_row: bool,
}

impl Job<'_> {
    fn operations(&self) -> Option<Operations> {
        self.history.operations(self.step.node, self.step.direction)
    }

    /// Whether the step runs without one transaction around it.
    pub(super) fn is_loose(&self) -> bool {
        match (self.operations(), self.history.body(self.step.node)) {
            (Some(operations), _) => !operations.is_transactional(),
            (None, Ok(Body::Old(old))) => adopt::wants_no_transaction(old.as_ref()),
            _ => false,
        }
    }

    /// Whether the step rebuilds a SQLite table.
    pub(super) fn rebuilds(&self) -> bool {
        self.operations().is_some_and(|operations| operations.list().iter().any(sqlite::rebuilds))
    }

    /// Refuses what must not begin at all.
    pub(super) fn check(&self, dialect: Dialect) -> Result<()> {
        let Some(operations) = self.operations() else { return Ok(()) };
        for operation in operations.list() {
            if let Operation::Irreversible { reason } = operation {
                return Err(definition::irreversible(reason).on_operation(operation.to_string()));
            }
            if operations.is_transactional() && dialect == Dialect::Postgres && postgres::refuses_transaction(operation)
            {
                return Err(Error::usage("PostgreSQL does not do this inside a transaction")
                    .on_operation(operation.to_string())
                    .hint("begin the function with `op.transactional(false);`"));
            }
        }
        Ok(())
    }

    /// The row that is looked for, and written.
    fn version(&self) -> &str {
        self.rows.last().map_or("", String::as_str)
    }

    fn checksum(&self) -> String {
        self.history.checksum(self.step.node)
    }

    fn row(&self, dialect: Dialect, took: Option<Duration>) -> Vec<String> {
        match (self.writes_row, self.step.direction) {
            (false, _) => Vec::new(),
            (true, Direction::Up) => {
                version_table::insert(dialect, self.version(), &self.checksum(), took.map(|took| took.as_millis()))
            }
            (true, Direction::Down) => {
                self.rows.iter().flat_map(|version| version_table::delete(dialect, version)).collect()
            }
        }
    }

    /// Runs the step.
    pub(super) async fn run(&self, session: &mut Session<'_>) -> Result<Outcome> {
        self.check(session.dialect)?;
        let outcome = if self.is_loose() { self.run_loose(session).await } else { self.run_whole(session).await };
        if outcome.is_err() {
            // What the rollback says is of no use beside the error that led to it.
            let _ = session.rollback().await;
        }
        outcome
    }

    async fn run_whole(&self, session: &mut Session<'_>) -> Result<Outcome> {
        let begun = Instant::now();
        let guarded = self.rebuilds() && session.dialect == Dialect::Sqlite;
        session.begin(guarded).await?;
        session.wait_for_orphan().await?;
        if self.is_done_elsewhere(session).await? {
            session.rollback().await?;
            return Ok(Outcome::Skipped);
        }
        if guarded {
            for sql in GUARD_BEFORE {
                session.execute(sql).await?;
            }
        }
        self.body(session).await?;
        if guarded {
            for sql in GUARD_AFTER {
                session.execute(sql).await.map_err(|error| error.on_operation("look at the rebuilt tables").hint(
                    "a view or trigger names something that is gone, or a row names a parent that is not there; drop or mend it in the same revision",
                ))?;
            }
        }
        let took = (!session.is_script()).then(|| begun.elapsed());
        for sql in self.row(session.dialect, took) {
            session.execute(&sql).await?;
        }
        session.commit().await?;
        Ok(Outcome::Done(begun.elapsed()))
    }

    async fn is_done_elsewhere(&self, session: &Session<'_>) -> Result<bool> {
        if session.is_script() || !self.writes_row {
            return Ok(false);
        }
        let sql = format!(
            "SELECT 1 FROM {} WHERE version = {}",
            version_table::VERSIONS,
            session.dialect.text(self.version())
        );
        let there = !session.query(&sql).await?.is_empty();
        Ok(there == (self.step.direction == Direction::Up))
    }

    pub(super) async fn body(&self, session: &mut Session<'_>) -> Result<()> {
        match self.history.body(self.step.node)? {
            Body::Old(old) => adopt::run(session, old.as_ref(), self.step.direction).await,
            Body::Value(_) | Body::Listed(_) => {
                let operations = self.operations().unwrap_or_default();
                let mut performer = self.performer(&operations);
                for operation in operations.list() {
                    performer.perform(session, operation).await?;
                }
                performer.flush(session).await
            }
        }
    }

    fn performer(&self, operations: &Operations) -> Performer {
        // Only one operation needs to know the tables; folding the whole history for every step would be waste.
        let asks = |operation: &Operation| matches!(operation, Operation::RenameEnumValue { .. });
        let schema = if operations.list().iter().any(asks) { self.history.schema(self.applied) } else { Schema::new() };
        Performer { schema, pending: Vec::new() }
    }

    /// Operation by operation, each kept as soon as it is done, with a mark that says how far it has come.
    async fn run_loose(&self, session: &mut Session<'_>) -> Result<Outcome> {
        let begun = Instant::now();
        if self.is_done_elsewhere(session).await? {
            return Ok(Outcome::Skipped);
        }
        // Asked of the database each time: this step may be tried again after a table was in use.
        let progress = self.progress(session).await?;
        let resumed = progress.is_some();
        if !resumed {
            self.mark(session, 0).await?;
        }
        match self.history.body(self.step.node)? {
            Body::Old(_) if resumed => return Err(adopt::half_done(self.version())),
            Body::Old(old) => adopt::run(session, old.as_ref(), self.step.direction).await?,
            Body::Value(_) | Body::Listed(_) => {
                let operations = self.operations().unwrap_or_default();
                let done = progress.unwrap_or(0);
                let mut performer = self.performer(&operations);
                for operation in operations.list().iter().take(done) {
                    performer.skip(operation);
                }
                for (index, operation) in operations.list().iter().enumerate().skip(done) {
                    let again = resumed && index == done;
                    self.one(session, &mut performer, operation, index, again).await.map_err(|error| {
                        error.hint(format!("{index} operations of this revision are done and kept; mend the rest and run `migrate` again"))
                    })?;
                }
            }
        }
        let took = (!session.is_script()).then(|| begun.elapsed());
        session.begin(false).await?;
        for sql in self.row(session.dialect, took) {
            session.execute(&sql).await?;
        }
        session.commit().await?;
        Ok(Outcome::Done(begun.elapsed()))
    }

    async fn one(
        &self,
        session: &mut Session<'_>,
        performer: &mut Performer,
        operation: &Operation,
        index: usize,
        again: bool,
    ) -> Result<()> {
        let refused = session.dialect == Dialect::Postgres && postgres::refuses_transaction(operation);
        let alone = refused || matches!(operation, Operation::Execute(_));
        if alone {
            if !(again && self.is_index_done(session, operation).await?) {
                performer.perform(session, operation).await?;
            }
            return self.mark(session, index + 1).await;
        }
        let guarded = session.dialect == Dialect::Sqlite && sqlite::rebuilds(operation);
        session.begin(guarded).await?;
        session.wait_for_orphan().await?;
        if again && self.progress(session).await?.is_some_and(|done| done > index) {
            return session.rollback().await;
        }
        if guarded {
            for sql in GUARD_BEFORE {
                session.execute(sql).await?;
            }
        }
        performer.perform(session, operation).await?;
        performer.flush(session).await?;
        if guarded {
            for sql in GUARD_AFTER {
                session.execute(sql).await?;
            }
        }
        self.mark(session, index + 1).await?;
        session.commit().await
    }

    async fn mark(&self, session: &mut Session<'_>, done: usize) -> Result<()> {
        if !self.writes_row {
            return Ok(());
        }
        session
            .execute(&version_table::mark(session.dialect, self.version(), &self.checksum(), self.step.direction, done))
            .await
    }

    /// How many operations an earlier try of this step has done; none when there was no earlier try.
    async fn progress(&self, session: &Session<'_>) -> Result<Option<usize>> {
        if session.is_script() || !self.writes_row {
            return Ok(None);
        }
        let version = session.dialect.text(self.version());
        let sql = format!("SELECT dirty FROM {} WHERE version = {version}", version_table::DETAILS);
        let mark = session.query(&sql).await?.first().and_then(|row| row.try_get_by_index::<String>(0).ok());
        let parts = mark.as_deref().and_then(|mark| mark.split_once(' '));
        let mine = parts.filter(|(direction, _)| *direction == self.step.direction.word());
        Ok(mine.and_then(|(_, done)| done.parse().ok()))
    }

    /// After a death inside CREATE INDEX CONCURRENTLY the index is either whole, or there and of no use.
    async fn is_index_done(&self, session: &mut Session<'_>, operation: &Operation) -> Result<bool> {
        let (name, creates) = match operation {
            Operation::CreateIndex { index, .. } => (&index.name, true),
            Operation::DropIndex { name, .. } => (name, false),
            _ => return Ok(false),
        };
        let quoted = session.dialect.quote(name);
        let sql = format!(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass({})",
            session.dialect.text(&quoted)
        );
        let valid = session.query(&sql).await?.first().and_then(|row| row.try_get_by_index::<bool>(0).ok());
        match (creates, valid) {
            (true, Some(true)) => Ok(true),
            // IF EXISTS, since the server may still be busy with what the dead runner had asked for.
            (true, Some(false)) => {
                session.execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {quoted}")).await?;
                Ok(false)
            }
            (false, _) => {
                session.execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {quoted}")).await?;
                Ok(true)
            }
            (true, None) => Ok(false),
        }
    }
}
