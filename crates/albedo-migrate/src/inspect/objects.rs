//! Two databases of one kind held against each other, object by object.
//!
//! Both sides come from a live database, so both are spelled by the same server and a text that differs is a
//! difference. That is how drift is found, and how two ways to a schema are proven to lead to the same one.

use std::collections::BTreeMap;
use std::fmt;

use sea_orm::ConnectionTrait;

use super::catalogue::{Catalogue, catalogue};
use super::spelling::{column_text, plain, tidy, unnamed};
use super::sqlite::whole;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::lexer::tokens;
use crate::schema::stored::Stored;
use crate::schema::{Schema, declared};
use crate::settings::Excluded;
use crate::sql::definition;

/// What kind of object it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An extension.
    Extension,
    /// An enum type.
    Enum,
    /// A sequence that is nobody's identity.
    Sequence,
    /// A function or procedure.
    Function,
    /// A table and its options.
    Table,
    /// A column.
    Column,
    /// The order of a table's columns.
    ColumnOrder,
    /// A key, a check or an exclusion.
    Constraint,
    /// An index.
    Index,
    /// A trigger.
    Trigger,
    /// A view.
    View,
    /// A remark.
    Comment,
    /// Something that is only known by its name.
    Other,
}

impl Kind {
    /// What it is called in messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Extension => "extension",
            Self::Enum => "enum",
            Self::Sequence => "sequence",
            Self::Function => "function",
            Self::Table => "table",
            Self::Column => "column",
            Self::ColumnOrder => "order of the columns of",
            Self::Constraint => "constraint",
            Self::Index => "index",
            Self::Trigger => "trigger",
            Self::View => "view",
            Self::Comment => "comment on",
            Self::Other => "",
        }
    }
}

/// Which object it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Object {
    /// The table it belongs to.
    pub table: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, name) = (self.kind.word(), &self.name);
        match (&self.table, self.kind) {
            (Some(table), Kind::Column) => write!(formatter, "column {table}.{name}"),
            (Some(table), Kind::Constraint | Kind::Index | Kind::Trigger) => {
                write!(formatter, "{word} {name} of {table}")
            }
            (_, Kind::Other) => formatter.write_str(name),
            _ => write!(formatter, "{word} {name}"),
        }
    }
}

/// All objects of a database, each with its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objects(BTreeMap<Object, String>);

/// One thing in which two databases differ.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// What it is about.
    #[serde(flatten)]
    pub object: Object,
    /// What is expected of it; nothing when it should not be there.
    pub expected: Option<String>,
    /// What was found; nothing when it is missing.
    pub found: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = &self.object;
        match (&self.expected, &self.found) {
            (Some(expected), Some(found)) => write!(formatter, "{object}: found {found}; expected {expected}"),
            (Some(expected), None) if expected.is_empty() => write!(formatter, "{object} is missing"),
            (Some(expected), None) => write!(formatter, "{object} is missing: {expected}"),
            (None, Some(found)) if found.is_empty() => write!(formatter, "{object} is unexpected"),
            (None, found) => write!(formatter, "{object} is unexpected: {}", found.as_deref().unwrap_or_default()),
        }
    }
}

/// Everything that a database holds, less the version tables and what is excluded.
///
/// # Errors
/// When the database cannot be read.
pub async fn objects<C: ConnectionTrait>(connection: &C, dialect: Dialect, excluded: &Excluded) -> Result<Objects> {
    let mut objects = match dialect {
        Dialect::Sqlite => Objects::of_stored(&whole(connection).await?)?,
        Dialect::Postgres => Objects::of_catalogue(&catalogue(connection).await?),
    };
    objects.0.retain(|object, _| {
        let is_table = matches!(object.kind, Kind::Table | Kind::ColumnOrder);
        let table = object.table.as_ref().or(is_table.then_some(&object.name));
        table.is_none_or(|table| !excluded.contains(table))
    });
    Ok(objects)
}

