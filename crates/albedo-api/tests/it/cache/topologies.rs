//! A cluster of Redis, and sentinels: the server is the same.

use albedo_testing::{Backend, RedisCluster, RedisSentinel, TestDatabase};
use reqwest::StatusCode;
use serde_json::json;

use super::world::{behind_its_back, namespace, nest, settings, until_ready};
use crate::support::TestApp;

async fn serve_from(redis: &str) {
    let database = TestDatabase::create(Backend::Sqlite).await.unwrap();
    let app = TestApp::start_with(database, &settings(Some(redis), &namespace())).await;
    until_ready(&app, "ok").await;
    let ada = app.user("ada").await;
    let [assistant, entity, value] = nest(&ada).await;
    let list = format!("{entity}/values");
    assert_eq!((&ada.read(&value).await["value"], &ada.read(&list).await["total"]), (&json!("Porto"), &json!(1)));
    behind_its_back(&app, "UPDATE entity_values SET value = 'Changed'").await;
    assert_eq!(ada.read(&value).await["value"], "Porto");
    ada.patch(&value, json!({"value": "Braga"})).await;
    assert_eq!(ada.read(&value).await["value"], "Braga");
    assert_eq!(ada.read(&list).await["items"][0]["value"], "Braga");
    assert_eq!(ada.delete(&assistant).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(ada.get(&value).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(ada.get(&list).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster() {
    let Some(cluster) = RedisCluster::start() else { return };
    serve_from(&cluster.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sentinels() {
    let Some(sentinel) = RedisSentinel::start() else { return };
    serve_from(&sentinel.url()).await;
}
