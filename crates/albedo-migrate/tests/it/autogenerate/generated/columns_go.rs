//! Columns go.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "second", after: &["first"], depends_on: &[], labels: &[], message: "columns go", up, down };

fn up(op: &mut Operations) {
    op.drop_constraint("users", "fk_users_team_id");
    op.drop_index("users", "ix_users_age_email");
    op.drop_constraint("users", "ck_users_age");
    op.drop_constraint("users", "uq_users_email");
    op.drop_column("users", "double_age");
    // DESTRUCTIVE: the column users.email goes, with its values.
    op.drop_column("users", "email");
    // DESTRUCTIVE: the column users.team_id goes, with its values.
    op.drop_column("users", "team_id");
    // DESTRUCTIVE: the column users.age goes, with its values.
    op.drop_column("users", "age");
    // DESTRUCTIVE: the column users.data goes, with its values.
    op.drop_column("users", "data");
    // DESTRUCTIVE: the column users.at goes, with its values.
    op.drop_column("users", "at");
}

fn down(op: &mut Operations) {
    op.add_column("users", |table| {
        // What email held is gone; rows get CAST("id" AS text).
        table.string("email", 50).not_null().fill("CAST(\"id\" AS text)");
        // What team_id held is gone; rows get (SELECT "id" FROM "teams" LIMIT 1).
        table.uuid("team_id").not_null().fill("(SELECT \"id\" FROM \"teams\" LIMIT 1)");
        // What age held is gone; rows get 0.
        table.integer("age").not_null().fill("0");
        // What data held is gone; rows get '{}'.
        table.json("data").not_null().fill("'{}'");
        // What at held is gone; rows get '1970-01-01 00:00:00+00:00'.
        table.timestamp_with_time_zone("at").not_null().fill("'1970-01-01 00:00:00+00:00'");
        table.integer("double_age").generated("age * 2");
    });
    op.add_unique("users", ["email"]);
    op.add_check("users", "age", "age >= 0");
    op.create_index("users", ["age", "email"]).filter("age > 18");
    op.add_foreign_key("users", ["team_id"], "teams", ["id"]);
}