impl Objects {
    /// What of `found` is not as it is here. The differences of one object stand once: what belongs to a table that is
    /// missing is not missed by itself.
    #[must_use]
    pub fn differences(&self, found: &Self) -> Vec<Difference> {
        let all: std::collections::BTreeSet<&Object> = self.0.keys().chain(found.0.keys()).collect();
        let has = |objects: &Self, table: &String| {
            let whole = |kind| Object { table: None, kind, name: table.clone() };
            objects.0.contains_key(&whole(Kind::Table)) || objects.0.contains_key(&whole(Kind::View))
        };
        let alone = |object: &&Object| {
            let table = object.table.as_ref().or_else(|| (object.kind == Kind::ColumnOrder).then_some(&object.name));
            table.is_none_or(|table| has(self, table) == has(found, table))
        };
        let mut list: Vec<Difference> = all
            .into_iter()
            .filter(|object| self.0.get(*object) != found.0.get(*object))
            .filter(alone)
            .map(|object| Difference {
                object: object.clone(),
                expected: self.0.get(object).cloned(),
                found: found.0.get(object).cloned(),
            })
            .collect();
        // Where a column is missing or too much, the order says nothing new.
        let uneven: Vec<String> = list
            .iter()
            .filter(|one| one.object.kind == Kind::Column && (one.expected.is_none() || one.found.is_none()))
            .filter_map(|one| one.object.table.clone())
            .collect();
        list.retain(|one| one.object.kind != Kind::ColumnOrder || !uneven.contains(&one.object.name));
        list
    }

