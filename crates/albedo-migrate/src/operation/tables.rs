//! How `up` and `down` describe a table: columns, constraints and indexes, each a line.

use super::keys::{ForeignKeyBuilder, IndexBuilder, UniqueBuilder};
use super::words::ColumnBuilder;
use crate::schema::{
    Action, Check, Column, ColumnType, ForeignKey, Index, IndexColumn, PrimaryKey, Table, Unique, naming,
};

/// Describes a table.
#[derive(Debug)]
pub struct TableBuilder {
    pub(super) table: Table,
    /// What rows that are there get in columns that are added.
    pub(super) fills: Vec<(String, String)>,
}

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident => $column_type:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self, name: &str) -> ColumnBuilder<'_> {
            self.column(name, $column_type)
        }
    )*};
}

impl TableBuilder {
    pub(super) fn new(name: &str) -> Self {
        Self { table: Table::new(name), fills: Vec::new() }
    }

    /// A column of any type.
    pub fn column(&mut self, name: &str, column_type: ColumnType) -> ColumnBuilder<'_> {
        self.table.columns.push(Column::new(name, column_type));
        ColumnBuilder { name: name.to_owned(), builder: self }
    }

    columns! {
        /// 16 bits.
        small_integer => ColumnType::SmallInteger;
        /// 32 bits.
        integer => ColumnType::Integer;
        /// 64 bits.
        big_integer => ColumnType::BigInteger;
        /// Four-byte floating point.
        float => ColumnType::Float;
        /// Eight-byte floating point.
        double => ColumnType::Double;
        /// True or false.
        boolean => ColumnType::Boolean;
        /// Text of any length.
        text => ColumnType::Text;
        /// Bytes.
        blob => ColumnType::Blob;
        /// A UUID.
        uuid => ColumnType::Uuid;
        /// A day.
        date => ColumnType::Date;
        /// A time of day.
        time => ColumnType::Time;
        /// Date and time without a zone.
        date_time => ColumnType::DateTime;
        /// A moment.
        timestamp_with_time_zone => ColumnType::TimestampWithTimeZone;
        /// JSON kept as text.
        json => ColumnType::Json;
        /// JSON kept parsed.
        json_binary => ColumnType::JsonBinary;
    }

    /// Text of at most so many characters. SQLite writes the number down and does not enforce it.
    pub fn string(&mut self, name: &str, length: u32) -> ColumnBuilder<'_> {
        self.column(name, ColumnType::String(Some(length)))
    }

    /// An exact number.
    pub fn decimal(&mut self, name: &str, precision: u32, scale: u32) -> ColumnBuilder<'_> {
        self.column(name, ColumnType::Decimal(Some((precision, scale))))
    }

    /// A value of an enum type.
    pub fn enumeration(&mut self, name: &str, enum_name: &str) -> ColumnBuilder<'_> {
        self.column(name, ColumnType::Enum(enum_name.to_owned()))
    }

    /// `created_at` and `updated_at`, never empty, the moment of the INSERT when nothing is said.
    pub fn timestamps(&mut self) {
        for name in ["created_at", "updated_at"] {
            self.timestamp_with_time_zone(name).not_null().default_now();
        }
    }

    /// The primary key, when it has several columns.
    pub fn primary_key<const N: usize>(&mut self, columns: [&str; N]) {
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        for name in &columns {
            if let Some(column) = self.table.column_mut(name) {
                column.nullable = false;
            }
        }
        self.table.primary_key = Some(PrimaryKey { name: Some(naming::primary_key(&self.table.name)), columns });
    }

    /// As [`primary_key`](Self::primary_key), with a name of your own.
    pub fn primary_key_named<const N: usize>(&mut self, name: &str, columns: [&str; N]) {
        self.primary_key(columns);
        if let Some(key) = &mut self.table.primary_key {
            key.name = Some(name.to_owned());
        }
    }

    /// No two rows are alike in these columns.
    pub fn unique<'c>(&mut self, columns: impl AsRef<[&'c str]>) -> UniqueBuilder<'_> {
        let columns = columns.as_ref();
        self.table.uniques.push(Unique {
            name: Some(naming::unique(&self.table.name, columns)),
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            deferrable: None,
        });
        UniqueBuilder { unique: self.table.uniques.last_mut() }
    }

    /// As [`unique`](Self::unique), with a name of your own.
    pub fn unique_named<const N: usize>(&mut self, name: &str, columns: [&str; N]) {
        self.unique(columns).name(name);
    }

    /// What must hold for every row. The name is short: the table's comes before it.
    pub fn check(&mut self, name: &str, expression: &str) {
        let name = Some(naming::check(&self.table.name, name));
        self.table.checks.push(Check { name, expression: expression.to_owned() });
    }

    /// As [`check`](Self::check), with the whole name said.
    pub fn check_named(&mut self, name: &str, expression: &str) {
        self.table.checks.push(Check { name: Some(name.to_owned()), expression: expression.to_owned() });
    }

    /// These columns name a row of another table.
    pub fn foreign_key<const N: usize>(
        &mut self,
        columns: [&str; N],
        references: &str,
        referred: [&str; N],
    ) -> ForeignKeyBuilder<'_> {
        let key = foreign_key(&self.table.name, &columns, references, &referred);
        self.table.foreign_keys.push(key);
        ForeignKeyBuilder { key: self.table.foreign_keys.last_mut(), not_valid: None }
    }

    /// An index of these columns.
    pub fn index<'c>(&mut self, columns: impl AsRef<[&'c str]>) -> IndexBuilder<'_> {
        self.table.indexes.push(index(&self.table.name, columns.as_ref()));
        IndexBuilder { index: self.table.indexes.last_mut(), concurrently: None }
    }

    /// A remark kept in the database (PostgreSQL).
    pub fn comment(&mut self, comment: &str) {
        self.table.comment = Some(comment.to_owned());
    }

    /// Typed columns (SQLite). The types must then be INTEGER, REAL, TEXT, BLOB or ANY: use `ColumnType::Custom`.
    pub fn strict(&mut self) {
        self.table.strict = true;
    }

    /// Stored by its primary key (SQLite).
    pub fn without_rowid(&mut self) {
        self.table.without_rowid = true;
    }
}

pub(super) fn foreign_key(table: &str, columns: &[&str], references: &str, referred: &[&str]) -> ForeignKey {
    ForeignKey {
        name: Some(naming::foreign_key(table, columns)),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        references: references.to_owned(),
        referred: referred.iter().map(|name| (*name).to_owned()).collect(),
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        deferrable: None,
    }
}

pub(super) fn index(table: &str, columns: &[&str]) -> Index {
    Index {
        name: naming::index(table, columns),
        columns: columns.iter().map(|name| IndexColumn::column(*name)).collect(),
        ..Index::default()
    }
}
