//! One column: its type, whether it may be empty, what it holds when nothing is said.

use super::types::ColumnType;
use crate::dialect::Dialect;

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub column_type: ColumnType,
    /// Whether it may hold NULL.
    pub nullable: bool,
    /// What it holds when an INSERT does not say.
    pub default: Option<DefaultValue>,
    /// Whether the database numbers the rows.
    pub identity: Option<Identity>,
    /// The expression it is computed from.
    pub generated: Option<Generated>,
    /// How its texts compare.
    pub collation: Option<String>,
    /// A remark kept in the database (PostgreSQL only).
    pub comment: Option<String>,
}

impl Column {
    /// A column that may be empty and has no default.
    #[must_use]
    pub fn new(name: impl Into<String>, column_type: ColumnType) -> Self {
        Self {
            name: name.into(),
            column_type,
            nullable: true,
            default: None,
            identity: None,
            generated: None,
            collation: None,
            comment: None,
        }
    }
}

/// How the database numbers rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// A number unless one is given. On SQLite: AUTOINCREMENT.
    ByDefault,
    /// Always a number. On SQLite as `ByDefault`, which cannot forbid it.
    Always,
}

/// A column computed from others.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Generated {
    /// The expression.
    pub expression: String,
    /// Kept on disk, or computed on reading. PostgreSQL before 18 only has stored ones.
    pub stored: bool,
}

/// What a column holds when nothing is said.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultValue {
    /// NULL, said aloud.
    Null,
    /// True or false.
    Boolean(bool),
    /// A number, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// The moment of the INSERT.
    Now,
    /// Anything else, word for word.
    Expression(String),
}

impl DefaultValue {
    /// The value as it stands in a column definition.
    #[must_use]
    pub fn sql(&self, dialect: Dialect) -> String {
        match (self, dialect) {
            (Self::Null, _) => "NULL".to_owned(),
            (Self::Boolean(value), dialect) => dialect.boolean(*value).to_owned(),
            (Self::Number(number), _) => number.clone(),
            (Self::Text(text), dialect) => dialect.text(text),
            (Self::Now, _) => "CURRENT_TIMESTAMP".to_owned(),
            (Self::Expression(text), Dialect::Sqlite) => format!("({text})"),
            (Self::Expression(text), Dialect::Postgres) => text.clone(),
        }
    }

    /// Whether SQLite's ADD COLUMN takes it: it wants a constant.
    #[must_use]
    pub const fn is_constant(&self) -> bool {
        matches!(self, Self::Null | Self::Boolean(_) | Self::Number(_) | Self::Text(_))
    }
}

impl From<bool> for DefaultValue {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<&str> for DefaultValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for DefaultValue {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for DefaultValue {
            fn from(value: $number) -> Self {
                Self::Number(value.to_string())
            }
        }
    )*};
}

numbers!(i16, i32, i64, u16, u32, u64, f32, f64);
