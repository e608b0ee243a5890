//! Answers that are compressed, and those that are not.

use std::io::Read;

use albedo_testing::on_both_databases;
use flate2::read::GzDecoder;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{TestApp, TestUser, header};

async fn ask(user: &TestUser<'_>, method: Method, path: &str, encoding: &str) -> Response {
    user.request(method, path).header("Accept-Encoding", encoding).send().await.unwrap()
}

/// Whether caches are told that the encoding matters.
fn varies(response: &Response) -> bool {
    response.headers().get_all("vary").iter().any(|value| value == "Accept-Encoding")
}

async fn unpacked(response: Response) -> Value {
    assert_eq!(header(&response, "content-encoding"), Some("gzip"));
    let packed = response.bytes().await.unwrap();
    let mut text = String::new();
    GzDecoder::new(&*packed).read_to_string(&mut text).unwrap();
    assert!(packed.len() < text.len() / 2, "{} of {}", packed.len(), text.len());
    serde_json::from_str(&text).unwrap()
}

on_both_databases! {
    async fn a_long_answer_is_compressed_for_those_who_ask(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let made = ada.create("/api/v1/assistants", json!({"name": "A", "instructions": "Be kind. ".repeat(3_000)})).await;
        let path = format!("/api/v1/assistants/{}", made["id"].as_str().unwrap());

        let plain = ada.get(&path).await;
        assert_eq!((header(&plain, "content-encoding"), varies(&plain)), (None, true));
        let length = header(&plain, "content-length").unwrap().to_owned();
        assert_eq!(header(&plain, "etag"), Some("\"1\""));
        assert_eq!(plain.json::<Value>().await.unwrap(), made);
        for refused in ["gzip;q=0, identity", "identity", "br"] {
            let plain = ask(&ada, Method::GET, &path, refused).await;
            assert_eq!(header(&plain, "content-length"), Some(&*length), "{refused}");
        }

        let packed = ask(&ada, Method::GET, &path, "br, gzip").await;
        assert_eq!((header(&packed, "etag"), varies(&packed)), (Some("\"1-gzip\""), true));
        let length = header(&packed, "content-length").unwrap().to_owned();
        assert_eq!(unpacked(packed).await, made);
        let head = ask(&ada, Method::HEAD, &path, "gzip").await;
        assert_eq!((header(&head, "content-length"), header(&head, "content-encoding")), (Some(&*length), Some("gzip")));
        let list = ask(&ada, Method::GET, "/api/v1/assistants", "gzip").await;
        assert_eq!(unpacked(list).await["items"], json!([made]));

        // The tag of either form says which state was read.
        for (tag, told) in [("\"1\"", "\"1\""), ("\"1-gzip\"", "\"1-gzip\"")] {
            let known = ada.request(Method::GET, &path).header("If-None-Match", tag).header("Accept-Encoding", "gzip");
            let known = known.send().await.unwrap();
            assert_eq!((known.status(), header(&known, "etag")), (StatusCode::NOT_MODIFIED, Some(told)));
        }
        let change = ada.request(Method::PATCH, &path).header("If-Match", "\"1-gzip\"").json(&json!({"name": "B"}));
        assert_eq!(change.send().await.unwrap().status(), StatusCode::OK);
        let late = ada.request(Method::PATCH, &path).header("If-Match", "\"1-gzip\"").json(&json!({"name": "C"}));
        assert_eq!(late.send().await.unwrap().status(), StatusCode::PRECONDITION_FAILED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_answer_stays_as_it_is() {
    let app = TestApp::on_sqlite(&[]).await;
    let ada = app.user("ada").await;
    let short = ask(&ada, Method::GET, "/api/v1/users/me", "gzip").await;
    assert_eq!((header(&short, "content-encoding"), varies(&short)), (None, false));
    assert!(header(&short, "etag").is_some_and(|tag| tag.starts_with("\"1.") && !tag.contains("gzip")));
}
