//! Every test has its own database, and leaves nothing of it.

use std::{path::Path, time::Duration};

use albedo_testing::{Backend, TestDatabase, on_both_databases};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbErr};

async fn connect(database: &TestDatabase) -> DatabaseConnection {
    Database::connect(database.url()).await.unwrap()
}

async fn count(connection: &DatabaseConnection, table: &str) -> Result<i64, DbErr> {
    let query = format!("SELECT count(*) AS n FROM {table}");
    let statement = sea_orm::Statement::from_string(connection.get_database_backend(), query);
    connection.query_one_raw(statement).await?.unwrap().try_get("", "n")
}

on_both_databases! {
    async fn what_one_test_writes_no_other_sees(database: TestDatabase) {
        let mine = connect(&database).await;
        mine.execute_unprepared("CREATE TABLE mine (id integer)").await.unwrap();
        assert_eq!(count(&mine, "mine").await.unwrap(), 0);
        let other = TestDatabase::create(database.backend()).await.unwrap();
        assert!(count(&connect(&other).await, "mine").await.is_err());
    }

    async fn a_new_database_is_migrated(database: TestDatabase) {
        assert_eq!(migration::pending(&database.open().await).await.unwrap(), 0);
    }

    async fn an_empty_database_has_no_tables(database: TestDatabase) {
        let backend = database.backend();
        let empty = TestDatabase::empty(backend).await.unwrap();
        let tables = match backend {
            Backend::Sqlite => "sqlite_master",
            Backend::Postgres => "pg_tables WHERE schemaname = 'public'",
        };
        assert_eq!(count(&connect(&empty).await, tables).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_dropped_database_is_gone_from_the_server() {
    let Some(database) = TestDatabase::empty(Backend::Postgres).await else { return };
    let connection = connect(&database).await;
    drop(database);
    while connection.ping().await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_dropped_database_leaves_no_file() {
    let database = TestDatabase::create(Backend::Sqlite).await.unwrap();
    let url = database.url().to_owned();
    let file = Path::new(url.strip_prefix("sqlite://").unwrap().split('?').next().unwrap());
    assert!(file.exists());
    drop(database);
    assert!(!file.exists());
}
