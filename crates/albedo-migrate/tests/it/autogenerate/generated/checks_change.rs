//! Checks change.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "second", after: &["first"], depends_on: &[], labels: &[], message: "checks change", up, down };

fn up(op: &mut Operations) {
    op.drop_constraint("t", "ck_t_a");
    op.drop_constraint("t", "ck_t_kind");
    op.drop_constraint("t", "goes");
    op.rename_constraint("t", "old name", "new name");
    op.add_check("t", "a", "a >= 0 AND a < 20");
    op.add_check("t", "kind", "kind IN ('x', 'y', 'it''s')");
    op.add_to_table("t", |table| {
        table.check_named("comes", "length(kind) < 9 OR \"kind\" IS NULL");
    });
}

fn down(op: &mut Operations) {
    op.drop_constraint("t", "ck_t_a");
    op.drop_constraint("t", "ck_t_kind");
    op.drop_constraint("t", "comes");
    op.rename_constraint("t", "new name", "old name");
    op.add_check("t", "a", "a BETWEEN 0 AND 10");
    op.add_check("t", "kind", "kind IN ('x', 'y')");
    op.add_to_table("t", |table| {
        table.check_named("goes", "a <> 5");
    });
}
