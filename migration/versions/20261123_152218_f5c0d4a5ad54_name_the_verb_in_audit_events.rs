//! Name the verb in audit events.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "f5c0d4a5ad54",
    after: &["78380ceef562"],
    depends_on: &[],
    labels: &[],
    message: "name the verb in audit events",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.add_column("audit_events", |table| {
        table.string("verb", 64);
    });
}

fn down(op: &mut Operations) {
    op.drop_column("audit_events", "verb");
}
