//! What a migration does, as data.
//!
//! `up` and `down` fill a list of these; the list can be run, printed as SQL of any dialect, inverted, and applied onto
//! a schema value. Nothing here touches a database: the one exception carries a function, and only the runner calls it.

pub mod alter;
pub mod apply;
pub mod builder;
pub mod invert;
pub mod keys;
pub mod tables;
pub mod words;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use sea_orm::{DatabaseExecutor, DbErr};

pub use alter::AlterColumnBuilder;
pub use builder::{Assurance, Operations};
pub use keys::{ForeignKeyBuilder, IndexBuilder, UniqueBuilder};
pub use tables::TableBuilder;
pub use words::ColumnBuilder;

use crate::dialect::Dialect;
use crate::schema::{Check, Column, ColumnType, DefaultValue, ForeignKey, Identity, Index, PrimaryKey, Table, Unique};

/// One thing a migration does.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Operation {
    /// A new table with its constraints and indexes.
    CreateTable(Table),
    /// A table goes, with its rows.
    DropTable {
        /// Its name.
        name: String,
    },
    /// A table gets another name.
    RenameTable {
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// A remark on a table (PostgreSQL; SQLite keeps none).
    CommentTable {
        /// The table.
        table: String,
        /// The remark, or none.
        comment: Option<String>,
    },
    /// A new column.
    AddColumn {
        /// The table.
        table: String,
        /// The column.
        column: Column,
        /// What the rows that are there get, when the column's default will not do: an SQL expression.
        fill: Option<String>,
    },
    /// A column goes, with its values.
    DropColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A column gets another name.
    RenameColumn {
        /// The table.
        table: String,
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// A column changes.
    AlterColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What changes.
        change: ColumnChange,
    },
    /// A constraint is added to a table that is there.
    AddConstraint {
        /// The table.
        table: String,
        /// The constraint.
        constraint: Constraint,
        /// Whether the rows that are there are left unread until `ValidateConstraint` (PostgreSQL).
        not_valid: bool,
    },
    /// The rows that are there are read against a constraint added with `not_valid` (PostgreSQL).
    ValidateConstraint {
        /// The table.
        table: String,
        /// The constraint's name.
        name: String,
    },
    /// A constraint goes.
    DropConstraint {
        /// The table.
        table: String,
        /// Its name.
        name: String,
    },
    /// A constraint gets another name.
    RenameConstraint {
        /// The table.
        table: String,
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// A new index.
    CreateIndex {
        /// The table.
        table: String,
        /// The index.
        index: Index,
        /// Without stopping writes (PostgreSQL), which cannot be done in a transaction.
        concurrently: bool,
    },
    /// An index goes.
    DropIndex {
        /// The table.
        table: String,
        /// Its name.
        name: String,
        /// Without stopping writes (PostgreSQL), which cannot be done in a transaction.
        concurrently: bool,
    },
    /// An index gets another name.
    RenameIndex {
        /// The table.
        table: String,
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// A new enum type (PostgreSQL; on SQLite enum columns are texts).
    CreateEnum {
        /// Its name.
        name: String,
        /// Its values in their order.
        values: Vec<String>,
    },
    /// An enum type goes.
    DropEnum {
        /// Its name.
        name: String,
    },
    /// An enum type gets another name.
    RenameEnum {
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// An enum type gets one more value.
    AddEnumValue {
        /// The type.
        name: String,
        /// The new value.
        value: String,
        /// The value it sorts before; at the end when none.
        before: Option<String>,
    },
    /// A value of an enum type gets another name.
    RenameEnumValue {
        /// The type.
        name: String,
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// SQL, word for word.
    Execute(RawSql),
    /// A function that works on the rows; only online, since its SQL is not known before it runs.
    Online(OnlineFunction),
    /// This cannot be taken back, or not by a machine.
    Irreversible {
        /// Why.
        reason: String,
    },
}

impl Operation {
    /// The table that has to be there, and is not as it was afterwards.
    pub(crate) fn changed_table(&self) -> Option<&str> {
        match self {
            Self::DropTable { name } => Some(name),
            Self::RenameTable { from, .. } => Some(from),
            Self::CommentTable { table, .. }
            | Self::AddColumn { table, .. }
            | Self::DropColumn { table, .. }
            | Self::RenameColumn { table, .. }
            | Self::AlterColumn { table, .. }
            | Self::AddConstraint { table, .. }
            | Self::ValidateConstraint { table, .. }
            | Self::DropConstraint { table, .. }
            | Self::RenameConstraint { table, .. }
            | Self::CreateIndex { table, .. }
            | Self::DropIndex { table, .. }
            | Self::RenameIndex { table, .. } => Some(table),
            Self::CreateTable(_)
            | Self::CreateEnum { .. }
            | Self::DropEnum { .. }
            | Self::RenameEnum { .. }
            | Self::AddEnumValue { .. }
            | Self::RenameEnumValue { .. }
            | Self::Execute(_)
            | Self::Online(_)
            | Self::Irreversible { .. } => None,
        }
    }
}

/// What of a column changes; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ColumnChange {
    /// The new type.
    pub column_type: Option<ColumnType>,
    /// How the old value becomes the new one: an SQL expression.
    pub using: Option<String>,
    /// The same for one database, where the two convert in different words. It comes before `using`.
    pub using_on: Vec<(Dialect, String)>,
    /// How its texts compare from now on, or as the type does.
    pub collation: Option<Option<String>>,
    /// How the database numbers the rows from now on, or not any more.
    pub identity: Option<Option<Identity>>,
    /// Whether it may be empty from now on.
    pub nullable: Option<bool>,
    /// What rows without a value get before the column may no longer be empty: an SQL expression.
    pub fill: Option<String>,
    /// The new default, or none any more.
    pub default: Option<Option<DefaultValue>>,
    /// The new remark, or none any more.
    pub comment: Option<Option<String>>,
}

impl ColumnChange {
    /// How the old value becomes the new one in this database.
    #[must_use]
    pub fn using_in(&self, dialect: Dialect) -> Option<&str> {
        let own = self.using_on.iter().find(|(only, _)| *only == dialect);
        own.map(|(_, expression)| expression.as_str()).or(self.using.as_deref())
    }
}

/// A constraint of a table.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Constraint {
    /// A primary key.
    PrimaryKey(PrimaryKey),
    /// A unique constraint.
    Unique(Unique),
    /// A check.
    Check(Check),
    /// A foreign key.
    ForeignKey(ForeignKey),
}

impl Constraint {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::PrimaryKey(key) => key.name.as_deref(),
            Self::Unique(unique) => unique.name.as_deref(),
            Self::Check(check) => check.name.as_deref(),
            Self::ForeignKey(key) => key.name.as_deref(),
        }
    }
}

