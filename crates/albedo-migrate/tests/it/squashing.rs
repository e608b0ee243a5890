//! The command that puts one revision in the place of several: what it writes, what it refuses, and that nothing is
//! changed where it refuses.

use std::path::PathBuf;

use albedo_migrate::cli::Project;
use albedo_migrate::generate::Directory;
use albedo_migrate::prelude::*;
use albedo_migrate::{Collected, Dialect, History};
use rstest::rstest;
use sea_orm::ConnectionTrait;

use crate::support::TestDatabase;
use crate::support::desk::{Said, call};

const fn migration(
    id: &'static str,
    after: &'static [&'static str],
    up: fn(&mut Operations),
    down: fn(&mut Operations),
) -> Collected {
    let migration = Migration { id, after, depends_on: &[], labels: &[], message: id, up, down };
    Collected { stem: id, source: "", migration, replaces: &[] }
}

fn books(op: &mut Operations) {
    op.create_enum("genre", ["novel", "poem"]);
    op.create_table("books", |table| {
        table.integer("id").primary_key().auto_increment();
        table.string("name", 80).not_null();
        table.enumeration("genre", "genre").not_null().default("novel");
    });
}

fn no_books(op: &mut Operations) {
    op.drop_table("books");
    op.drop_enum("genre");
}

fn title(op: &mut Operations) {
    op.rename_column("books", "name", "title");
    op.add_column("books", |table| {
        table.integer("pages").not_null().fill("1");
    });
    op.create_index("books", ["title"]);
    op.add_check("books", "pages", "pages > 0");
}

fn no_title(op: &mut Operations) {
    op.drop_constraint("books", "ck_books_pages");
    op.drop_index("books", "ix_books_title");
    op.drop_column("books", "pages");
    op.rename_column("books", "title", "name");
}

fn tags(op: &mut Operations) {
    op.create_table("tags", |table| {
        table.integer("id").primary_key();
        table.integer("book_id").not_null().references("books", "id").on_delete(Action::Cascade);
    });
    op.alter_column("books", "pages").column_type(ColumnType::BigInteger);
}

fn no_tags(op: &mut Operations) {
    op.alter_column("books", "pages").column_type(ColumnType::Integer);
    op.drop_table("tags");
}

fn last(op: &mut Operations) {
    op.drop_index("books", "ix_books_title");
}

fn no_last(op: &mut Operations) {
    op.create_index("books", ["title"]);
}

const BOOKS: Collected = migration("books", &[], books, no_books);
const TITLE: Collected = migration("title", &["books"], title, no_title);
const TAGS: Collected = migration("tags", &["title"], tags, no_tags);
const LAST: Collected = migration("last", &["tags"], last, no_last);

struct Desk {
    folder: tempfile::TempDir,
    history: History,
    shadow: Option<String>,
}

impl Desk {
    /// A folder with the headers of these revisions, and a server for scratch databases.
    async fn new(list: &[Collected]) -> Option<Self> {
        let database = TestDatabase::missing(Dialect::Postgres)?;
        let folder = tempfile::tempdir().unwrap();
        for one in list {
            let after: Vec<String> = one.migration.after.iter().map(|id| format!("{id:?}")).collect();
            let text = format!(
                "pub const MIGRATION: Migration = Migration {{ id: {:?}, after: &[{}], message: {:?} }};\n",
                one.migration.id,
                after.join(", "),
                one.migration.message
            );
            std::fs::write(folder.path().join(format!("{}.rs", one.stem)), text).unwrap();
        }
        let history = History::builder().collected(list).build().unwrap();
        Some(Self { folder, history, shadow: database.shadow() })
    }

