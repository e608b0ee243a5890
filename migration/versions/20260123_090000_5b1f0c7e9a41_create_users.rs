//! Create users.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "5b1f0c7e9a41", after: &[], depends_on: &[], labels: &[], message: "create users", up, down };

fn up(op: &mut Operations) {
    op.create_table("users", |table| {
        table.uuid("id").primary_key();
        table.string("email", 254).not_null();
        table.text("password_hash").not_null();
        table.string("full_name", 256);
        table.string("role", 32).not_null().default("editor");
        table.boolean("is_active").not_null().default(true);
        table.timestamp_with_time_zone("email_verified_at");
        table.timestamp_with_time_zone("last_login_at");
        table.big_integer("version").not_null().default(1);
        table.timestamp_with_time_zone("created_at").not_null();
        table.timestamp_with_time_zone("updated_at").not_null();
        table.unique(["email"]);
        table.check("role", "role IN ('viewer', 'editor', 'admin')");
    });
}

fn down(op: &mut Operations) {
    op.drop_table("users");
}
