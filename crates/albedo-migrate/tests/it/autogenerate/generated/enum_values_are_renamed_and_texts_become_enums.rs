//! Enum values are renamed and texts become enums.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "second",
    after: &["first"],
    depends_on: &[],
    labels: &[],
    message: "enum values are renamed and texts become enums",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.rename_enum_value("mood", "sad", "unhappy");
    op.drop_constraint("t", "ck_t_size");
    op.create_enum("size", ["s", "m"]);
    // DESTRUCTIVE: values of t.size that do not fit are cut or refused: varchar(10) becomes "size".
    op.alter_column("t", "size").column_type(ColumnType::Enum("size".into())).default("m");
}

fn down(op: &mut Operations) {
    op.rename_enum_value("mood", "unhappy", "sad");
    op.alter_column("t", "size").column_type(ColumnType::String(Some(10))).default("s");
    op.add_check("t", "size", "size IN ('s', 'm')");
    op.drop_enum("size");
}
