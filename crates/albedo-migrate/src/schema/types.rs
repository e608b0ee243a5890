//! Column types, and how each database spells them.
//!
//! The spelling follows SeaORM's own, so that a table made here and one made from an entity are declared alike: the
//! drivers decode SQLite columns by their declared type.

use crate::dialect::Dialect;

/// The type of a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ColumnType {
    /// 16 bits.
    SmallInteger,
    /// 32 bits.
    Integer,
    /// 64 bits.
    BigInteger,
    /// Four-byte floating point.
    Float,
    /// Eight-byte floating point.
    Double,
    /// Exact, with precision and scale when they are given.
    Decimal(Option<(u32, u32)>),
    /// True or false.
    Boolean,
    /// Text of fixed length.
    Char(Option<u32>),
    /// Text with an upper length, or without.
    String(Option<u32>),
    /// Text of any length.
    Text,
    /// Bytes.
    Blob,
    /// A UUID.
    Uuid,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// Date and time without a zone.
    DateTime,
    /// Date and time without a zone, as SeaORM's `Timestamp`.
    Timestamp,
    /// A moment.
    TimestampWithTimeZone,
    /// JSON kept as text.
    Json,
    /// JSON kept parsed.
    JsonBinary,
    /// A value of the named enum type.
    Enum(String),
    /// Many of one type.
    Array(Box<ColumnType>),
    /// A span of time.
    Interval,
    /// A network address.
    Inet,
    /// A network.
    Cidr,
    /// A hardware address.
    MacAddr,
    /// Anything else, word for word.
    Custom(String),
}

impl ColumnType {
    /// The type as the database spells it.
    #[must_use]
    pub fn sql(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::Sqlite => self.sqlite(),
            Dialect::Postgres => self.postgres(),
        }
    }

    fn sqlite(&self) -> String {
        let plain = match self {
            Self::SmallInteger => "smallint",
            Self::Integer | Self::BigInteger => "integer",
            Self::Float => "float",
            Self::Double => "double",
            Self::Decimal(Some((precision, scale))) => return format!("real({precision}, {scale})"),
            Self::Decimal(None) => "real_decimal",
            Self::Boolean => "boolean",
            Self::Char(length) => return sized("char", *length),
            Self::String(length) => return sized("varchar", *length),
            // SQLite has no type for these; text keeps them whole and in a readable form.
            Self::Text | Self::Interval | Self::Inet | Self::Cidr | Self::MacAddr => "text",
            Self::Blob => "blob",
            Self::Uuid => "uuid_text",
            Self::Date => "date_text",
            Self::Time => "time_text",
            Self::DateTime => "datetime_text",
            Self::Timestamp => "timestamp_text",
            Self::TimestampWithTimeZone => "timestamp_with_timezone_text",
            Self::Json | Self::Array(_) => "json_text",
            Self::JsonBinary => "jsonb_text",
            Self::Enum(_) => "enum_text",
            Self::Custom(name) => name,
        };
        plain.to_owned()
    }

    fn postgres(&self) -> String {
        let plain = match self {
            Self::SmallInteger => "smallint",
            Self::Integer => "integer",
            Self::BigInteger => "bigint",
            Self::Float => "real",
            Self::Double => "double precision",
            Self::Decimal(Some((precision, scale))) => return format!("decimal({precision}, {scale})"),
            Self::Decimal(None) => "decimal",
            Self::Boolean => "bool",
            Self::Char(length) => return sized("char", *length),
            Self::String(length) => return sized("varchar", *length),
            Self::Text => "text",
            Self::Blob => "bytea",
            Self::Uuid => "uuid",
            Self::Date => "date",
            Self::Time => "time",
            Self::DateTime => "timestamp without time zone",
            Self::Timestamp => "timestamp",
            Self::TimestampWithTimeZone => "timestamp with time zone",
            Self::Json => "json",
            Self::JsonBinary => "jsonb",
            Self::Enum(name) => return Dialect::Postgres.quote(name),
            Self::Array(element) => return format!("{}[]", element.postgres()),
            Self::Interval => "interval",
            Self::Inet => "inet",
            Self::Cidr => "cidr",
            Self::MacAddr => "macaddr",
            Self::Custom(name) => name,
        };
        plain.to_owned()
    }

    /// Whether this database keeps the two types apart.
    #[must_use]
    pub fn same_in(&self, other: &Self, dialect: Dialect) -> bool {
        self == other || self.sql(dialect).eq_ignore_ascii_case(&other.sql(dialect))
    }
}

fn sized(name: &str, length: Option<u32>) -> String {
    length.map_or_else(|| name.to_owned(), |length| format!("{name}({length})"))
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{
        Alias, ColumnDef, ColumnType as SeaType, PostgresQueryBuilder, SqliteQueryBuilder, StringLen, Table,
    };

    use super::*;

    #[test]
    fn every_type_is_spelled_as_seaorm_spells_it() {
        let pairs = [
            (ColumnType::SmallInteger, SeaType::SmallInteger),
            (ColumnType::Integer, SeaType::Integer),
            (ColumnType::BigInteger, SeaType::BigInteger),
            (ColumnType::Float, SeaType::Float),
            (ColumnType::Double, SeaType::Double),
            (ColumnType::Decimal(Some((10, 2))), SeaType::Decimal(Some((10, 2)))),
            (ColumnType::Decimal(None), SeaType::Decimal(None)),
            (ColumnType::Boolean, SeaType::Boolean),
            (ColumnType::Char(Some(3)), SeaType::Char(Some(3))),
            (ColumnType::String(Some(20)), SeaType::String(StringLen::N(20))),
            (ColumnType::String(None), SeaType::String(StringLen::None)),
            (ColumnType::Text, SeaType::Text),
            (ColumnType::Blob, SeaType::Blob),
            (ColumnType::Uuid, SeaType::Uuid),
            (ColumnType::Date, SeaType::Date),
            (ColumnType::Time, SeaType::Time),
            (ColumnType::DateTime, SeaType::DateTime),
            (ColumnType::Timestamp, SeaType::Timestamp),
            (ColumnType::TimestampWithTimeZone, SeaType::TimestampWithTimeZone),
            (ColumnType::Json, SeaType::Json),
            (ColumnType::JsonBinary, SeaType::JsonBinary),
        ];
        for (ours, theirs) in pairs {
            let statement = Table::create()
                .table(Alias::new("t"))
                .col(ColumnDef::new_with_type(Alias::new("c"), theirs))
                .to_owned();
            let sqlite = statement.to_string(SqliteQueryBuilder);
            assert!(sqlite.contains(&format!("\"c\" {} )", ours.sql(Dialect::Sqlite))), "{ours:?}: {sqlite}");
            let postgres = statement.to_string(PostgresQueryBuilder);
            assert!(postgres.contains(&format!("\"c\" {} )", ours.sql(Dialect::Postgres))), "{ours:?}: {postgres}");
        }
    }
}
