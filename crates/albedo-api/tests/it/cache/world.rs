//! Servers that keep answers, each test with a namespace of its own in the one Redis.

use albedo_testing::{Redis, TestDatabase};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestApp, TestUser};

/// Where answers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layers {
    Memory,
    Redis,
}

/// Writes each function as four tests: in memory and on Redis, on SQLite and on PostgreSQL.
macro_rules! on_both_layers {
    ($($(#[$attribute:meta])* async fn $name:ident($database:ident: TestDatabase, $layers:ident: Layers) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn on_layers($database: albedo_testing::TestDatabase, $layers: $crate::cache::world::Layers) $body

            albedo_testing::on_both_databases! {
                $(#[$attribute])*
                async fn in_memory(database: TestDatabase) {
                    Box::pin(on_layers(database, $crate::cache::world::Layers::Memory)).await;
                }

                $(#[$attribute])*
                async fn on_redis(database: TestDatabase) {
                    if albedo_testing::Redis::shared().is_some() {
                        Box::pin(on_layers(database, $crate::cache::world::Layers::Redis)).await;
                    }
                }
            }
        }
    )+};
}
pub(super) use on_both_layers;

/// A namespace that no other test has.
pub(super) fn namespace() -> String {
    format!("t{}", &Uuid::now_v7().simple().to_string()[8..])
}

/// A server that keeps answers for a minute, so that nothing is forgotten by itself.
pub(super) async fn serve(database: TestDatabase, layers: Layers) -> TestApp {
    let redis = match layers {
        Layers::Memory => None,
        Layers::Redis => Some(Redis::shared().unwrap().url()),
    };
    let namespace = namespace();
    // What is to be served from Redis has to be waited for, however busy the machine is.
    let settings = [settings(redis.as_deref(), &namespace), vec![("ALBEDO_REDIS_WAIT_SECONDS", "5")]].concat();
    let app = TestApp::start_with(database, &settings).await;
    if redis.is_some() {
        until_ready(&app, "ok").await;
    }
    app
}

/// The settings of one replica.
pub(super) fn settings<'s>(redis: Option<&'s str>, namespace: &'s str) -> Vec<(&'s str, &'s str)> {
    let mut settings = vec![("ALBEDO_CACHE_SECONDS", "60"), ("ALBEDO_CACHE_NAMESPACE", namespace)];
    settings.extend(redis.map(|url| ("REDIS_URL", url)));
    settings
}

/// Waits until readiness has this status.
pub(super) async fn until_ready(app: &TestApp, status: &str) -> Value {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let ready = app.request(reqwest::Method::GET, "/api/health/ready").send().await.unwrap();
        let ready: Value = ready.json().await.unwrap();
        if ready["status"] == status {
            return ready;
        }
        assert!(std::time::Instant::now() < deadline, "{ready} is not {status}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Changes a table behind the server's back, so that what is kept can be told from what is read.
pub(super) async fn behind_its_back(app: &TestApp, sql: &str) {
    app.database().open().await.write().execute_unprepared(sql).await.unwrap();
}

/// The path of a new row.
pub(super) async fn made(user: &TestUser<'_>, list: &str, body: Value) -> String {
    let row = user.create(list, body).await;
    format!("{list}/{}", row["id"].as_str().unwrap())
}

pub(super) async fn assistant(user: &TestUser<'_>, name: &str) -> String {
    made(user, "/api/v1/assistants", json!({"name": name})).await
}

/// An assistant, an entity of it, and a value of that.
pub(super) async fn nest(user: &TestUser<'_>) -> [String; 3] {
    let assistant = assistant(user, "Travel desk").await;
    let entity = made(user, &format!("{assistant}/entities"), json!({"name": "city", "kind": "list"})).await;
    let value = made(user, &format!("{entity}/values"), json!({"value": "Porto"})).await;
    [assistant, entity, value]
}
