//! What an operation on a table that was there before does to those who use it.

use std::collections::BTreeSet;

use super::Rule;
use crate::dialect::Dialect;
use crate::lexer::{mentions, tokens};
use crate::operation::{ColumnChange, Constraint, Operation};
use crate::schema::{Column, ColumnType, DefaultValue, Schema, Table};

const PG: Option<Dialect> = Some(Dialect::Postgres);

/// A rule, the one database it is about, and the reason.
pub(super) type Said = (Rule, Option<Dialect>, String);

/// What is to be said about an operation on a table with rows and readers. `not_valid` are constraints that no row has
/// been held against yet.
pub(super) fn said(operation: &Operation, schema: &Schema, not_valid: &BTreeSet<String>) -> Vec<Said> {
    let one = |rule, database, reason: String| vec![(rule, database, reason)];
    match operation {
        Operation::DropTable { name } => {
            one(Rule::DropTable, None, format!("the rows of {name} are lost, and a program that still uses it fails"))
        }
        Operation::RenameTable { from, to } => {
            one(Rule::RenameTable, None, format!("a program that still says {from} fails from the moment it is {to}"))
        }
        Operation::DropColumn { table, column } => one(
            Rule::DropColumn,
            None,
            format!("the values of {table}.{column} are lost, and a program that still reads it fails"),
        ),
        Operation::RenameColumn { table, from, to } => one(
            Rule::RenameColumn,
            None,
            format!("a program that still says {table}.{from} fails from the moment it is {to}"),
        ),
        Operation::AddColumn { table, column, fill } => added(table, column, fill.is_some()),
        Operation::AlterColumn { table, column, change } => {
            let known = schema.table(table);
            let proved = known.is_some_and(|table| is_proved(table, column, not_valid));
            altered(table, column, known.and_then(|table| table.column(column)), change, proved)
        }
        Operation::AddConstraint { table, constraint, not_valid: false } => constrained(table, constraint),
        Operation::CreateIndex { table, index, concurrently: false } => {
            one(Rule::IndexNotConcurrent, PG, format!("nobody may write to {table} until {} is built", index.name))
        }
        Operation::DropIndex { table, name, concurrently: false } => one(
            Rule::IndexNotConcurrent,
            PG,
            format!("to drop {name}, all readers of {table} are waited for, and those who come later wait behind"),
        ),
        _ => Vec::new(),
    }
}

fn added(table: &str, column: &Column, is_filled: bool) -> Vec<Said> {
    let name = format!("{table}.{}", column.name);
    let rewritten = format!("{table} is rewritten, and nobody may read it meanwhile");
    if column.identity.is_some() {
        return vec![(Rule::IdentityColumn, PG, format!("{name} numbers every row: {rewritten}"))];
    }
    if let Some(generated) = &column.generated {
        let stored = (Rule::StoredColumn, PG, format!("{name} is computed for every row: {rewritten}"));
        return if generated.stored { vec![stored] } else { Vec::new() };
    }
    let mut list = Vec::new();
    match &column.default {
        Some(DefaultValue::Expression(text)) if !is_filled && may_be_volatile(text) => {
            let reason = format!("`{text}` may give every row a value of its own: {rewritten}");
            list.push((Rule::VolatileDefault, PG, reason));
        }
        None | Some(DefaultValue::Null) if !column.nullable && !is_filled => {
            let reason =
                format!("rows that are there have nothing for {name}, so it is refused unless {table} is empty");
            list.push((Rule::AddNotNullColumn, None, reason));
        }
        _ => {}
    }
    list
}

