//! Indexes: of columns or expressions, partial, covering, unique.

use crate::dialect::Dialect;

/// An index. It belongs to the table that holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// What it sorts by.
    pub columns: Vec<IndexColumn>,
    /// Whether no two rows may be alike in it.
    pub unique: bool,
    /// Which rows it holds.
    pub predicate: Option<String>,
    /// Columns it carries along without sorting by them (PostgreSQL).
    pub include: Vec<String>,
    /// How it is built when not a B-tree: gin, gist, brin, hash (PostgreSQL).
    pub method: Option<String>,
    /// Whether two NULLs are alike in it (PostgreSQL 15).
    pub nulls_not_distinct: bool,
}

/// One part of an index.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct IndexColumn {
    /// The column or expression.
    pub key: IndexKey,
    /// The largest first.
    pub descending: bool,
    /// An operator class, word for word (PostgreSQL).
    pub operator_class: Option<String>,
    /// How texts compare in it.
    pub collation: Option<String>,
}

/// What an index sorts by.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexKey {
    /// A column.
    Column(String),
    /// An expression, word for word.
    Expression(String),
}

impl IndexColumn {
    /// A column, the smallest first.
    #[must_use]
    pub fn column(name: impl Into<String>) -> Self {
        Self { key: IndexKey::Column(name.into()), descending: false, operator_class: None, collation: None }
    }

    /// An expression, the smallest first.
    #[must_use]
    pub fn expression(text: impl Into<String>) -> Self {
        Self { key: IndexKey::Expression(text.into()), descending: false, operator_class: None, collation: None }
    }

    /// The part as it stands in CREATE INDEX.
    #[must_use]
    pub fn sql(&self, dialect: Dialect) -> String {
        let mut text = match &self.key {
            IndexKey::Column(name) => dialect.quote(name),
            IndexKey::Expression(text) => format!("({text})"),
        };
        if let Some(collation) = self.collation.as_deref().and_then(|name| dialect.collation(name)) {
            text.push_str(&format!(" COLLATE {}", dialect.quote(collation)));
        }
        if let (Some(class), Dialect::Postgres) = (&self.operator_class, dialect) {
            text.push_str(&format!(" {class}"));
        }
        if self.descending {
            text.push_str(" DESC");
        }
        text
    }
}

impl Index {
    /// The names of the columns it names; expressions are left out.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter_map(|column| match &column.key {
            IndexKey::Column(name) => Some(name.as_str()),
            IndexKey::Expression(_) => None,
        })
    }
}
