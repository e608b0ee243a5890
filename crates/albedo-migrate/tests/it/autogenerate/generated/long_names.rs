//! Long names.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration =
    Migration { id: "second", after: &["first"], depends_on: &[], labels: &[], message: "long names", up, down };

fn up(op: &mut Operations) {
    op.drop_constraint(
        "a_table_with_a_name_that_is_rather_long_for_a_table",
        "uq_a_table_with_a_name_that_is_rather_long_for_a_table_9bbf0359",
    );
    op.add_unique("a_table_with_a_name_that_is_rather_long_for_a_table", ["another_column_with_a_long_name"]);
    op.add_unique(
        "a_table_with_a_name_that_is_rather_long_for_a_table",
        ["a_column_with_a_long_name_too", "another_column_with_a_long_name"],
    );
    op.add_check(
        "a_table_with_a_name_that_is_rather_long_for_a_table",
        "4b8968c0",
        "another_column_with_a_long_name IN (1, 2, 3, 4, 5, 6, 7, 8, 9)",
    );
    op.create_index("a_table_with_a_name_that_is_rather_long_for_a_table", ["a_column_with_a_long_name_too"]);
    op.create_index(
        "a_table_with_a_name_that_is_rather_long_for_a_table",
        ["another_column_with_a_long_name", "a_column_with_a_long_name_too"],
    )
    .filter("another_column_with_a_long_name > 0 AND a_column_with_a_long_name_too > 0");
}

fn down(op: &mut Operations) {
    op.drop_index(
        "a_table_with_a_name_that_is_rather_long_for_a_table",
        "ix_a_table_with_a_name_that_is_rather_long_for_a_table_1bf0cdd6",
    );
    op.drop_index(
        "a_table_with_a_name_that_is_rather_long_for_a_table",
        "ix_a_table_with_a_name_that_is_rather_long_for_a_table_08019849",
    );
    op.drop_constraint(
        "a_table_with_a_name_that_is_rather_long_for_a_table",
        "ck_a_table_with_a_name_that_is_rather_long_for_a_table_4b8968c0",
    );
    op.drop_constraint(
        "a_table_with_a_name_that_is_rather_long_for_a_table",
        "uq_a_table_with_a_name_that_is_rather_long_for_a_table_8ad7d2a9",
    );
    op.drop_constraint(
        "a_table_with_a_name_that_is_rather_long_for_a_table",
        "uq_a_table_with_a_name_that_is_rather_long_for_a_table_d4c28775",
    );
    op.add_unique("a_table_with_a_name_that_is_rather_long_for_a_table", ["a_column_with_a_long_name_too"]);
}
