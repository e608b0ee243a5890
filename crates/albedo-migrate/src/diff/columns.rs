//! Columns that come, go, change, and have another name.

use std::collections::{BTreeMap, BTreeSet};

use super::cast::{self, Loss};
use super::changes::Remark;
use super::draft::Draft;
use super::hints::{Rename, Unfilled};
use super::{enums, fill, told};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::lexer::mentions;
use crate::operation::{ColumnChange, Operation};
use crate::schema::{Column, ColumnType, DefaultValue, Table};

/// What becomes of columns, so that what hangs on them can step aside first. Table and column.
#[derive(Debug, Default)]
pub(super) struct Fate {
    /// They go.
    pub(super) dropped: BTreeSet<(String, String)>,
    /// They go and come again, since no database changes what a column is computed from. What it was computed from.
    pub(super) remade: BTreeMap<(String, String), Option<String>>,
    /// Their type changes to one that compares in another way.
    pub(super) retyped: BTreeSet<(String, String)>,
}

impl Fate {
    /// Whether anything computed or compared with this column has to step aside.
    pub(super) fn moves(&self, table: &str, column: &str) -> bool {
        let place = (table.to_owned(), column.to_owned());
        self.remade.contains_key(&place) || self.retyped.contains(&place)
    }
}

pub(super) fn rename(draft: &mut Draft<'_>) -> Result<()> {
    let mut left: Vec<(String, Rename)> = Vec::new();
    for rename in &draft.hints.renames {
        let Some(of) = &rename.of else { continue };
        let is_value = |known: &crate::schema::EnumType| known.values.contains(&rename.to);
        match (draft.now.table(of), draft.after.table(of)) {
            (Some(now), Some(after)) if now.column(&rename.from).is_some() && after.column(&rename.to).is_some() => {
                left.push((of.clone(), rename.clone()));
            }
            _ if draft.now.enums.get(of).is_some_and(is_value) => {}
            (Some(now), Some(_)) if now.column(&rename.from).is_none() => {
                return Err(Error::usage(format!("the column {of}.{} is not there to be renamed", rename.from)));
            }
            (Some(_), Some(_)) => {
                return Err(Error::usage(format!("no column is called {of}.{} in the end", rename.to)));
            }
            _ => return Err(Error::usage(format!("no table is called {of}, before and after"))),
        }
    }
    while !left.is_empty() {
        let is_free = |(of, rename): &(String, Rename)| {
            draft.now.table(of).is_some_and(|table| table.column(&rename.to).is_none())
        };
        let Some((table, rename)) = left.iter().position(is_free).map(|at| left.remove(at)) else {
            let names: Vec<String> = left.iter().map(|(_, rename)| rename.to_string()).collect();
            return Err(Error::usage(format!("the new name is taken: {}", names.join(", ")))
                .hint("rename to a name that is free first, in a revision of its own"));
        };
        draft.change(&table, Some(&rename.to), "name", Some(rename.from.clone()), Some(rename.to.clone()));
        draft.emit(Operation::RenameColumn { table, from: rename.from, to: rename.to })?;
    }
    Ok(())
}

pub(super) fn fate(draft: &Draft<'_>) -> Fate {
    let mut fate = Fate::default();
    for name in draft.common() {
        let Some((now, after)) = draft.pair(&name) else { continue };
        let mut moving: BTreeSet<&str> = BTreeSet::new();
        for column in &now.columns {
            let place = || (name.clone(), column.name.clone());
            let Some(wanted) = after.column(&column.name) else {
                fate.dropped.insert(place());
                moving.insert(&column.name);
                continue;
            };
            let same_type = draft.lens.same_type(column, wanted);
            let replaced = enums::enum_of(&column.column_type).is_some_and(|name| enums::is_replaced(draft, name));
            let computed = column.generated.as_ref().or(wanted.generated.as_ref()).is_some();
            let same = draft.lens.same_generated(column, wanted)
                && (!computed
                    || (same_type && draft.lens.same_collation(column, wanted) && column.nullable == wanted.nullable));
            if !same {
                fate.remade.insert(place(), column.generated.as_ref().map(|own| own.expression.clone()));
                moving.insert(&column.name);
            } else if !same_type || replaced {
                moving.insert(&column.name);
                if replaced || family(&column.column_type) != family(&wanted.column_type) {
                    fate.retyped.insert(place());
                }
            }
        }
        // PostgreSQL changes and drops no column that another is computed from.
        for column in now.columns.iter().filter(|column| after.column(&column.name).is_some()) {
            if let Some(generated) = &column.generated
                && moving.iter().any(|name| mentions(&generated.expression, name))
            {
                fate.remade.insert((name.clone(), column.name.clone()), Some(generated.expression.clone()));
            }
        }
    }
    fate
}

