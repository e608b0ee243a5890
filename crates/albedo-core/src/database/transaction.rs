//! A transaction on a connection of its own.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::connections::Connections;
use super::lease::Held;

/// How long a server may take to undo what was dropped, before the connection is closed instead.
const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(1);

/// Statements that stand or fall together. Dropped without [`Transaction::commit`], they are undone.
pub struct Transaction {
    // Statements take `&self`, and one connection answers one of them at a time. Empty once it has ended.
    held: Mutex<Option<Held>>,
    backend: DbBackend,
    /// Whether it has a savepoint.
    is_marked: AtomicBool,
}

impl Transaction {
    pub(super) async fn begin(connections: &Connections) -> Result<Self, DbErr> {
        let backend = connections.get_database_backend();
        // Before it begins: given up while SQLite waits for another process, it may begin later, and is undone then.
        let mut transaction =
            Self { held: Mutex::new(Some(connections.take().await?)), backend, is_marked: AtomicBool::new(false) };
        let held = transaction.held.get_mut();
        let begun = held.as_mut().ok_or_else(ended)?.run(begin(backend)).await;
        if let Err(error) = begun {
            // Refused, it has nothing to undo.
            *held = None;
            return Err(error);
        }
        Ok(transaction)
    }

    /// Keeps what was written.
    ///
    /// # Errors
    /// When the database refuses, and then nothing was kept, or does not answer, and then nobody knows.
    pub async fn commit(mut self) -> Result<(), DbErr> {
        self.end("COMMIT").await
    }

    /// Undoes what was written, and waits for it.
    ///
    /// # Errors
    /// When the database does not answer; it undoes the work then as well, since the connection is closed.
    pub async fn rollback(mut self) -> Result<(), DbErr> {
        self.end("ROLLBACK").await
    }

    /// Checks what a commit would check, and undoes what was written.
    ///
    /// # Errors
    /// When a commit would be refused, or the database does not answer; nothing is kept in any case.
    pub async fn try_out(mut self) -> Result<(), DbErr> {
        // Constraints that wait for the commit; SQLite, which cannot be asked to look earlier, has none of ours.
        if self.backend == DbBackend::Postgres {
            self.execute_unprepared("SET CONSTRAINTS ALL IMMEDIATE").await?;
        }
        self.end("ROLLBACK").await
    }

    /// Remembers what is written so far, in place of what was remembered before: of a hundred savepoints inside each other
    /// the server would keep a hundred states.
    pub(super) async fn mark(&self) -> Result<(), DbErr> {
        let sql = if self.is_marked.swap(true, Relaxed) {
            "RELEASE SAVEPOINT mark; SAVEPOINT mark"
        } else {
            "SAVEPOINT mark"
        };
        self.execute_unprepared(sql).await.map(drop)
    }

    /// What is refused, or given up halfway, is undone by the drop.
    async fn end(&mut self, sql: &str) -> Result<(), DbErr> {
        let held = self.held.get_mut();
        held.as_mut().ok_or_else(ended)?.run(sql).await?;
        *held = None;
        Ok(())
    }
}

/// A deferred SQLite transaction that reads first and writes later fails at once with "database is locked" when another
/// process has written in between, whatever the busy timeout. An immediate one waits at its begin.
fn begin(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(held) = self.held.get_mut().take() {
            undo(held);
        }
    }
}

/// Undoes in the background: nobody waits for what nobody wants. A connection that does not answer is closed, and so is
/// one that no runtime is left to talk to; both undo the work too.
fn undo(mut held: Held) {
    match Handle::try_current() {
        Ok(runtime) => {
            runtime.spawn(async move {
                let undone = match held {
                    // The file has one writer, and no other could write before it is done.
                    Held::Sqlite(_) => match held.run("ROLLBACK").await {
                        Ok(_) => true,
                        Err(error) => has_nothing_to_undo(&error),
                    },
                    Held::Postgres(_) => matches!(timeout(ROLLBACK_TIMEOUT, held.run("ROLLBACK")).await, Ok(Ok(_))),
                };
                if !undone {
                    held.close();
                }
            });
        }
        Err(_) => held.close(),
    }
}

/// A transaction that never began, or that SQLite has ended by itself, leaves a connection as good as any. Its code is that of
/// any error in SQL.
fn has_nothing_to_undo(error: &DbErr) -> bool {
    error.to_string().contains("no transaction is active")
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.held.lock().await.as_mut().ok_or_else(ended)?.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.held.lock().await.as_mut().ok_or_else(ended)?.run(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.held.lock().await.as_mut().ok_or_else(ended)?.one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.held.lock().await.as_mut().ok_or_else(ended)?.all(statement).await
    }
}

fn ended() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the transaction has ended".to_owned()))
}

impl std::fmt::Debug for Transaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transaction").field("backend", &self.backend).finish_non_exhaustive()
    }
}
