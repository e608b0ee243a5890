//! SeaORM's column types and defaults as this crate's.

use sea_orm::sea_query::{ColumnType as SeaType, Expr, Keyword, PostgresQueryBuilder, Query, StringLen, Value};

use crate::schema::{ColumnType, DefaultValue};

/// The type, as both databases store it. Unsigned numbers get the type that holds all of them.
pub(super) fn column_type(sea: &SeaType) -> ColumnType {
    let custom = |text: String| ColumnType::Custom(text);
    let sized = |name: &str, length: Option<u32>| {
        custom(length.map_or_else(|| name.to_owned(), |length| format!("{name}({length})")))
    };
    match sea {
        SeaType::Char(length) => ColumnType::Char(*length),
        SeaType::String(StringLen::N(length)) => ColumnType::String(Some(*length)),
        SeaType::String(_) => ColumnType::String(None),
        SeaType::Text => ColumnType::Text,
        SeaType::Blob | SeaType::Binary(_) | SeaType::VarBinary(_) => ColumnType::Blob,
        SeaType::TinyInteger | SeaType::SmallInteger | SeaType::TinyUnsigned => ColumnType::SmallInteger,
        SeaType::Integer | SeaType::SmallUnsigned => ColumnType::Integer,
        SeaType::BigInteger | SeaType::Unsigned | SeaType::BigUnsigned => ColumnType::BigInteger,
        SeaType::Float => ColumnType::Float,
        SeaType::Double => ColumnType::Double,
        SeaType::Decimal(size) => ColumnType::Decimal(*size),
        SeaType::DateTime => ColumnType::DateTime,
        SeaType::Timestamp => ColumnType::Timestamp,
        SeaType::TimestampWithTimeZone => ColumnType::TimestampWithTimeZone,
        SeaType::Time => ColumnType::Time,
        SeaType::Date => ColumnType::Date,
        SeaType::Boolean => ColumnType::Boolean,
        SeaType::Json => ColumnType::Json,
        SeaType::JsonBinary => ColumnType::JsonBinary,
        SeaType::Uuid => ColumnType::Uuid,
        SeaType::Enum { name, .. } => ColumnType::Enum(name.to_string()),
        SeaType::Array(element) => ColumnType::Array(Box::new(column_type(element))),
        SeaType::Interval(None, None) => ColumnType::Interval,
        SeaType::Cidr => ColumnType::Cidr,
        SeaType::Inet => ColumnType::Inet,
        SeaType::MacAddr => ColumnType::MacAddr,
        SeaType::LTree => custom("ltree".to_owned()),
        SeaType::Year => custom("year".to_owned()),
        SeaType::Bit(length) => sized("bit", *length),
        SeaType::VarBit(length) => sized("varbit", Some(*length)),
        SeaType::Vector(length) => sized("vector", *length),
        SeaType::Money(_) => custom("money".to_owned()),
        SeaType::Custom(name) => custom(name.to_string()),
        // Whatever a later SeaORM adds is spelled by its own builder.
        other => custom(spelled(other)),
    }
}

fn spelled(sea: &SeaType) -> String {
    use sea_orm::sea_query::{Alias, ColumnDef, Table};
    let column = ColumnDef::new_with_type(Alias::new("c"), sea.clone());
    let text = Table::create().table(Alias::new("t")).col(column).to_string(PostgresQueryBuilder);
    let inside = text.split_once("\"c\" ").map_or("", |(_, rest)| rest);
    inside.trim_end_matches(')').trim().to_owned()
}

/// The default, as a plain value where it is one.
pub(super) fn default_value(expression: &Expr) -> Option<DefaultValue> {
    Some(match expression {
        Expr::Value(value) | Expr::Constant(value) => match value {
            Value::Bool(Some(value)) => DefaultValue::Boolean(*value),
            Value::TinyInt(Some(number)) => i32::from(*number).into(),
            Value::SmallInt(Some(number)) => (*number).into(),
            Value::Int(Some(number)) => (*number).into(),
            Value::BigInt(Some(number)) => (*number).into(),
            Value::TinyUnsigned(Some(number)) => u32::from(*number).into(),
            Value::SmallUnsigned(Some(number)) => (*number).into(),
            Value::Unsigned(Some(number)) => (*number).into(),
            Value::BigUnsigned(Some(number)) => (*number).into(),
            Value::Float(Some(number)) => (*number).into(),
            Value::Double(Some(number)) => (*number).into(),
            Value::String(Some(text)) => DefaultValue::Text(text.to_string()),
            Value::Char(Some(letter)) => DefaultValue::Text(letter.to_string()),
            other => written(&Expr::Constant(other.clone()))?,
        },
        Expr::Keyword(Keyword::CurrentTimestamp) => DefaultValue::Now,
        Expr::Keyword(Keyword::Null) => return None,
        Expr::Custom(text) if text.eq_ignore_ascii_case("current_timestamp") => DefaultValue::Now,
        Expr::Custom(text) => DefaultValue::Expression(text.to_string()),
        other => written(other)?,
    })
}

fn written(expression: &Expr) -> Option<DefaultValue> {
    let text = Query::select().expr(expression.clone()).to_string(PostgresQueryBuilder);
    let text = text.strip_prefix("SELECT ")?.to_owned();
    (!text.eq_ignore_ascii_case("null")).then_some(DefaultValue::Expression(text))
}
