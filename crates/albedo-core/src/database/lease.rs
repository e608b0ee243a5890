//! One connection, taken from its pool for a statement or a transaction.
//!
//! A connection to a server goes back only when what it was asked has been answered to the end. One whose statement was
//! given up (its client went away, its time was up) or broke is closed instead: it would keep its place in the pool for as
//! long as the statement runs, or as a silent network likes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use deadpool::managed::{Manager, Object};
use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Connection, Executor, IntoArguments, Postgres, Sqlite, query::Query};

use super::{
    postgres::{PostgresLink, PostgresOpener},
    sqlite::SqliteOpener,
};

/// Opens connections of one database, for a pool.
pub(super) trait Opener: Manager {
    /// Whether a connection whose statement was given up is closed.
    const CLOSES_GIVEN_UP: bool;

    /// Ends a connection in order.
    async fn close(connection: Self::Type);
}

/// A connection of either database.
pub(super) enum Held {
    Sqlite(Lease<SqliteOpener>),
    Postgres(Lease<PostgresOpener>),
}

impl Held {
    pub(super) async fn one(&mut self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let row = match self {
            Self::Sqlite(lease) => {
                let row = query::<Sqlite>(statement).fetch_optional(lease.begin()).await;
                lease.end(row).map(|row| row.map(QueryResult::from))
            }
            Self::Postgres(lease) => {
                let PostgresLink { own, process, pulse } = lease.begin();
                let row = pulse.watch(*process, query::<Postgres>(statement).fetch_optional(own)).await;
                lease.end(row).map(|row| row.map(QueryResult::from))
            }
        };
        row.map_err(query_error)
    }

    pub(super) async fn all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = match self {
            Self::Sqlite(lease) => {
                let rows = query::<Sqlite>(statement).fetch_all(lease.begin()).await;
                lease.end(rows).map(|rows| rows.into_iter().map(QueryResult::from).collect())
            }
            Self::Postgres(lease) => {
                let PostgresLink { own, process, pulse } = lease.begin();
                let rows = pulse.watch(*process, query::<Postgres>(statement).fetch_all(own)).await;
                lease.end(rows).map(|rows| rows.into_iter().map(QueryResult::from).collect())
            }
        };
        rows.map_err(query_error)
    }

    pub(super) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let done = match self {
            Self::Sqlite(lease) => {
                let done = query::<Sqlite>(statement).execute(lease.begin()).await;
                lease.end(done).map(ExecResult::from)
            }
            Self::Postgres(lease) => {
                let PostgresLink { own, process, pulse } = lease.begin();
                let done = pulse.watch(*process, query::<Postgres>(statement).execute(own)).await;
                lease.end(done).map(ExecResult::from)
            }
        };
        done.map_err(execution_error)
    }

    /// One statement or several, without values and unprepared.
    pub(super) async fn run(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let done = match self {
            Self::Sqlite(lease) => {
                let done = lease.begin().execute(AssertSqlSafe(sql)).await;
                lease.end(done).map(ExecResult::from)
            }
            Self::Postgres(lease) => {
                let PostgresLink { own, process, pulse } = lease.begin();
                let done = pulse.watch(*process, own.execute(AssertSqlSafe(sql))).await;
                lease.end(done).map(ExecResult::from)
            }
        };
        done.map_err(execution_error)
    }

    /// Closes the connection instead of giving it back.
    pub(super) fn close(self) {
        match self {
            Self::Sqlite(mut lease) => lease.answered = false,
            Self::Postgres(mut lease) => lease.answered = false,
        }
    }

    pub(super) async fn ping(&mut self) -> Result<(), DbErr> {
        let answer = match self {
            Self::Sqlite(lease) => {
                let answer = lease.begin().ping().await;
                lease.end(answer)
            }
            Self::Postgres(lease) => {
                let answer = lease.begin().own.ping().await;
                lease.end(answer)
            }
        };
        answer.map_err(query_error)
    }
}

/// A connection of one database.
pub(super) struct Lease<M: Opener> {
    // Gone only in `drop`.
    connection: Option<Object<M>>,
    answered: bool,
    /// Whether it is closed whatever it answers from here on, as to the rollback of what has failed.
    is_spent: bool,
    /// All that its pool has sent.
    statements: Arc<AtomicU64>,
}

impl<M: Opener> Lease<M> {
    pub(super) fn of(connection: Object<M>, statements: Arc<AtomicU64>) -> Self {
        Self { connection: Some(connection), answered: true, is_spent: false, statements }
    }

    /// The connection, which from here on owes an answer.
    #[expect(clippy::expect_used, reason = "only `drop` empties the lease")]
    fn begin(&mut self) -> &mut M::Type {
        self.answered = !M::CLOSES_GIVEN_UP;
        self.statements.fetch_add(1, Relaxed);
        self.connection.as_mut().expect("a lease holds its connection until it is dropped")
    }

    /// The answer has come.
    fn end<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        self.answered = match &answer {
            Ok(_) => true,
            Err(sqlx::Error::Database(told)) => {
                self.is_spent |= told.code().is_some_and(|code| ends_connection(&code));
                true
            }
            Err(_) => !M::CLOSES_GIVEN_UP,
        };
        answer
    }
}

impl<M: Opener> Drop for Lease<M> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && (self.is_spent || !self.answered)
        {
            // Closed: the pool has room for a new one at once.
            drop(Object::take(connection));
        }
    }
}

/// PostgreSQL's codes after which the server hangs up: connection faults, shutdown by an operator or a crash, and too long a
/// pause in a transaction. And one after which we do: a server that only reads was the primary once, and the next connection
/// leads to the one that is.
fn ends_connection(code: &str) -> bool {
    code.len() == 5 && (code.starts_with("08") || code.starts_with("57P")) || matches!(code, "25P03" | "25006")
}

fn query<'q, DB>(statement: Statement) -> Query<'q, DB, SqlxValues>
where
    DB: sqlx::Database,
    SqlxValues: IntoArguments<DB>,
{
    let values = statement.values.unwrap_or_else(|| sea_orm::sea_query::Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn execution_error(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}
