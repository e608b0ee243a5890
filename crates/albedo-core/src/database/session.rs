//! Where a statement runs: on any free connection, on a replica where that shows enough, or inside a transaction.

use std::future::Future;
use std::pin::Pin;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::{Connections, Reader, Transaction};

/// One of these, borrowed; who runs statements need not know which.
#[derive(Clone, Copy, Debug)]
pub enum Session<'s> {
    /// Each statement on whichever connection is free.
    Connections(&'s Connections),
    /// All of one read where it was decided to run; what writes goes to the primary.
    Reader(&'s Reader<'s>),
    /// All of them in one transaction.
    Transaction(&'s Transaction),
}

impl From<&Self> for Session<'_> {
    fn from(session: &Self) -> Self {
        *session
    }
}

impl<'s> From<&'s Connections> for Session<'s> {
    fn from(connections: &'s Connections) -> Self {
        Self::Connections(connections)
    }
}

impl<'s> From<&'s Reader<'s>> for Session<'s> {
    fn from(reader: &'s Reader<'s>) -> Self {
        Self::Reader(reader)
    }
}

impl<'s> From<&'s Transaction> for Session<'s> {
    fn from(transaction: &'s Transaction) -> Self {
        Self::Transaction(transaction)
    }
}

impl Session<'_> {
    /// Remembers what is written so far, for [`Session::back`], and nothing that was remembered before; in a transaction
    /// alone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn mark(&self) -> Result<(), DbErr> {
        match self {
            Self::Transaction(transaction) => transaction.mark().await,
            _ => self.execute_unprepared("SAVEPOINT mark").await.map(drop),
        }
    }

    /// Undoes what was written since the last [`Session::mark`]. On PostgreSQL nothing else can be done in a transaction
    /// after a statement that was refused.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn back(&self) -> Result<(), DbErr> {
        self.execute_unprepared("ROLLBACK TO SAVEPOINT mark").await.map(drop)
    }
}

/// What a statement will have come to.
type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbErr>> + Send + 'a>>;

// Without `async_trait`, so that what is handed on is not boxed a second time.
impl ConnectionTrait for Session<'_> {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Connections(connections) => connections.get_database_backend(),
            Self::Reader(reader) => reader.get_database_backend(),
            Self::Transaction(transaction) => transaction.get_database_backend(),
        }
    }

    fn execute_raw<'a, 'f>(&'a self, statement: Statement) -> Answer<'f, ExecResult>
    where
        'a: 'f,
        Self: 'f,
    {
        match self {
            Self::Connections(connections) => connections.execute_raw(statement),
            Self::Reader(reader) => reader.execute_raw(statement),
            Self::Transaction(transaction) => transaction.execute_raw(statement),
        }
    }

    fn execute_unprepared<'a, 'b, 'f>(&'a self, sql: &'b str) -> Answer<'f, ExecResult>
    where
        'a: 'f,
        'b: 'f,
        Self: 'f,
    {
        match self {
            Self::Connections(connections) => connections.execute_unprepared(sql),
            Self::Reader(reader) => reader.execute_unprepared(sql),
            Self::Transaction(transaction) => transaction.execute_unprepared(sql),
        }
    }

    fn query_one_raw<'a, 'f>(&'a self, statement: Statement) -> Answer<'f, Option<QueryResult>>
    where
        'a: 'f,
        Self: 'f,
    {
        match self {
            Self::Connections(connections) => connections.query_one_raw(statement),
            Self::Reader(reader) => reader.query_one_raw(statement),
            Self::Transaction(transaction) => transaction.query_one_raw(statement),
        }
    }

    fn query_all_raw<'a, 'f>(&'a self, statement: Statement) -> Answer<'f, Vec<QueryResult>>
    where
        'a: 'f,
        Self: 'f,
    {
        match self {
            Self::Connections(connections) => connections.query_all_raw(statement),
            Self::Reader(reader) => reader.query_all_raw(statement),
            Self::Transaction(transaction) => transaction.query_all_raw(statement),
        }
    }
}
