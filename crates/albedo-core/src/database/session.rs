//! Where a statement runs: on any free connection, on a replica where that shows enough, or inside a transaction.

use async_trait::async_trait;
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

impl Session<'_> {
    /// Remembers what is written so far, for [`Session::back`]; in a transaction alone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn mark(&self) -> Result<(), DbErr> {
        self.execute_unprepared("SAVEPOINT mark").await.map(drop)
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

#[async_trait]
impl ConnectionTrait for Session<'_> {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Connections(connections) => connections.get_database_backend(),
            Self::Reader(reader) => reader.get_database_backend(),
            Self::Transaction(transaction) => transaction.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Connections(connections) => connections.execute_raw(statement).await,
            Self::Reader(reader) => reader.execute_raw(statement).await,
            Self::Transaction(transaction) => transaction.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Connections(connections) => connections.execute_unprepared(sql).await,
            Self::Reader(reader) => reader.execute_unprepared(sql).await,
            Self::Transaction(transaction) => transaction.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Connections(connections) => connections.query_one_raw(statement).await,
            Self::Reader(reader) => reader.query_one_raw(statement).await,
            Self::Transaction(transaction) => transaction.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Connections(connections) => connections.query_all_raw(statement).await,
            Self::Reader(reader) => reader.query_all_raw(statement).await,
            Self::Transaction(transaction) => transaction.query_all_raw(statement).await,
        }
    }
}