/// SQL text, the same for all databases or one for each.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RawSql {
    /// The text.
    pub text: String,
    /// The database it is for; all when none.
    pub only: Option<Dialect>,
}

/// What an online function returns.
pub type OnlineFuture<'c> = Pin<Box<dyn Future<Output = Result<(), DbErr>> + Send + 'c>>;

/// A data step written in Rust.
#[derive(Clone)]
pub struct OnlineFunction {
    /// What it does, in a few words.
    pub name: String,
    /// The function. It works on the migration's own transaction.
    pub run: for<'c> fn(&'c DatabaseExecutor<'c>) -> OnlineFuture<'c>,
}

impl fmt::Debug for OnlineFunction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("OnlineFunction").field(&self.name).finish()
    }
}

impl PartialEq for OnlineFunction {
    /// Functions have no identity that lasts, so the name stands for them.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Display for Operation {
    /// The operation in a few words, as errors and reports name it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateTable(table) => write!(formatter, "create table {}", table.name),
            Self::DropTable { name } => write!(formatter, "drop table {name}"),
            Self::RenameTable { from, to } => write!(formatter, "rename table {from} to {to}"),
            Self::CommentTable { table, .. } => write!(formatter, "comment on table {table}"),
            Self::AddColumn { table, column, .. } => write!(formatter, "add column {table}.{}", column.name),
            Self::DropColumn { table, column } => write!(formatter, "drop column {table}.{column}"),
            Self::RenameColumn { table, from, to } => write!(formatter, "rename column {table}.{from} to {to}"),
            Self::AlterColumn { table, column, .. } => write!(formatter, "alter column {table}.{column}"),
            Self::AddConstraint { table, constraint, .. } => {
                write!(formatter, "add constraint {} to {table}", constraint.name().unwrap_or("without a name"))
            }
            Self::ValidateConstraint { table, name } => write!(formatter, "validate constraint {name} of {table}"),
            Self::DropConstraint { table, name } => write!(formatter, "drop constraint {name} of {table}"),
            Self::RenameConstraint { table, from, to } => {
                write!(formatter, "rename constraint {from} of {table} to {to}")
            }
            Self::CreateIndex { table, index, .. } => write!(formatter, "create index {} on {table}", index.name),
            Self::DropIndex { name, .. } => write!(formatter, "drop index {name}"),
            Self::RenameIndex { from, to, .. } => write!(formatter, "rename index {from} to {to}"),
            Self::CreateEnum { name, .. } => write!(formatter, "create enum {name}"),
            Self::DropEnum { name } => write!(formatter, "drop enum {name}"),
            Self::RenameEnum { from, to } => write!(formatter, "rename enum {from} to {to}"),
            Self::AddEnumValue { name, value, .. } => write!(formatter, "add value {value} to enum {name}"),
            Self::RenameEnumValue { name, from, to } => write!(formatter, "rename value {from} of enum {name} to {to}"),
            Self::Execute(raw) => {
                let line = raw.text.trim().lines().next().unwrap_or_default();
                write!(formatter, "execute {}", line.chars().take(60).collect::<String>())
            }
            Self::Online(function) => write!(formatter, "run {}", function.name),
            Self::Irreversible { .. } => formatter.write_str("stop: irreversible"),
        }
    }
}
