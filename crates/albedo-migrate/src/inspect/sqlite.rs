//! What SQLite has stored, as text.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::error::{Error, Result};
use crate::schema::stored::{Stored, StoredObject};

/// Reads the text of every table, index, trigger and view.
///
/// # Errors
/// When the database cannot be read.
pub async fn stored<C: ConnectionTrait>(connection: &C) -> Result<Stored> {
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid";
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await;
    let mut stored = Stored::default();
    for row in rows.map_err(|error| Error::failed("the stored tables cannot be read").because(error))? {
        let text = |index: usize| {
            row.try_get_by_index::<String>(index)
                .map_err(|error| Error::failed("sqlite_master holds an odd row").because(error))
        };
        let object = StoredObject { name: text(1)?, table: text(2)?, sql: text(3)? };
        match text(0)?.as_str() {
            "table" => {
                stored.tables.insert(object.name, object.sql);
            }
            "index" => stored.indexes.push(object),
            "trigger" => stored.triggers.push(object),
            _ => stored.views.push(object),
        }
    }
    Ok(stored)
}

/// As [`stored`], without the tables that a virtual table keeps for itself: they come and go with it.
///
/// # Errors
/// As [`stored`].
pub async fn whole<C: ConnectionTrait>(connection: &C) -> Result<Stored> {
    let mut stored = stored(connection).await?;
    let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'";
    let failed = |error: sea_orm::DbErr| Error::failed("the stored tables cannot be read").because(error);
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.map_err(failed)?;
    for row in rows {
        stored.tables.remove(&row.try_get_by_index::<String>(0).map_err(failed)?);
    }
    Ok(stored)
}
