//! The command line: every command, what it prints, and its exit code.

use std::io::{self, ErrorKind, Write};
use std::path::Path;

use albedo_migrate::cli::{Project, Terminal, run_with};
use albedo_migrate::prelude::*;
use albedo_migrate::{Dialect, History};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::support::desk::call;
use crate::support::{TestDatabase, texts, toy};

struct Desk {
    database: TestDatabase,
    history: fn() -> History,
}

impl Desk {
    fn project(&self) -> Project {
        let url = self.database.url.clone();
        Project::new(Ok((self.history)())).database_url(move || Ok::<_, io::Error>(url.clone())).seed(|connection| {
            Box::pin(async move {
                connection
                    .execute_unprepared("INSERT INTO authors (id, full_name) VALUES (77, 'seed')")
                    .await
                    .map(|_| ())
            })
        })
    }

    async fn says(&self, arguments: &[&str]) -> String {
        let said = call(self.project(), arguments).await;
        assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.out, said.err);
        said.out
    }

    async fn json(&self, arguments: &[&str]) -> Value {
        let mut with = arguments.to_vec();
        with.push("--json");
        serde_json::from_str(&self.says(&with).await).unwrap()
    }
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_day_at_the_command_line(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::missing(dialect) else { return };
    let desk = Desk { database, history: toy::history };
    assert!(call(desk.project(), &["status", "--connect-wait", "1"]).await.err.contains("create-database"));
    assert!(desk.says(&["create-database"]).await.contains("made"));
    assert!(desk.says(&["create-database"]).await.contains("there already"));
    assert!(desk.says(&["status"]).await.contains("8 revisions: 0 applied, 8 pending"));
    assert_eq!(call(desk.project(), &["current", "--check-heads"]).await.code, 3);
    assert!(desk.says(&["migrate", "--dry-run"]).await.contains("8 steps would be run"));
    let told = desk.says(&["migrate", "names"]).await;
    assert!(told.contains("up    rows") && told.contains("4 revisions applied in"), "{told}");
    assert!(!told.contains('\u{1b}'), "colours in a pipe: {told}");
    assert!(call(desk.project(), &["--color", "always", "status"]).await.out.contains('\u{1b}'));
    assert!(
        call(desk.project(), &["migrate", "+1", "--dry-run"])
            .await
            .err
            .contains("it may be tight (tight), tags (tags)")
    );
    assert!(desk.says(&["downgrade", "--dry-run", "-2"]).await.contains("down  rows"));
    assert!(desk.says(&["downgrade", "-2", "--dry-run"]).await.contains("down  names"));
    assert!(desk.says(&["migrate"]).await.contains("4 revisions applied"));
    assert!(desk.says(&["migrate"]).await.contains("nothing to do"));
    assert!(desk.says(&["current", "--check-heads"]).await.contains("renamed"));
    assert!(desk.says(&["rollback", "--step", "2"]).await.contains("2 revisions taken back"));
    assert!(desk.says(&["redo"]).await.contains("1 revision taken back, 1 revision applied"));
    assert!(desk.says(&["history", "-r", "names:current"]).await.contains("tags"));
    assert_eq!(call(desk.project(), &["downgrade", "-1"]).await.code, 2);
    assert!(desk.says(&["downgrade", "base"]).await.contains("taken back"));
    assert!(desk.says(&["reset"]).await.contains("8 revisions applied"));
    assert!(desk.says(&["verify"]).await.contains("fit"));
    assert!(desk.says(&["stamp", "names"]).await.contains("4 struck out"));
    assert!(desk.says(&["stamp", "heads"]).await.contains("4 revisions stamped"));
    assert!(desk.says(&["seed"]).await.contains("seeded"));
    assert!(desk.says(&["reset-tables"]).await.contains("tables dropped"));
    assert!(desk.says(&["prepare"]).await.contains("seeded"));
    assert!(!desk.says(&["prepare"]).await.contains("seeded"));
    assert!(desk.says(&["setup-reset"]).await.contains("8 revisions applied"));
    assert!(desk.says(&["setup"]).await.contains("nothing to do"));
    assert!(desk.says(&["drop-database"]).await.contains("dropped"));
    assert!(desk.says(&["setup"]).await.contains("8 revisions applied"));
    assert_eq!(texts(&desk.database.connect().await, "SELECT count(*) FROM books").await, ["3"]);
}