/// Types of one family compare with each other.
fn family(column_type: &ColumnType) -> String {
    match column_type {
        ColumnType::SmallInteger | ColumnType::Integer | ColumnType::BigInteger => "whole".to_owned(),
        ColumnType::Float | ColumnType::Double => "floating".to_owned(),
        ColumnType::Decimal(_) => "exact".to_owned(),
        ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text => "text".to_owned(),
        ColumnType::DateTime | ColumnType::Timestamp => "moment".to_owned(),
        other => other.sql(Dialect::Postgres),
    }
}

pub(super) fn drop(draft: &mut Draft<'_>, fate: &Fate) -> Result<()> {
    for table in draft.common() {
        suspect(draft, &table);
        let Some((now, after)) = draft.pair(&table) else { continue };
        let mut going: Vec<(Column, Option<Column>)> = now
            .columns
            .iter()
            .filter(|column| {
                let place = (table.clone(), column.name.clone());
                fate.dropped.contains(&place) || fate.remade.contains_key(&place)
            })
            .map(|column| (column.clone(), after.column(&column.name).cloned()))
            .collect();
        // Computed columns first: the others may be what they are computed from.
        going.sort_by_key(|(column, _)| column.generated.is_none());
        for (column, wanted) in going {
            let name = column.name.clone();
            match &wanted {
                None => draft.change(&table, Some(&name), "column", Some(told::column(&column)), None),
                Some(wanted) if !draft.lens.same_generated(&column, wanted) => {
                    let (before, after) = (told::generated(&column), told::generated(wanted));
                    draft.change(&table, Some(&name), "generated", before, after);
                }
                Some(wanted) if told::column(&column) != told::column(wanted) => {
                    draft.change(
                        &table,
                        Some(&name),
                        "column",
                        Some(told::column(&column)),
                        Some(told::column(wanted)),
                    );
                }
                Some(_) => {}
            }
            let operation = Operation::DropColumn { table: table.clone(), column: name.clone() };
            if column.generated.is_some() {
                draft.emit(operation)?;
            } else {
                draft.emit_destructive(operation, format!("the column {table}.{name} goes, with its values"))?;
            }
        }
    }
    Ok(())
}

/// A column that goes and one that comes with the same type may be one.
fn suspect(draft: &mut Draft<'_>, table: &str) {
    let Some((now, after)) = draft.pair(table) else { return };
    let mut found = Vec::new();
    for column in now.columns.iter().filter(|column| after.column(&column.name).is_none()) {
        let fits = |other: &&Column| {
            now.column(&other.name).is_none()
                && draft.lens.same_type(column, other)
                && draft.lens.same_generated(column, other)
        };
        found.extend(after.columns.iter().filter(fits).map(|other| Rename::within(table, &column.name, &other.name)));
    }
    for rename in found {
        draft.remark(Remark::PossibleRename(rename));
    }
}

pub(super) fn alter(draft: &mut Draft<'_>) -> Result<()> {
    for name in draft.common() {
        let Some((now, after)) = draft.pair(&name) else { continue };
        let pairs: Vec<(Column, Column)> = after
            .columns
            .iter()
            .filter_map(|wanted| Some((now.column(&wanted.name)?.clone(), wanted.clone())))
            .collect();
        for (column, wanted) in pairs {
            alter_one(draft, after, &column, &wanted)?;
        }
    }
    Ok(())
}

