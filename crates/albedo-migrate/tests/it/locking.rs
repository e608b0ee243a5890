//! Several runners, tables in use, servers that are not there yet.

use std::time::{Duration, Instant};

use albedo_migrate::Dialect;
use albedo_migrate::prelude::*;
use albedo_migrate::run::{Event, Goal, Options, Runner};
use rstest::rstest;

use crate::support::{TestDatabase, execute, texts, toy};

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_runners_at_once_apply_each_revision_once(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let mut runners = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let url = database.url.clone();
        runners.spawn(async move {
            let history = toy::history();
            let mut runner = Runner::connect(&history, &url, Options::default()).await.unwrap();
            runner.run(&Goal::latest(), |_| {}).await.map(|report| report.done.len())
        });
    }
    let mut done = 0;
    while let Some(count) = runners.join_next().await {
        done += count.unwrap().unwrap();
    }
    assert_eq!(done, 8);
    let connection = database.connect().await;
    assert_eq!(texts(&connection, "SELECT count(*) FROM seaql_migrations").await, ["8"]);
    assert_eq!(texts(&connection, "SELECT count(*) FROM books").await, ["3"]);
    assert_eq!(texts(&connection, "SELECT count(DISTINCT seq) FROM albedo_migrations").await, ["8"]);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_runners_at_once_run_a_step_without_a_transaction_once(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let mut runners = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let url = database.url.clone();
        runners.spawn(async move {
            let history = loose();
            let mut runner = Runner::connect(&history, &url, Options::default()).await.unwrap();
            runner.run(&Goal::latest(), |_| {}).await.map(|report| report.done.len())
        });
    }
    let mut done = 0;
    while let Some(count) = runners.join_next().await {
        done += count.unwrap().unwrap();
    }
    assert_eq!(done, 1);
    assert_eq!(texts(&database.connect().await, "SELECT count(*) FROM t").await, ["2"]);
    let lock = format!("{}-migrate.lock", database.path());
    assert!(!std::path::Path::new(&lock).exists(), "{lock} was left behind");
}

fn loose() -> History {
    History::new([Migration {
        id: "loose",
        after: &[],
        depends_on: &[],
        labels: &[],
        message: "",
        up: |op| {
            op.transactional(false);
            op.create_table("t", |table| {
                table.integer("id").not_null();
            });
            op.execute("INSERT INTO t VALUES (1), (2)");
            op.create_index("t", ["id"]).unique().concurrently();
            op.add_check("t", "positive", "id > 0");
        },
        down: |op| op.drop_table("t"),
    }])
    .unwrap()
}

#[tokio::test]
async fn a_loose_step_that_failed_goes_on_where_it_stopped() {
    let Some(database) = TestDatabase::new(Dialect::Postgres).await else { return };
    let history = loose();
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    let connection = database.connect().await;
    // A row slips in that the unique index cannot hold, so CREATE INDEX CONCURRENTLY leaves an index of no use.
    execute(&connection, "CREATE TABLE t (id integer NOT NULL); INSERT INTO t VALUES (1), (1)").await;
    for sql in albedo_migrate::run::version_table::install(Dialect::Postgres) {
        execute(&connection, &sql).await;
    }
    execute(
        &connection,
        &albedo_migrate::run::version_table::mark(
            Dialect::Postgres,
            "loose",
            "",
            albedo_migrate::revision::Direction::Up,
            2,
        ),
    )
    .await;
    let error = runner.run(&Goal::latest(), |_| {}).await.unwrap_err();
    assert!(error.report().contains("2 operations of this revision are done"), "{}", error.report());
    assert_eq!(texts(&connection, "SELECT count(*) FROM pg_index WHERE NOT indisvalid").await, ["1"]);
    execute(&connection, "DELETE FROM t; INSERT INTO t VALUES (1)").await;
    assert_eq!(runner.run(&Goal::latest(), |_| {}).await.unwrap().done.len(), 1);
    assert_eq!(texts(&connection, "SELECT count(*) FROM pg_index WHERE NOT indisvalid").await, ["0"]);
    let state = runner.state().await.unwrap();
    assert!(state.unfinished.is_empty() && state.rows.len() == 1);
}

#[tokio::test]
async fn an_index_made_concurrently_inside_a_transaction_is_refused_with_the_remedy() {
    let Some(database) = TestDatabase::new(Dialect::Postgres).await else { return };
    let history = History::new([Migration {
        id: "one",
        after: &[],
        depends_on: &[],
        labels: &[],
        message: "",
        up: |op| {
            op.create_index("t", ["id"]).concurrently();
        },
        down: |_| {},
    }])
    .unwrap();
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    let error = runner.run(&Goal::latest(), |_| {}).await.unwrap_err();
    assert!(error.report().contains("op.transactional(false)"), "{}", error.report());
}