#[tokio::test]
async fn reads_answer_in_json_with_the_fields_promised() {
    let desk = Desk { database: TestDatabase::new(Dialect::Sqlite).await.unwrap(), history: toy::history };
    desk.says(&["migrate", "names"]).await;
    for arguments in [&["history"][..], &["heads"], &["branches"], &["status"], &["current"], &["graph"]] {
        let rows = desk.json(arguments).await;
        let first = &rows.as_array().unwrap()[0];
        for field in [
            "id",
            "stem",
            "message",
            "parents",
            "depends_on",
            "labels",
            "head",
            "base",
            "branch_point",
            "merge_point",
            "applied",
        ] {
            assert!(first.get(field).is_some(), "{arguments:?} has no {field}: {first}");
        }
    }
    let shown = desk.json(&["show", "joined"]).await;
    assert_eq!(shown["merge_point"], Value::Bool(true));
    assert_eq!(shown["applied"], Value::Bool(false));
    assert_eq!(shown["up"][0], "add constraint uq_tags_name to tags");
    assert_eq!(desk.json(&["migrate"]).await.as_array().unwrap().len(), 4);
    let error = call(desk.project(), &["show", "nobody", "--json"]).await;
    let told: Value = serde_json::from_str(&error.err).unwrap();
    assert_eq!((error.code, told["error"].as_str()), (2, Some("no revision is called `nobody`")));
}

#[tokio::test]
async fn pictures_of_the_graph_name_every_revision() {
    let desk = Desk { database: TestDatabase::new(Dialect::Sqlite).await.unwrap(), history: toy::history };
    for format in ["text", "mermaid", "dot", "svg"] {
        let picture = desk.says(&["graph", "--format", format]).await;
        for migration in toy::list() {
            assert!(picture.contains(migration.id), "{format}: {picture}");
        }
    }
    assert!(desk.says(&["branches"]).await.contains("-> tags"));
    assert!(desk.says(&["completions", "bash"]).await.contains("create-empty"));
}

#[tokio::test]
async fn what_verify_finds_exits_with_3() {
    let desk = Desk { database: TestDatabase::new(Dialect::Sqlite).await.unwrap(), history: toy::history };
    desk.says(&["migrate"]).await;
    let connection = desk.database.connect().await;
    connection
        .execute_unprepared("UPDATE albedo_migrations SET checksum = 'list:0' WHERE version = 'rows'")
        .await
        .unwrap();
    connection.execute_unprepared("INSERT INTO seaql_migrations VALUES ('gone', 1)").await.unwrap();
    let said = call(desk.project(), &["verify"]).await;
    assert_eq!(said.code, 3);
    assert!(
        said.out.contains("rows (rows) was changed after it was applied") && said.out.contains("gone is applied"),
        "{}",
        said.out
    );
    assert_eq!(call(desk.project(), &["migrate"]).await.code, 3);
    assert_eq!(call(desk.project(), &["current"]).await.code, 3);
    assert!(call(desk.project(), &["status"]).await.out.contains("no file"));
}

#[tokio::test]
async fn sql_goes_to_a_file_for_any_dialect() {
    let desk = Desk { database: TestDatabase::new(Dialect::Sqlite).await.unwrap(), history: toy::history };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out/migration.sql");
    desk.says(&["sql", "books", "--dialect", "postgres", "--output", file.to_str().unwrap()]).await;
    assert!(std::fs::read_to_string(&file).unwrap().contains("CREATE TYPE \"genre\""));
    desk.says(&["migrate", "names"]).await;
    let pending = desk.says(&["sql", "current:heads"]).await;
    assert!(!pending.contains("CREATE TABLE \"authors\"") && pending.contains("CREATE TABLE \"tags\""), "{pending}");
    let down = desk.says(&["sql", "books:names", "--down"]).await;
    assert!(down.contains("names (down)") && down.contains("rows (down)") && !down.contains("books (down)"), "{down}");
}

#[tokio::test]
async fn production_asks_for_the_name_of_the_database() {
    let desk = Desk { database: TestDatabase::new(Dialect::Sqlite).await.unwrap(), history: toy::history };
    desk.says(&["migrate"]).await;
    let before = desk.database.dump();
    for command in ["reset", "reset-tables", "setup-reset", "drop-database"] {
        let wrong = call(desk.project().production(true), &[command, "--confirm", "other"]).await;
        assert_eq!(wrong.code, 2, "{command}");
    }
    assert_eq!(desk.database.dump(), before);
    let name = desk.database.path().to_owned();
    assert_eq!(call(desk.project().production(true), &["reset-tables", "--confirm", &name]).await.code, 0);
}

#[tokio::test]
async fn a_schema_of_its_own_is_migrated_alone() {
    let Some(database) = TestDatabase::new(Dialect::Postgres).await else { return };
    let desk = Desk { database, history: toy::history };
    let connection = desk.database.connect().await;
    connection.execute_unprepared("CREATE SCHEMA \"its own\"").await.unwrap();
    desk.says(&["up", "-s", "its own"]).await;
    let places = "SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname IN ('public', 'its own')";
    assert_eq!(texts(&connection, places).await, ["its own"]);
    assert!(desk.says(&["status", "-s", "its own"]).await.contains("8 applied"));
    assert!(desk.says(&["status"]).await.contains("0 applied"));
    assert!(desk.says(&["up"]).await.contains("8 revisions applied"));
    assert_eq!(texts(&connection, "SELECT count(*) FROM \"its own\".books").await, ["3"]);
}

