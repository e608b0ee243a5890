//! Create audit events.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "78380ceef562",
    after: &["4be07d1c6f92"],
    depends_on: &[],
    labels: &[],
    message: "create audit events",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.create_table("audit_events", |table| {
        table.uuid("id").primary_key();
        table.timestamp_with_time_zone("at").not_null().indexed();
        table.uuid("actor_id");
        table.uuid("session_id");
        table.string("action", 32).not_null();
        table.string("table", 63).not_null();
        table.uuid("row_id").not_null();
        table.big_integer("version").not_null();
        table.json("diff").not_null();
        table.string("request_id", 128);
        table.check("action", "action IN ('create', 'update', 'delete', 'restore')");
        table.index(["row_id", "at"]);
        table.index(["actor_id", "at"]);
    });
}

fn down(op: &mut Operations) {
    op.drop_table("audit_events");
}
