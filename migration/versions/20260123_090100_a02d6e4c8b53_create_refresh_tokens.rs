//! Create refresh tokens.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "a02d6e4c8b53",
    after: &["5b1f0c7e9a41"],
    depends_on: &[],
    labels: &[],
    message: "create refresh tokens",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.create_table("refresh_tokens", |table| {
        table.uuid("id").primary_key();
        table.uuid("user_id").not_null().references("users", "id").on_delete(Action::Cascade).indexed();
        table.uuid("family_id").not_null().indexed();
        table.column("token_hash", ColumnType::Char(Some(64))).not_null();
        table.timestamp_with_time_zone("logged_in_at").not_null();
        table.timestamp_with_time_zone("expires_at").not_null();
        table.timestamp_with_time_zone("used_at");
        table.timestamp_with_time_zone("sibling_at");
        table.timestamp_with_time_zone("revoked_at");
        table.string("user_agent", 256);
        table.string("ip", 45);
        table.timestamp_with_time_zone("created_at").not_null();
        table.timestamp_with_time_zone("updated_at").not_null();
        table.unique(["token_hash"]);
    });
}

fn down(op: &mut Operations) {
    op.drop_table("refresh_tokens");
}
