//! Things are renamed.

use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: "second",
    after: &["first"],
    depends_on: &[],
    labels: &[],
    message: "things are renamed",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.rename_table("users", "People");
    op.rename_column("People", "nick", "select");
    op.rename_column("posts", "user_id", "author_id");
    op.rename_constraint("People", "fk_users_boss", "fk_People_boss");
    op.rename_constraint("posts", "fk_posts_user_id", "fk_posts_author_id");
    op.rename_constraint("People", "pk_users", "pk_People");
    op.rename_constraint("People", "uq_users_nick", "uq_People_select");
    op.rename_constraint("People", "ck_users_nick", "ck_People_select");
    op.rename_index("People", "ix_users_boss", "ix_People_boss");
}

fn down(op: &mut Operations) {
    op.rename_table("People", "users");
    op.rename_column("users", "select", "nick");
    op.rename_column("posts", "author_id", "user_id");
    op.rename_constraint("posts", "fk_posts_author_id", "fk_posts_user_id");
    op.rename_constraint("users", "fk_People_boss", "fk_users_boss");
    op.rename_constraint("users", "pk_People", "pk_users");
    op.rename_constraint("users", "uq_People_select", "uq_users_nick");
    op.rename_constraint("users", "ck_People_select", "ck_users_nick");
    op.rename_index("users", "ix_People_boss", "ix_users_boss");
}
