//! Tables go.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "second", after: &["first"], depends_on: &[], labels: &[], message: "tables go", up, down };

fn up(op: &mut Operations) {
    op.drop_constraint("stays", "fk_stays_user_id");
    op.drop_constraint("teams", "fk_teams_boss_id");
    // DESTRUCTIVE: the table users goes, with its rows.
    op.drop_table("users");
    // DESTRUCTIVE: the table teams goes, with its rows.
    op.drop_table("teams");
}

fn down(op: &mut Operations) {
    // The rows of teams do not come back.
    op.create_table("teams", |table| {
        table.integer("id").primary_key();
        table.integer("boss_id");
    });
    // The rows of users do not come back.
    op.create_table("users", |table| {
        table.integer("id").primary_key();
        table.integer("team_id").references("teams", "id").on_delete(Action::Cascade);
    });
    op.add_foreign_key("teams", ["boss_id"], "users", ["id"]);
    op.add_foreign_key("stays", ["user_id"], "users", ["id"]);
}
