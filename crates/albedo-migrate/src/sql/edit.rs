//! Edits of a stored table: what each of them changes in its text, and where the values of its columns come from.

use super::definition;
use super::sqlite::Edit;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::lexer::{mentions, tokens};
use crate::operation::{ColumnChange, Constraint};
use crate::schema::stored::{Clause, ColumnText, Kind, TableText};
use crate::schema::{Column, DefaultValue};

const LITE: Dialect = Dialect::Sqlite;

/// One table in the making.
pub(super) struct Work<'s> {
    pub(super) table: &'s str,
    pub(super) text: TableText,
    /// Column and the expression its values come from.
    pub(super) values: Vec<(String, String)>,
    pub(super) dropped: Vec<String>,
    pub(super) was_counting: bool,
    pub(super) keeps_rowid: bool,
}

impl<'s> Work<'s> {
    pub(super) fn new(table: &'s str, text: TableText) -> Self {
        let values = text
            .columns
            .iter()
            .filter(|column| !column.has(Kind::Generated))
            .map(|column| (column.name.clone(), LITE.quote(&column.name)));
        let values = values.collect();
        let was_counting = counts(&text);
        let keeps_rowid = has_hidden_rowid(&text);
        Self { table, text, values, dropped: Vec::new(), was_counting, keeps_rowid }
    }

    pub(super) fn edit(&mut self, edit: &Edit) -> Result<()> {
        match edit {
            Edit::AddColumn(column, fill) => self.add_column(column, fill.as_deref()),
            Edit::DropColumn(name) => self.drop_column(name),
            Edit::AlterColumn(name, change) => self.alter_column(name, change),
            Edit::AddConstraint(constraint) => self.add_constraint(constraint),
            Edit::DropConstraint(name) => self.drop_constraint(name),
            Edit::RenameConstraint(from, to) => self.rename_constraint(from, to),
        }
    }

