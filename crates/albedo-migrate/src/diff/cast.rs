//! How the values of one type become those of another, where the database does not do it by itself.

use crate::dialect::Dialect;
use crate::schema::ColumnType;

/// What a change of type does to the values that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Every value stays what it is.
    None,
    /// Values may be cut, rounded or refused.
    Possible,
}

use ColumnType as T;

/// Whether every value of the first type is one of the second.
pub(super) fn loss(from: &ColumnType, to: &ColumnType) -> Loss {
    let fits = match (from, to) {
        (T::SmallInteger, T::Integer | T::BigInteger | T::Double) | (T::Integer, T::BigInteger | T::Double) => true,
        (T::SmallInteger | T::Integer | T::BigInteger, T::Decimal(None)) | (T::Float, T::Double) => true,
        (T::Decimal(Some(_)), T::Decimal(None)) => true,
        (T::Decimal(Some((precision, scale))), T::Decimal(Some((more, places)))) => {
            places >= scale && more.saturating_sub(*places) >= precision.saturating_sub(*scale)
        }
        (T::Char(_) | T::String(_) | T::Text, T::Text | T::String(None)) => true,
        (T::Char(Some(short)) | T::String(Some(short)), T::String(Some(long))) => long >= short,
        (T::Char(None), T::String(Some(_))) => true,
        (T::Json, T::JsonBinary)
        | (T::JsonBinary, T::Json)
        | (T::DateTime, T::Timestamp)
        | (T::Timestamp, T::DateTime) => true,
        (
            T::SmallInteger
            | T::Integer
            | T::BigInteger
            | T::Boolean
            | T::Uuid
            | T::Date
            | T::Json
            | T::JsonBinary
            | T::Enum(_)
            | T::Inet
            | T::Cidr
            | T::MacAddr,
            T::Text | T::String(None),
        ) => true,
        (T::Array(from), T::Array(to)) => return loss(from, to),
        (from, to) => from == to,
    };
    if fits { Loss::None } else { Loss::Possible }
}

/// The expression that turns a value over; none where a plain cast does it on PostgreSQL, and storing it on SQLite.
pub(super) fn expression(column: &str, from: &ColumnType, to: &ColumnType, dialect: Dialect) -> Option<String> {
    let name = dialect.quote(column);
    match dialect {
        Dialect::Postgres => postgres(&name, from, to),
        Dialect::Sqlite => sqlite(&name, from, to),
    }
}

const fn is_text(kind: &ColumnType) -> bool {
    matches!(kind, T::Char(_) | T::String(_) | T::Text)
}

const fn is_whole(kind: &ColumnType) -> bool {
    matches!(kind, T::SmallInteger | T::Integer | T::BigInteger)
}

const fn is_number(kind: &ColumnType) -> bool {
    is_whole(kind) || matches!(kind, T::Float | T::Double | T::Decimal(_))
}

const fn is_moment(kind: &ColumnType) -> bool {
    matches!(kind, T::DateTime | T::Timestamp | T::TimestampWithTimeZone)
}

fn postgres(name: &str, from: &ColumnType, to: &ColumnType) -> Option<String> {
    let target = to.sql(Dialect::Postgres);
    // PostgreSQL converts between numbers, between moments, and from and to text; between true and one only for `integer`.
    let direct = from == to
        || is_text(from)
        || is_text(to)
        || (is_number(from) && is_number(to))
        || (is_moment(from) && (is_moment(to) || matches!(to, T::Date | T::Time)))
        || (*from == T::Date && is_moment(to))
        || matches!(
            (from, to),
            (T::Json, T::JsonBinary) | (T::JsonBinary, T::Json) | (T::Boolean, T::Integer) | (T::Integer, T::Boolean)
        )
        || matches!(
            (from, to),
            (T::Inet, T::Cidr) | (T::Cidr, T::Inet) | (T::Enum(_) | T::Array(_), T::Enum(_) | T::Array(_))
        );
    if direct {
        return None;
    }
    Some(match (from, to) {
        (T::Boolean, _) if is_number(to) => format!("{name}::integer::{target}"),
        (_, T::Boolean) if is_number(from) => format!("{name} <> 0"),
        (_, T::Json | T::JsonBinary) => format!("to_jsonb({name})::{target}"),
        _ => format!("{name}::text::{target}"),
    })
}

/// SQLite stores what it gets in the way its type prefers, so numbers and texts need no help; truth and time do.
fn sqlite(name: &str, from: &ColumnType, to: &ColumnType) -> Option<String> {
    Some(match (from, to) {
        (T::Boolean, to) if is_text(to) => format!("CASE {name} WHEN 0 THEN 'false' WHEN 1 THEN 'true' END"),
        (from, T::Boolean) if is_text(from) => {
            format!(
                "CASE WHEN lower({name}) IN ('true', 't', 'yes', 'on', '1') THEN 1 WHEN {name} IS NOT NULL THEN 0 END"
            )
        }
        (from, T::Boolean) if is_number(from) => format!("{name} <> 0"),
        (T::Double | T::Float | T::Decimal(_), to) if is_whole(to) => format!("CAST(round({name}) AS integer)"),
        (from, to) if is_text(from) && is_whole(to) => format!("CAST({name} AS integer)"),
        (from, to) if is_text(from) && is_number(to) => format!("CAST({name} AS real)"),
        (T::Date, to) if is_moment(to) => format!("{name} || ' 00:00:00'"),
        (from, T::Date) if is_moment(from) => format!("date({name})"),
        (from, T::Time) if is_moment(from) => format!("time({name})"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_type_loses_nothing_and_a_narrower_one_may() {
        let keeps = |from: &ColumnType, to: &ColumnType| loss(from, to) == Loss::None;
        assert!(keeps(&T::Integer, &T::BigInteger) && !keeps(&T::BigInteger, &T::Integer));
        assert!(keeps(&T::String(Some(5)), &T::Text) && !keeps(&T::Text, &T::String(Some(5))));
        assert!(keeps(&T::Decimal(Some((8, 2))), &T::Decimal(Some((10, 3)))));
        assert!(!keeps(&T::Decimal(Some((8, 2))), &T::Decimal(Some((8, 3)))));
        assert!(!keeps(&T::Double, &T::Integer) && keeps(&T::Uuid, &T::Text) && !keeps(&T::Text, &T::Uuid));
    }
}
