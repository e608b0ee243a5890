//! Primary keys change.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "second",
    after: &["first"],
    depends_on: &[],
    labels: &[],
    message: "primary keys change",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.drop_constraint("grows", "pk_grows");
    op.rename_constraint("named", "old name", "pk_named");
    op.alter_column("gets_one", "a").not_null().fill("'none'");
    op.add_primary_key("gets_one", ["a"]);
    op.add_primary_key("grows", ["a", "b"]);
}

fn down(op: &mut Operations) {
    op.drop_constraint("gets_one", "pk_gets_one");
    op.drop_constraint("grows", "pk_grows");
    op.rename_constraint("named", "pk_named", "old name");
    op.alter_column("gets_one", "a").null();
    op.add_primary_key("grows", ["a"]);
}
