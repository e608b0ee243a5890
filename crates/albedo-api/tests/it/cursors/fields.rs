//! Rows shown in part.

use albedo_testing::on_both_databases;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::CITIES;
use crate::support::{TestApp, faults, header};

on_both_databases! {
    async fn the_fields_asked_for_are_shown_in_their_order(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        let made = admin.create(CITIES, json!({"name": "Porto", "country_code": "PT", "latitude": 41.0})).await;
        let id = made["id"].as_str().unwrap();
        let row = format!("{CITIES}/{id}");
        let shown = format!(r#"{{"id":"{id}","name":"Porto","latitude":41.0}}"#);
        // The whole row is kept on the way, and serves its parts.
        for query in ["?fields=latitude,name", "", "?fields=name,latitude,id", "?fields=name,name,latitude"] {
            let response = admin.get(&format!("{row}{query}")).await;
            assert_eq!(header(&response, "etag"), Some("\"1\""));
            let body = response.text().await.unwrap();
            if query.is_empty() {
                assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), made);
            } else {
                assert_eq!(body, shown, "{query}");
            }
        }
        let unchanged = admin.request(reqwest::Method::GET, &format!("{row}?fields=name")).header("if-none-match", "\"1\"");
        assert_eq!(unchanged.send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
        for (query, body) in [
            ("?fields=name,latitude", format!(r#"{{"items":[{shown}],"total":1,"page":1,"size":50,"pages":1}}"#)),
            ("?fields=name,latitude&cursor=", format!(r#"{{"items":[{shown}],"size":50,"next":null,"prev":null}}"#)),
        ] {
            // Twice, since lists of cities are kept.
            for _ in 0..2 {
                assert_eq!(admin.get(&format!("{CITIES}{query}")).await.text().await.unwrap(), body, "{query}");
            }
        }
        assert_eq!(admin.read(CITIES).await["items"], json!([made]), "a list is kept under its own fields");
    }

    async fn links_keep_the_fields_and_cursors_do_not_mind_them(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        for name in ["a", "b"] {
            admin.create(CITIES, json!({"name": name, "country_code": "PT"})).await;
        }
        let page = admin.read(&format!("{CITIES}?fields=country_code&sort=name&size=1&cursor=")).await;
        let next = page["next"].as_str().unwrap();
        assert_eq!(admin.read(next).await["items"][0].as_object().unwrap().len(), 2);
        let whole = admin.read(&next.replace("fields=country_code&", "")).await;
        assert_eq!(whole["items"][0]["name"], "b");
    }

    async fn unknown_and_hidden_fields_are_refused_with_those_there_are(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        let users = admin.read("/api/v1/users").await;
        let user = format!("/api/v1/users/{}", users["items"][0]["id"].as_str().unwrap());
        for path in ["/api/v1/users", &user] {
            for wrong in ["password_hash", "nope", "", "email,", "email,Email"] {
                let response = admin.get(&format!("{path}?fields={wrong}")).await;
                let problem: Value = response.json().await.unwrap();
                let error = &problem["errors"][0];
                assert_eq!((&error["parameter"], &error["code"]), (&json!("fields"), &json!("unknown")), "{wrong}");
                assert!(error["params"]["allowed"].as_array().unwrap().contains(&json!("email")), "{error}");
                assert!(!error.to_string().contains("password"), "{error}");
            }
            let told = faults(admin.get(&format!("{path}?fields=email&fields=role")).await, StatusCode::BAD_REQUEST).await;
            assert_eq!(told, [("fields".to_owned(), "duplicate".to_owned())]);
        }
        let told = faults(admin.get(&format!("{user}?page=1")).await, StatusCode::BAD_REQUEST).await;
        assert_eq!(told, [("page".to_owned(), "unknown".to_owned())]);
    }
}
