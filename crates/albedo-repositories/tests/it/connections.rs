//! Connections: what becomes of one whose statement was given up, was refused, or whose server hung up.

use std::time::Duration;

use albedo_core::database::{Backend, Database, Session};
use albedo_entities::city;
use albedo_repositories::{Repository, RepositoryError, Scope};
use albedo_testing::on_both_databases;
use sea_orm::{ConnectionTrait, Statement};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::rows::{city, now};

/// Shorter than the time that a request waits for a connection.
const SOON: Duration = Duration::from_millis(700);

fn statement(connection: &impl ConnectionTrait, sql: &str) -> Statement {
    Statement::from_string(connection.get_database_backend(), sql)
}

async fn one(connection: &impl ConnectionTrait, sql: &str) -> i64 {
    connection.query_one_raw(statement(connection, sql)).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// A statement that takes long enough to be given up.
fn long(database: &Database) -> &'static str {
    match database.backend() {
        Backend::Postgres => "SELECT 1::bigint FROM pg_sleep(3)",
        Backend::Sqlite => {
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT count(*) FROM n"
        }
    }
}

async fn give_up(connection: &impl ConnectionTrait, sql: &str) {
    assert!(timeout(Duration::from_millis(20), one(connection, sql)).await.is_err(), "it was to be too slow");
}

on_both_databases! {
    async fn a_statement_given_up_leaves_its_place_to_the_next(database: TestDatabase) {
        let database = database.open().await;
        for _ in 0..database.read().status().max_size {
            give_up(database.read(), long(&database)).await;
        }
        // SQLite's statements end by themselves before long; a server's may not, and nobody waits for them.
        let patience = if database.backend() == Backend::Postgres { SOON } else { 20 * SOON };
        let answer = async {
            loop {
                if let Ok(Some(_)) = database.read().query_one_raw(statement(database.read(), "SELECT 1")).await {
                    break;
                }
            }
        };
        timeout(patience, answer).await.unwrap();
        assert!(database.read().status().size <= database.read().status().max_size);
    }

    async fn a_transaction_given_up_is_undone(database: TestDatabase) {
        let database = database.open().await;
        database.write().execute_unprepared("CREATE TABLE counters (n bigint)").await.unwrap();
        let transaction = database.begin_write().await.unwrap();
        transaction.execute_unprepared("INSERT INTO counters VALUES (1)").await.unwrap();
        give_up(&transaction, long(&database)).await;
        drop(transaction);
        assert_eq!(one(database.write(), "SELECT count(*) FROM counters").await, 0);
        database.write().execute_unprepared("INSERT INTO counters VALUES (2)").await.unwrap();
        assert_eq!(one(database.read(), "SELECT n FROM counters").await, 2);
    }

    async fn a_refused_statement_keeps_its_connection(database: TestDatabase) {
        let database = database.open().await;
        for _ in 0..3 {
            assert!(database.write().execute_unprepared("SELECT * FROM nowhere").await.is_err());
            assert_eq!(one(database.write(), "SELECT CAST(1 AS bigint)").await, 1);
        }
        assert_eq!(database.write().status().size, 1);
    }

    async fn a_transaction_ended_either_way_frees_its_connection(database: TestDatabase) {
        let database = database.open().await;
        database.write().execute_unprepared("CREATE TABLE counters (n bigint)").await.unwrap();
        for (keep, expected) in [(true, 1), (false, 1), (true, 2)] {
            let transaction = database.begin_write().await.unwrap();
            transaction.execute_unprepared("INSERT INTO counters VALUES (1)").await.unwrap();
            assert_eq!(one(&transaction, "SELECT count(*) FROM counters").await, expected + i64::from(!keep));
            if keep { transaction.commit().await.unwrap() } else { transaction.rollback().await.unwrap() }
            assert_eq!(one(database.read(), "SELECT count(*) FROM counters").await, expected);
        }
        assert_eq!(database.write().status().available, database.write().status().size);
    }

    async fn a_server_that_only_reads_is_not_available_and_left_for_another(database: TestDatabase) {
        let database = database.open().await;
        if database.backend() == Backend::Sqlite {
            return;
        }
        let only_reads = "SET default_transaction_read_only = on";
        database.write().execute_unprepared(only_reads).await.unwrap();
        let cities = Repository::<city::Entity>::on(database.write(), Scope::of(Uuid::nil(), vec![]));
        let told = cities.insert(city("Porto"), now()).await;
        assert!(matches!(told, Err(RepositoryError::Unavailable(_))), "{told:?}");
        cities.insert(city("Porto"), now()).await.unwrap();

        database.write().execute_unprepared(only_reads).await.unwrap();
        let transaction = database.begin_write().await.unwrap();
        let told = Repository::<city::Entity>::on(&transaction, Scope::of(Uuid::nil(), vec![]));
        assert!(matches!(told.insert(city("Faro"), now()).await, Err(RepositoryError::Unavailable(_))));
        transaction.rollback().await.unwrap();
        cities.insert(city("Faro"), now()).await.unwrap();
    }

    async fn a_mark_takes_the_place_of_the_one_before(database: TestDatabase) {
        let database = database.open().await;
        database.write().execute_unprepared("CREATE TABLE counters (n bigint)").await.unwrap();
        let transaction = database.begin_write().await.unwrap();
        let session = Session::from(&transaction);
        for n in 0..4 {
            session.mark().await.unwrap();
            transaction.execute_unprepared(&format!("INSERT INTO counters VALUES ({n})")).await.unwrap();
            if n == 2 {
                session.back().await.unwrap();
            }
        }
        assert_eq!(one(&transaction, "SELECT count(*) FROM counters").await, 3);
        session.back().await.unwrap();
        assert_eq!(one(&transaction, "SELECT count(*) FROM counters").await, 2);
        transaction.execute_unprepared("RELEASE SAVEPOINT mark").await.unwrap();
        assert!(transaction.execute_unprepared("RELEASE SAVEPOINT mark").await.is_err(), "there is one alone");
    }

    async fn connections_that_the_server_has_ended_are_replaced(database: TestDatabase) {
        let database = database.open().await;
        if database.backend() == Backend::Sqlite {
            return;
        }
        // The server's own workers, as of autovacuum, come and go.
        let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() \
                      AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
        let second = database.begin_write().await.unwrap();
        assert_eq!(one(database.read(), "SELECT 1::bigint").await, 1);
        assert_eq!(one(&second, others).await, 1);
        second.commit().await.unwrap();
        sleep(Duration::from_millis(1100)).await;
        // Both have been idle, so both are looked at before they are used.
        let both = tokio::join!(one(database.read(), "SELECT 1::bigint"), one(database.read(), "SELECT 2::bigint"));
        assert_eq!(both, (1, 2));
    }
}