    /// The same without the order of columns, which a column that was dropped and made again has lost.
    #[must_use]
    pub fn without_column_order(mut self) -> Self {
        self.0.retain(|object, _| object.kind != Kind::ColumnOrder);
        self
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add(&mut self, table: Option<&str>, kind: Kind, name: impl Into<String>, text: impl Into<String>) {
        let object = Object { table: table.map(str::to_owned), kind, name: name.into() };
        // SQLite may have two constraints without a name that say the same.
        self.0.insert(object, text.into());
    }

    fn of_catalogue(catalogue: &Catalogue) -> Self {
        let mut objects = Self::default();
        for name in &catalogue.extensions {
            objects.add(None, Kind::Extension, name, "");
        }
        for one in &catalogue.enums {
            objects.add(None, Kind::Enum, &one.name, &one.text);
        }
        for one in &catalogue.sequences {
            let owner =
                one.owner.as_ref().map_or_else(String::new, |(table, column)| format!(" OWNED BY {table}.{column}"));
            objects.add(
                one.owner.as_ref().map(|(table, _)| table.as_str()),
                Kind::Sequence,
                &one.name,
                format!("{}{owner}", one.text),
            );
        }
        for one in &catalogue.functions {
            objects.add(None, Kind::Function, &one.name, &one.text);
        }
        for one in &catalogue.tables {
            objects.add(None, Kind::Table, &one.name, format!("{}{}", one.before, one.after).trim());
            let columns = catalogue.columns.iter().filter(|column| column.table == one.name);
            let order: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
            objects.add(None, Kind::ColumnOrder, &one.name, order.join(", "));
        }
        for one in &catalogue.columns {
            objects.add(Some(&one.table), Kind::Column, &one.name, &one.text);
        }
        for one in &catalogue.constraints {
            objects.add(Some(&one.part.table), Kind::Constraint, &one.part.name, &one.part.text);
        }
        for one in &catalogue.indexes {
            objects.add(Some(&one.table), Kind::Index, &one.name, &one.text);
        }
        for one in &catalogue.views {
            let kind = if one.materialized { "MATERIALIZED" } else { "" };
            objects.add(None, Kind::View, &one.name, format!("{kind}{}", one.text).trim());
        }
        for one in &catalogue.triggers {
            objects.add(Some(&one.table), Kind::Trigger, &one.name, &one.text);
        }
        for one in &catalogue.comments {
            objects.add(one.table.as_deref(), Kind::Comment, &one.on, &one.text);
        }
        for what in &catalogue.beyond {
            objects.add(None, Kind::Other, what, "");
        }
        objects
    }

    fn of_stored(stored: &Stored) -> Result<Self> {
        let mut objects = Self::default();
        objects.add_declared(&declared::schema(stored)?);
        for (name, sql) in &stored.tables {
            if tokens(sql).iter().take(3).any(|token| token.is("VIRTUAL")) {
                objects.add(None, Kind::Table, name, plain(sql));
            }
        }
        // The text begins with CREATE and the name, which a rename may have left in either quotes.
        for one in &stored.views {
            objects.add(None, Kind::View, &one.name, plain(&one.sql));
        }
        for one in &stored.triggers {
            objects.add(Some(&one.table), Kind::Trigger, &one.name, plain(&one.sql));
        }
        Ok(objects)
    }

    fn add_declared(&mut self, schema: &Schema) {
        for table in schema.tables.values() {
            let options = [(table.strict, "STRICT"), (table.without_rowid, "WITHOUT ROWID")];
            let options: Vec<&str> = options.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
            self.add(None, Kind::Table, &table.name, options.join(", "));
            let order: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            self.add(None, Kind::ColumnOrder, &table.name, order.join(", "));
            for column in &table.columns {
                self.add(Some(&table.name), Kind::Column, &column.name, column_text(column));
            }
            for constraint in definition::constraints(table) {
                let said = plain(&definition::constraint(Dialect::Sqlite, &unnamed(&constraint)));
                let name = constraint.name().map_or_else(|| said.clone(), str::to_owned);
                self.add(Some(&table.name), Kind::Constraint, name, said);
            }
            for index in &table.indexes {
                let text = definition::create_index(Dialect::Sqlite, &table.name, &tidy(index), false);
                self.add(Some(&table.name), Kind::Index, &index.name, plain(&text));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tables: &[(&str, &str)]) -> Objects {
        let tables = tables.iter().map(|(name, sql)| ((*name).to_owned(), (*sql).to_owned())).collect();
        Objects::of_stored(&Stored { tables, ..Stored::default() }).unwrap()
    }

    fn told(expected: &Objects, found: &Objects) -> Vec<String> {
        expected.differences(found).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn two_spellings_of_one_table_do_not_differ() {
        let one = of(&[(
            "t",
            "CREATE TABLE t (id integer PRIMARY KEY, a text NOT NULL DEFAULT 'X', b int DEFAULT NULL, CHECK (a <> 'X'))",
        )]);
        let other = of(&[(
            "t",
            "create table \"t\" ([id] integer, `a` text default 'X' not null /* why */, b int, primary key (\"id\"), check(\"a\"<>'X'))",
        )]);
        assert_eq!(told(&one, &other), Vec::<String>::new());
    }

    #[test]
    fn every_difference_names_table_column_and_both_sides() {
        let one = of(&[("t", "CREATE TABLE t (a text NOT NULL, b int, UNIQUE (a))"), ("u", "CREATE TABLE u (x int)")]);
        let other = of(&[("t", "CREATE TABLE t (a varchar(9), c int)"), ("v", "CREATE TABLE v (x int)")]);
        assert_eq!(
            told(&one, &other),
            [
                "table u is missing",
                "table v is unexpected",
                "column t.a: found varchar(9); expected text not null",
                "column t.b is missing: int",
                "column t.c is unexpected: int",
                "constraint unique(a) of t is missing: unique(a)",
            ]
        );
    }

    #[test]
    fn the_order_of_columns_is_a_difference_unless_it_is_left_out() {
        let (one, other) =
            (of(&[("t", "CREATE TABLE t (a int, b int)")]), of(&[("t", "CREATE TABLE t (b int, a int)")]));
        assert_eq!(told(&one, &other), ["order of the columns of t: found b, a; expected a, b"]);
        assert!(one.without_column_order().differences(&other.without_column_order()).is_empty());
    }
}
