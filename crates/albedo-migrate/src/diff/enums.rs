//! Enum types. PostgreSQL adds and renames a value; for everything else a type takes the place of another.

use super::changes::Remark;
use super::draft::Draft;
use super::hints::Unfilled;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::operation::{ColumnChange, Operation};
use crate::schema::{Column, ColumnType, DefaultValue, EnumType};

pub(super) fn rename_values(draft: &mut Draft<'_>) -> Result<()> {
    let hints = draft.hints;
    for rename in &hints.renames {
        let Some(of) = rename.of.as_ref().filter(|of| draft.now.enums.contains_key(*of)) else { continue };
        let has = |known: Option<&EnumType>, value: &str| {
            known.is_some_and(|known| known.values.iter().any(|own| own == value))
        };
        if !has(draft.now.enums.get(of), &rename.from) {
            // A table and an enum type may share a name; then it is a column's.
            if draft.now.tables.contains_key(of) || draft.after.tables.contains_key(of) {
                continue;
            }
            return Err(Error::usage(format!("the enum {of} has no value {}", rename.from)));
        }
        if !has(draft.after.enums.get(of), &rename.to) {
            return Err(Error::usage(format!("the enum {of} has no value {} in the end", rename.to)));
        }
        draft.change(of, Some(&rename.from), "name", Some(rename.from.clone()), Some(rename.to.clone()));
        draft.emit(Operation::RenameEnumValue {
            name: of.clone(),
            from: rename.from.clone(),
            to: rename.to.clone(),
        })?;
    }
    Ok(())
}

fn told(values: &[String]) -> String {
    values.join(", ")
}

/// What a type needs to get its new values.
enum Way {
    Nothing,
    Add,
    /// Values go, or change places, or are used before the transaction ends that would add them.
    Replace,
}

fn way(draft: &Draft<'_>, now: &EnumType) -> Way {
    let Some(wanted) = draft.after.enums.get(&now.name) else { return Way::Nothing };
    if now.values == wanted.values {
        return Way::Nothing;
    }
    let kept: Vec<&String> = wanted.values.iter().filter(|value| now.values.contains(value)).collect();
    let new: Vec<&String> = wanted.values.iter().filter(|value| !now.values.contains(value)).collect();
    if kept.iter().copied().eq(&now.values) && !is_used_at_once(draft, &now.name, &new) {
        Way::Add
    } else {
        Way::Replace
    }
}

/// Whether another type takes the place of this one, so that what is computed with it cannot stay.
pub(super) fn is_replaced(draft: &Draft<'_>, name: &str) -> bool {
    draft.lens.sees(Dialect::Postgres)
        && draft.now.enums.get(name).is_some_and(|now| matches!(way(draft, now), Way::Replace))
}

/// The enum type a column's type is made of.
pub(super) fn enum_of(column_type: &ColumnType) -> Option<&str> {
    match column_type {
        ColumnType::Enum(name) => Some(name),
        ColumnType::Array(element) => enum_of(element),
        _ => None,
    }
}

/// New types, new values; a type that cannot be changed steps aside for one that takes its name.
pub(super) fn begin(draft: &mut Draft<'_>) -> Result<()> {
    if !draft.lens.sees(Dialect::Postgres) {
        return Ok(());
    }
    let after = draft.after;
    for (name, wanted) in &after.enums {
        let Some(now) = draft.now.enums.get(name).cloned() else {
            draft.change(name, None, "enum", None, Some(told(&wanted.values)));
            draft.emit(Operation::CreateEnum { name: name.clone(), values: wanted.values.clone() })?;
            continue;
        };
        let way = way(draft, &now);
        if !matches!(way, Way::Nothing) {
            draft.change(name, None, "values", Some(told(&now.values)), Some(told(&wanted.values)));
        }
        match way {
            Way::Nothing => {}
            Way::Add => add_values(draft, name, &wanted.values, &now.values)?,
            Way::Replace => replace(draft, &now, wanted)?,
        }
    }
    Ok(())
}

/// PostgreSQL lets no statement use a value in the transaction that has added it.
fn is_used_at_once(draft: &Draft<'_>, name: &str, new: &[&String]) -> bool {
    let is = |text: &str| new.iter().any(|value| text == value.as_str() || text.contains(&format!("'{value}'")));
    let is_mine = |column: &Column| enum_of(&column.column_type) == Some(name);
    draft.after.tables.values().filter(|table| table.columns.iter().any(is_mine)).any(|table| {
        let in_column = |column: &Column| {
            let default = match &column.default {
                Some(DefaultValue::Text(text) | DefaultValue::Expression(text)) => is(text),
                _ => false,
            };
            default || draft.hints.fill(&table.name, &column.name).is_some_and(is)
        };
        table.columns.iter().any(|column| is_mine(column) && in_column(column))
            || table.columns.iter().filter_map(|column| column.generated.as_ref()).any(|own| is(&own.expression))
            || table.checks.iter().any(|check| is(&check.expression))
            || table.indexes.iter().any(|index| index.predicate.as_deref().is_some_and(is))
    })
}

