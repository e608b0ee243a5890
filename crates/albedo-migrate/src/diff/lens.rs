//! For which databases two things are alike: what one of them cannot hold is no difference there.
//!
//! A project that runs on both databases looks through both lenses, and what differs in either differs. A live database
//! is looked at through its own: SQLite keeps no comment and no enum type, and PostgreSQL's `Timestamp` and `DateTime`
//! are one type.

use super::expression;
use crate::dialect::Dialect;
use crate::schema::{
    Check, Column, DefaultValue, ForeignKey, Identity, Index, IndexColumn, IndexKey, PrimaryKey, Schema, Table, Unique,
};

/// For which databases a difference counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lens {
    /// For both.
    #[default]
    Both,
    /// For one.
    One(Dialect),
}

impl Lens {
    const fn dialects(self) -> &'static [Dialect] {
        match self {
            Self::Both => &Dialect::ALL,
            Self::One(Dialect::Sqlite) => &[Dialect::Sqlite],
            Self::One(Dialect::Postgres) => &[Dialect::Postgres],
        }
    }

    fn all(self, holds: impl Fn(Dialect) -> bool) -> bool {
        self.dialects().iter().all(|dialect| holds(*dialect))
    }

    /// Whether anything that only this database has counts.
    pub(super) fn sees(self, dialect: Dialect) -> bool {
        self.dialects().contains(&dialect)
    }

    pub(super) fn same_type(self, one: &Column, other: &Column) -> bool {
        self.all(|dialect| type_in(one, dialect) == type_in(other, dialect))
    }

    pub(super) fn same_default(self, one: &Column, other: &Column) -> bool {
        self.all(|dialect| default_in(one, dialect) == default_in(other, dialect))
    }

    pub(super) fn same_identity(self, one: &Column, other: &Column) -> bool {
        self.all(|dialect| identity_in(one, dialect) == identity_in(other, dialect))
    }

    pub(super) fn same_generated(self, one: &Column, other: &Column) -> bool {
        match (&one.generated, &other.generated) {
            (None, None) => true,
            (Some(one), Some(other)) => {
                one.stored == other.stored && self.same_expression(&one.expression, &other.expression)
            }
            _ => false,
        }
    }

    pub(super) fn same_collation(self, one: &Column, other: &Column) -> bool {
        self.all(|dialect| {
            collation_in(one.collation.as_deref(), dialect) == collation_in(other.collation.as_deref(), dialect)
        })
    }

    pub(super) fn same_comment(self, one: Option<&str>, other: Option<&str>) -> bool {
        let said = |comment: Option<&str>| comment.filter(|text| !text.is_empty()).map(str::to_owned);
        !self.sees(Dialect::Postgres) || said(one) == said(other)
    }

    pub(super) fn same_expression(self, one: &str, other: &str) -> bool {
        self.all(|dialect| expression::same(one, other, dialect))
    }

    pub(super) fn same_key(self, one: &PrimaryKey, other: &PrimaryKey) -> bool {
        self.all(|dialect| same_names(&one.columns, &other.columns, dialect))
    }

    pub(super) fn same_unique(self, one: &Unique, other: &Unique) -> bool {
        self.all(|dialect| {
            same_names(&one.columns, &other.columns, dialect)
                && (dialect == Dialect::Sqlite || one.deferrable == other.deferrable)
        })
    }

    pub(super) fn same_check(self, one: &Check, other: &Check) -> bool {
        self.same_expression(&one.expression, &other.expression)
    }

    /// The schemas tell what a foreign key that names no column there refers to.
    pub(super) fn same_foreign_key(self, one: (&ForeignKey, &Schema), other: (&ForeignKey, &Schema)) -> bool {
        let (first, second) = (one.0, other.0);
        self.all(|dialect| {
            same_names(&first.columns, &second.columns, dialect)
                && same_name(&first.references, &second.references, dialect)
                && same_names(&referred(one.0, one.1), &referred(other.0, other.1), dialect)
                && first.on_delete == second.on_delete
                && first.on_update == second.on_update
                && first.deferrable == second.deferrable
        })
    }

    pub(super) fn same_index(self, one: &Index, other: &Index) -> bool {
        self.all(|dialect| same_index(one, other, dialect))
    }

    /// STRICT and WITHOUT ROWID.
    pub(super) fn same_options(self, one: &Table, other: &Table) -> bool {
        !self.sees(Dialect::Sqlite) || (one.strict == other.strict && one.without_rowid == other.without_rowid)
    }
}

