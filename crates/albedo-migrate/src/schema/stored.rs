//! The CREATE TABLE text SQLite keeps, taken apart so that one column or constraint can change and the rest stays as
//! it was written, letter for letter.

use std::collections::BTreeMap;

use super::cursor::{Cursor, closing, split, starts_clause};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::lexer::{Token, tokens};

/// What SQLite has stored: the text of everything in the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Tables by name.
    pub tables: BTreeMap<String, String>,
    /// Indexes made by CREATE INDEX, in the order they were made.
    pub indexes: Vec<StoredObject>,
    /// Triggers, in the order they were made.
    pub triggers: Vec<StoredObject>,
    /// Views, in the order they were made.
    pub views: Vec<StoredObject>,
}

/// The text of an index, trigger or view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredObject {
    /// Its name.
    pub name: String,
    /// The table or view it belongs to; a view's own name for views.
    pub table: String,
    /// Its CREATE statement.
    pub sql: String,
}

impl Stored {
    /// The name as it is stored and the text of a table; names know no case here.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<(&str, &str)> {
        self.tables
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(own, sql)| (own.as_str(), sql.as_str()))
    }
}

/// What a clause of a column, or a constraint of a table, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    PrimaryKey,
    NotNull,
    Null,
    Unique,
    Check,
    Default,
    Collate,
    References,
    Generated,
    ForeignKey,
}

/// One clause and its text.
#[derive(Clone, Debug)]
pub(crate) struct Clause {
    pub(crate) kind: Kind,
    pub(crate) name: Option<String>,
    /// The columns it lists in its first brackets.
    pub(crate) columns: Vec<String>,
    pub(crate) text: String,
}

/// A column of a stored table.
#[derive(Clone, Debug)]
pub(crate) struct ColumnText {
    pub(crate) name: String,
    /// The name as it is written there, quotes included.
    pub(crate) written: String,
    pub(crate) column_type: String,
    pub(crate) clauses: Vec<Clause>,
    /// The whole column as it was written, until something of it changes.
    pub(crate) untouched: Option<String>,
}

impl ColumnText {
    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.clauses.iter().any(|clause| clause.kind == kind)
    }

    /// Takes every clause of this kind out.
    pub(crate) fn remove(&mut self, kind: Kind) {
        self.clauses.retain(|clause| clause.kind != kind);
        self.untouched = None;
    }

    /// Puts a clause where CREATE TABLE writes it, so that a change and its inverse leave the text as it was.
    pub(crate) fn push(&mut self, kind: Kind, text: String) {
        let place = self.clauses.iter().position(|clause| rank(clause.kind) > rank(kind)).unwrap_or(self.clauses.len());
        self.clauses.insert(place, Clause { kind, name: None, columns: Vec::new(), text });
        self.untouched = None;
    }

    fn text(&self) -> String {
        self.untouched.clone().unwrap_or_else(|| {
            let mut words = vec![self.written.as_str()];
            words.extend(Some(self.column_type.as_str()).filter(|text| !text.is_empty()));
            words.extend(self.clauses.iter().map(|clause| clause.text.as_str()));
            words.join(" ")
        })
    }
}

/// A stored table taken apart.
#[derive(Clone, Debug)]
pub(crate) struct TableText {
    pub(crate) columns: Vec<ColumnText>,
    pub(crate) constraints: Vec<Clause>,
    /// What stands behind the closing bracket: STRICT, WITHOUT ROWID.
    pub(crate) options: String,
}

impl TableText {
    /// Takes a stored CREATE TABLE apart.
    pub(crate) fn parse(table: &str, sql: &str) -> Result<Self> {
        let strange = |why: &str| {
            Error::failed(format!("the stored text of the table {table} cannot be edited: {why}"))
                .on_sql(sql.to_owned())
        };
        let words = tokens(sql);
        if words.iter().take(3).any(|token| token.is("VIRTUAL")) {
            return Err(strange("it is a virtual table").hint("drop the virtual table and make it anew"));
        }
        let open = words.iter().position(|token| token.is_sign('(')).ok_or_else(|| strange("it has no columns"))?;
        let close = closing(&words, open).ok_or_else(|| strange("a bracket is not closed"))?;
        let options = words.get(close).map_or(sql.len(), |token| token.end);
        let mut parsed = Self {
            columns: Vec::new(),
            constraints: Vec::new(),
            options: sql.get(options..).unwrap_or_default().trim().to_owned(),
        };
        for item in split(words.get(open + 1..close).unwrap_or_default()) {
            parsed.item(sql, item).ok_or_else(|| strange("a part of it is not understood"))?;
        }
        Ok(parsed)
    }

