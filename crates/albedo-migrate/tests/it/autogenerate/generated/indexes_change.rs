//! Indexes change.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "second", after: &["first"], depends_on: &[], labels: &[], message: "indexes change", up, down };

fn up(op: &mut Operations) {
    op.drop_index("t", "ix_t_a");
    op.drop_index("t", "ix_t_b");
    op.drop_index("t", "by lower");
    op.drop_index("t", "ix_t_a_b");
    op.drop_index("t", "ix_t_c");
    op.drop_index("t", "ix_t_c_a");
    op.rename_index("t", "old name", "ix_t_b_c");
    op.create_index("t", ["b"]).filter("a > 1");
    op.create_index("t", []).name("by lower").expression("upper(b)").reversed();
    op.create_index("t", ["a", "b"]).unique();
    op.create_index("t", ["c"]).include(["a", "b"]);
    op.create_index("t", ["c"]).name("ix_t_c_a").descending("a").column("b");
    op.create_index("t", ["a"]).name("hashed").using("hash");
}

fn down(op: &mut Operations) {
    op.drop_index("t", "ix_t_b");
    op.drop_index("t", "by lower");
    op.drop_index("t", "ix_t_a_b");
    op.drop_index("t", "ix_t_c");
    op.drop_index("t", "ix_t_c_a");
    op.drop_index("t", "hashed");
    op.rename_index("t", "ix_t_b_c", "old name");
    op.create_index("t", ["a"]);
    op.create_index("t", ["b"]).filter("a > 0");
    op.create_index("t", []).name("by lower").expression("lower(b)");
    op.create_index("t", ["a", "b"]);
    op.create_index("t", ["c"]).include(["a"]);
    op.create_index("t", ["c", "a"]);
}
