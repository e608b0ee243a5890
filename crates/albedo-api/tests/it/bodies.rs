//! Bodies that cannot be read, or hold what nothing can store: told with their place, in our own words.

use albedo_testing::on_both_databases;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{TestApp, TestUser, assert_own_words, faults, header};

const ASSISTANTS: &str = "/api/v1/assistants";
const CITIES: &str = "/api/v1/cities";
const LOGIN: &str = "/api/v1/auth/login";

fn place(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

/// Sends bytes as they are.
async fn send(user: &TestUser<'_>, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Response {
    user.request(Method::POST, path).header("content-type", content_type).body(body).send().await.unwrap()
}

#[tokio::test]
async fn malformed_json_is_told_with_its_line_and_column() {
    let app = TestApp::on_sqlite(&[]).await;
    let ada = app.user("ada").await;
    let deep = "{\"a\":".repeat(100_000 / 5);
    type Case<'a> = (&'a [u8], Option<(u64, u64)>);
    let cases: [Case<'_>; 12] = [
        (b"", None),
        (b" \r\n\t", None),
        (b"{", Some((1, 1))),
        (b"{\"name\": }", Some((1, 10))),
        (b"{\n  \"name\": \"x\",\n}", Some((3, 1))),
        (b"{\"name\": \"x\"} x", Some((1, 15))),
        (b"{\"name\": \"x\", \"name\": \"y\"}", Some((1, 20))),
        (b"{\"name\": 'x'}", Some((1, 10))),
        (b"\xef\xbb\xbf{}", Some((1, 1))),
        (b"{\"name\": \"\xff\"}", Some((1, 11))),
        (b"{\"temperature\": 1e999}", Some((1, 21))),
        (deep.as_bytes(), Some((1, 161))),
    ];
    for (body, expected) in cases {
        let shown = String::from_utf8_lossy(body.get(..body.len().min(40)).unwrap()).into_owned();
        let response = send(&ada, ASSISTANTS, "application/json", body.to_vec()).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{shown}");
        assert_eq!(header(&response, "content-type"), Some("application/problem+json"));
        let problem: Value = response.json().await.unwrap();
        assert_own_words(&problem);
        let params = &problem["errors"][0]["params"];
        let told = params["line"].as_u64().zip(params["column"].as_u64());
        assert_eq!(told, expected, "{shown}: {problem}");
        assert_eq!(problem["errors"][0]["pointer"], "", "{shown}");
    }
}