fn altered(table: &str, column: &str, was: Option<&Column>, change: &ColumnChange, proved: bool) -> Vec<Said> {
    let name = format!("{table}.{column}");
    let mut list = Vec::new();
    if let Some(to) = &change.column_type {
        let from = was.map(|column| &column.column_type);
        let spelled = |column_type: &ColumnType| column_type.sql(Dialect::Postgres);
        let before = from.map_or_else(|| "its type".to_owned(), spelled);
        match from.map_or(Change::Rewrite, |from| change_of(from, to)) {
            Change::Narrow => {
                let reason = format!("a value of {name} may not fit: {before} becomes {}", spelled(to));
                list.push((Rule::NarrowType, PG, reason));
            }
            Change::Free if change.using.is_none() => {}
            _ => {
                let reason = format!(
                    "{table} is rewritten with its indexes, and nobody may read it meanwhile: {before} becomes {}",
                    spelled(to)
                );
                list.push((Rule::ChangeType, PG, reason));
            }
        }
    }
    if change.nullable == Some(false) && was.is_none_or(|column| column.nullable) && !proved {
        let reason = format!("all of {table} is read while nobody may use it, and an empty {column} makes it fail");
        list.push((Rule::SetNotNull, None, reason));
    }
    list
}

fn constrained(table: &str, constraint: &Constraint) -> Vec<Said> {
    let name = constraint.name().unwrap_or("it");
    vec![match constraint {
        Constraint::PrimaryKey(_) => {
            (Rule::AddPrimaryKey, PG, format!("nobody may use {table} until the index of {name} is built"))
        }
        Constraint::Unique(_) => (
            Rule::AddUnique,
            None,
            format!("nobody may use {table} until the index of {name} is built, and two equal rows make it fail"),
        ),
        Constraint::Check(_) => {
            (Rule::ValidatingCheck, PG, format!("nobody may use {table} until all its rows are held against {name}"))
        }
        Constraint::ForeignKey(key) => (
            Rule::ValidatingForeignKey,
            PG,
            format!("nobody may write to {table} or {} until all rows are looked up for {name}", key.references),
        ),
    }]
}

/// Whether a check that holds for all rows says that the column is never empty; PostgreSQL then reads no row.
fn is_proved(table: &Table, column: &str, not_valid: &BTreeSet<String>) -> bool {
    table.checks.iter().any(|check| {
        let words = tokens(&check.expression);
        let mut words = words.iter().filter(|token| !token.is_sign('(') && !token.is_sign(')'));
        let says = words.next().is_some_and(|token| token.names(column))
            && ["IS", "NOT", "NULL"].iter().all(|keyword| words.next().is_some_and(|token| token.is(keyword)))
            && words.next().is_none();
        says && check.name.as_ref().is_none_or(|name| !not_valid.contains(name))
    })
}

/// Whether nothing else in the table names the column, so that SQLite can drop it where it is.
pub(super) fn stands_alone(table: &Table, column: &str) -> bool {
    let named = |columns: &[String]| columns.iter().any(|name| name == column);
    !(table.primary_key.iter().any(|key| named(&key.columns))
        || table.uniques.iter().any(|unique| named(&unique.columns))
        || table.foreign_keys.iter().any(|key| named(&key.columns))
        || table.checks.iter().any(|check| mentions(&check.expression, column))
        || table.columns.iter().filter_map(|other| other.generated.as_ref()).any(|it| mentions(&it.expression, column))
        || table.column(column).is_some_and(|column| column.generated.is_some())
        || table.indexes.iter().any(|index| {
            let mut texts = index.columns.iter().map(|part| part.sql(Dialect::Sqlite)).chain(index.predicate.clone());
            texts.any(|text| mentions(&text, column))
        }))
}

/// Functions that give the same for all rows of a statement. Any other may give each row a value of its own, as
/// functions that somebody has made do unless they say otherwise.
const STEADY: [&str; 33] = [
    "abs",
    "array",
    "cast",
    "ceil",
    "char_length",
    "coalesce",
    "concat",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "date_trunc",
    "decode",
    "encode",
    "floor",
    "greatest",
    "interval",
    "json_build_object",
    "jsonb_build_array",
    "jsonb_build_object",
    "least",
    "length",
    "localtimestamp",
    "lower",
    "make_interval",
    "md5",
    "now",
    "nullif",
    "numeric",
    "round",
    "timezone",
    "trim",
    "upper",
];

