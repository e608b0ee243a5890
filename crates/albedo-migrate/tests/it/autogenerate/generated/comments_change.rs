//! Comments change.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "second", after: &["first"], depends_on: &[], labels: &[], message: "comments change", up, down };

fn up(op: &mut Operations) {
    op.alter_column("t", "a").comment("it's new");
    op.alter_column("t", "b").drop_comment();
    op.alter_column("t", "c").comment("comes");
    op.comment_on_table("t", "it's new");
    op.drop_comment_on_table("u");
}

fn down(op: &mut Operations) {
    op.alter_column("t", "a").comment("old");
    op.alter_column("t", "b").comment("goes");
    op.alter_column("t", "c").drop_comment();
    op.comment_on_table("t", "old");
    op.comment_on_table("u", "goes");
}