#[tokio::test]
async fn bodies_of_another_type_are_refused() {
    let app = TestApp::on_sqlite(&[]).await;
    let ada = app.user("ada").await;
    let body = r#"{"name": "Travel desk"}"#;
    for odd in [
        "",
        "text/plain",
        "application/xml",
        "application/jsonp",
        "application/json; charset=latin1",
        "application/json; charset=utf-16",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/merge-patch+json",
        "application/problem+json",
    ] {
        let response = send(&ada, ASSISTANTS, odd, body).await;
        let expected = [place("Content-Type", "not_a_choice")];
        assert_eq!(faults(response, StatusCode::UNSUPPORTED_MEDIA_TYPE).await, expected, "{odd}");
    }
    let none = ada.request(Method::POST, ASSISTANTS).body(body).send().await.unwrap();
    faults(none, StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
    let coded = ada.request(Method::POST, ASSISTANTS).header("content-encoding", "gzip");
    let coded = coded.header("content-type", "application/json").body(body).send().await.unwrap();
    faults(coded, StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
    for (number, fine) in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""]
        .into_iter()
        .enumerate()
    {
        let response = send(&ada, ASSISTANTS, fine, format!(r#"{{"name": "{number}"}}"#)).await;
        assert_eq!(response.status(), StatusCode::CREATED, "{fine}");
    }
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_answered_and_not_cut_off() {
    let app = TestApp::on_sqlite(&[]).await;
    let ada = app.user("ada").await;
    let large = || "x".repeat(10 * 1024 * 1024);
    for _ in 0..3 {
        let response = send(&ada, ASSISTANTS, "application/json", large()).await;
        assert_eq!(faults(response, StatusCode::PAYLOAD_TOO_LARGE).await, [place("", "too_large")]);
        // Refused for other reasons, before a byte of it is read.
        let nobody = app.request(Method::POST, ASSISTANTS).body(large()).send().await.unwrap();
        faults(nobody, StatusCode::UNAUTHORIZED).await;
        faults(app.request(Method::PUT, LOGIN).body(large()).send().await.unwrap(), StatusCode::METHOD_NOT_ALLOWED)
            .await;
        faults(app.request(Method::POST, "/no").body(large()).send().await.unwrap(), StatusCode::NOT_FOUND).await;
    }
    // As large as it may be, to the byte.
    let padded = |size: usize| format!("{{}}{}", " ".repeat(size - 2));
    let fits = send(&ada, ASSISTANTS, "application/json", padded(262_144)).await;
    assert_eq!(faults(fits, StatusCode::UNPROCESSABLE_ENTITY).await, [place("/name", "required")]);
    let over = send(&ada, ASSISTANTS, "application/json", padded(262_145)).await;
    faults(over, StatusCode::PAYLOAD_TOO_LARGE).await;
}

#[tokio::test]
async fn a_rejected_value_never_comes_back() {
    let app = TestApp::on_sqlite(&[]).await;
    let canary = "cAnArY-5f2d";
    for (path, body) in [
        (LOGIN, json!({"email": 1, "password": canary, "x": canary})),
        (LOGIN, json!({"email": canary, "password": [canary]})),
        ("/api/v1/auth/register", json!({"email": canary, "password": canary})),
        ("/api/v1/auth/refresh", json!({"refresh_token": [canary]})),
        ("/api/v1/auth/refresh", json!({"refresh_token": canary})),
        ("/api/v1/auth/logout", json!({"refresh_token": {"a": canary}})),
        (LOGIN, json!(canary)),
    ] {
        let response = app.request(Method::POST, path).json(&body).send().await.unwrap();
        assert!(response.status().is_client_error(), "{path}");
        let text = response.text().await.unwrap();
        assert!(!text.contains(canary), "{path} says {text}");
    }
}

on_both_databases! {
    async fn nothing_that_cannot_be_stored_reaches_the_database(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let expect = async |body: Value, expected: &[(&str, &str)]| {
            let told = faults(ada.post(ASSISTANTS, body).await, StatusCode::UNPROCESSABLE_ENTITY).await;
            let expected: Vec<_> = expected.iter().map(|(pointer, code)| place(pointer, code)).collect();
            assert_eq!(told, expected);
        };
        expect(json!({"name": "a\u{0}"}), &[("/name", "null_character")]).await;
        expect(json!({"name": "a", "metadata": {"k": "\u{0}"}}), &[("/metadata/k", "null_character")]).await;
        expect(json!({"name": "a", "metadata": {"k": [{"x": "\u{0}"}]}}), &[("/metadata/k/0/x", "null_character")])
            .await;
        let told = faults(
            ada.post(ASSISTANTS, json!({"name": "a", "metadata": {"\u{0}": 1}})).await,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
        assert!(told.iter().all(|(_, code)| code == "null_character") && told.len() == 1, "{told:?}");
        expect(json!({"name": "a", "\u{0}": 1}), &[("/\u{0}", "unknown")]).await;
        expect(
            json!({"name": "a", "language": "\u{0}", "time_zone": "UTC\u{0}"}),
            &[
                ("/language", "null_character"),
                ("/time_zone", "null_character"),
                ("/language", "invalid_format"),
                ("/time_zone", "invalid_format"),
            ],
        )
        .await;
    }

    async fn what_is_stored_comes_back_as_it_was(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let metadata = json!({
            "\u{1F9AD}": "\u{1}\u{7f}\u{2028}\u{ffff}\"\\/",
            "numbers": [0, -1, 1.5, 9_007_199_254_740_993_i64, u64::MAX, 1e300],
            "": {"": []},
        });
        let body = json!({"name": "\u{202e}desk\u{301} %_\\ '; --", "description": "\n", "metadata": metadata});
        let made = ada.create(ASSISTANTS, body).await;
        let read = ada.read(&format!("{ASSISTANTS}/{}", made["id"].as_str().unwrap())).await;
        assert_eq!(read, made);
        assert_eq!((&made["metadata"], &made["name"]), (&metadata, &json!("\u{202e}desk\u{301} %_\\ '; --")));
    }

    async fn numbers_of_any_size_are_read_or_refused(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        let city = |name: &str, population: &str| {
            format!(r#"{{"name": "{name}", "country_code": "PT", "population": {population}}}"#)
        };
        for (population, code) in [
            ("9223372036854775808", "too_large"),
            ("1e30", "too_large"),
            ("-1", "too_small"),
            ("-9223372036854775809", "too_small"),
            ("1.5", "wrong_type"),
            ("\"1\"", "wrong_type"),
            ("true", "wrong_type"),
        ] {
            let response = send(&admin, CITIES, "application/json", city("Porto", population)).await;
            let told = faults(response, StatusCode::UNPROCESSABLE_ENTITY).await;
            assert_eq!(told, [place("/population", code)], "{population}");
        }
        let digits = "9".repeat(400);
        let endless = send(&admin, CITIES, "application/json", city("Porto", &digits)).await;
        assert!(endless.status().is_client_error(), "{}", endless.status());
        for (name, population) in [("one", "9223372036854775807"), ("two", "12.0"), ("three", "1e3"), ("four", "-0")] {
            let response = send(&admin, CITIES, "application/json", city(name, population)).await;
            assert_eq!(response.status(), StatusCode::CREATED, "{population}");
        }
    }
}
