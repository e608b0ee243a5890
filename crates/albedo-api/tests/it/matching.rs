//! What an assistant understands, over HTTP: found, kept fresh, and nobody else's.

use albedo_testing::on_both_databases;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{TestApp, TestUser, faults};

/// An assistant that knows one city and one kind of reference: its path.
async fn assistant(user: &TestUser<'_>) -> String {
    let made = user.create("/api/v1/assistants", json!({"name": "Travel desk"})).await;
    let path = format!("/api/v1/assistants/{}", made["id"].as_str().unwrap());
    let entities = format!("{path}/entities");
    let city = user.create(&entities, json!({"name": "city", "kind": "list", "fuzzy_match": true})).await;
    let reference = user.create(&entities, json!({"name": "booking_ref", "kind": "pattern", "sensitive": true})).await;
    let values = |entity: &Value| format!("{entities}/{}/values", entity["id"].as_str().unwrap());
    user.create(&values(&city), json!({"value": "Porto", "synonyms": ["Oporto", "Invicta"]})).await;
    user.create(&values(&reference), json!({"value": "reference", "patterns": ["[A-Z]{2}-[0-9]{4}"]})).await;
    path
}

async fn matches(user: &TestUser<'_>, path: &str, text: &str) -> Value {
    let response = user.post(&format!("{path}/match"), json!({"text": text})).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

on_both_databases! {
    async fn an_assistant_finds_its_entities_in_a_text(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let path = assistant(&ada).await;
        let found = matches(&ada, &path, "Two tickets to Oporto, ref AB-1234").await;
        assert_eq!(found, json!({
            "mentions": [
                {"entity": "city", "value": "Porto", "text": "Oporto", "start": 15, "end": 21, "confidence": 1.0, "source": "synonym"},
                {"entity": "booking_ref", "value": "AB-1234", "text": "AB-1234", "start": 27, "end": 34, "confidence": 1.0, "source": "pattern"},
            ],
            "text_redacted": "Two tickets to Oporto, ref [booking_ref]",
        }));
    }

    async fn a_change_of_the_vocabulary_is_understood_at_once(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let path = assistant(&ada).await;
        assert_eq!(matches(&ada, &path, "to Lisbon").await["mentions"], json!([]));
        let entities = ada.read(&format!("{path}/entities?name=city")).await;
        let values = format!("{path}/entities/{}/values", entities["items"][0]["id"].as_str().unwrap());
        let lisbon = ada.create(&values, json!({"value": "Lisbon"})).await;
        assert_eq!(matches(&ada, &path, "to Lisbon").await["mentions"][0]["value"], "Lisbon");
        let lisbon = format!("{values}/{}", lisbon["id"].as_str().unwrap());
        assert_eq!(ada.patch(&lisbon, json!({"value": "Lisboa"})).await.status(), StatusCode::OK);
        assert_eq!(matches(&ada, &path, "to Lisboa").await["mentions"][0]["value"], "Lisboa");
        assert_eq!(ada.delete(&lisbon).await.status(), StatusCode::NO_CONTENT);
        assert_eq!(matches(&ada, &path, "to Lisboa").await["mentions"], json!([]));
    }

    async fn a_vocabulary_of_too_many_patterns_is_told(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let path = assistant(&ada).await;
        let entities = ada.read(&format!("{path}/entities?name=booking_ref")).await;
        let values = format!("{path}/entities/{}/values", entities["items"][0]["id"].as_str().unwrap());
        let made = |n: usize| json!({"op": "create", "body": {"value": format!("v{n}"), "patterns": vec!["x"; 20]}});
        let bulk = json!({"operations": (0..100).map(made).collect::<Vec<_>>()});
        assert_eq!(ada.post(&format!("{values}/bulk"), bulk).await.status(), StatusCode::OK);
        for _ in 0..2 {
            let told = faults(ada.post(&format!("{path}/match"), json!({"text": "x"})).await, StatusCode::CONFLICT).await;
            assert_eq!(told, [("assistant_id".to_owned(), "too_many".to_owned())]);
        }
        let one = ada.read(&format!("{values}?value=v0")).await;
        let one = format!("{values}/{}", one["items"][0]["id"].as_str().unwrap());
        assert_eq!(ada.delete(&one).await.status(), StatusCode::NO_CONTENT);
        assert_eq!(matches(&ada, &path, "x").await["mentions"][0]["source"], "pattern");
    }

    async fn somebody_elses_assistant_understands_nothing(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let path = format!("{}/match", assistant(&ada).await);
        faults(eve.post(&path, json!({"text": "Porto"})).await, StatusCode::NOT_FOUND).await;
        let told = faults(ada.post(&path, json!({"text": "x".repeat(10_001), "lang": "en"})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(told, [("/lang", "unknown"), ("/text", "too_long")].map(|(place, code)| (place.to_owned(), code.to_owned())));
    }
}
