//! Sort cities by their key: on PostgreSQL the names compare by code point, as lists do, so that the unique key has their order.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "4be07d1c6f92",
    after: &["b5f154fb6269"],
    depends_on: &[],
    labels: &[],
    message: "sort cities by their key",
    up,
    down,
};

const FEW: &str = "no row is rewritten for a collation, and the key of some thousand names is built again in a moment";

fn up(op: &mut Operations) {
    op.assured(FEW).alter_column("cities", "name").column_type(ColumnType::String(Some(120))).collate("C");
}

fn down(op: &mut Operations) {
    op.alter_column("cities", "name").column_type(ColumnType::String(Some(120))).drop_collation();
}
