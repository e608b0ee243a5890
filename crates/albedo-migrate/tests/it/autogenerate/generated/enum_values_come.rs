//! Enum values come.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "second", after: &["first"], depends_on: &[], labels: &[], message: "enum values come", up, down };

fn up(op: &mut Operations) {
    op.add_enum_value_before("mood", "so so", "sad");
    op.add_enum_value_before("mood", "it's", "glad");
    op.add_enum_value("mood", "mad");
    op.create_enum("size", ["s"]);
    op.add_column("t", |table| {
        table.enumeration("size", "size");
    });
}

fn down(op: &mut Operations) {
    op.drop_column("t", "size");
    op.rename_enum("mood", "mood_old");
    op.create_enum("mood", ["sad", "glad"]);
    op.alter_column("t", "mood")
        .column_type(ColumnType::Enum("mood".into()))
        .using_on(
            Dialect::Sqlite,
            "CASE \"mood\" WHEN 'so so' THEN 'sad' WHEN 'it''s' THEN 'sad' WHEN 'mad' THEN 'sad' ELSE \"mood\" END",
        )
        .using_on(
            Dialect::Postgres,
            "(CASE \"mood\"::text WHEN 'so so' THEN 'sad' WHEN 'it''s' THEN 'sad' WHEN 'mad' THEN 'sad' ELSE \"mood\"::text END)::\"mood\"",
        )
        .default("sad");
    op.drop_enum("mood_old");
    op.drop_enum("size");
}
