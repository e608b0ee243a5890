//! Files rewritten by `--fix`.

use albedo_migrate::lint::fix::{Fix, fix};
use albedo_migrate::lint::{Subject, revision};
use albedo_migrate::prelude::*;

use super::{Fill, before, rules};

fn mended(source: &str, up: Fill, down: Fill, is_head: bool) -> Result<Option<Fix>, String> {
    let (up, down) = (Operations::of(up), Operations::of(down));
    let before = before();
    let subject = Subject { id: "r1", before: &before, up: &up, down: &down };
    fix(source, &subject, &revision(&subject, &rules()), is_head)
}

#[test]
fn indexes_and_keys_alone_leave_the_transaction_where_they_are() {
    let source = "fn up(op: &mut Operations) {
    // Asked for by the list of notes.
    op.create_index(\"users\", [\"note\"]).unique();
    op.add_foreign_key(\"users\", [\"team_id\"], \"teams\", [\"id\"]).on_delete(Action::Cascade);
    op.add_check(\"users\", \"grown\", \"age > 17\");
}

fn down(_op: &mut Operations) {}
";
    let up: Fill = |op| {
        op.create_index("users", ["note"]).unique();
        op.add_foreign_key("users", ["team_id"], "teams", ["id"]).on_delete(Action::Cascade);
        op.add_check("users", "grown", "age > 17");
    };
    let fix = mended(source, up, |_| {}, false).unwrap().unwrap();
    assert_eq!(fix.next, None);
    assert_eq!(
        fix.text,
        "fn up(op: &mut Operations) {
    op.transactional(false);
    // Asked for by the list of notes.
    op.create_index(\"users\", [\"note\"]).unique().concurrently();
    op.add_foreign_key(\"users\", [\"team_id\"], \"teams\", [\"id\"]).on_delete(Action::Cascade).not_valid();
    op.validate_constraint(\"users\", \"fk_users_team_id\");
    op.add_check_not_valid(\"users\", \"grown\", \"age > 17\");
    op.validate_constraint(\"users\", \"ck_users_grown\");
}

fn down(_op: &mut Operations) {}
"
    );
}

const MIXED: &str = "fn up(list: &mut Operations) {
    list.add_column(\"users\", |table| {
        table.integer(\"size\");
    });
    list.create_index(\"users\", [\"size\"]);
    list.comment_on_table(\"users\", \"people\");
}

fn down(op: &mut Operations) {
    op.drop_index(\"users\", \"ix_users_size\");
    op.drop_column(\"users\", \"size\");
}
";

const MIXED_UP: Fill = |op| {
    op.add_column("users", |table| {
        table.integer("size");
    });
    op.create_index("users", ["size"]);
    op.comment_on_table("users", "people");
};

const MIXED_DOWN: Fill = |op| {
    op.drop_index("users", "ix_users_size");
    op.drop_column("users", "size");
};

#[test]
fn among_other_operations_they_move_to_a_revision_of_their_own() {
    let fix = mended(MIXED, MIXED_UP, MIXED_DOWN, true).unwrap().unwrap();
    assert!(!fix.text.contains("create_index") && !fix.text.contains("drop_index"), "{}", fix.text);
    assert!(fix.text.contains("    list.comment_on_table") && fix.text.contains("    op.drop_column"));
    let next = fix.next.unwrap();
    assert_eq!(next.message, "build ix_users_size");
    assert_eq!(next.up, ["op.transactional(false);", "op.create_index(\"users\", [\"size\"]).concurrently();"]);
    assert_eq!(next.down, ["op.transactional(false);", "op.drop_index_concurrently(\"users\", \"ix_users_size\");"]);
}

#[test]
fn an_index_that_only_lacks_its_way_out_of_the_transaction_gets_it() {
    let source = "fn up(op: &mut Operations) {\n    op.create_index(\"users\", [\"note\"]).concurrently();\n}\n";
    let up: Fill = |op| {
        op.create_index("users", ["note"]).concurrently();
    };
    let text = mended(source, up, |_| {}, false).unwrap().unwrap().text;
    assert_eq!(text, source.replace("{\n", "{\n    op.transactional(false);\n"));
}

#[test]
fn what_cannot_be_mended_is_left_and_the_reason_told() {
    assert!(mended(MIXED, MIXED_UP, MIXED_DOWN, false).unwrap_err().contains("others come after it"));
    let inside =
        "fn up(op: &mut Operations) { op.add_column(\"users\", |table| { table.integer(\"size\").indexed(); }); }";
    let up: Fill = |op| {
        op.add_column("users", |table| {
            table.integer("size").indexed();
        });
    };
    assert!(mended(inside, up, |_| {}, true).unwrap_err().contains("no statement of its own"));
    let builds_on = "fn up(op: &mut Operations) {
    op.create_index(\"users\", [\"note\"]);
    op.rename_index(\"users\", \"ix_users_note\", \"ix_other\");
}";
    let up: Fill = |op| {
        op.create_index("users", ["note"]);
        op.rename_index("users", "ix_users_note", "ix_other");
    };
    assert!(mended(builds_on, up, |_| {}, true).unwrap_err().contains("build on it"));
    assert_eq!(mended("", |op| op.drop_table("users"), |_| {}, true).unwrap(), None);
}