fn same_name(one: &str, other: &str, dialect: Dialect) -> bool {
    one == other || (dialect == Dialect::Sqlite && one.eq_ignore_ascii_case(other))
}

fn same_names(one: &[String], other: &[String], dialect: Dialect) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_name(one, other, dialect))
}

fn referred(key: &ForeignKey, schema: &Schema) -> Vec<String> {
    if !key.referred.is_empty() {
        return key.referred.clone();
    }
    let table = schema.table(&key.references);
    table.and_then(|table| table.primary_key.as_ref()).map(|key| key.columns.clone()).unwrap_or_default()
}

fn same_index(one: &Index, other: &Index, dialect: Dialect) -> bool {
    let postgres = dialect == Dialect::Postgres;
    let same_text = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => expression::same(one, other, dialect),
        _ => false,
    };
    let method = |index: &Index| index.method.clone().filter(|method| !method.eq_ignore_ascii_case("btree"));
    one.unique == other.unique
        && one.columns.len() == other.columns.len()
        && one.columns.iter().zip(&other.columns).all(|(one, other)| same_part(one, other, dialect))
        && same_text(&one.predicate, &other.predicate)
        && (!postgres
            || (one.include == other.include
                && method(one) == method(other)
                && one.nulls_not_distinct == other.nulls_not_distinct))
}

fn same_part(one: &IndexColumn, other: &IndexColumn, dialect: Dialect) -> bool {
    let key = match (&one.key, &other.key) {
        (IndexKey::Column(one), IndexKey::Column(other)) => same_name(one, other, dialect),
        (one, other) => expression::same(&text(one), &text(other), dialect),
    };
    key && one.descending == other.descending
        && collation_in(one.collation.as_deref(), dialect) == collation_in(other.collation.as_deref(), dialect)
        && (dialect == Dialect::Sqlite || one.operator_class == other.operator_class)
}

fn text(key: &IndexKey) -> String {
    match key {
        IndexKey::Column(name) => format!("\"{}\"", name.replace('"', "\"\"")),
        IndexKey::Expression(text) => text.clone(),
    }
}

fn collation_in(collation: Option<&str>, dialect: Dialect) -> Option<String> {
    let collation = collation.and_then(|name| dialect.collation(name));
    match dialect {
        // BINARY is what SQLite does when nothing is said.
        Dialect::Sqlite => collation.map(str::to_ascii_uppercase).filter(|name| name != "BINARY"),
        Dialect::Postgres => collation.map(str::to_owned).filter(|name| name != "default"),
    }
}

/// `serial` is how PostgreSQL numbered rows before it had identities.
fn is_serial(column: &Column) -> bool {
    matches!(&column.default, Some(DefaultValue::Expression(text)) if text.trim_start().to_ascii_lowercase().starts_with("nextval("))
}

fn identity_in(column: &Column, dialect: Dialect) -> Option<Identity> {
    match dialect {
        Dialect::Sqlite => column.identity.map(|_| Identity::ByDefault),
        Dialect::Postgres if is_serial(column) => Some(Identity::ByDefault),
        Dialect::Postgres => column.identity,
    }
}

fn default_in(column: &Column, dialect: Dialect) -> Option<String> {
    let default = column.default.as_ref().filter(|default| **default != DefaultValue::Null)?;
    if dialect == Dialect::Postgres && is_serial(column) {
        return None;
    }
    Some(expression::canonical(&default.sql(dialect), dialect))
}

