//! The runner: reads what is applied, plans, takes the lock, walks the steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sea_orm::sqlx::sqlite::SqlitePoolOptions;
use sea_orm::{DatabaseConnection, DbBackend, SqlxSqliteConnector};

use super::database_error::{connect, is_busy, is_overdue, is_passing};
use super::goal::{Goal, plan};
use super::lock::{Lock, not_obtained};
use super::options::{Event, Options, back_off};
use super::session::Session;
use super::step::{Job, Outcome};
use super::version_table::{self, State};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::history::History;
use crate::revision::{Direction, Node, NodeSet, Step};

/// What a run has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Steps done, in their order, with the time each took.
    pub done: Vec<(Node, Direction, Duration)>,
    /// Steps that another runner had done meanwhile.
    pub skipped: usize,
}

/// Runs the migrations of a history on one database.
///
/// ```no_run
/// # async fn example(history: albedo_migrate::History) -> albedo_migrate::Result<()> {
/// use albedo_migrate::run::{Goal, Options, Runner};
///
/// let mut runner = Runner::connect(&history, "sqlite://shop.db?mode=rwc", Options::default()).await?;
/// let report = runner.run(&Goal::latest(), |_| {}).await?;
/// println!("{} revisions applied", report.done.len());
/// # Ok(())
/// # }
/// ```
pub struct Runner<'h> {
    pub(super) history: &'h History,
    pub(super) connection: DatabaseConnection,
    pub(super) dialect: Dialect,
    pub(super) options: Options,
    stop: Arc<AtomicBool>,
}

impl<'h> Runner<'h> {
    /// Connects, trying again while the server is starting.
    ///
    /// # Errors
    /// When the database stays out of reach.
    pub async fn connect(history: &'h History, url: &str, options: Options) -> Result<Self> {
        let connection = connect(url, &options).await?;
        Self::on(history, &connection, options)
    }

    /// Runs on a connection that is there. A SQLite pool of several connections is not used itself: a connection of its
    /// own is opened beside it, since what is set on a connection has to stay set.
    ///
    /// # Errors
    /// When the connection is to a database the engine does not speak to.
    pub fn on(history: &'h History, connection: &DatabaseConnection, options: Options) -> Result<Self> {
        let (dialect, connection) = alone(connection)?;
        Ok(Self { history, connection, dialect, options, stop: Arc::default() })
    }

