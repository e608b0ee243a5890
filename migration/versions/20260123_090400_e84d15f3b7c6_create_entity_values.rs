//! Create entity values.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "e84d15f3b7c6",
    after: &["3f2a9c1b7d04"],
    depends_on: &[],
    labels: &[],
    message: "create entity values",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.create_table("entity_values", |table| {
        table.uuid("id").primary_key();
        table.uuid("entity_id").not_null().references("entities", "id").on_delete(Action::Cascade);
        table.string("value", 128).not_null();
        table.text("value_key").not_null();
        table.string("language", 35);
        table.json("synonyms").not_null();
        table.json("patterns").not_null();
        table.integer("position").not_null().default(0);
        table.big_integer("version").not_null().default(1);
        table.timestamp_with_time_zone("created_at").not_null();
        table.timestamp_with_time_zone("updated_at").not_null();
        table.unique(["entity_id", "value_key"]);
        table.check("position", "position >= 0");
        table.index(["entity_id", "position", "id"]);
    });
}

fn down(op: &mut Operations) {
    op.drop_table("entity_values");
}
