//! Create entities.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "3f2a9c1b7d04",
    after: &["7c1e0b94a2f3"],
    depends_on: &[],
    labels: &[],
    message: "create entities",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.create_table("entities", |table| {
        table.uuid("id").primary_key();
        table.uuid("assistant_id").not_null().references("assistants", "id").on_delete(Action::Cascade);
        table.string("name", 64).not_null();
        table.string("description", 512);
        table.string("kind", 32).not_null();
        table.boolean("fuzzy_match").not_null().default(false);
        table.boolean("case_sensitive").not_null().default(false);
        table.boolean("sensitive").not_null().default(false);
        table.json("metadata").not_null();
        table.big_integer("version").not_null().default(1);
        table.timestamp_with_time_zone("created_at").not_null();
        table.timestamp_with_time_zone("updated_at").not_null();
        table.unique(["assistant_id", "name"]);
        table.check("kind", "kind IN ('list', 'pattern')");
        table.index(["assistant_id", "id"]);
    });
}

fn down(op: &mut Operations) {
    op.drop_table("entities");
}
