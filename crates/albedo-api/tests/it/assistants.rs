//! Assistants: made, read, changed, deleted, and nobody else's.

use albedo_testing::on_both_databases;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{TestApp, faults, header};

const ASSISTANTS: &str = "/api/v1/assistants";

on_both_databases! {
    async fn a_new_assistant_is_where_location_says(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let response = ada.post(ASSISTANTS, json!({"name": "Travel desk", "temperature": 0.5})).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(header(&response, "etag"), Some("\"1\""));
        let location = header(&response, "location").unwrap().to_owned();
        let made: serde_json::Value = response.json().await.unwrap();
        assert_eq!(location, format!("{ASSISTANTS}/{}", made["id"].as_str().unwrap()));
        assert_eq!(ada.read(&location).await, made);
        assert_eq!((&made["language"], &made["status"], &made["version"]), (&json!("en"), &json!("draft"), &json!(1)));
    }

    async fn somebody_elses_assistant_does_not_exist(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let made = ada.create(ASSISTANTS, json!({"name": "Travel desk"})).await;
        let path = format!("{ASSISTANTS}/{}", made["id"].as_str().unwrap());
        faults(eve.get(&path).await, StatusCode::NOT_FOUND).await;
        faults(eve.patch(&path, json!({"name": "Mine"})).await, StatusCode::NOT_FOUND).await;
        faults(eve.delete(&path).await, StatusCode::NOT_FOUND).await;
        assert_eq!(eve.read(ASSISTANTS).await["total"], 0);
        assert_eq!(ada.read(&path).await, made);
    }
}
