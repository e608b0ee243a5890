//! Whether a pooler stands before PostgreSQL that gives each transaction another connection, and what that breaks.
//!
//! pgbouncer in transaction mode forgets prepared statements before 1.21, and then most requests fail, though a first look
//! finds nothing wrong. So it is found out at start: two clients whose transactions make way for each other see whether they
//! come back to where they were.

use std::time::Duration;

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::time::timeout;

/// Longest time that finding out may take: a pooler with a single connection keeps the second client waiting.
const PATIENCE: Duration = Duration::from_secs(2);
/// PostgreSQL's codes for a prepared statement that is gone, and for one that somebody else has left there.
const STATEMENT_LOST: [&str; 2] = ["26000", "42P05"];

/// What stands before the server, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pooling {
    /// Nothing, or a pooler that keeps a client on its connection.
    Steady,
    /// Each transaction may run on another connection, and prepared statements come along.
    ByTransaction,
    /// Each transaction may run on another connection, where prepared statements are not known.
    Forgetful,
}

/// Looks. What cannot be found out counts as steady: the first query tells soon enough.
pub(super) async fn examine(options: &PgConnectOptions) -> Pooling {
    timeout(PATIENCE, look(options)).await.unwrap_or(Ok(Pooling::Steady)).unwrap_or(Pooling::Steady)
}

async fn look(options: &PgConnectOptions) -> Result<Pooling, sqlx::Error> {
    let mut one = PgConnection::connect_with(options).await?;
    let mut other = PgConnection::connect_with(options).await?;
    let mut found = Pooling::Steady;
    // A pooler may hand out what came back first or what came back last.
    for one_first in [true, false] {
        let before = begin(&mut one).await?;
        begin(&mut other).await?;
        if let Err(error) = ask_prepared(&mut one).await {
            return verdict(&error);
        }
        if one_first {
            commit(&mut one).await?;
            commit(&mut other).await?;
        } else {
            commit(&mut other).await?;
            commit(&mut one).await?;
        }
        if begin(&mut one).await? != before {
            found = Pooling::ByTransaction;
            if let Err(error) = ask_prepared(&mut one).await {
                return verdict(&error);
            }
        }
        commit(&mut one).await?;
    }
    one.close().await?;
    other.close().await?;
    Ok(found)
}

fn verdict(error: &sqlx::Error) -> Result<Pooling, sqlx::Error> {
    let code = error.as_database_error().and_then(|told| told.code());
    Ok(if code.is_some_and(|code| STATEMENT_LOST.contains(&&*code)) { Pooling::Forgetful } else { Pooling::Steady })
}

/// Begins a transaction, and says which process of the server runs it.
async fn begin(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    sqlx::raw_sql("BEGIN").execute(&mut *connection).await?;
    sqlx::query_scalar("SELECT pg_backend_pid()").persistent(false).fetch_one(connection).await
}

async fn commit(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("COMMIT").execute(connection).await.map(drop)
}

/// A statement that is prepared the first time and only named after that, as all of ours are.
async fn ask_prepared(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT $1::int8").bind(1_i64).fetch_one(connection).await
}
