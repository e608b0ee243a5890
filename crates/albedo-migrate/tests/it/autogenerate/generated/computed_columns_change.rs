//! Computed columns change.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "second",
    after: &["first"],
    depends_on: &[],
    labels: &[],
    message: "computed columns change",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.drop_index("t", "ix_t_changes");
    op.drop_column("t", "changes");
    op.drop_column("t", "stays_a_number");
    // DESTRUCTIVE: the column t.becomes_computed goes, with its values.
    op.drop_column("t", "becomes_computed");
    op.add_column("t", |table| {
        table.integer("stays_a_number").not_null().fill("a * 3");
        table.integer("changes").generated("a * 5");
        table.integer("becomes_computed").generated("a + 1");
    });
    op.create_index("t", ["changes"]);
}

fn down(op: &mut Operations) {
    op.drop_index("t", "ix_t_changes");
    op.drop_column("t", "changes");
    op.drop_column("t", "becomes_computed");
    op.drop_column("t", "stays_a_number");
    op.add_column("t", |table| {
        // What becomes_computed held is gone; rows get a + 1.
        table.integer("becomes_computed").fill("a + 1");
        table.integer("changes").generated("a * 2");
        table.integer("stays_a_number").not_null().generated("a * 3");
    });
    op.create_index("t", ["changes"]);
}
