//! Uniques change.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "second", after: &["first"], depends_on: &[], labels: &[], message: "uniques change", up, down };

fn up(op: &mut Operations) {
    op.drop_constraint("t", "uq_t_a");
    op.drop_constraint("t", "uq_t_a_b");
    op.drop_constraint("t", "changes its columns");
    op.rename_constraint("t", "odd one", "uq_t_b_c");
    op.add_unique("t", ["b"]);
    op.add_to_table("t", |table| {
        table.unique(["c", "a"]).name("changes its columns");
    });
    op.add_to_table("t", |table| {
        table.unique(["a", "b"]).deferrable(Deferrable::InitiallyImmediate);
    });
}

fn down(op: &mut Operations) {
    op.drop_constraint("t", "uq_t_b");
    op.drop_constraint("t", "changes its columns");
    op.drop_constraint("t", "uq_t_a_b");
    op.rename_constraint("t", "uq_t_b_c", "odd one");
    op.add_unique("t", ["a"]);
    op.add_unique("t", ["a", "b"]);
    op.add_to_table("t", |table| {
        table.unique(["c"]).name("changes its columns");
    });
}
