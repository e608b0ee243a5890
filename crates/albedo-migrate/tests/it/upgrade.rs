//! Up, down, and what is told on the way.

use albedo_migrate::prelude::*;
use albedo_migrate::run::{Event, Goal, Options, Runner};
use albedo_migrate::{Dialect, Error};
use rstest::rstest;

use crate::support::{TestDatabase, execute, texts, toy};

fn symbol(text: &str) -> albedo_migrate::revision::Symbol {
    text.parse().unwrap()
}

async fn run(database: &TestDatabase, history: &History, goal: Goal) -> Result<Vec<String>, Error> {
    let mut runner = Runner::connect(history, &database.url, Options::default()).await?;
    let report = runner.run(&goal, |_| {}).await?;
    Ok(report
        .done
        .iter()
        .map(|(node, direction, _)| format!("{} {}", direction.word(), history.graph().revision(*node).id))
        .collect())
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn up_down_and_up_again_leaves_the_same_schema_and_the_rows_in_between(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let history = toy::history();
    assert_eq!(run(&database, &history, Goal::latest()).await.unwrap().len(), 8);
    let connection = database.connect().await;
    assert_eq!(
        texts(&connection, "SELECT title || ' ' || isbn || ' ' || genre FROM books ORDER BY id").await,
        ["One isbn-1 fiction", "untitled isbn-2 fiction", "Two isbn-3 fiction"]
    );
    assert_eq!(texts(&connection, "SELECT price * 1 FROM books WHERE id = 1").await[0].split('.').next(), Some("10"));
    let first = database.dump();
    assert!(run(&database, &history, Goal::latest()).await.unwrap().is_empty());
    assert_eq!(run(&database, &history, Goal::Downgrade(symbol("base"))).await.unwrap().len(), 8);
    assert_eq!(run(&database, &history, Goal::latest()).await.unwrap().len(), 8);
    assert_eq!(database.dump(), first);
    assert_eq!(run(&database, &history, Goal::Reset).await.unwrap().len(), 16);
    assert_eq!(database.dump(), first);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn every_revision_down_and_up_comes_back_to_the_same_schema(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let history = toy::history();
    for node in history.graph().order() {
        let id = history.graph().revision(*node).id.clone();
        let told = run(&database, &history, Goal::Upgrade(vec![symbol(&id)])).await.unwrap();
        assert_eq!(told.last().unwrap(), &format!("up {id}"));
        let before = normal(&database.dump());
        assert_eq!(run(&database, &history, Goal::Redo(1)).await.unwrap(), [format!("down {id}"), format!("up {id}")]);
        assert_eq!(normal(&database.dump()), before, "{id}");
    }
}

/// The dump in an order that does not tell when a table was made; a column that went and came back stands last.
fn normal(dump: &str) -> Vec<String> {
    let mut lines: Vec<String> = dump.lines().map(|line| line.trim().trim_end_matches(',').to_owned()).collect();
    lines.sort();
    lines
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_rollback_takes_back_what_was_applied_last(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let history = toy::history();
    run(&database, &history, Goal::Upgrade(vec![symbol("tags")])).await.unwrap();
    run(&database, &history, Goal::Upgrade(vec![symbol("tight")])).await.unwrap();
    assert_eq!(run(&database, &history, Goal::Rollback(2)).await.unwrap(), ["down tight", "down tags"]);
    let told = run(&database, &history, Goal::Downgrade(symbol("-1"))).await.unwrap();
    assert_eq!(told, ["down names"]);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_failed_step_leaves_no_trace_and_says_where_and_what_next(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let mut list = toy::list();
    list.push(Migration {
        id: "broken",
        after: &["names"],
        depends_on: &[],
        labels: &[],
        message: "it breaks",
        up: |op| {
            op.create_table("half", |table| {
                table.integer("id").primary_key();
            });
            op.alter_column("books", "note").not_null().fill("'x'");
            op.execute("INSERT INTO nowhere VALUES (1)");
        },
        down: |_| {},
    });
    let history = History::new(list).unwrap();
    run(&database, &history, Goal::Upgrade(vec![symbol("names")])).await.unwrap();
    let before = database.dump();
    let error = run(&database, &history, Goal::Upgrade(vec![symbol("broken")])).await.unwrap_err();
    let report = error.report();
    for part in [
        "nowhere",
        "revision: broken (it breaks), up",
        "operation: execute INSERT INTO nowhere",
        "sql: INSERT INTO nowhere VALUES (1)",
        "hint: nothing of this revision was kept; mend broken.rs",
    ] {
        assert!(report.contains(part), "{part} is missing in:\n{report}");
    }
    assert_eq!(database.dump(), before);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_row_without_a_file_is_refused_by_name(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let history = toy::history();
    run(&database, &history, Goal::latest()).await.unwrap();
    execute(&database.connect().await, "INSERT INTO seaql_migrations VALUES ('m20990101_gone', 1)").await;
    let error = run(&database, &history, Goal::latest()).await.unwrap_err();
    assert_eq!(error.kind().exit_code(), 3);
    assert!(error.report().contains("m20990101_gone"), "{}", error.report());
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn stamp_marks_without_running_and_purge_forgets_first(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let history = toy::history();
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    runner.stamp(&[symbol("tight")], false).await.unwrap();
    assert_eq!(runner.state().await.unwrap().rows.len(), 5);
    assert!(!database.dump().contains("books ("), "something was run");
    runner.stamp(&[symbol("rows")], false).await.unwrap();
    assert_eq!(runner.state().await.unwrap().rows.len(), 3);
    execute(&database.connect().await, "INSERT INTO seaql_migrations VALUES ('gone', 1)").await;
    runner.stamp(&[symbol("heads")], true).await.unwrap();
    assert_eq!(runner.state().await.unwrap().rows.len(), 8);
    runner.stamp(&[symbol("base")], false).await.unwrap();
    assert!(runner.state().await.unwrap().rows.is_empty());
    let error = runner.stamp(&[symbol("books"), symbol("tight")], false).await.unwrap_err();
    assert!(error.report().contains("only the later"), "{}", error.report());
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn an_up_to_date_database_is_only_read(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let history = toy::history();
    run(&database, &history, Goal::latest()).await.unwrap();
    // Another writer holds everything; reading must not wait for it.
    let holder = database.connect().await;
    let begin =
        if dialect == Dialect::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN; LOCK TABLE books IN ACCESS EXCLUSIVE MODE" };
    execute(&holder, begin).await;
    let options = Options { lock_wait: std::time::Duration::from_millis(300), ..Options::default() };
    let mut runner = Runner::connect(&history, &database.url, options).await.unwrap();
    let mut told = Vec::new();
    let report = runner.run(&Goal::latest(), |event| told.push(event)).await.unwrap();
    assert!(report.done.is_empty() && !told.iter().any(|event| matches!(event, Event::Waiting { .. })));
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn an_irreversible_revision_is_refused_before_anything_is_changed(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    const ONE: Migration = Migration {
        id: "one",
        after: &[],
        depends_on: &[],
        labels: &[],
        message: "",
        up: |op| {
            op.create_table("t", |table| {
                table.integer("id");
            });
        },
        down: |op| {
            op.drop_table("t");
            op.irreversible("the rows were merged");
        },
    };
    let history = History::new([ONE]).unwrap();
    run(&database, &history, Goal::latest()).await.unwrap();
    let error = run(&database, &history, Goal::Rollback(1)).await.unwrap_err();
    assert!(error.report().contains("the rows were merged"));
    assert!(texts(&database.connect().await, "SELECT id FROM t").await.is_empty());
}

#[tokio::test]
async fn a_run_that_is_asked_to_stop_ends_between_two_steps() {
    let database = TestDatabase::new(Dialect::Sqlite).await.unwrap();
    let history = toy::history();
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    let stop = runner.stop();
    let mut done = 0;
    let error = runner
        .run(&Goal::latest(), |event| {
            done += usize::from(matches!(event, Event::Finished { .. }));
            stop.store(done == 3, std::sync::atomic::Ordering::Relaxed);
        })
        .await
        .unwrap_err();
    assert!(error.report().contains("after 3 revisions"), "{}", error.report());
    assert_eq!(runner.state().await.unwrap().rows.len(), 3);
    runner.stop().store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(runner.run(&Goal::latest(), |_| {}).await.unwrap().done.len(), 5);
}

#[rstest]
#[case::in_memory("sqlite::memory:", 1)]
#[case::many_connections("file", 5)]
#[tokio::test]
async fn a_server_migrates_itself_on_the_pool_it_has(#[case] url: &str, #[case] connections: u32) {
    let database = TestDatabase::new(Dialect::Sqlite).await.unwrap();
    let url = if url == "file" { database.url.as_str() } else { url };
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(connections);
    let pool = sea_orm::Database::connect(options).await.unwrap();
    let history = toy::history();
    let report = Runner::on(&history, &pool, Options::default()).unwrap().run(&Goal::latest(), |_| {}).await.unwrap();
    assert_eq!(report.done.len(), 8);
    assert_eq!(texts(&pool, "SELECT count(*) FROM books").await, ["3"]);
    assert_eq!(texts(&pool, "PRAGMA foreign_keys").await.len(), 1);
}

#[tokio::test]
async fn a_postgres_server_migrates_itself_on_the_pool_it_has() {
    let Some(database) = TestDatabase::new(Dialect::Postgres).await else { return };
    let pool = sea_orm::Database::connect(&database.url).await.unwrap();
    let history = toy::history();
    let run = tokio::spawn(async move {
        let mut runner = Runner::on(&history, &pool, Options::default())?;
        runner.run(&Goal::latest(), |_| {}).await
    });
    assert_eq!(run.await.unwrap().unwrap().done.len(), 8);
}