fn alter_one(draft: &mut Draft<'_>, table: &Table, column: &Column, wanted: &Column) -> Result<()> {
    let lens = draft.lens;
    let (of, name) = (table.name.as_str(), wanted.name.as_str());
    let mut change = ColumnChange::default();
    let mut lost = None;
    if !lens.same_type(column, wanted) {
        let (from, to) = (&column.column_type, &wanted.column_type);
        draft.change(of, Some(name), "type", Some(from.sql(Dialect::Postgres)), Some(to.sql(Dialect::Postgres)));
        change.column_type = Some(to.clone());
        change.using_on = Dialect::ALL
            .iter()
            .filter_map(|dialect| Some((*dialect, cast::expression(name, from, to, *dialect)?)))
            .collect();
        // PostgreSQL does not cast a default along.
        change.default = (column.default.is_some() || wanted.default.is_some()).then(|| wanted.default.clone());
        if cast::loss(from, to) == Loss::Possible {
            let (from, to) = (from.sql(Dialect::Postgres), to.sql(Dialect::Postgres));
            lost = Some(format!("values of {of}.{name} that do not fit are cut or refused: {from} becomes {to}"));
        }
    }
    if !lens.same_collation(column, wanted) {
        draft.change(of, Some(name), "collation", column.collation.clone(), wanted.collation.clone());
        // PostgreSQL says it together with the type.
        change.column_type = Some(wanted.column_type.clone());
        change.collation = Some(wanted.collation.clone());
    }
    if !lens.same_default(column, wanted) {
        draft.change(of, Some(name), "default", told::default(column), told::default(wanted));
        change.default = Some(wanted.default.clone());
    }
    if !lens.same_identity(column, wanted) {
        draft.change(of, Some(name), "identity", told::identity(column), told::identity(wanted));
        change.identity = Some(wanted.identity);
        if !matches!(wanted.column_type, ColumnType::Integer | ColumnType::BigInteger) {
            // SQLite numbers rows in an INTEGER alone, so the type changes along with it.
            change.column_type = Some(wanted.column_type.clone());
        }
    }
    if column.nullable != wanted.nullable {
        draft.change(of, Some(name), "nullable", Some(told::nullable(column)), Some(told::nullable(wanted)));
        change.nullable = Some(wanted.nullable);
        if !wanted.nullable {
            change.fill = fill_for(draft, table, wanted);
        }
    }
    if !lens.same_comment(column.comment.as_deref(), wanted.comment.as_deref()) {
        draft.change(of, Some(name), "comment", column.comment.clone(), wanted.comment.clone());
        change.comment = Some(wanted.comment.clone());
    }
    if change == ColumnChange::default() {
        return Ok(());
    }
    let operation = Operation::AlterColumn { table: of.to_owned(), column: name.to_owned(), change };
    match lost {
        Some(message) => draft.emit_destructive(operation, message),
        None => draft.emit(operation),
    }
}

/// What rows get in a column that may not be empty. Nobody knows whether there are rows, so somebody has to say.
fn fill_for(draft: &mut Draft<'_>, table: &Table, column: &Column) -> Option<String> {
    if let Some(fill) = draft.hints.fill(&table.name, &column.name) {
        return Some(fill.to_owned());
    }
    match draft.hints.unfilled {
        Unfilled::Neutral => fill::neutral(table, column),
        Unfilled::Remark => {
            let (table, column) = (table.name.clone(), column.name.clone());
            draft.remark(Remark::NeedsFill { table, column });
            None
        }
    }
}

pub(super) fn add(draft: &mut Draft<'_>, fate: &Fate) -> Result<()> {
    for name in draft.common() {
        let Some((now, after)) = draft.pair(&name) else { continue };
        let mut new: Vec<&Column> = after.columns.iter().filter(|column| now.column(&column.name).is_none()).collect();
        new.sort_by_key(|column| column.generated.is_some());
        let new: Vec<(&Column, Option<Option<String>>)> = new
            .into_iter()
            .map(|column| {
                let was = fate.remade.get(&(name.clone(), column.name.clone()));
                (column, was.map(|was| was.clone().filter(|expression| still_there(expression, now, after))))
            })
            .collect();
        for (column, was) in new {
            if was.is_none() {
                draft.change(&name, Some(&column.name), "column", None, Some(told::column(column)));
            }
            let has_value = column.generated.is_some()
                || column.identity.is_some()
                || column.default.as_ref().is_some_and(|default| *default != DefaultValue::Null);
            let fill = match was {
                _ if column.generated.is_some() => None,
                // What was computed is kept: it is computed once more, and stays.
                Some(Some(expression)) => Some(expression),
                _ if column.nullable || has_value => draft.hints.fill(&name, &column.name).map(str::to_owned),
                _ => fill_for(draft, after, column),
            };
            draft.emit(Operation::AddColumn { table: name.clone(), column: column.clone(), fill })?;
        }
    }
    Ok(())
}

/// Whether all columns that an expression was made of are still columns.
fn still_there(expression: &str, now: &Table, after: &Table) -> bool {
    now.columns
        .iter()
        .filter(|column| mentions(expression, &column.name))
        .all(|column| after.column(&column.name).is_some())
}
