//! Create idempotency keys.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "b5f154fb6269",
    after: &["f919485cbb9a"],
    depends_on: &[],
    labels: &[],
    message: "create idempotency keys",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.create_table("idempotency_keys", |table| {
        table.uuid("id").primary_key();
        table.uuid("user_id").not_null().references("users", "id").on_delete(Action::Cascade);
        table.string("key", 255).not_null();
        table.column("fingerprint", ColumnType::Char(Some(64))).not_null();
        table.integer("status");
        table.string("location", 512);
        table.string("etag", 64);
        table.blob("body");
        table.timestamp_with_time_zone("expires_at").not_null().indexed();
        table.timestamp_with_time_zone("created_at").not_null();
        table.timestamp_with_time_zone("updated_at").not_null();
        table.unique(["user_id", "key"]);
    });
}

fn down(op: &mut Operations) {
    op.drop_table("idempotency_keys");
}
