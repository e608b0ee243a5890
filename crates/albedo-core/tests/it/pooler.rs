//! PostgreSQL behind pgbouncer.

use albedo_core::database::{ConnectError, Connector};
use albedo_core::settings::{DatabaseSettings, Settings, Sources};
use albedo_testing::{Backend, PgBouncer, TestDatabase};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

fn settings(url: &str) -> DatabaseSettings {
    Settings::load(&Sources::new(None, [("DATABASE_URL".to_owned(), url.to_owned())])).unwrap().database
}

#[tokio::test]
async fn in_session_mode_all_is_as_without_it() {
    let Some(database) = TestDatabase::empty(Backend::Postgres).await else { return };
    let Some(pooler) = PgBouncer::start(database.url(), "session") else { return };
    let connector = Connector::new(&settings(&pooler.url())).await.unwrap();
    let handle = connector.open().await.unwrap();
    let question =
        || Statement::from_string(DbBackend::Postgres, "SELECT current_setting('statement_timeout') AS told");
    for _ in 0..50 {
        let row = handle.read().query_one_raw(question()).await.unwrap().unwrap();
        assert_eq!(row.try_get::<String>("", "told").unwrap(), "4s");
    }
}

#[tokio::test]
async fn in_transaction_mode_it_is_used_only_where_it_keeps_prepared_statements() {
    let Some(database) = TestDatabase::empty(Backend::Postgres).await else { return };
    let Some(pooler) = PgBouncer::start(database.url(), "transaction") else { return };
    match Connector::new(&settings(&pooler.url())).await {
        // Before 1.21.
        Err(error @ ConnectError::Pooler { .. }) => {
            let told = error.to_string();
            assert!(told.contains("pool_mode = session") && told.contains("1.21"), "{told}");
        }
        Err(error) => panic!("{error}\n{}", pooler.output()),
        Ok(connector) => {
            let handle = connector.open().await.unwrap();
            for number in 0..200_i64 {
                let question =
                    Statement::from_sql_and_values(DbBackend::Postgres, "SELECT $1::int8 AS n", [number.into()]);
                let row = handle.read().query_one_raw(question).await.unwrap().unwrap();
                assert_eq!(row.try_get::<i64>("", "n").unwrap(), number);
            }
        }
    }
}
