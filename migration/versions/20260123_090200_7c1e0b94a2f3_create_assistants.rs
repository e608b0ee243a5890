//! Create assistants.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "7c1e0b94a2f3",
    after: &["a02d6e4c8b53"],
    depends_on: &[],
    labels: &[],
    message: "create assistants",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.create_table("assistants", |table| {
        table.uuid("id").primary_key();
        table.uuid("owner_id").not_null().references("users", "id").on_delete(Action::Restrict);
        table.string("name", 256).not_null();
        table.string("description", 512);
        table.string("language", 35).not_null().default("en");
        table.string("time_zone", 64).not_null().default("UTC");
        table.text("instructions");
        table.string("model", 64);
        table.double("temperature");
        table.string("status", 32).not_null().default("draft");
        table.json("metadata").not_null();
        table.big_integer("version").not_null().default(1);
        table.timestamp_with_time_zone("created_at").not_null();
        table.timestamp_with_time_zone("updated_at").not_null();
        table.unique(["owner_id", "name"]);
        table.check("temperature", "temperature BETWEEN 0 AND 2");
        table.check("status", "status IN ('draft', 'active', 'archived')");
        table.index(["owner_id", "id"]);
    });
}

fn down(op: &mut Operations) {
    op.drop_table("assistants");
}
