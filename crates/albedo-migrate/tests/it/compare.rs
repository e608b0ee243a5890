//! `diff` between any two schemas, on both databases.

use albedo_migrate::cli::Project;
use albedo_migrate::run::{Goal, Options, Runner};
use albedo_migrate::{Dialect, History};
use rstest::rstest;
use serde_json::Value;

use crate::support::desk::{Said, call};
use crate::support::{TestDatabase, execute, postgres, rich, toy};

struct Desk {
    database: TestDatabase,
    history: History,
    folder: tempfile::TempDir,
}

impl Desk {
    async fn new(dialect: Dialect, history: History) -> Option<Self> {
        let database = TestDatabase::new(dialect).await?;
        let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
        runner.run(&Goal::latest(), |_| {}).await.unwrap();
        Some(Self { database, history, folder: tempfile::tempdir().unwrap() })
    }

    async fn diff(&self, from: &str, to: &str, more: &[&str]) -> Said {
        let url = self.database.url.clone();
        let project = Project::new(Ok(self.history.clone())).database_url(move || Ok::<_, std::io::Error>(url.clone()));
        let shadow = self.database.shadow();
        let mut all = vec!["diff", from, to];
        all.extend(more);
        if let Some(url) = &shadow {
            all.extend(["--shadow-url", url]);
        }
        call(project, &all).await
    }

    fn file(&self, name: &str, sql: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, sql).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn what_is_alike_has_no_difference_whichever_way_it_is_told(#[case] dialect: Dialect) {
    let Some(desk) = Desk::new(dialect, rich::history()).await else { return };
    let url = desk.database.url.clone();
    let project = Project::new(Ok(rich::history()));
    let dump = call(project, &["schema-dump", "--database-url", &url]).await.out;
    let script = desk.file("schema.sql", &dump);
    let told = dialect.to_string();
    for (from, to) in [
        ("history", "database"),
        ("database", url.as_str()),
        ("history", &script),
        (&script, "database"),
        ("history@by_hand", "heads"),
    ] {
        let said = desk.diff(from, to, &["--dialect", &told]).await;
        assert_eq!(said.code, 0, "{from} {to}: {}{}", said.out, said.err);
        assert!(said.out.contains("are alike"), "{}", said.out);
    }
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn two_revisions_differ_in_what_stands_between_them(#[case] dialect: Dialect) {
    let Some(desk) = Desk::new(dialect, toy::history()).await else { return };
    let told = dialect.to_string();
    let said = desk.diff("history@names", "history@tight", &["--json", "--dialect", &told]).await;
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    let json: Value = serde_json::from_str(&said.out).unwrap();
    let changes: Vec<(&str, &str)> = json["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (change["of"].as_str().unwrap(), change["object"].as_str().unwrap()))
        .collect();
    for part in [("books", "isbn"), ("books", "title"), ("books", "ck_books_cheap"), ("books", "uq_books_isbn")] {
        assert!(changes.contains(&part), "{part:?} is missing in {changes:?}");
    }
    assert!(!changes.iter().any(|(table, _)| *table == "authors"), "{changes:?}");
    // The other way round what is new is gone.
    let said = desk.diff("tight", "names", &["--dialect", &told]).await;
    assert!(said.code == 3 && said.out.contains("books.isbn: column is gone"), "{}{}", said.out, said.err);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_live_database_differs_from_its_history_by_what_was_done_by_hand(#[case] dialect: Dialect) {
    let Some(desk) = Desk::new(dialect, toy::history()).await else { return };
    execute(&desk.database.connect().await, "ALTER TABLE labels ADD COLUMN color text").await;
    let said = desk.diff("history", "database", &[]).await;
    assert!(said.code == 3 && said.out.contains("labels.color: column is new: text"), "{}{}", said.out, said.err);
    assert!(said.out.contains("1 difference"), "{}", said.out);
}

#[tokio::test]
async fn a_file_of_sql_is_loaded_whoever_has_written_it() {
    let Some(desk) = Desk::new(Dialect::Postgres, rich::history()).await else { return };
    let dumped = std::process::Command::new(postgres::tool("pg_dump"))
        .args(["--schema-only", "--no-owner", &desk.database.url])
        .output()
        .unwrap();
    let script = desk.file("theirs.sql", &String::from_utf8(dumped.stdout).unwrap());
    let said = desk.diff("database", &script, &[]).await;
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);

    let unclear = desk.file("unclear.sql", "CREATE TABLE labels (id int);");
    let said = desk.diff("history", &unclear, &[]).await;
    assert!(said.code == 2 && said.err.contains("--dialect"), "{}", said.err);
    let said = desk.diff("history", &unclear, &["--dialect", "sqlite"]).await;
    assert!(said.code == 3 && said.out.contains("authors: table is gone"), "{}{}", said.out, said.err);
    let broken = desk.file("broken.sql", "CREATE TABLE t (id bigserial); NONSENSE;");
    let said = desk.diff("history", &broken, &[]).await;
    assert!(said.code == 1 && said.err.contains("broken.sql cannot be loaded"), "{}", said.err);
}

#[tokio::test]
async fn sqlite_and_postgresql_are_compared_in_the_words_of_the_smaller() {
    let Some(one) = Desk::new(Dialect::Postgres, toy::history()).await else { return };
    let other = Desk::new(Dialect::Sqlite, toy::history()).await.unwrap();
    let said = one.diff("database", &other.database.url, &[]).await;
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    execute(&other.database.connect().await, "DROP INDEX ix_books_by_title").await;
    let said = one.diff("database", &other.database.url, &[]).await;
    assert!(said.code == 3 && said.out.contains("ix_books_by_title"), "{}{}", said.out, said.err);
}

#[tokio::test]
async fn a_side_that_is_nothing_is_told_what_there_is() {
    let Some(desk) = Desk::new(Dialect::Sqlite, toy::history()).await else { return };
    for (side, told) in [
        ("nobody", "history@REVISION"),
        ("history@nobody", "nobody"),
        ("mysql://h/d", "no database speaks"),
        ("/gone.sql", "cannot be read"),
        ("entities", "Project::entities"),
    ] {
        let said = desk.diff("history", side, &[]).await;
        assert!(said.code == 2 && said.err.contains(told), "{side}: {}{}", said.out, said.err);
    }
}