#[tokio::test]
async fn seaorms_own_words_are_understood() {
    let desk = Desk { database: TestDatabase::new(Dialect::Sqlite).await.unwrap(), history: toy::history };
    assert!(desk.says(&["up", "-n", "2"]).await.contains("2 revisions applied"));
    assert!(desk.says(&["down", "-n", "1", "-v"]).await.contains("1 revision taken back"));
    assert!(desk.says(&["up"]).await.contains("7 revisions applied"));
    assert!(desk.says(&["refresh"]).await.contains("8 revisions applied"));
    assert!(desk.says(&["fresh"]).await.contains("8 revisions applied"));
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn revisions_are_made_branched_and_merged_without_a_build() {
    let folder = tempfile::tempdir().unwrap();
    let project = || Project::new(History::new([])).versions(folder.path());
    let says = async |arguments: &[&str]| {
        let said = call(project(), arguments).await;
        assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.out, said.err);
        said.out
    };
    assert!(says(&["create", "create users table", "--id", "aaaa1"]).await.contains("fill them in"));
    says(&["create-empty", "add custom function", "--id", "bbbb1"]).await;
    says(&["create-branch", "fix", "--parent", "aaaa", "--id", "cccc1", "--label", "fixes"]).await;
    assert_eq!(call(project(), &["create", "more"]).await.code, 2);
    assert!(says(&["heads"]).await.contains("cccc1"));
    assert!(says(&["branches"]).await.contains("label fixes"));
    for refused in [
        &["merge", "bbbb1"][..],
        &["merge", "aaaa1", "bbbb1"],
        &["create-branch", "x"],
        &["create", "x", "--label", "fixes"],
        &["create", "x", "--id", "a b"],
    ] {
        assert_eq!(call(project(), refused).await.code, 2, "{refused:?}");
    }
    assert_eq!(files(folder.path()).len(), 3);
    says(&["merge", "-m", "join them", "--id", "dddd1"]).await;
    assert!(says(&["show", "dddd1"]).await.contains("bbbb1, cccc1"));
    assert!(says(&["history", "-r", "cccc1:"]).await.contains("join them"));
    assert_eq!(files(folder.path()).len(), 4);
    // A file that is newer than the program is listed, and not run.
    let said = call(project().database_url(|| Ok::<_, io::Error>("sqlite::memory:".to_owned())), &["migrate"]).await;
    assert!(said.err.contains("newer than this program"), "{}", said.err);
}

/// Takes nothing, for this reason.
struct Closed(ErrorKind);

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(self.0.into())
    }
}

#[tokio::test]
async fn an_answer_that_a_full_disk_cuts_off_is_a_failure_and_a_closed_pipe_is_none() {
    for (reason, expected) in [(ErrorKind::BrokenPipe, 0), (ErrorKind::StorageFull, 1)] {
        for verb in [&["history"][..], &["graph", "--format", "mermaid"], &["sql", "--dialect", "sqlite"]] {
            let mut terminal = Terminal::to(Closed(reason), io::sink());
            let project = Project::new(Ok(toy::history()));
            let code = run_with(project, std::iter::once(&"db").chain(verb), &mut terminal).await;
            assert_eq!(code, expected, "{reason:?} {verb:?}");
        }
    }
}

#[tokio::test]
async fn a_faulty_history_is_told_with_its_path() {
    let one =
        Migration { id: "a1", after: &["b1"], depends_on: &[], labels: &[], message: "", up: |_| {}, down: |_| {} };
    let said =
        call(Project::new(History::new([one, Migration { id: "b1", after: &["a1"], ..one }])), &["history"]).await;
    assert_eq!(said.code, 2);
    assert!(said.err.contains("a1 -> b1 -> a1"), "{}", said.err);
}

#[tokio::test]
async fn settings_are_read_at_start_and_their_faults_told_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let versions = folder.path().join("versions");
    std::fs::create_dir(&versions).unwrap();
    let project = || Project::new(History::new([])).versions(&versions);
    let file = folder.path().join("migrate.toml");
    std::fs::write(&file, "[files]\nname = \"v{epoch}_{id}\"\ntemplate = \"own.txt\"\n").unwrap();
    std::fs::write(folder.path().join("own.txt"), "// of our own\n{{migration}}\n{{functions}}\n").unwrap();
    assert_eq!(call(project(), &["create-empty", "one", "--id", "aaaa1111"]).await.code, 0);
    let made = std::fs::read_dir(&versions).unwrap().next().unwrap().unwrap();
    assert!(made.file_name().to_str().unwrap().starts_with('v'), "{made:?}");
    assert!(std::fs::read_to_string(made.path()).unwrap().starts_with("// of our own"));

    std::fs::write(&file, "[files]\nname = \"{slug}\"\n[timeout]\n").unwrap();
    let said = call(project(), &["create-empty", "two"]).await;
    assert_eq!((said.code, std::fs::read_dir(&versions).unwrap().count()), (2, 1));
    assert!(said.err.contains("2 settings are faulty") && said.err.contains("is `timeouts` meant?"), "{}", said.err);
    assert_eq!(call(project(), &["history", "--settings", "/nowhere/migrate.toml"]).await.code, 2);
}
