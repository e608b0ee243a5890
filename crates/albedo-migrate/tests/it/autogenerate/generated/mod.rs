//! What the generator writes for each case, letter for letter.

#![expect(unreachable_pub, reason = "it is written as for a library")]

pub(super) mod checks_change;
pub(super) mod columns_come;
pub(super) mod columns_go;
pub(super) mod comments_change;
pub(super) mod computed_columns_change;
pub(super) mod enum_values_are_renamed_and_texts_become_enums;
pub(super) mod enum_values_come;
pub(super) mod enum_values_go;
pub(super) mod foreign_keys_change;
pub(super) mod indexes_change;
pub(super) mod keys_change_their_type;
pub(super) mod long_names;
pub(super) mod nullability_and_defaults;
pub(super) mod primary_keys_change;
pub(super) mod rows_are_numbered;
pub(super) mod tables_come;
pub(super) mod tables_go;
pub(super) mod things_are_renamed;
pub(super) mod types_change;
pub(super) mod uniques_change;
