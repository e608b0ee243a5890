//! Conditional requests: a change that says which state it changes, a read that says which state is known.

use albedo_testing::on_both_databases;
use reqwest::header::{IF_MATCH, IF_NONE_MATCH};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ASSISTANTS, patch_if, row};
use crate::support::{TestApp, faults, header};

on_both_databases! {
    async fn a_change_of_another_state_is_refused(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let path = row(ASSISTANTS, &ada.create(ASSISTANTS, json!({"name": "Desk"})).await);
        let mut version = 1;
        for (tag, passes) in [
            ("\"7\"", false),
            ("W/\"1\"", false),
            ("\"one\"", false),
            ("\"7\", \"1\"", true),
            ("*", true),
            ("\"1\"", false),
            ("\"3\"", true),
        ] {
            let response = patch_if(&ada, &path, tag, &json!({"model": format!("model {version}")})).await;
            if passes {
                version += 1;
                assert_eq!(response.status(), StatusCode::OK, "{tag}");
                assert_eq!(header(&response, "etag"), Some(format!("\"{version}\"").as_str()));
            } else {
                let told = faults(response, StatusCode::PRECONDITION_FAILED).await;
                assert_eq!(told, [("If-Match".to_owned(), "contradiction".to_owned())], "{tag}");
            }
        }
        assert_eq!(ada.read(&path).await["version"], version);
        // An empty patch has a condition too, and what is no entity tag is a fault of its own.
        faults(patch_if(&ada, &path, "\"1\"", &json!({})).await, StatusCode::PRECONDITION_FAILED).await;
        for tag in ["4", "\"4", "", "\"4\", *"] {
            let told = faults(patch_if(&ada, &path, tag, &json!({})).await, StatusCode::BAD_REQUEST).await;
            assert_eq!(told, [("If-Match".to_owned(), "invalid_format".to_owned())], "{tag}");
        }
        let delete = async |tag: &str| ada.request(Method::DELETE, &path).header(IF_MATCH, tag).send().await.unwrap();
        faults(delete("\"1\"").await, StatusCode::PRECONDITION_FAILED).await;
        assert_eq!(delete("\"4\"").await.status(), StatusCode::NO_CONTENT);
        faults(delete("\"4\"").await, StatusCode::NOT_FOUND).await;
    }

    async fn a_state_that_is_known_is_not_sent_again(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let path = row(ASSISTANTS, &ada.create(ASSISTANTS, json!({"name": "Desk"})).await);
        let get = async |tag: &str| ada.request(Method::GET, &path).header(IF_NONE_MATCH, tag).send().await.unwrap();
        for known in ["\"1\"", "W/\"1\"", "*", "\"0\", \"1\""] {
            let response = get(known).await;
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(header(&response, "etag"), Some("\"1\""));
            assert_eq!(header(&response, "cache-control"), Some("private, no-cache"));
            assert_eq!(header(&response, "vary"), Some("Accept, Authorization"));
            assert_eq!(response.bytes().await.unwrap().len(), 0);
        }
        for unknown in ["\"2\"", "\"abc\""] {
            let response = get(unknown).await;
            assert_eq!((response.status(), header(&response, "etag")), (StatusCode::OK, Some("\"1\"")), "{unknown}");
        }
        ada.patch(&path, json!({"model": "m"})).await;
        assert_eq!(get("\"1\"").await.json::<Value>().await.unwrap()["version"], 2);
        faults(get("1").await, StatusCode::BAD_REQUEST).await;
    }

    async fn a_merge_patch_may_call_itself_one(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let path = row(ASSISTANTS, &ada.create(ASSISTANTS, json!({"name": "Desk"})).await);
        let patch = ada.request(Method::PATCH, &path).header("content-type", "application/merge-patch+json");
        let response = patch.body(r#"{"model":"m"}"#).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let post = ada.request(Method::POST, ASSISTANTS).header("content-type", "application/merge-patch+json");
        faults(post.body(r#"{"name":"n"}"#).send().await.unwrap(), StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
    }
}
