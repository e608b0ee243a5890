//! Foreign keys change.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "second",
    after: &["first"],
    depends_on: &[],
    labels: &[],
    message: "foreign keys change",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.drop_constraint("child", "fk_child_a");
    op.drop_constraint("child", "fk_child_b");
    op.rename_constraint("one", "uq_one_code", "another name");
    op.add_foreign_key("child", ["a"], "one", ["id"]).on_delete(Action::SetNull).on_update(Action::Cascade);
    op.add_foreign_key("child", ["b"], "other", ["id"]);
    op.add_foreign_key("child", ["c"], "one", ["id"]).deferrable(Deferrable::InitiallyDeferred);
}

fn down(op: &mut Operations) {
    op.drop_constraint("child", "fk_child_a");
    op.drop_constraint("child", "fk_child_b");
    op.drop_constraint("child", "fk_child_c");
    op.rename_constraint("one", "another name", "uq_one_code");
    op.add_foreign_key("child", ["a"], "one", ["id"]).on_delete(Action::Cascade);
    op.add_foreign_key("child", ["b"], "one", ["id"]);
}
