//! Computed fields: `values_count` of entities, in every answer that shows one, and never as it was.

use albedo_testing::{Redis, on_both_databases};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Vocabulary, text};
use crate::support::{TestApp, TestUser, faults, header};

on_both_databases! {
    async fn every_answer_shows_it(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let words = Vocabulary::build(&ada, "one", &[3, 0]).await;
        assert_eq!(ada.read(words.entity(0)).await["values_count"], 3);
        assert_eq!(ada.read(&format!("{}?fields=values_count", words.entity(1))).await["values_count"], 0);
        for query in ["", "&cursor=", "&fields=name,values_count"] {
            let list = ada.read(&format!("{}?sort=name{query}", words.list())).await;
            let counts: Vec<_> = list["items"].as_array().unwrap().iter().map(|row| row["values_count"].clone()).collect();
            assert_eq!(counts, [json!(3), json!(0)], "{query}");
        }
        let changed: Value = ada.patch(words.entity(0), json!({"description": "x"})).await.json().await.unwrap();
        assert_eq!((&changed["values_count"], &changed["version"]), (&json!(3), &json!(2)));
        let unchanged: Value = ada.patch(words.entity(0), json!({})).await.json().await.unwrap();
        assert_eq!(unchanged, changed);
        let bulk = json!({"operations": [
            {"op": "create", "body": {"name": "third", "kind": "list"}},
            {"op": "delete", "id": ada.read(words.entity(1)).await["id"]},
            {"op": "update", "id": changed["id"], "body": {"description": "y"}},
        ]});
        let done: Value = ada.post(&format!("{}/bulk", words.list()), bulk).await.json().await.unwrap();
        let counts = [0, 2].map(|at: usize| &done["results"][at]["body"]["values_count"]);
        assert_eq!(counts, [&json!(0), &json!(3)]);
        assert_eq!(done["results"][1].get("body"), None);

        // And what is kept for a key.
        let create = async || {
            let create = ada.request(Method::POST, &words.list()).header("idempotency-key", "k1");
            create.json(&json!({"name": "fourth", "kind": "list"})).send().await.unwrap()
        };
        let (first, again) = (create().await, create().await);
        let tag = |response: &reqwest::Response| header(response, "etag").unwrap().to_owned();
        assert_eq!((tag(&first), header(&again, "idempotency-replayed")), (tag(&again), Some("true")));
        let first: Value = first.json().await.unwrap();
        assert_eq!(first["values_count"], 0);
        assert_eq!(first, again.json::<Value>().await.unwrap());
    }

    async fn a_row_is_kept_only_as_long_as_it_is_true(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        stays_true(&ada).await;
    }

    async fn it_is_shown_and_nothing_else(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let words = Vocabulary::build(&ada, "one", &[1]).await;
        for query in ["values_count=1", "values_count__gt=0", "sort=values_count"] {
            faults(ada.get(&format!("{}?{query}", words.list())).await, StatusCode::BAD_REQUEST).await;
        }
        let body = json!({"values_count": 7});
        let told = faults(ada.patch(words.entity(0), body).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(told, [("/values_count".to_owned(), "unknown".to_owned())]);
    }

    async fn nothing_is_asked_for_what_is_not_shown(database: TestDatabase) {
        let app = TestApp::start_with(database, &[("ALBEDO_METRICS", "on")]).await;
        let ada = app.user("ada").await;
        let words = Vocabulary::build(&ada, "one", &[1, 2]).await;
        let taken = async |query: &str| {
            let before = app.statements().await;
            ada.read(&format!("{}?cursor=&{query}", words.list())).await;
            app.statements().await - before
        };
        assert_eq!(taken("").await - taken("fields=name").await, 1.0);
    }
}

/// Adds and removes values between looks at their entity and at the list that it stands in.
async fn stays_true(user: &TestUser<'_>) {
    let words = Vocabulary::build(user, "kept", &[0, 1]).await;
    let values = format!("{}/values", words.entity(0));
    let mut tags = Vec::new();
    let mut made = Vec::new();
    for count in 0..4 {
        let looks = async || {
            let row = user.get(words.entity(0)).await;
            let tag = header(&row, "etag").unwrap().to_owned();
            let row: Value = row.json().await.unwrap();
            let list = user.read(&format!("{}?sort=name", words.list())).await;
            assert_eq!((&row["values_count"], &list["items"][0]["values_count"]), (&json!(count), &json!(count)));
            assert_eq!((&list["items"][1]["values_count"], &row["version"]), (&json!(1), &json!(1)));
            tag
        };
        let tag = looks().await;
        assert_eq!(looks().await, tag);
        let none_match = user.request(Method::GET, words.entity(0)).header("if-none-match", &tag);
        assert_eq!(none_match.send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
        assert!(!tags.contains(&tag), "{tags:?}");
        tags.push(tag);
        made.push(user.create(&values, json!({"value": format!("v{count}")})).await);
    }
    for value in &made {
        user.delete(&format!("{values}/{}", text(&value["id"]))).await;
    }
    let row = user.get(words.entity(0)).await;
    assert_eq!(header(&row, "etag"), tags.first().map(String::as_str), "the same state, the same tag");
    // From elsewhere in the tree: what goes with the assistant comes back with it.
    user.delete(&words.assistant).await;
    faults(user.get(words.entity(1)).await, StatusCode::NOT_FOUND).await;
    let restored = user.post(&format!("{}/restore", words.assistant), json!({})).await;
    assert_eq!(restored.status(), StatusCode::OK);
    assert_eq!(user.read(words.entity(1)).await["values_count"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_share_a_cache_show_the_same() {
    let Some(redis) = Redis::shared() else { return };
    let redis = redis.url();
    let app = TestApp::on_sqlite(&[("REDIS_URL", redis.as_str())]).await;
    let other = TestApp::start_with(app.database().clone(), &[("REDIS_URL", redis.as_str())]).await;
    let ada = app.user("ada").await;
    let same = other.sign_in("ada@example.com").await;
    let words = Vocabulary::build(&ada, "shared", &[0]).await;
    for count in 0..5 {
        for user in [&ada, &same] {
            assert_eq!(user.read(words.entity(0)).await["values_count"], count);
            assert_eq!(user.read(&words.list()).await["items"][0]["values_count"], count);
        }
        let writer = if count % 2 == 0 { &ada } else { &same };
        writer.create(&format!("{}/values", words.entity(0)), json!({"value": format!("v{count}")})).await;
    }
}
