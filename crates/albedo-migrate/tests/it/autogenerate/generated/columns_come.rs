//! Columns come.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "second", after: &["first"], depends_on: &[], labels: &[], message: "columns come", up, down };

fn up(op: &mut Operations) {
    op.add_column("users", |table| {
        table.boolean("active").not_null().default(true);
        table.string("code", 20).not_null().fill("('c' || id)");
        table.integer("team_id").not_null().fill("3");
        table.timestamp_with_time_zone("seen_at").not_null().default_now();
        table.text("note").default_expression("'a' || 'b'");
        table.text("shout").generated("upper(name)");
    });
    op.add_unique("users", ["code"]);
    op.add_check("users", "code", "code <> ''");
    op.create_index("users", ["team_id"]);
    op.add_foreign_key("users", ["team_id"], "teams", ["id"]);
}

fn down(op: &mut Operations) {
    op.drop_constraint("users", "fk_users_team_id");
    op.drop_index("users", "ix_users_team_id");
    op.drop_constraint("users", "ck_users_code");
    op.drop_constraint("users", "uq_users_code");
    op.drop_column("users", "shout");
    op.drop_column("users", "active");
    op.drop_column("users", "code");
    op.drop_column("users", "team_id");
    op.drop_column("users", "seen_at");
    op.drop_column("users", "note");
}