    fn find(&mut self, name: &str) -> Result<&mut ColumnText> {
        let missing = || Error::failed(format!("the column {}.{name} is not there", self.table));
        self.text.columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(name)).ok_or_else(missing)
    }

    fn set_value(&mut self, name: &str, value: String) {
        match self.values.iter_mut().find(|(column, _)| column.eq_ignore_ascii_case(name)) {
            Some(slot) => slot.1 = value,
            None => self.values.push((name.to_owned(), value)),
        }
    }

    fn value(&self, name: &str) -> String {
        let found = self.values.iter().find(|(column, _)| column.eq_ignore_ascii_case(name));
        found.map_or_else(|| LITE.quote(name), |(_, value)| value.clone())
    }

    fn add_column(&mut self, column: &Column, fill: Option<&str>) -> Result<()> {
        if self.text.column(&column.name).is_some() {
            return Err(Error::failed(format!("the column {}.{} is already there", self.table, column.name)));
        }
        let written = definition::column(LITE, column)?;
        let parsed = TableText::parse(self.table, &format!("CREATE TABLE t ({written})"))?;
        self.text.columns.extend(parsed.columns);
        if column.generated.is_none() {
            let default = column.default.as_ref().filter(|default| **default != DefaultValue::Null);
            let value = fill.map(|fill| format!("({fill})")).or_else(|| default.map(|default| default.sql(LITE)));
            self.values.push((column.name.clone(), value.unwrap_or_else(|| "NULL".to_owned())));
        }
        Ok(())
    }

    fn drop_column(&mut self, name: &str) -> Result<()> {
        self.find(name)?;
        self.text.columns.retain(|column| !column.name.eq_ignore_ascii_case(name));
        self.values.retain(|(column, _)| !column.eq_ignore_ascii_case(name));
        // As PostgreSQL does it: what names the column goes with it.
        self.text.constraints.retain(|clause| match clause.kind {
            Kind::Check => !mentions(&clause.text, name),
            _ => !clause.columns.iter().any(|column| column.eq_ignore_ascii_case(name)),
        });
        for column in &mut self.text.columns {
            let before = column.clauses.len();
            column.clauses.retain(|clause| clause.kind != Kind::Check || !mentions(&clause.text, name));
            if column.clauses.len() < before {
                column.untouched = None;
            }
        }
        self.dropped.push(name.to_owned());
        Ok(())
    }

    fn alter_column(&mut self, name: &str, change: &ColumnChange) -> Result<()> {
        let column = self.find(name)?;
        if let Some(column_type) = &change.column_type {
            // AUTOINCREMENT is only allowed on the word INTEGER itself.
            let counts = column.clauses.iter().any(is_counter) && change.identity != Some(None);
            column.column_type = if counts { "integer".to_owned() } else { column_type.sql(LITE) };
            column.untouched = None;
        }
        if let Some(collation) = &change.collation {
            column.remove(Kind::Collate);
            if let Some(collation) = collation.as_deref().and_then(|name| LITE.collation(name)) {
                column.push(Kind::Collate, format!("COLLATE {}", LITE.quote(collation)));
            }
        }
        if let Some(default) = &change.default {
            column.remove(Kind::Default);
            if let Some(default) = default {
                column.push(Kind::Default, format!("DEFAULT {}", default.sql(LITE)));
            }
        }
        match change.nullable {
            Some(true) => {
                column.remove(Kind::NotNull);
            }
            Some(false) if !column.has(Kind::NotNull) => {
                column.remove(Kind::Null);
                column.push(Kind::NotNull, "NOT NULL".to_owned());
            }
            _ => {}
        }
        if let Some(identity) = change.identity {
            self.number(name, identity.is_some())?;
        }
        if let Some(using) = change.using_in(LITE) {
            self.set_value(name, format!("({using})"));
        }
        if let Some(fill) = &change.fill {
            let value = self.value(name);
            self.set_value(name, format!("coalesce({value}, ({fill}))"));
        }
        Ok(())
    }

    /// AUTOINCREMENT stands in the column itself, so the primary key moves there, or back among the constraints.
    fn number(&mut self, name: &str, on: bool) -> Result<()> {
        let is_key = |clause: &Clause| clause.kind == Kind::PrimaryKey;
        let alone = |clause: &Clause| clause.columns.iter().all(|column| column.eq_ignore_ascii_case(name));
        let apart = self.text.constraints.iter().find(|clause| is_key(clause) && alone(clause)).cloned();
        let quoted = LITE.quote(name);
        let table = self.table;
        let column = self.find(name)?;
        let inline = column.clauses.iter().find(|clause| is_key(clause)).cloned();
        let key = apart.or(inline).ok_or_else(|| {
            Error::usage(format!("SQLite numbers rows only in a primary key of one column, and {table}.{name} is none"))
        })?;
        column.remove(Kind::PrimaryKey);
        let named = key.name.as_ref().map_or_else(String::new, |name| format!("CONSTRAINT {} ", LITE.quote(name)));
        let (text, columns) = if on {
            column.column_type = "integer".to_owned();
            (format!("{named}PRIMARY KEY AUTOINCREMENT"), Vec::new())
        } else {
            (format!("{named}PRIMARY KEY ({quoted})"), vec![name.to_owned()])
        };
        let clause = Clause { kind: Kind::PrimaryKey, name: key.name, columns, text };
        if on {
            column.clauses.push(clause);
            self.text.constraints.retain(|clause| !is_key(clause));
        } else {
            self.text.constraints.retain(|clause| !is_key(clause));
            self.text.constraints.insert(0, clause);
        }
        Ok(())
    }

    fn add_constraint(&mut self, constraint: &Constraint) -> Result<()> {
        if let Some(name) = constraint.name()
            && self.text.constraint_names().iter().any(|own| own.eq_ignore_ascii_case(name))
        {
            return Err(Error::failed(format!("the constraint {name} of {} is already there", self.table)));
        }
        if let Constraint::PrimaryKey(key) = constraint {
            for name in &key.columns {
                let column = self.find(name)?;
                if !column.has(Kind::NotNull) {
                    column.remove(Kind::Null);
                    column.push(Kind::NotNull, "NOT NULL".to_owned());
                }
            }
        }
        let written = definition::constraint(LITE, constraint);
        let parsed = TableText::parse(self.table, &format!("CREATE TABLE t (x, {written})"))?;
        self.text.constraints.extend(parsed.constraints);
        Ok(())
    }

    fn drop_constraint(&mut self, name: &str) -> Result<()> {
        let is = |clause: &Clause| clause.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name));
        let before = self.text.constraint_names();
        self.text.constraints.retain(|clause| !is(clause));
        for column in &mut self.text.columns {
            if column.clauses.iter().any(is) {
                column.clauses.retain(|clause| !is(clause));
                column.untouched = None;
            }
        }
        if before.len() == self.text.constraint_names().len() {
            return Err(self.no_constraint(name, &before));
        }
        Ok(())
    }

    fn no_constraint(&self, name: &str, known: &[String]) -> Error {
        let known = if known.is_empty() { "none with a name".to_owned() } else { known.join(", ") };
        Error::failed(format!("the table {} has no constraint {name}", self.table)).hint(format!("it has {known}"))
    }

    fn rename_constraint(&mut self, from: &str, to: &str) -> Result<()> {
        let known = self.text.constraint_names();
        let mut found = false;
        let mut rename = |clause: &mut Clause| {
            if clause.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(from)) {
                // CONSTRAINT is the first word of a named clause, its name the second.
                if let Some(old) = tokens(&clause.text).get(1).copied() {
                    let text =
                        format!("CONSTRAINT {}{}", LITE.quote(to), clause.text.get(old.end..).unwrap_or_default());
                    clause.text = text;
                }
                clause.name = Some(to.to_owned());
                found = true;
                return true;
            }
            false
        };
        for clause in &mut self.text.constraints {
            rename(clause);
        }
        for column in &mut self.text.columns {
            let mut changed = false;
            for clause in &mut column.clauses {
                changed |= rename(clause);
            }
            if changed {
                column.untouched = None;
            }
        }
        if found { Ok(()) } else { Err(self.no_constraint(from, &known)) }
    }
}

/// Whether the table has AUTOINCREMENT.
pub(super) fn counts(text: &TableText) -> bool {
    let inline = text.columns.iter().flat_map(|column| &column.clauses).chain(&text.constraints);
    inline.into_iter().any(is_counter)
}

fn is_counter(clause: &Clause) -> bool {
    clause.kind == Kind::PrimaryKey && tokens(&clause.text).iter().any(|token| token.is("AUTOINCREMENT"))
}

/// Whether rows have a number that is no column: full-text tables and the like may refer to it.
pub(super) fn has_hidden_rowid(text: &TableText) -> bool {
    let named = |name: &str| text.column(name).is_some();
    let without = tokens(&text.options).iter().any(|token| token.is("WITHOUT"));
    let is_integer = |column: &ColumnText| column.column_type.eq_ignore_ascii_case("integer");
    let inline = text.columns.iter().any(|column| is_integer(column) && column.has(Kind::PrimaryKey));
    let apart = text.constraints.iter().any(|clause| {
        clause.kind == Kind::PrimaryKey && clause.columns.iter().any(|name| text.column(name).is_some_and(is_integer))
    });
    !(without || named("rowid") || inline || apart)
}
