//! Keys change their type.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "second",
    after: &["first"],
    depends_on: &[],
    labels: &[],
    message: "keys change their type",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.drop_constraint("users", "fk_users_team_id");
    op.alter_column("teams", "id").column_type(ColumnType::Text);
    op.alter_column("users", "id").column_type(ColumnType::BigInteger);
    op.alter_column("users", "team_id").column_type(ColumnType::Text);
    op.add_foreign_key("users", ["team_id"], "teams", ["id"]).on_delete(Action::Cascade);
}

fn down(op: &mut Operations) {
    op.drop_constraint("users", "fk_users_team_id");
    op.alter_column("teams", "id").column_type(ColumnType::Uuid);
    op.alter_column("users", "id").column_type(ColumnType::Integer);
    op.alter_column("users", "team_id").column_type(ColumnType::Uuid);
    op.add_foreign_key("users", ["team_id"], "teams", ["id"]).on_delete(Action::Cascade);
}
