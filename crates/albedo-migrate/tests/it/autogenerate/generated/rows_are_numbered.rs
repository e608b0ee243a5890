//! Rows are numbered.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "second", after: &["first"], depends_on: &[], labels: &[], message: "rows are numbered", up, down };

fn up(op: &mut Operations) {
    op.alter_column("begins", "id").auto_increment();
    op.alter_column("ends", "id").drop_auto_increment();
}

fn down(op: &mut Operations) {
    op.alter_column("begins", "id").drop_auto_increment();
    op.alter_column("ends", "id").auto_increment();
}
