//! What rows get in a column that may not be empty, where nobody can be asked.

use crate::dialect::Dialect;
use crate::schema::{Column, ColumnType, DefaultValue, Table};

/// A value of the column's type that stands for one that is lost: an SQL expression over the row, good on both
/// databases. None where there is none, as for a type the engine does not know.
///
/// A unique column gets the row's key in the value, a foreign key any row of the other table.
#[must_use]
pub fn neutral(table: &Table, column: &Column) -> Option<String> {
    // Quotes are alike in both.
    let quote = |name: &str| Dialect::Sqlite.quote(name);
    if let Some(default) = column.default.as_ref().filter(|default| **default != DefaultValue::Null) {
        return Some(match default {
            // E'' is PostgreSQL's alone, TRUE is good in both.
            DefaultValue::Text(text) => Dialect::Sqlite.text(text),
            other => other.sql(Dialect::Postgres),
        });
    }
    let alone = |columns: &[String]| columns.iter().eq([&column.name]);
    if let Some(key) = table.foreign_keys.iter().find(|key| alone(&key.columns) && key.references != table.name)
        && let [referred] = key.referred.as_slice()
    {
        return Some(format!("(SELECT {} FROM {} LIMIT 1)", quote(referred), quote(&key.references)));
    }
    let is_unique = table.uniques.iter().any(|unique| alone(&unique.columns))
        || table.indexes.iter().any(|index| index.unique && index.column_names().eq([column.name.as_str()]));
    let key = table.primary_key.as_ref().and_then(|key| match key.columns.as_slice() {
        [one] if *one != column.name => table.column(one),
        _ => None,
    });
    if let (true, Some(key)) = (is_unique, key) {
        let is_text = matches!(column.column_type, ColumnType::Text | ColumnType::String(None))
            || matches!(column.column_type, ColumnType::String(Some(length)) if length >= 36);
        if is_text {
            return Some(format!("CAST({} AS text)", quote(&key.name)));
        }
        if key.column_type == column.column_type {
            return Some(quote(&key.name));
        }
    }
    constant(&column.column_type).map(str::to_owned)
}

const fn constant(column_type: &ColumnType) -> Option<&'static str> {
    Some(match column_type {
        ColumnType::SmallInteger
        | ColumnType::Integer
        | ColumnType::BigInteger
        | ColumnType::Float
        | ColumnType::Double
        | ColumnType::Decimal(_) => "0",
        ColumnType::Boolean => "FALSE",
        ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text | ColumnType::Blob => "''",
        ColumnType::Uuid => "'00000000-0000-0000-0000-000000000000'",
        ColumnType::Date => "'1970-01-01'",
        ColumnType::Time => "'00:00:00'",
        ColumnType::DateTime | ColumnType::Timestamp => "'1970-01-01 00:00:00'",
        ColumnType::TimestampWithTimeZone => "'1970-01-01 00:00:00+00:00'",
        ColumnType::Json | ColumnType::JsonBinary => "'{}'",
        ColumnType::Interval => "'0'",
        _ => return None,
    })
}