fn add_values(draft: &mut Draft<'_>, name: &str, wanted: &[String], known: &[String]) -> Result<()> {
    for (at, value) in wanted.iter().enumerate().filter(|(_, value)| !known.contains(value)) {
        let before = wanted.iter().skip(at + 1).find(|value| known.contains(value)).cloned();
        draft.emit(Operation::AddEnumValue { name: name.to_owned(), value: value.clone(), before })?;
    }
    Ok(())
}

fn replace(draft: &mut Draft<'_>, now: &EnumType, wanted: &EnumType) -> Result<()> {
    let name = &now.name;
    let users: Vec<(String, Column)> = draft
        .now
        .tables
        .values()
        .flat_map(|table| table.columns.iter().map(move |column| (table.name.clone(), column.clone())))
        .filter(|(_, column)| enum_of(&column.column_type) == Some(name))
        .collect();
    let mut moved: Vec<(String, String)> = Vec::new();
    for value in now.values.iter().filter(|value| !wanted.values.contains(value)) {
        let neutral = wanted.values.first().filter(|_| draft.hints.unfilled == Unfilled::Neutral);
        if let Some(fill) = draft.hints.fill(name, value).or(neutral.map(String::as_str)) {
            moved.push((value.clone(), fill.to_owned()));
            continue;
        }
        let message = format!("the value {value} of {name} goes; PostgreSQL refuses that while a row holds it");
        draft.remark(Remark::Destructive { operation: draft.len(), message });
    }
    let mut aside = format!("{name}_old");
    while draft.now.enums.contains_key(&aside) || draft.after.enums.contains_key(&aside) {
        aside.push('_');
    }
    draft.emit(Operation::RenameEnum { from: name.clone(), to: aside.clone() })?;
    draft.emit(Operation::CreateEnum { name: name.clone(), values: wanted.values.clone() })?;
    for (table, column) in users {
        let later = draft.after.table(&table).and_then(|table| table.column(&column.name));
        let later = later.filter(|later| later.column_type == column.column_type);
        let is_kept =
            |default: &DefaultValue| !matches!(default, DefaultValue::Text(text) if !wanted.values.contains(text));
        let change = ColumnChange {
            column_type: Some(column.column_type.clone()),
            using_on: if matches!(column.column_type, ColumnType::Enum(_)) {
                moves(name, &column, &moved)
            } else {
                Vec::new()
            },
            // The default belongs to the old type: it goes, and comes again when it can.
            default: column.default.as_ref().map(|default| match later {
                Some(later) => later.default.clone(),
                None => Some(default.clone()).filter(is_kept),
            }),
            ..ColumnChange::default()
        };
        draft.emit(Operation::AlterColumn { table, column: column.name, change })?;
    }
    draft.emit(Operation::DropEnum { name: aside })
}

/// The expressions that turn values that go into values that stay.
fn moves(name: &str, column: &Column, moved: &[(String, String)]) -> Vec<(Dialect, String)> {
    if moved.is_empty() {
        return Vec::new();
    }
    let cases = |dialect: Dialect| -> String {
        moved.iter().map(|(from, to)| format!(" WHEN {} THEN {}", dialect.text(from), dialect.text(to))).collect()
    };
    let quoted = Dialect::Postgres.quote(&column.name);
    let (postgres, sqlite) = (cases(Dialect::Postgres), cases(Dialect::Sqlite));
    vec![
        (Dialect::Sqlite, format!("CASE {quoted}{sqlite} ELSE {quoted} END")),
        (
            Dialect::Postgres,
            format!("(CASE {quoted}::text{postgres} ELSE {quoted}::text END)::{}", Dialect::Postgres.quote(name)),
        ),
    ]
}

/// Types that nothing uses any more.
pub(super) fn end(draft: &mut Draft<'_>) -> Result<()> {
    if !draft.lens.sees(Dialect::Postgres) {
        return Ok(());
    }
    let gone: Vec<EnumType> =
        draft.now.enums.values().filter(|known| !draft.after.enums.contains_key(&known.name)).cloned().collect();
    for known in gone {
        draft.change(&known.name, None, "enum", Some(told(&known.values)), None);
        draft.emit(Operation::DropEnum { name: known.name })?;
    }
    Ok(())
}
