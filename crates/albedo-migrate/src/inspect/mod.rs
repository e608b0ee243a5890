//! What a live database holds. The only room besides `run` that reads one.

pub mod catalogue;
pub mod objects;
pub mod postgres;
mod spelling;
pub mod sqlite;

pub use objects::{Difference, Objects, objects};

use sea_orm::ConnectionTrait;

use crate::dialect::Dialect;
use crate::error::Result;
use crate::schema::Schema;

/// The schema of a live database, version tables included.
///
/// Expressions come back as the database says them, which on PostgreSQL is not as they were written.
///
/// # Errors
/// When the database cannot be read, or SQLite has stored a text that is not understood.
pub async fn schema<C: ConnectionTrait>(connection: &C, dialect: Dialect) -> Result<Schema> {
    match dialect {
        Dialect::Sqlite => crate::schema::declared::schema(&sqlite::stored(connection).await?),
        Dialect::Postgres => postgres::schema(connection).await,
    }
}
