//! SQLite in a folder of its own: one writer, many readers, and plain words when it cannot be opened.

use std::{path::Path, time::Duration};

use albedo_core::{
    database::{Backend, ConnectError, Connector, Database},
    settings::{DatabaseSettings, Settings, Sources},
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use tempfile::TempDir;

fn settings(url: &str) -> DatabaseSettings {
    let variables = [
        ("DATABASE_URL", url),
        ("ALBEDO_DATABASE_CONNECT_ATTEMPTS", "2"),
        ("ALBEDO_DATABASE_CONNECT_BACKOFF_SECONDS", "0.01"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Settings::load(&Sources::new(None, variables)).unwrap().database
}

fn url(folder: &Path) -> String {
    format!("sqlite://{}/albedo.db?mode=rwc", folder.display())
}

struct World {
    folder: TempDir,
    connector: Connector,
    database: Database,
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let connector = Connector::new(&settings(&url(folder.path()))).await.unwrap();
    let database = connector.open().await.unwrap();
    database
        .write()
        .execute_unprepared("CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)")
        .await
        .unwrap();
    database.write().execute_unprepared("INSERT INTO counters VALUES (1, 0)").await.unwrap();
    World { folder, connector, database }
}

async fn number(connection: &impl ConnectionTrait, sql: &str) -> i64 {
    text_or_number(connection, sql).await.try_get_by_index(0).unwrap()
}

async fn text(connection: &impl ConnectionTrait, sql: &str) -> String {
    text_or_number(connection, sql).await.try_get_by_index(0).unwrap()
}

async fn text_or_number(connection: &impl ConnectionTrait, sql: &str) -> sea_orm::QueryResult {
    connection.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap().unwrap()
}

async fn error(url: &str) -> String {
    Connector::new(&settings(url)).await.unwrap_err().to_string()
}

#[tokio::test]
async fn every_connection_has_what_the_rest_relies_on() {
    let world = world().await;
    assert_eq!(world.database.backend(), Backend::Sqlite);
    assert!(format!("{:?}", world.connector).ends_with("albedo.db\")"));
    for connection in [world.database.read(), world.database.write()] {
        assert_eq!(text(connection, "PRAGMA journal_mode").await, "wal");
        assert_eq!(number(connection, "PRAGMA foreign_keys").await, 1);
        assert_eq!(number(connection, "PRAGMA busy_timeout").await, 5000);
        assert_eq!(number(connection, "PRAGMA synchronous").await, 2);
        assert_eq!(number(connection, "SELECT 'albedo' REGEXP '^al.*o$'").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_transactions_that_read_then_write_all_succeed() {
    let world = world().await;
    let handles = [world.database.clone(), world.connector.open().await.unwrap()];
    let tasks = (0..40).map(|task| {
        let database = handles[task % 2].clone();
        tokio::spawn(async move {
            let transaction = database.begin_write().await?;
            let n = number(&transaction, "SELECT n FROM counters").await;
            tokio::time::sleep(Duration::from_millis(1)).await;
            transaction.execute_unprepared(&format!("UPDATE counters SET n = {}", n + 1)).await?;
            transaction.commit().await
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    assert_eq!(number(world.database.read(), "SELECT n FROM counters").await, 40);
}

#[tokio::test]
async fn a_reader_sees_what_was_committed_and_nothing_before() {
    let world = world().await;
    let other = world.connector.open().await.unwrap();
    let transaction = world.database.begin_write().await.unwrap();
    transaction.execute_unprepared("UPDATE counters SET n = 7").await.unwrap();
    assert_eq!(number(other.read(), "SELECT n FROM counters").await, 0);
    transaction.commit().await.unwrap();
    assert_eq!(number(other.read(), "SELECT n FROM counters").await, 7);
}

#[tokio::test]
async fn a_transaction_that_is_dropped_changes_nothing_and_frees_the_writer() {
    let world = world().await;
    let transaction = world.database.begin_write().await.unwrap();
    transaction.execute_unprepared("UPDATE counters SET n = 7").await.unwrap();
    drop(transaction);
    assert_eq!(number(world.database.write(), "SELECT n FROM counters").await, 0);
}

#[tokio::test]
async fn a_transaction_that_is_given_up_before_it_begins_leaves_the_writer_writing() {
    // Another process lets go before the patience of the one that was given up has run out, or after it.
    for held_for in [Duration::from_millis(300), Duration::from_millis(5_500)] {
        let world = world().await;
        let other = Connector::new(&settings(&url(world.folder.path()))).await.unwrap();
        let process = other.open().await.unwrap();
        let held = process.begin_write().await.unwrap();
        let given_up = tokio::time::timeout(Duration::from_millis(100), world.database.begin_write()).await;
        assert!(given_up.is_err(), "{given_up:?}");
        tokio::time::sleep(held_for).await;
        held.rollback().await.unwrap();

        let transaction = world.database.begin_write().await.unwrap();
        transaction.execute_unprepared("UPDATE counters SET n = 7").await.unwrap();
        transaction.commit().await.unwrap();
        world.database.write().execute_unprepared("UPDATE counters SET n = n + 1").await.unwrap();
        assert_eq!(number(world.database.read(), "SELECT n FROM counters").await, 8);
    }
}

#[tokio::test]
async fn a_reader_refuses_to_write() {
    let world = world().await;
    let refused = world.database.read().execute_unprepared("UPDATE counters SET n = 7").await;
    assert!(refused.unwrap_err().to_string().contains("readonly"));
}

#[tokio::test]
async fn a_writer_that_stays_busy_is_told_in_time() {
    let world = world().await;
    let _held = world.database.begin_write().await.unwrap();
    let waited = tokio::time::timeout(Duration::from_secs(5), world.database.begin_write()).await.unwrap();
    assert!(matches!(waited, Err(DbErr::ConnectionAcquire(_))), "{waited:?}");
    assert!(world.database.ping().await.is_ok(), "readers go on");
}

#[tokio::test]
async fn closing_one_worker_leaves_the_others_writing() {
    let world = world().await;
    let other = world.connector.open().await.unwrap();
    world.database.clone().close().await;
    assert!(world.database.ping().await.is_err());
    other.write().execute_unprepared("UPDATE counters SET n = 7").await.unwrap();
    world.connector.close().await;
    assert!(other.write().execute_unprepared("UPDATE counters SET n = 8").await.is_err());
}

#[tokio::test]
async fn the_folder_is_made_with_the_file_and_the_data_stay() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(&url(&folder.path().join("some/where new")));
    let connector = Connector::new(&settings).await.unwrap();
    let database = connector.open().await.unwrap();
    database.write().execute_unprepared("CREATE TABLE kept (id INTEGER)").await.unwrap();
    database.close().await;
    connector.close().await;
    assert!(folder.path().join("some/where new/albedo.db").is_file());
    let again = Connector::new(&settings).await.unwrap().open().await.unwrap();
    assert_eq!(number(again.read(), "SELECT count(*) FROM kept").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn many_who_open_a_new_file_at_once_all_get_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(&url(folder.path()));
    settings.connect_attempts = 20;
    let opening = (0..16).map(|_| {
        let settings = settings.clone();
        tokio::spawn(async move { Connector::new(&settings).await?.open().await })
    });
    for opened in opening.collect::<Vec<_>>() {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    assert!(error(&format!("sqlite://{path}/none.db")).await.contains("does not exist; add ?mode=rwc"));
    for memory in ["sqlite::memory:", "sqlite://:memory:", "sqlite://", "sqlite:", "sqlite://x?mode=memory"] {
        assert!(error(memory).await.contains("in memory"), "{memory}");
    }
    assert!(error(&format!("sqlite://{path}/x.db?mode=ro")).await.contains("read-only"));
    assert!(error(&format!("sqlite://{path}/x.db?mode=rwc&colour=red")).await.contains("colour"));
    std::fs::write(folder.path().join("text.db"), "this is no database, only a text of some length").unwrap();
    assert!(error(&format!("sqlite://{path}/text.db?mode=rwc")).await.contains("not a database"));
    assert!(error(&format!("sqlite://{path}/text.db/x.db?mode=rwc")).await.contains("cannot be created"));
    assert!(error(&format!("sqlite://{path}?mode=rwc")).await.contains("cannot be opened"));
}

#[tokio::test]
async fn an_unknown_scheme_is_told_with_those_that_are_allowed() {
    let mut settings = settings("sqlite://x?mode=rwc");
    settings.url = "mysql://root:hunter2@db/albedo".into();
    let error = Connector::new(&settings).await.unwrap_err();
    assert!(matches!(&error, ConnectError::Scheme { found } if found == "mysql"));
    assert!(error.to_string().contains("sqlite:, postgres://"));
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_told_without_the_password() {
    for bad in [
        "postgres://albedo:hunter2@127.0.0.1:1/albedo",
        "postgres://albedo:hunter2@127.0.0.1:99999/albedo",
        "postgres://albedo:hunter2@/albedo?host=/nowhere",
        "postgres://albedo:hunter2@127.0.0.1:1/albedo?sslmode=perhaps",
    ] {
        let told = error(bad).await;
        assert!(!told.contains("hunter2"), "{told}");
        assert!(told.contains("DATABASE_URL"), "{told}");
    }
    let told = error("postgres://albedo:hunter2@127.0.0.1:1/albedo").await;
    assert!(told.contains("127.0.0.1:1, database \"albedo\", user \"albedo\" does not answer (2 tries)"), "{told}");
}
