//! Nullability and defaults.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "second",
    after: &["first"],
    depends_on: &[],
    labels: &[],
    message: "nullability and defaults",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.alter_column("t", "a").not_null().fill("'it''s'").default("y");
    op.alter_column("t", "b").null();
    op.alter_column("t", "c").default(-2);
    op.alter_column("t", "d").default(false);
    op.alter_column("t", "e").drop_default();
    op.alter_column("t", "f").default_expression("'x' || 'y'");
    op.alter_column("t", "g").not_null().fill("4").default(4);
}

fn down(op: &mut Operations) {
    op.alter_column("t", "a").null().drop_default();
    op.alter_column("t", "b").not_null().fill("''");
    op.alter_column("t", "c").default(1);
    op.alter_column("t", "d").default(true);
    op.alter_column("t", "e").default_now();
    op.alter_column("t", "f").default("x");
    op.alter_column("t", "g").null().drop_default();
}