fn may_be_volatile(expression: &str) -> bool {
    let words = tokens(expression);
    words.windows(2).any(|pair| match pair {
        [name, open] => {
            open.is_sign('(') && name.name().is_some_and(|name| !STEADY.contains(&name.to_ascii_lowercase().as_str()))
        }
        _ => false,
    })
}

/// What a new type means for the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// Nothing is read or written.
    Free,
    /// Every row is written anew.
    Rewrite,
    /// And some may not fit.
    Narrow,
}

fn change_of(from: &ColumnType, to: &ColumnType) -> Change {
    use ColumnType::{
        BigInteger, Char, Cidr, Date, DateTime, Decimal, Double, Float, Inet, Integer, SmallInteger, String, Text,
        Time, Timestamp, TimestampWithTimeZone,
    };
    if from == to {
        return Change::Free;
    }
    match (from, to) {
        (String(_), Text | String(None))
        | (Text, String(None))
        | (Decimal(Some(_)), Decimal(None))
        | (Cidr, Inet)
        | (DateTime, Timestamp)
        | (Timestamp, DateTime) => Change::Free,
        (String(Some(old)), String(Some(new))) if new >= old => Change::Free,
        (Decimal(Some((old, old_scale))), Decimal(Some((new, new_scale)))) => {
            if new_scale == old_scale && new >= old {
                Change::Free
            } else if new_scale >= old_scale && new.saturating_sub(*new_scale) >= old.saturating_sub(*old_scale) {
                Change::Rewrite
            } else {
                Change::Narrow
            }
        }
        (String(_) | Text | Char(_), String(Some(_)) | Char(Some(_)))
        | (Decimal(None), Decimal(Some(_)))
        | (BigInteger, Integer | SmallInteger)
        | (Integer, SmallInteger)
        | (Double, Float | Integer | BigInteger | SmallInteger)
        | (Float | Decimal(_), Integer | BigInteger | SmallInteger)
        | (DateTime | Timestamp | TimestampWithTimeZone, Date | Time) => Change::Narrow,
        (from, to) if from.same_in(to, Dialect::Postgres) => Change::Free,
        _ => Change::Rewrite,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_type_is_free_and_a_narrower_one_may_not_fit() {
        let cases = [
            (ColumnType::String(Some(10)), ColumnType::String(Some(20)), Change::Free),
            (ColumnType::String(Some(20)), ColumnType::String(Some(10)), Change::Narrow),
            (ColumnType::String(Some(20)), ColumnType::Text, Change::Free),
            (ColumnType::Text, ColumnType::String(Some(20)), Change::Narrow),
            (ColumnType::Integer, ColumnType::BigInteger, Change::Rewrite),
            (ColumnType::BigInteger, ColumnType::Integer, Change::Narrow),
            (ColumnType::Decimal(Some((10, 2))), ColumnType::Decimal(Some((12, 2))), Change::Free),
            (ColumnType::Decimal(Some((10, 2))), ColumnType::Decimal(Some((12, 4))), Change::Rewrite),
            (ColumnType::Decimal(Some((10, 2))), ColumnType::Decimal(Some((10, 4))), Change::Narrow),
            (ColumnType::Json, ColumnType::JsonBinary, Change::Rewrite),
        ];
        for (from, to, expected) in cases {
            assert_eq!(change_of(&from, &to), expected, "{from:?} to {to:?}");
        }
    }

    #[test]
    fn a_default_is_volatile_unless_it_is_known_not_to_be() {
        for text in ["gen_random_uuid()", "now() + random() * interval '1 day'", "next_number()", "public.\"mine\"()"] {
            assert!(may_be_volatile(text), "{text}");
        }
        for text in ["now()", "'a' || 'b('", "CURRENT_DATE + 1", "timezone('utc', now())", "'{}'::jsonb"] {
            assert!(!may_be_volatile(text), "{text}");
        }
    }
}
