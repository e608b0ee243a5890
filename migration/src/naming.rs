//! The one naming convention of constraints and indexes: `pk_`, `uq_`, `fk_`, `ck_`, `ix_`, then the table, then the columns.
//!
//! Answers name the field behind a violated constraint by these names, so they are the same on both databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_query::Check;

/// `pk_cities` on the id.
pub(crate) fn primary_key(table: &str) -> IndexCreateStatement {
    Index::create().name(format!("pk_{table}")).col("id").primary().take()
}

/// `uq_assistants_owner_id_name`.
pub(crate) fn unique(table: &str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(format!("uq_{table}_{}", columns.join("_"))).unique().take();
    for column in columns {
        index.col(*column);
    }
    index
}

/// `ix_entities_assistant_id_id`.
pub(crate) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(format!("ix_{table}_{}", columns.join("_"))).table(table).take();
    for column in columns {
        index.col(*column);
    }
    index
}

/// `fk_entities_assistant_id`, to the id of another table.
pub(crate) fn foreign_key(
    table: &'static str,
    column: &'static str,
    target: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(table, column)
        .to(target, "id")
        .on_delete(on_delete)
        .take()
}

/// `ck_cities_population`.
pub(crate) fn check(table: &str, column: &str, expression: impl Into<Expr>) -> Check {
    Check::named(format!("ck_{table}_{column}"), expression)
}
