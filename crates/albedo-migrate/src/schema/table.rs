//! A table: columns, keys, constraints and indexes.

use std::fmt;

use super::column::Column;
use super::index::Index;

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns in their order.
    pub columns: Vec<Column>,
    /// Its primary key.
    pub primary_key: Option<PrimaryKey>,
    /// Its unique constraints.
    pub uniques: Vec<Unique>,
    /// Its checks.
    pub checks: Vec<Check>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// Its indexes.
    pub indexes: Vec<Index>,
    /// A remark kept in the database (PostgreSQL only).
    pub comment: Option<String>,
    /// Typed columns (SQLite only).
    pub strict: bool,
    /// Stored by its primary key (SQLite only).
    pub without_rowid: bool,
}

/// A primary key.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PrimaryKey {
    /// Its name, when it has one.
    pub name: Option<String>,
    /// Its columns in their order.
    pub columns: Vec<String>,
}

/// A unique constraint.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Unique {
    /// Its name, when it has one.
    pub name: Option<String>,
    /// Its columns in their order.
    pub columns: Vec<String>,
    /// Whether it may wait until the end of the transaction (PostgreSQL only).
    pub deferrable: Option<Deferrable>,
}

/// A check.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Check {
    /// Its name, when it has one.
    pub name: Option<String>,
    /// What must hold.
    pub expression: String,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ForeignKey {
    /// Its name, when it has one.
    pub name: Option<String>,
    /// The columns here.
    pub columns: Vec<String>,
    /// The table there.
    pub references: String,
    /// The columns there.
    pub referred: Vec<String>,
    /// What happens here when the row there goes.
    pub on_delete: Action,
    /// What happens here when the key there changes.
    pub on_update: Action,
    /// Whether it may wait until the end of the transaction.
    pub deferrable: Option<Deferrable>,
}

/// What a foreign key does when its parent changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Refuse at the end of the statement.
    #[default]
    NoAction,
    /// Refuse at once.
    Restrict,
    /// Go along.
    Cascade,
    /// Become NULL.
    SetNull,
    /// Become the default.
    SetDefault,
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        })
    }
}

/// When a deferrable constraint is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deferrable {
    /// At each statement, unless a transaction says otherwise.
    InitiallyImmediate,
    /// At the end of the transaction.
    InitiallyDeferred,
}

impl fmt::Display for Deferrable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::InitiallyImmediate => "DEFERRABLE INITIALLY IMMEDIATE",
            Self::InitiallyDeferred => "DEFERRABLE INITIALLY DEFERRED",
        })
    }
}

impl Table {
    /// An empty table.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The column of this name, to be changed.
    pub fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name == name)
    }

    /// The index of this name.
    #[must_use]
    pub fn index(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.name == name)
    }

    /// Whether a constraint of this name exists.
    #[must_use]
    pub fn has_constraint(&self, name: &str) -> bool {
        let is = |candidate: &Option<String>| candidate.as_deref() == Some(name);
        self.primary_key.as_ref().is_some_and(|key| is(&key.name))
            || self.uniques.iter().any(|unique| is(&unique.name))
            || self.checks.iter().any(|check| is(&check.name))
            || self.foreign_keys.iter().any(|key| is(&key.name))
    }
}