fn type_in(column: &Column, dialect: Dialect) -> String {
    let spelled = column.column_type.sql(dialect);
    match dialect {
        Dialect::Sqlite if column.identity.is_some() => "integer".to_owned(),
        Dialect::Sqlite => {
            spelled.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ").replace(", ", ",")
        }
        Dialect::Postgres => postgres_type(&spelled),
    }
}

/// PostgreSQL has two names for many of its types.
fn postgres_type(spelled: &str) -> String {
    if let Some(element) = spelled.strip_suffix("[]") {
        return format!("{}[]", postgres_type(element));
    }
    if let Some(name) = spelled.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        let needs_quotes = name.chars().any(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
        return if needs_quotes { spelled.to_owned() } else { name.to_owned() };
    }
    let plain = spelled.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let (name, length) = match plain.split_once('(') {
        Some((name, rest)) => (name.trim(), format!("({}", rest.replace(' ', ""))),
        None => (plain.as_str(), String::new()),
    };
    let known = match (name, length.as_str()) {
        ("int2", _) => "smallint",
        ("int" | "int4", _) => "integer",
        ("int8", _) => "bigint",
        ("float4", _) => "real",
        ("float8" | "float", _) => "double precision",
        ("bool", _) => "boolean",
        ("decimal", _) => "numeric",
        ("character varying", _) => "varchar",
        ("char" | "character", "") => "char(1)",
        ("character" | "bpchar", _) => "char",
        ("timestamp", "") => "timestamp without time zone",
        ("timestamptz", "") => "timestamp with time zone",
        ("time", "") => "time without time zone",
        ("timetz", "") => "time with time zone",
        (name, _) => name,
    };
    format!("{known}{length}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::ColumnType;

    fn column(column_type: ColumnType) -> Column {
        Column::new("c", column_type)
    }

    #[test]
    fn synonyms_of_a_type_are_one_type() {
        let postgres = Lens::One(Dialect::Postgres);
        let custom = |name: &str| column(ColumnType::Custom(name.into()));
        for (one, other) in [
            (column(ColumnType::Timestamp), column(ColumnType::DateTime)),
            (column(ColumnType::Decimal(Some((10, 2)))), custom("numeric(10,2)")),
            (column(ColumnType::Integer), custom("INT4")),
            (column(ColumnType::String(Some(20))), custom("character varying(20)")),
            (column(ColumnType::Char(None)), column(ColumnType::Char(Some(1)))),
        ] {
            assert!(postgres.same_type(&one, &other), "{one:?} and {other:?}");
        }
        assert!(!postgres.same_type(&column(ColumnType::Integer), &column(ColumnType::BigInteger)));
        assert!(Lens::One(Dialect::Sqlite).same_type(&column(ColumnType::Integer), &column(ColumnType::BigInteger)));
        assert!(!Lens::Both.same_type(&column(ColumnType::Integer), &column(ColumnType::BigInteger)));
    }

    #[test]
    fn a_default_is_one_however_it_is_spelled() {
        let with = |default: DefaultValue| Column { default: Some(default), ..column(ColumnType::Integer) };
        let same = |one, other| Lens::Both.same_default(&with(one), &with(other));
        assert!(same(DefaultValue::Number("1.50".into()), DefaultValue::Number("1.5".into())));
        assert!(same(DefaultValue::Now, DefaultValue::Expression("CURRENT_TIMESTAMP".into())));
        assert!(!same(DefaultValue::Number("1".into()), DefaultValue::Text("1".into())));
        assert!(Lens::One(Dialect::Sqlite).same_default(&with(true.into()), &with(1.into())));
        assert!(Lens::Both.same_default(&with(DefaultValue::Null), &column(ColumnType::Integer)));
        let serial = with(DefaultValue::Expression("nextval('c_seq'::regclass)".into()));
        let identity = Column { identity: Some(Identity::ByDefault), ..column(ColumnType::Integer) };
        let postgres = Lens::One(Dialect::Postgres);
        assert!(postgres.same_default(&serial, &identity) && postgres.same_identity(&serial, &identity));
    }
}
