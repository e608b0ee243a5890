//! Keep deleted assistants, whose names are free again.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "f919485cbb9a",
    after: &["1d97b2a60e8c"],
    depends_on: &[],
    labels: &[],
    message: "keep deleted assistants",
    up,
    down,
};

fn up(op: &mut Operations) {
    let few = "a catalogue holds thousands of assistants, which are copied and indexed in a moment";
    op.assured(few).drop_constraint("assistants", "uq_assistants_owner_id_name");
    op.add_column("assistants", |table| {
        table.timestamp_with_time_zone("deleted_at");
    });
    op.assured(few)
        .create_index("assistants", ["owner_id", "name"])
        .name("uq_assistants_owner_id_name")
        .unique()
        .filter("deleted_at IS NULL");
}

fn down(op: &mut Operations) {
    // Without the column they would be back among the living, two of a name perhaps.
    op.execute("DELETE FROM assistants WHERE deleted_at IS NOT NULL");
    op.drop_index("assistants", "uq_assistants_owner_id_name");
    op.drop_column("assistants", "deleted_at");
    op.add_unique("assistants", ["owner_id", "name"]);
}