    async fn squash(&self, arguments: &[&str]) -> Said {
        let mut all = vec!["squash"];
        all.extend(arguments);
        if let Some(url) = &self.shadow {
            all.extend(["--shadow-url", url]);
        }
        call(Project::new(Ok(self.history.clone())).versions(self.folder.path()), &all).await
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    /// The text of the one file that is new.
    fn made(&self) -> String {
        let directory = Directory::read(self.folder.path()).unwrap();
        let new = directory.revisions.iter().find(|revision| !revision.replaces.is_empty()).unwrap();
        std::fs::read_to_string(self.folder.path().join(format!("{}.rs", new.stem))).unwrap()
    }

    async fn refused(&self, arguments: &[&str], code: u8, told: &str) {
        let before = self.files();
        let said = self.squash(arguments).await;
        assert!(said.code == code && said.err.contains(told), "{arguments:?}: {} {}{}", said.code, said.out, said.err);
        assert_eq!(self.files(), before, "{arguments:?}");
    }
}

#[tokio::test]
async fn what_a_range_makes_is_made_at_once() {
    let Some(desk) = Desk::new(&[BOOKS, TITLE, TAGS, LAST]).await else { return };
    let said = desk.squash(&["books:tags", "-m", "create the library", "--json"]).await;
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["replaces"], serde_json::json!(["books", "title", "tags"]));
    assert_eq!(
        (&json["proven"], &json["folded"]),
        (&serde_json::json!(["sqlite", "postgres"]), &serde_json::json!(true))
    );
    assert_eq!(desk.files().len(), 2);
    let text = desk.made();
    for part in [
        "op.create_table(\"books\"",
        "\"title\", 80",
        "(\"tags\", \"tags\")",
        "id: \"tags\"",
        "after: &[]",
        "big_integer(\"pages\")",
        "op.drop_table(\"tags\")",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert!(!text.contains("rename") && !text.contains("alter_column"), "{text}");
}

#[tokio::test]
async fn tables_that_were_there_before_are_changed_as_they_were() {
    let Some(desk) = Desk::new(&[BOOKS, TITLE, TAGS, LAST]).await else { return };
    let said = desk.squash(&["title:last"]).await;
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("in their order") && said.out.contains("proven to make the same on sqlite and postgres"));
    let text = desk.made();
    // A rename that became a drop and an addition would lose the titles of the books.
    for part in [
        "op.rename_column(\"books\", \"name\", \"title\")",
        "op.drop_index(\"books\", \"ix_books_title\")",
        "after: &[\"books\"]",
        "id: \"last\"",
        ".fill(\"1\")",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert_eq!(Directory::read(desk.folder.path()).unwrap().revisions.len(), 2);
}

fn rows(op: &mut Operations) {
    op.execute("INSERT INTO books (title, pages) VALUES ('One', 5)");
}

fn no_rows(op: &mut Operations) {
    op.execute("DELETE FROM books");
}

const ROWS: Collected = migration("rows", &["title"], rows, no_rows);

#[tokio::test]
async fn raw_sql_is_told_and_somebody_has_to_say_what_becomes_of_it() {
    let Some(desk) = Desk::new(&[BOOKS, TITLE, ROWS]).await else { return };
    desk.refused(&["books:rows"], 2, "rows: execute INSERT INTO books").await;
    desk.refused(&["books:rows"], 2, "--without-data").await;
    desk.refused(&["books:rows", "--keep-data", "--without-data"], 2, "cannot be used with").await;
    let said = desk.squash(&["books:rows", "--without-data", "--dry-run"]).await;
    assert!(said.code == 0 && said.out.contains("// Left out: execute INSERT INTO books"), "{}{}", said.out, said.err);
    assert_eq!(desk.files().len(), 3);
    let said = desk.squash(&["books:rows", "--keep-data"]).await;
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let text = desk.made();
    let (rename, insert) = (text.find("rename_column").unwrap(), text.find("INSERT INTO books").unwrap());
    assert!(rename < insert && text.contains("DELETE FROM books"), "{text}");
}

#[tokio::test]
async fn what_is_left_out_is_told_in_the_terminal_and_in_the_file() {
    let Some(desk) = Desk::new(&[BOOKS, TITLE, ROWS]).await else { return };
    let said = desk.squash(&["books:rows", "--without-data"]).await;
    assert!(said.code == 0 && said.out.contains("left out: execute INSERT INTO books"), "{}{}", said.out, said.err);
    assert!(desk.made().contains("// Left out: execute INSERT INTO books"), "{}", desk.made());
}

fn view(op: &mut Operations) {
    op.execute("CREATE VIEW titles AS SELECT title FROM books");
}

fn no_view(op: &mut Operations) {
    op.execute("DROP VIEW titles");
}

#[tokio::test]
async fn a_squash_that_would_lose_something_is_found_before_anything_is_written() {
    const VIEW: Collected = migration("view", &["title"], view, no_view);
    let Some(desk) = Desk::new(&[BOOKS, TITLE, VIEW]).await else { return };
    desk.refused(&["books:view", "--without-data"], 1, "view titles is missing").await;
    let said = desk.squash(&["books:view", "--keep-data"]).await;
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}

fn function(op: &mut Operations) {
    op.online("count the books", |connection| {
        Box::pin(async move { connection.execute_unprepared("SELECT 1").await.map(|_| ()) })
    });
}

#[tokio::test]
async fn a_function_cannot_be_kept() {
    const FUNCTION: Collected = migration("function", &["title"], function, |_| {});
    let Some(desk) = Desk::new(&[BOOKS, TITLE, FUNCTION]).await else { return };
    desk.refused(&["books:function", "--keep-data"], 2, "`count the books` in function").await;
    assert_eq!(desk.squash(&["books:function", "--without-data"]).await.code, 0);
}

#[rstest]
#[case::one(&["books:books"], "several")]
#[case::no_range(&["books"], "from where to where")]
#[case::no_end(&["books:"], "from where to where")]
#[case::no_line(&["tags:books"], "does not come before")]
#[case::unknown(&["books:nobody"], "nobody")]
#[tokio::test]
async fn a_range_that_is_none_is_refused(#[case] arguments: &[&str], #[case] told: &str) {
    let Some(desk) = Desk::new(&[BOOKS, TITLE, TAGS]).await else { return };
    desk.refused(arguments, 2, told).await;
}

#[tokio::test]
async fn a_branch_that_begins_inside_is_named() {
    const SIDE: Collected = migration("side", &["title"], |_| {}, |_| {});
    let Some(desk) = Desk::new(&[BOOKS, TITLE, TAGS, SIDE]).await else { return };
    desk.refused(&["books:tags"], 2, "side (side) comes after title (title)").await;
    // Up to where it begins there is no harm.
    assert_eq!(desk.squash(&["books:title"]).await.code, 0);
}

#[tokio::test]
async fn what_was_squashed_once_has_to_settle_first() {
    const WHOLE: Collected = Collected { replaces: &[("a", "a"), ("books", "b")], ..BOOKS };
    let Some(desk) = Desk::new(&[WHOLE, TITLE]).await else { return };
    desk.refused(&["books:title"], 2, "stamp --purge heads").await;
}

#[tokio::test]
async fn without_a_server_it_is_proven_on_sqlite_alone_when_that_is_said() {
    let Some(mut desk) = Desk::new(&[BOOKS, TITLE]).await else { return };
    desk.shadow = None;
    desk.refused(&["books:title"], 2, "--dialect sqlite").await;
    let said = desk.squash(&["books:title", "--dialect", "sqlite"]).await;
    assert!(said.code == 0 && said.out.contains("the same on sqlite\n"), "{}{}", said.out, said.err);
}

#[tokio::test]
async fn a_revision_that_stays_irreversible_says_so() {
    const NEVER: Collected = migration("never", &["books"], title, |op| op.irreversible("the names are gone"));
    let Some(desk) = Desk::new(&[BOOKS, NEVER]).await else { return };
    assert_eq!(desk.squash(&["books:never"]).await.code, 0);
    assert!(desk.made().contains("op.irreversible(\"the names are gone\")"), "{}", desk.made());
}

#[tokio::test]
async fn a_file_that_is_gone_meanwhile_changes_nothing() {
    let Some(desk) = Desk::new(&[BOOKS, TITLE]).await else { return };
    let directory = Directory::read(desk.folder.path()).unwrap();
    let mut revision = directory.revisions.last().unwrap().clone();
    revision.stem = "new_title".to_owned();
    revision.replaces = directory
        .revisions
        .iter()
        .map(|known| albedo_migrate::revision::Replaced { id: known.id.clone(), stem: known.stem.clone() })
        .collect();
    revision.parents.clear();
    std::fs::remove_file(desk.folder.path().join("title.rs")).unwrap();
    let before = desk.files();
    assert!(directory.replace(&[], &revision, "text").unwrap_err().report().contains("title.rs"));
    assert_eq!(desk.files(), before);
}