    fn item(&mut self, sql: &str, words: &[Token<'_>]) -> Option<()> {
        let first = words.first()?;
        let mut cursor = Cursor { sql, words, at: 0 };
        let is_constraint = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|word| first.is(word));
        if is_constraint && words.len() > 1 {
            // SQLite lets the comma between two constraints be left out.
            while cursor.at < words.len() {
                self.constraints.push(cursor.clause()?);
            }
            return Some(());
        }
        cursor.at = 1;
        let type_start = cursor.at;
        while cursor.peek().is_some_and(|token| !starts_clause(token)) {
            cursor.skip();
        }
        let column_type = cursor.slice(type_start, cursor.at);
        let mut clauses = Vec::new();
        while cursor.at < words.len() {
            clauses.push(cursor.clause()?);
        }
        self.columns.push(ColumnText {
            name: first.name()?,
            written: first.text.to_owned(),
            column_type,
            clauses,
            untouched: Some(cursor.slice(0, words.len())),
        });
        Some(())
    }

    pub(crate) fn column(&self, name: &str) -> Option<&ColumnText> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Every named clause and constraint.
    pub(crate) fn constraint_names(&self) -> Vec<String> {
        let inline = self.columns.iter().flat_map(|column| &column.clauses);
        inline.chain(&self.constraints).filter_map(|clause| clause.name.clone()).collect()
    }

    /// CREATE TABLE under another name.
    pub(crate) fn create(&self, name: &str) -> String {
        let items: Vec<String> = self
            .columns
            .iter()
            .map(ColumnText::text)
            .chain(self.constraints.iter().map(|clause| clause.text.clone()))
            .collect();
        let options = if self.options.is_empty() { String::new() } else { format!(" {}", self.options) };
        format!("CREATE TABLE {} (\n    {}\n){options}", Dialect::Sqlite.quote(name), items.join(",\n    "))
    }
}

/// The order in which the clauses of a new column are written.
const fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Collate => 0,
        Kind::NotNull | Kind::Null => 1,
        Kind::Default => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD: &str = "CREATE TABLE IF NOT EXISTS [my table] (
        id INTEGER CONSTRAINT pk PRIMARY KEY DESC ON CONFLICT ABORT AUTOINCREMENT, -- the key, of course
        \"na me\" VARCHAR(10, 2) NOT NULL DEFAULT ('a,b)') COLLATE NOCASE /* odd */ CHECK (length(\"na me\") > 1),
        flag DEFAULT -1 NULL,
        blob DEFAULT x'00ff' UNIQUE,
        parent INT REFERENCES other (id) ON DELETE SET NULL ON UPDATE SET DEFAULT NOT DEFERRABLE INITIALLY IMMEDIATE NOT NULL,
        total AS (id * 2) STORED,
        CONSTRAINT ck CHECK (id <> 3) CONSTRAINT uq UNIQUE (id, flag),
        FOREIGN KEY (parent) REFERENCES other DEFERRABLE INITIALLY DEFERRED
    ) STRICT, WITHOUT ROWID";

    #[test]
    fn an_odd_table_is_taken_apart_as_sqlite_reads_it() {
        let table = TableText::parse("my table", ODD).unwrap();
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["id", "na me", "flag", "blob", "parent", "total"]);
        let kinds =
            |name: &str| table.column(name).unwrap().clauses.iter().map(|clause| clause.kind).collect::<Vec<_>>();
        assert_eq!(kinds("na me"), [Kind::NotNull, Kind::Default, Kind::Collate, Kind::Check]);
        assert_eq!(kinds("flag"), [Kind::Default, Kind::Null]);
        assert_eq!(kinds("blob"), [Kind::Default, Kind::Unique]);
        assert_eq!(kinds("parent"), [Kind::References, Kind::NotNull]);
        assert_eq!(kinds("total"), [Kind::Generated]);
        assert_eq!(table.constraint_names(), ["pk", "ck", "uq"]);
        assert_eq!(table.constraints.len(), 3);
        assert_eq!(table.constraints[1].columns, ["id", "flag"]);
        assert_eq!(table.options, "STRICT, WITHOUT ROWID");
        assert_eq!(table.column("NA ME").unwrap().column_type, "VARCHAR(10, 2)");
    }

    #[test]
    fn what_nobody_touches_stays_letter_for_letter() {
        let text = TableText::parse("my table", ODD).unwrap().create("new");
        for part in [
            "'a,b)'",
            "/* odd */",
            "DESC ON CONFLICT ABORT AUTOINCREMENT",
            "x'00ff'",
            "NOT DEFERRABLE INITIALLY IMMEDIATE NOT NULL",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
        let again = TableText::parse("new", &text).unwrap();
        assert_eq!(again.create("new"), text);
    }

    #[test]
    fn a_virtual_table_is_refused() {
        assert!(TableText::parse("v", "CREATE VIRTUAL TABLE v USING fts5(a)").is_err());
    }
}
