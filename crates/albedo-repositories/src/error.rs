//! What a query can fail with, told by column and not by driver.

use albedo_entities::Description;
use sea_orm::{DbErr, RuntimeErr, SqlxError};
use thiserror::Error;

/// Why a query did not do what it should.
#[derive(Debug, Error)]
pub enum RepositoryError {
    /// Another row has the same values in columns that are unique together.
    #[error("another row has the same {}", columns.join(", "))]
    Taken {
        /// The columns.
        columns: &'static [&'static str],
    },
    /// The row referred to does not exist.
    #[error("the row that {column} refers to does not exist")]
    MissingReference {
        /// The referring column.
        column: &'static str,
    },
    /// Other rows refer to this one.
    #[error("other rows refer to this one")]
    InUse,
    /// The database refused a value that validation should have refused before.
    #[error("the database refused a value")]
    Refused {
        /// The column, where the database names it.
        column: Option<&'static str>,
    },
    /// The database cannot be reached, has no free connection, or gave up waiting.
    #[error("the database is not available")]
    Unavailable(#[source] DbErr),
    /// Anything else; a fault of ours.
    #[error("the query failed")]
    Database(#[source] DbErr),
}

impl RepositoryError {
    /// Reads a driver's error. `description` knows the constraints of the table, where there is one.
    pub(crate) fn read(error: DbErr, description: Option<&Description>) -> Self {
        match Kind::of(&error) {
            Kind::Unique(told) => match description.and_then(|description| unique_columns(description, &told)) {
                Some(columns) => Self::Taken { columns },
                None => Self::Taken { columns: &[] },
            },
            Kind::ForeignKey(told) => match description.and_then(|description| referring_column(description, &told)) {
                Some(column) => Self::MissingReference { column },
                None => Self::InUse,
            },
            Kind::Value(told) => Self::Refused { column: description.and_then(|known| column_named(known, &told)) },
            Kind::Unavailable => Self::Unavailable(error),
            Kind::Other => Self::Database(error),
        }
    }
}

impl From<DbErr> for RepositoryError {
    fn from(error: DbErr) -> Self {
        Self::read(error, None)
    }
}

/// The kinds of errors that matter, with what the driver tells of the constraint.
enum Kind {
    Unique(String),
    ForeignKey(String),
    Value(String),
    Unavailable,
    Other,
}

impl Kind {
    fn of(error: &DbErr) -> Self {
        let runtime = match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return Self::Unavailable,
            DbErr::Exec(runtime) | DbErr::Query(runtime) => runtime,
            _ => return Self::Other,
        };
        let RuntimeErr::SqlxError(error) = runtime else { return Self::Other };
        match &**error {
            SqlxError::Io(_)
            | SqlxError::Tls(_)
            | SqlxError::PoolTimedOut
            | SqlxError::PoolClosed
            | SqlxError::WorkerCrashed => Self::Unavailable,
            SqlxError::Database(error) => {
                // PostgreSQL names the constraint; SQLite has nothing but its message, which lists the columns.
                let told = error.constraint().map_or_else(|| error.message().to_owned(), ToOwned::to_owned);
                let code = error.code().unwrap_or_default();
                if error.is_unique_violation() {
                    Self::Unique(told)
                } else if error.is_foreign_key_violation() || code == RESTRICTED {
                    Self::ForeignKey(told)
                } else if error.is_check_violation() || code.starts_with("22") || code == "23502" || code == "1299" {
                    Self::Value(told)
                } else if is_unavailable(&code) {
                    Self::Unavailable
                } else {
                    Self::Other
                }
            }
            _ => Self::Other,
        }
    }
}

/// SQLite holds `ON DELETE RESTRICT` by a trigger of its own, and answers with the code of triggers.
const RESTRICTED: &str = "1811";

/// Codes of a database that will answer again: PostgreSQL's connection faults (08), lack of resources (53), operator
/// intervention (57), lock timeouts, deadlocks and serialization failures, a transaction that was idle for too long, and a
/// primary that only reads, as after a failover; SQLite's busy (5), locked (6) and full (13).
fn is_unavailable(code: &str) -> bool {
    matches!(code, "55P03" | "40P01" | "40001" | "25P03" | "25006" | "5" | "6" | "13" | "261" | "517")
        || (code.len() == 5 && ["08", "53", "57"].iter().any(|class| code.starts_with(class)))
}

/// The declared columns behind `uq_cities_name` or `UNIQUE constraint failed: cities.name`.
fn unique_columns(description: &Description, told: &str) -> Option<&'static [&'static str]> {
    let table = (description.table)();
    description.unique.iter().copied().find(|columns| {
        let named = format!("uq_{table}_{}", columns.join("_"));
        let listed = columns.iter().map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ");
        told == named || told.ends_with(&format!(": {listed}"))
    })
}

/// The column behind `fk_entities_assistant_id`; SQLite names no foreign key.
fn referring_column(description: &Description, told: &str) -> Option<&'static str> {
    let table = (description.table)();
    let columns = description.references.iter().map(|reference| reference.column);
    columns.into_iter().find(|column| told == format!("fk_{table}_{column}"))
}

/// The field behind `ck_cities_population` or `CHECK constraint failed: ck_cities_population`.
fn column_named(description: &Description, told: &str) -> Option<&'static str> {
    let table = (description.table)();
    description
        .fields
        .iter()
        .map(|field| field.name)
        .find(|name| told.ends_with(&format!("ck_{table}_{name}")) || told.ends_with(&format!("{table}.{name}")))
}

#[cfg(test)]
mod tests {
    use albedo_entities::{Resource, assistant};

    use super::*;

    #[test]
    fn both_databases_name_the_same_columns() {
        let description = assistant::Entity::description();
        for told in ["uq_assistants_owner_id_name", "UNIQUE constraint failed: assistants.owner_id, assistants.name"] {
            assert_eq!(unique_columns(description, told), Some(&["owner_id", "name"][..]), "{told}");
        }
        assert_eq!(unique_columns(description, "UNIQUE constraint failed: assistants.id"), None);
        for told in ["ck_assistants_temperature", "CHECK constraint failed: ck_assistants_temperature"] {
            assert_eq!(column_named(description, told), Some("temperature"), "{told}");
        }
    }
}
