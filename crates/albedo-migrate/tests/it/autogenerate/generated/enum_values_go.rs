//! Enum values go.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "second", after: &["first"], depends_on: &[], labels: &[], message: "enum values go", up, down };

fn up(op: &mut Operations) {
    op.drop_index("t", "ix_t_mood");
    op.drop_constraint("t", "ck_t_mood");
    // DESTRUCTIVE: the column t.size goes, with its values.
    op.drop_column("t", "size");
    op.rename_enum("mood", "mood_old");
    op.create_enum("mood", ["glad", "sad"]);
    op.alter_column("t", "mood")
        .column_type(ColumnType::Enum("mood".into()))
        .using_on(Dialect::Sqlite, "CASE \"mood\" WHEN 'mad' THEN 'sad' ELSE \"mood\" END")
        .using_on(Dialect::Postgres, "(CASE \"mood\"::text WHEN 'mad' THEN 'sad' ELSE \"mood\"::text END)::\"mood\"")
        .default("glad");
    op.alter_column("t", "moods").column_type(ColumnType::Array(Box::new(ColumnType::Enum("mood".into()))));
    op.drop_enum("mood_old");
    op.add_check("t", "mood", "mood <> 'glad' OR id > 1");
    op.create_index("t", ["mood"]);
    op.drop_enum("size");
}

fn down(op: &mut Operations) {
    op.drop_index("t", "ix_t_mood");
    op.drop_constraint("t", "ck_t_mood");
    op.rename_enum("mood", "mood_old");
    op.create_enum("mood", ["sad", "glad", "mad"]);
    op.alter_column("t", "mood").column_type(ColumnType::Enum("mood".into())).default("mad");
    op.alter_column("t", "moods").column_type(ColumnType::Array(Box::new(ColumnType::Enum("mood".into()))));
    op.drop_enum("mood_old");
    op.create_enum("size", ["s"]);
    op.add_column("t", |table| {
        table.enumeration("size", "size");
    });
    op.add_check("t", "mood", "mood <> 'glad' OR id > 1");
    op.create_index("t", ["mood"]);
}
