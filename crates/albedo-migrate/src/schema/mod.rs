//! A database schema as a value: tables, columns, constraints, indexes, enums.
//!
//! Operations are applied onto it, databases are inspected into it, and two of them can be compared. Nothing here reads
//! a database or writes SQL beyond the names of types and literals.

pub mod column;
mod cursor;
pub mod declared;
pub mod index;
pub mod naming;
pub mod stored;
pub mod table;
pub mod types;

use std::collections::BTreeMap;

pub use column::{Column, DefaultValue, Generated, Identity};
pub use index::{Index, IndexColumn, IndexKey};
pub use table::{Action, Check, Deferrable, ForeignKey, PrimaryKey, Table, Unique};
pub use types::ColumnType;

/// Everything a database holds that the engine knows about.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Schema {
    /// Tables by name.
    pub tables: BTreeMap<String, Table>,
    /// Enum types by name. SQLite has none: there they are texts, and only this value remembers them.
    pub enums: BTreeMap<String, EnumType>,
}

/// An enum type and its values in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct EnumType {
    /// The type's name.
    pub name: String,
    /// Its values, in the order they sort.
    pub values: Vec<String>,
}

impl Schema {
    /// An empty database.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The table of this name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name)
    }

    /// The table and index of this index name. Index names are one namespace in both databases.
    #[must_use]
    pub fn index(&self, name: &str) -> Option<(&Table, &Index)> {
        self.tables.values().find_map(|table| table.index(name).map(|index| (table, index)))
    }
}