    /// The database's dialect.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The connection statements go to.
    #[must_use]
    pub const fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Set to `true` from elsewhere, it ends the run cleanly before the next step.
    #[must_use]
    pub fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// What the database remembers.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn state(&self) -> Result<State> {
        State::read(&self.connection, self.dialect).await
    }

    /// The steps that would be run. Nothing is changed.
    ///
    /// # Errors
    /// When the goal makes no sense, or database and history do not fit each other.
    pub async fn plan(&self, goal: &Goal) -> Result<Vec<Step>> {
        plan(self.history, &self.state().await?, goal)
    }

    /// Goes there.
    ///
    /// # Errors
    /// When the goal makes no sense, the lock is not obtained, or a step fails; what the steps before it did is kept.
    pub async fn run(&mut self, goal: &Goal, mut tell: impl FnMut(Event) + Send) -> Result<Report> {
        self.run_told(goal, &mut tell).await
    }

    async fn run_told(&mut self, goal: &Goal, tell: &mut (dyn FnMut(Event) + Send)) -> Result<Report> {
        // A database that is up to date is only read: no lock, no DDL, no rights beyond SELECT.
        if plan(self.history, &self.state().await?, goal)?.is_empty() {
            return Ok(Report::default());
        }
        let lock = self.lock(tell).await?;
        let report = self.walk(goal, tell).await;
        if let Some(lock) = lock {
            lock.release().await;
        }
        report
    }

    pub(super) async fn lock(&self, tell: &mut (dyn FnMut(Event) + Send)) -> Result<Option<Lock>> {
        Ok(match self.dialect {
            Dialect::Postgres => Some(Lock::postgres(&self.connection, &self.options, tell).await?),
            Dialect::Sqlite => None,
        })
    }

    async fn walk(&self, goal: &Goal, tell: &mut (dyn FnMut(Event) + Send)) -> Result<Report> {
        let mut session = Session::online(self.connection.clone(), self.dialect, self.options.limits());
        self.install(&mut session, tell).await?;
        let state = self.state().await?;
        let steps = plan(self.history, &state, goal)?;
        let mut applied = state.applied(self.history)?;
        let names = state.names(self.history.graph());
        let mut report = Report::default();
        for step in steps {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Error::failed(format!("stopped as asked, after {} revisions", report.done.len()))
                    .hint("the database is whole; `migrate` goes on from here"));
            }
            let revision = self.history.graph().revision(step.node);
            // What the table calls the revision: the stem; for what is taken back, what that was when it was applied.
            let rows = match step.direction {
                Direction::Up => None,
                Direction::Down => names.get(&step.node).cloned(),
            };
            let rows = rows.unwrap_or_else(|| vec![revision.stem.clone()]);
            let (id, message, direction) = (revision.id.clone(), revision.message.clone(), step.direction);
            tell(Event::Started { id: id.clone(), message: message.clone(), direction });
            match self.step(&mut session, step, rows, &applied, tell).await {
                Ok(Outcome::Done(took)) => {
                    tell(Event::Finished { id, message, direction, took });
                    report.done.push((step.node, direction, took));
                }
                Ok(Outcome::Skipped) => {
                    tell(Event::Skipped { id });
                    report.skipped += 1;
                }
                Err(error) => return Err(self.failed(error, step)),
            }
            match direction {
                Direction::Up => {
                    applied.insert(step.node);
                }
                Direction::Down => applied.remove(step.node),
            }
        }
        Ok(report)
    }

    /// Makes the version tables where they are missing.
    pub(super) async fn install(&self, session: &mut Session<'_>, tell: &mut (dyn FnMut(Event) + Send)) -> Result<()> {
        let state = self.state().await?;
        if state.has_versions && state.has_details {
            return Ok(());
        }
        let statements = version_table::install(self.dialect);
        self.patiently(session, "the version tables", tell, Work::Statements(&statements)).await.map(|_| ())
    }

    async fn step(
        &self,
        session: &mut Session<'_>,
        step: Step,
        rows: Vec<String>,
        applied: &NodeSet,
        tell: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Outcome> {
        let revision = self.history.graph().revision(step.node);
        let job = Job { history: self.history, step, rows, applied, writes_row: true };
        let held = if job.is_loose() { self.file_lock(tell).await? } else { None };
        let outcome = self.patiently(session, &revision.id, tell, Work::Step(&job)).await;
        drop(held);
        outcome
    }

    /// A step without a transaction is not guarded by BEGIN IMMEDIATE.
    async fn file_lock(&self, tell: &mut (dyn FnMut(Event) + Send)) -> Result<Option<Lock>> {
        if self.dialect != Dialect::Sqlite {
            return Ok(None);
        }
        let session = Session::online(self.connection.clone(), self.dialect, self.options.limits());
        let row = session.query("SELECT file FROM pragma_database_list WHERE name = 'main'").await?.into_iter().next();
        let file = row.and_then(|row| row.try_get_by_index::<String>(0).ok()).unwrap_or_default();
        if file.is_empty() { Ok(None) } else { Lock::file(&file, &self.options, tell).await.map(Some) }
    }

    /// Tries again what somebody else's lock stood in the way of.
    pub(super) async fn patiently(
        &self,
        session: &mut Session<'_>,
        id: &str,
        tell: &mut (dyn FnMut(Event) + Send),
        work: Work<'_>,
    ) -> Result<Outcome> {
        let give_up = Instant::now() + self.options.lock_wait;
        let mut attempt = 0;
        loop {
            let error = match work.run(session).await {
                Ok(outcome) => return Ok(outcome),
                Err(error) => error,
            };
            // A rollback that fails leaves nothing to be told beside the first error.
            let _ = session.rollback().await;
            if is_busy(&error) {
                let wait = back_off(attempt, Duration::from_millis(10), Duration::from_millis(300));
                if Instant::now() + wait >= give_up {
                    return Err(not_obtained("another writer", &self.options).because(error));
                }
                if attempt == 0 {
                    tell(Event::Waiting { holder: "another writer".to_owned() });
                }
                tokio::time::sleep(wait).await;
            } else if is_passing(&error) && attempt + 1 < self.options.attempts {
                let after = back_off(attempt, Duration::from_millis(200), Duration::from_secs(10));
                tell(Event::Again { id: id.to_owned(), reason: error.message().to_owned(), after });
                tokio::time::sleep(after).await;
            } else {
                return Err(error);
            }
            attempt += 1;
        }
    }

    fn failed(&self, error: Error, step: Step) -> Error {
        let revision = self.history.graph().revision(step.node);
        let hint = match error.hint_text() {
            Some(hint) => hint.to_owned(),
            None if is_passing(&error) => {
                "somebody uses the table for long: find out who, or raise --lock-timeout".to_owned()
            }
            None if is_overdue(&error) => {
                "one statement took longer than it may: raise timeouts.statement in migrate.toml, or pass --statement-timeout".to_owned()
            }
            None => format!("nothing of this revision was kept; mend {}.rs and run the command again", revision.stem),
        };
        error.on_revision(format!("{} ({}), {}", revision.id, revision.message, step.direction.word())).hint(hint)
    }
}

/// What may have to be tried more than once.
pub(super) enum Work<'w> {
    Step(&'w Job<'w>),
    /// All of them in one transaction.
    Statements(&'w [String]),
}

impl Work<'_> {
    async fn run(&self, session: &mut Session<'_>) -> Result<Outcome> {
        let statements = match self {
            Self::Step(job) => return job.run(session).await,
            Self::Statements(statements) => statements,
        };
        let begun = Instant::now();
        session.begin(false).await?;
        for sql in *statements {
            session.execute(sql).await?;
        }
        session.commit().await?;
        Ok(Outcome::Done(begun.elapsed()))
    }
}

/// The connection by itself, and what it speaks.
pub(super) fn alone(connection: &DatabaseConnection) -> Result<(Dialect, DatabaseConnection)> {
    match connection.get_database_backend() {
        DbBackend::Postgres => Ok((Dialect::Postgres, connection.clone())),
        DbBackend::Sqlite => {
            let pool = connection.get_sqlite_connection_pool();
            if pool.options().get_max_connections() == 1 {
                return Ok((Dialect::Sqlite, connection.clone()));
            }
            let settings = pool.connect_options().as_ref().clone();
            let own = SqlitePoolOptions::new()
                .max_connections(1)
                .idle_timeout(None)
                .max_lifetime(None)
                .connect_lazy_with(settings);
            Ok((Dialect::Sqlite, SqlxSqliteConnector::from_sqlx_sqlite_pool(own)))
        }
        other => Err(Error::usage(format!("the engine does not speak to {other:?}"))),
    }
}