#[tokio::test]
async fn the_holder_of_the_lock_is_named() {
    let Some(database) = TestDatabase::new(Dialect::Postgres).await else { return };
    let holder = database.connect().await;
    execute(&holder, "SET application_name = 'the other one'; SELECT pg_advisory_lock(hashtextextended('seaql_migrations of public', 0))").await;
    let history = toy::history();
    let options = Options { lock_wait: Duration::from_millis(300), ..Options::default() };
    let mut runner = Runner::connect(&history, &database.url, options).await.unwrap();
    let mut told = Vec::new();
    let error = runner.run(&Goal::latest(), |event| told.push(event)).await.unwrap_err();
    assert_eq!(error.kind().exit_code(), 4);
    assert!(error.report().contains("the other one"), "{}", error.report());
    assert!(matches!(told.as_slice(), [Event::Waiting { holder }] if holder.contains("the other one")), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_in_use_is_tried_again_until_it_is_free() {
    let Some(database) = TestDatabase::new(Dialect::Postgres).await else { return };
    let history = toy::history();
    let options = Options { lock_timeout: Duration::from_millis(100), attempts: 20, ..Options::default() };
    let mut runner = Runner::connect(&history, &database.url, options).await.unwrap();
    runner.run(&Goal::Upgrade(vec!["rows".parse().unwrap()]), |_| {}).await.unwrap();
    let holder = database.connect().await;
    execute(&holder, "BEGIN; SELECT * FROM authors").await;
    let freed = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(700)).await;
        execute(&holder, "COMMIT").await;
    });
    let mut again = 0;
    let report =
        runner.run(&Goal::latest(), |event| again += usize::from(matches!(event, Event::Again { .. }))).await.unwrap();
    freed.await.unwrap();
    assert!(again > 0 && report.done.len() == 5, "{again} tries, {report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loose_step_that_is_tried_again_does_nothing_twice() {
    let Some(database) = TestDatabase::new(Dialect::Postgres).await else { return };
    let mut list = toy::list();
    list.push(Migration {
        id: "slow",
        after: &["renamed"],
        depends_on: &[],
        labels: &[],
        message: "",
        up: |op| {
            op.transactional(false);
            op.create_table("fresh", |table| {
                table.integer("id");
            });
            op.execute("INSERT INTO fresh VALUES (1)");
            op.add_check("authors", "named", "full_name <> ''");
        },
        down: |op| op.drop_table("fresh"),
    });
    let history = History::new(list).unwrap();
    let options = Options { lock_timeout: Duration::from_millis(100), attempts: 20, ..Options::default() };
    let mut runner = Runner::connect(&history, &database.url, options).await.unwrap();
    runner.run(&Goal::Upgrade(vec!["renamed".parse().unwrap()]), |_| {}).await.unwrap();
    let holder = database.connect().await;
    execute(&holder, "BEGIN; SELECT * FROM authors").await;
    let freed = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(700)).await;
        execute(&holder, "COMMIT").await;
    });
    let mut again = 0;
    runner.run(&Goal::latest(), |event| again += usize::from(matches!(event, Event::Again { .. }))).await.unwrap();
    freed.await.unwrap();
    assert!(again > 0);
    assert_eq!(texts(runner.connection(), "SELECT count(*) FROM fresh").await, ["1"]);
    assert!(runner.state().await.unwrap().unfinished.is_empty());
}

#[tokio::test]
async fn a_sqlite_writer_in_the_way_is_waited_for() {
    let Some(database) = TestDatabase::new(Dialect::Sqlite).await else { return };
    let holder = database.connect().await;
    execute(&holder, "BEGIN IMMEDIATE").await;
    let history = toy::history();
    let options = Options { lock_wait: Duration::from_secs(2), ..Options::default() };
    let mut runner = Runner::connect(&history, &database.url, options).await.unwrap();
    let begun = Instant::now();
    let error = runner.run(&Goal::latest(), |_| {}).await.unwrap_err();
    assert_eq!(error.kind().exit_code(), 4, "{}", error.report());
    assert!(begun.elapsed() < Duration::from_secs(10));
    execute(&holder, "COMMIT").await;
    assert_eq!(runner.run(&Goal::latest(), |_| {}).await.unwrap().done.len(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_yet_is_tried_until_it_is() {
    let Some(database) = TestDatabase::new(Dialect::Postgres).await else { return };
    let url: Vec<&str> = database.url.splitn(2, "127.0.0.1:").collect();
    let (port, name) = url[1].split_once('/').unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let late = format!("{}127.0.0.1:{free}/{name}", url[0]);
    let server: std::net::SocketAddr = format!("127.0.0.1:{port}").parse().unwrap();
    // A door that opens only after a while, and leads to the real server.
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(800)).await;
        let door = tokio::net::TcpListener::bind(("127.0.0.1", free)).await.unwrap();
        loop {
            let (mut outside, _) = door.accept().await.unwrap();
            tokio::spawn(async move {
                let mut inside = tokio::net::TcpStream::connect(server).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    let history = toy::history();
    let mut runner = Runner::connect(&history, &late, Options::default()).await.unwrap();
    assert_eq!(runner.run(&Goal::latest(), |_| {}).await.unwrap().done.len(), 8);
    let hurry = Options { connect_wait: Duration::from_millis(300), ..Options::default() };
    let error = Runner::connect(&history, "postgres://u:secret@127.0.0.1:1/x", hurry).await.err().unwrap();
    assert!(error.report().contains("u:***@") && !error.report().contains("secret"), "{}", error.report());
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended_and_says_which_setting_it_was() {
    let Some(database) = TestDatabase::new(Dialect::Postgres).await else { return };
    const SLOW: Migration = Migration {
        id: "slow",
        after: &[],
        depends_on: &[],
        labels: &[],
        message: "slow",
        up: |op| {
            op.execute("SELECT pg_sleep(0.01)");
            op.execute("SELECT pg_sleep(20)");
        },
        down: |_| {},
    };
    let history = History::new([SLOW]).unwrap();
    let options = Options { statement_timeout: Some(Duration::from_millis(300)), ..Options::default() };
    let mut runner = Runner::connect(&history, &database.url, options).await.unwrap();
    let begun = std::time::Instant::now();
    let report = runner.run(&Goal::latest(), |_| {}).await.unwrap_err().report();
    assert!(report.contains("statement timeout") && report.contains("--statement-timeout"), "{report}");
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(runner.state().await.unwrap().rows.is_empty());
}
