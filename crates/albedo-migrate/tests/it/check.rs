//! `check` and `verify` hold the revisions against the entities.

use albedo_migrate::History;
use albedo_migrate::cli::Project;
use albedo_migrate::prelude::*;
use albedo_migrate::target::Target;
use rstest::rstest;
use serde_json::Value;

use crate::support::desk::{Said, call};

fn make(op: &mut Operations) {
    op.create_table("authors", |table| {
        table.integer("id").primary_key();
    });
    op.create_table("books", |table| {
        table.integer("id").primary_key();
        table.string("title", 80).not_null().default("none");
        table.integer("author_id").references("authors", "id").on_delete(Action::Cascade);
        table.integer("pages");
        table.check("pages", "pages > 0");
        table.index(["title"]);
        table.unique(["author_id", "title"]);
    });
}

fn drop_both(op: &mut Operations) {
    op.drop_table("books");
    op.drop_table("authors");
}

fn history() -> History {
    const MADE: Migration =
        Migration { id: "made", after: &[], depends_on: &[], labels: &[], message: "make", up: make, down: drop_both };
    History::new([MADE]).unwrap()
}

/// What the revision makes, and then something else.
fn target(change: fn(Target) -> Target) -> Target {
    let made = Target::new()
        .table("authors", |table| {
            table.integer("id").primary_key();
        })
        .table("books", |table| {
            table.integer("id").primary_key();
            table.string("title", 80).not_null().default("none");
            table.integer("author_id").references("authors", "id").on_delete(Action::Cascade);
            table.integer("pages");
            table.check("pages", "pages > 0");
            table.index(["title"]);
            table.unique(["author_id", "title"]);
        });
    change(made)
}

async fn say(change: fn(Target) -> Target, arguments: &[&str]) -> Said {
    call(Project::new(Ok(history())).entities(move || target(change)), arguments).await
}

#[rstest]
#[case::a_column(|target: Target| target.table("books", |table| { table.text("note"); }), "books.note: column is new: text")]
#[case::a_type(|target: Target| target.table("books", |table| { table.big_integer("pages"); }), "books.pages: type integer becomes bigint")]
#[case::a_default(|target: Target| target.table("books", |table| { table.string("title", 80).not_null().default("some"); }), "books.title: default 'none' becomes 'some'")]
#[case::nullability(|target: Target| target.table("books", |table| { table.string("title", 80).default("none"); }), "books.title: nullable")]
#[case::an_index(|target: Target| target.table("books", |table| { table.index(["pages"]); }), "books.ix_books_pages: index is new")]
#[case::a_check(|target: Target| target.table("books", |table| { table.check("pages", "pages > 1"); }), "books.ck_books_pages: check")]
#[case::a_foreign_key(|target: Target| target.table("books", |table| { table.integer("pages").references("authors", "id"); }), "books.fk_books_pages: foreign key is new")]
#[case::a_table(|target: Target| target.table("rivers", |table| { table.integer("id").primary_key(); }), "rivers: table is new")]
#[tokio::test]
async fn what_no_revision_makes_is_named_with_exit_code_3(#[case] change: fn(Target) -> Target, #[case] told: &str) {
    let said = say(change, &["check"]).await;
    assert!(said.code == 3 && said.out.contains(told), "{}{}", said.out, said.err);
    assert!(said.out.contains("`create` makes a revision"), "{}", said.out);
    let json: Value = serde_json::from_str(&say(change, &["check", "--json"]).await.out).unwrap();
    assert!(json["ok"] == false && !json["changes"].as_array().unwrap().is_empty(), "{json}");
    let said = say(change, &["verify"]).await;
    assert!(
        said.code == 3 && said.out.contains(&format!("the entities want what no revision makes: {told}")),
        "{}",
        said.out
    );
    let said = say(change, &["diff", "history", "entities"]).await;
    assert!(said.code == 3 && said.out.contains(told), "{}{}", said.out, said.err);
}

#[rstest]
#[case::nothing(|target: Target| target)]
#[case::the_same_in_other_words(|target: Target| target.table("books", |table| { table.check("pages", "(pages)>0"); }))]
#[tokio::test]
async fn what_the_revisions_make_is_not_named_and_no_database_is_asked(#[case] change: fn(Target) -> Target) {
    let said = say(change, &["check"]).await;
    assert!(said.code == 0 && said.out.contains("make what the entities are"), "{}{}", said.out, said.err);
    let said = say(change, &["verify"]).await;
    assert!(said.code == 0 && said.out.contains("ok       entities"), "{}{}", said.out, said.err);
    assert_eq!(say(change, &["diff", "entities", "history"]).await.code, 0);
}

#[tokio::test]
async fn a_program_without_entities_says_what_is_missing() {
    let said = call(Project::new(Ok(history())), &["check"]).await;
    assert!(said.code == 2 && said.err.contains("Project::entities"), "{}", said.err);
    let said = call(Project::new(Ok(history())), &["verify"]).await;
    assert!(said.code == 0 && said.out.contains("skipped  entities"), "{}{}", said.out, said.err);
}
