//! Types change.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "second", after: &["first"], depends_on: &[], labels: &[], message: "types change", up, down };

fn up(op: &mut Operations) {
    op.drop_column("t", "computed");
    op.alter_column("t", "grows").column_type(ColumnType::BigInteger).default(3);
    // DESTRUCTIVE: values of t.shrinks that do not fit are cut or refused: bigint becomes integer.
    op.alter_column("t", "shrinks").column_type(ColumnType::Integer);
    // DESTRUCTIVE: values of t.cut that do not fit are cut or refused: varchar(50) becomes varchar(10).
    op.alter_column("t", "cut").column_type(ColumnType::String(Some(10))).default("x");
    // DESTRUCTIVE: values of t.counted that do not fit are cut or refused: text becomes integer.
    op.alter_column("t", "counted")
        .column_type(ColumnType::Integer)
        .using_on(Dialect::Sqlite, "CAST(\"counted\" AS integer)");
    op.alter_column("t", "spelled").column_type(ColumnType::Text);
    // DESTRUCTIVE: values of t.truth that do not fit are cut or refused: text becomes bool.
    op.alter_column("t", "truth").column_type(ColumnType::Boolean).using_on(
        Dialect::Sqlite,
        "CASE WHEN lower(\"truth\") IN ('true', 't', 'yes', 'on', '1') THEN 1 WHEN \"truth\" IS NOT NULL THEN 0 END",
    );
    op.alter_column("t", "word")
        .column_type(ColumnType::Text)
        .using_on(Dialect::Sqlite, "CASE \"word\" WHEN 0 THEN 'false' WHEN 1 THEN 'true' END");
    // DESTRUCTIVE: values of t.rounded that do not fit are cut or refused: double precision becomes integer.
    op.alter_column("t", "rounded")
        .column_type(ColumnType::Integer)
        .using_on(Dialect::Sqlite, "CAST(round(\"rounded\") AS integer)");
    op.alter_column("t", "exact").column_type(ColumnType::Decimal(Some((12, 4)))).default(0);
    op.alter_column("t", "data").column_type(ColumnType::JsonBinary);
    op.alter_column("t", "key").column_type(ColumnType::Text);
    // DESTRUCTIVE: values of t.day that do not fit are cut or refused: date becomes timestamp without time zone.
    op.alter_column("t", "day").column_type(ColumnType::DateTime).using_on(Dialect::Sqlite, "\"day\" || ' 00:00:00'");
    // DESTRUCTIVE: values of t.flag that do not fit are cut or refused: integer becomes bool.
    op.alter_column("t", "flag").column_type(ColumnType::Boolean).using_on(Dialect::Sqlite, "\"flag\" <> 0");
    op.add_column("t", |table| {
        table.integer("computed").generated("grows + 1");
    });
}

fn down(op: &mut Operations) {
    op.drop_column("t", "computed");
    op.alter_column("t", "grows").column_type(ColumnType::Integer).default(3);
    op.alter_column("t", "shrinks").column_type(ColumnType::BigInteger);
    op.alter_column("t", "cut").column_type(ColumnType::String(Some(50))).default("x");
    op.alter_column("t", "counted").column_type(ColumnType::Text);
    op.alter_column("t", "spelled")
        .column_type(ColumnType::Integer)
        .using_on(Dialect::Sqlite, "CAST(\"spelled\" AS integer)");
    op.alter_column("t", "truth")
        .column_type(ColumnType::Text)
        .using_on(Dialect::Sqlite, "CASE \"truth\" WHEN 0 THEN 'false' WHEN 1 THEN 'true' END");
    op.alter_column("t", "word").column_type(ColumnType::Boolean).using_on(
        Dialect::Sqlite,
        "CASE WHEN lower(\"word\") IN ('true', 't', 'yes', 'on', '1') THEN 1 WHEN \"word\" IS NOT NULL THEN 0 END",
    );
    op.alter_column("t", "rounded").column_type(ColumnType::Double);
    op.alter_column("t", "exact").column_type(ColumnType::Decimal(Some((8, 2)))).default(0);
    op.alter_column("t", "data").column_type(ColumnType::Json);
    op.alter_column("t", "key").column_type(ColumnType::Uuid);
    op.alter_column("t", "day").column_type(ColumnType::Date).using_on(Dialect::Sqlite, "date(\"day\")");
    op.alter_column("t", "flag").column_type(ColumnType::Integer);
    op.add_column("t", |table| {
        table.integer("computed").generated("grows + 1");
    });
}
