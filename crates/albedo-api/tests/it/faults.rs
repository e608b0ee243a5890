//! Requests that cannot be served, told in one form: paths, methods, parameters, headers.

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{TestApp, faults, header};
use crate::wire;

const ASSISTANTS: &str = "/api/v1/assistants";
const NOWHERE: &str = "01a20674-1715-76ed-8847-8036cb1fa3c5";

/// Every path that reads a body or shows a row, with the methods that it answers.
fn paths() -> Vec<(String, &'static str)> {
    let mut paths = vec![
        ("/api/health".to_owned(), "GET, HEAD"),
        ("/api/health/live".to_owned(), "GET, HEAD"),
        ("/api/health/ready".to_owned(), "GET, HEAD"),
        ("/api/v1/users/me".to_owned(), "GET, HEAD"),
        ("/api/v1/users/me/password".to_owned(), "POST"),
    ];
    for verb in ["register", "login", "token", "refresh", "logout"] {
        paths.push((format!("/api/v1/auth/{verb}"), "POST"));
    }
    for resource in albedo_api::routes::api().resources {
        let list = resource.description.path.split('/').map(|part| if part.starts_with('{') { NOWHERE } else { part });
        let list = format!("/api/v1{}", list.collect::<Vec<_>>().join("/"));
        // Those that are only read have no more than that.
        let (row, rows) = match resource.description.methods.create {
            true => ("GET, HEAD, PATCH, DELETE", "GET, HEAD, POST"),
            false => ("GET, HEAD", "GET, HEAD"),
        };
        let verbs = resource.verbs().into_iter().map(|verb| verb.name);
        for verb in verbs.chain(resource.description.restores().then_some("restore")) {
            paths.push((format!("{list}/{NOWHERE}/{verb}"), "POST"));
        }
        if resource.description.methods.writes() {
            paths.push((format!("{list}/bulk"), "POST"));
        }
        paths.push((format!("{list}/{NOWHERE}"), row));
        paths.push((list, rows));
    }
    paths
}

fn method(name: &str) -> Method {
    name.parse().unwrap()
}

fn place(place: &str, code: &str) -> (String, String) {
    (place.to_owned(), code.to_owned())
}

#[tokio::test]
async fn a_path_that_is_none_is_told_whatever_the_method() {
    let app = TestApp::on_sqlite(&[]).await;
    for path in
        ["/", "/api", "/api/v1", "/api/v2/cities", "/api/v1/auth", "/favicon.ico", "/api/v1/citiesx", "/%2e%2e/"]
    {
        for verb in ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"] {
            let response = app.request(method(verb), path).body("x").send().await.unwrap();
            assert!(faults(response, StatusCode::NOT_FOUND).await.is_empty(), "{verb} {path}");
        }
        let head = app.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!(head.status(), StatusCode::NOT_FOUND);
    }
    // What no HTTP library sends.
    for target in ["/%ff", "/%00", "//api/health", "/api//health", "*", "/api/v1/cities/%2f", "/a?%ff=%00", "/{}|"] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = wire::exchange(app.address(), request.as_bytes());
        let problem: Value = serde_json::from_str(wire::body(&answer)).unwrap();
        // `%2f` stands in the place of an id, and nobody has signed in.
        let expected = if target.contains("cities") { 401 } else { 404 };
        assert_eq!((wire::status(&answer), &problem["status"]), (expected, &json!(expected)), "{target}");
    }
    let connect = b"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert_eq!(wire::status(&wire::exchange(app.address(), connect)), 404);
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let app = TestApp::on_sqlite(&[]).await;
    for (path, allowed) in paths() {
        let allowed = format!("{allowed}, OPTIONS");
        for path in [path.clone(), format!("{path}/")] {
            let options = app.request(Method::OPTIONS, &path).send().await.unwrap();
            assert_eq!(options.status(), StatusCode::NO_CONTENT);
            assert_eq!(header(&options, "allow"), Some(&*allowed), "{path}");
            for verb in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY", "get"] {
                let response = app.request(method(verb), &path).send().await.unwrap();
                if allowed.split(", ").any(|known| known == verb) {
                    assert_ne!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{verb} {path}");
                    continue;
                }
                assert_eq!(header(&response, "allow"), Some(&*allowed), "{verb} {path}");
                match verb {
                    "HEAD" => assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED),
                    _ => drop(faults(response, StatusCode::METHOD_NOT_ALLOWED).await),
                }
            }
        }
    }
}

#[tokio::test]
async fn head_answers_as_get_does_without_the_body() {
    let app = TestApp::on_sqlite(&[]).await;
    let ada = app.user("ada").await;
    let made = ada.create(ASSISTANTS, json!({"name": "Travel desk"})).await;
    let row = format!("{ASSISTANTS}/{}", made["id"].as_str().unwrap());
    for path in [ASSISTANTS, &row, "/api/v1/users/me", "/api/health", "/api/v1/cities?nope=1", "/nowhere"] {
        let (get, head) = (ada.get(path).await, ada.request(Method::HEAD, path).send().await.unwrap());
        assert_eq!(get.status(), head.status(), "{path}");
        for name in ["content-type", "content-length", "etag", "cache-control", "link"] {
            // The id of the request stands in a problem, and all ids are as long.
            assert_eq!(header(&get, name), header(&head, name), "{name} of {path}");
        }
        assert!(head.bytes().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn ids_that_are_none_are_told_by_their_parameter() {
    let app = TestApp::on_sqlite(&[]).await;
    let ada = app.user("ada").await;
    for odd in
        ["x", "%00", "%ff", "01a20674171576ed88478036cb1fa3c5", "{01a20674-1715-76ed-8847-8036cb1fa3c5}", "%20", "-1"]
    {
        let told = faults(ada.get(&format!("{ASSISTANTS}/{odd}")).await, StatusCode::BAD_REQUEST).await;
        assert_eq!(told, [place("assistant_id", "invalid_format")], "{odd}");
    }
    let all = ["assistant_id", "entity_id", "value_id"];
    let nested = ada.get(&format!("{ASSISTANTS}/x/entities/{NOWHERE}/values/y")).await;
    let told = faults(nested, StatusCode::BAD_REQUEST).await;
    assert_eq!(told, ["assistant_id", "value_id"].map(|name| place(name, "invalid_format")));
    let nested = ada.patch(&format!("{ASSISTANTS}/x/entities/y/values/z"), json!({})).await;
    let mut told = faults(nested, StatusCode::BAD_REQUEST).await;
    told.sort();
    assert_eq!(told, all.map(|name| place(name, "invalid_format")));
}

#[tokio::test]
async fn queries_that_cannot_be_read_are_told_by_their_parameter() {
    let app = TestApp::on_sqlite(&[]).await;
    let ada = app.user("ada").await;
    let cases: [(&str, &[(&str, &str)]); 11] = [
        ("page=9223372036854775808", &[("page", "too_large")]),
        ("page=99999999999999999999999999&size=0", &[("page", "too_large"), ("size", "too_small")]),
        ("page=-1&size=1e3", &[("page", "wrong_type"), ("size", "wrong_type")]),
        ("page=1&page=2", &[("page", "duplicate")]),
        ("name=%ff", &[("name", "invalid_format")]),
        ("name=%00&%fe=1", &[("name", "invalid_format"), ("?", "invalid_format")]),
        ("q=a%00", &[("q", "invalid_format")]),
        ("temperature=NaN", &[("temperature", "invalid_format")]),
        ("id=x", &[("id", "invalid_format")]),
        ("created_at__gte=10000-01-01T00:00:00Z", &[("created_at__gte", "invalid_format")]),
        ("nope=1&sort=nope", &[("nope", "unknown"), ("sort", "unknown")]),
    ];
    for (query, expected) in cases {
        let told = faults(ada.get(&format!("{ASSISTANTS}?{query}")).await, StatusCode::BAD_REQUEST).await;
        let expected: Vec<_> = expected.iter().map(|(name, code)| place(name, code)).collect();
        assert_eq!(told, expected, "{query}");
    }
    let far = ada.read(&format!("{ASSISTANTS}?page=9223372036854775807&size=200")).await;
    assert_eq!(far["items"], json!([]));
    // Where little or no query is read, none is overlooked.
    for path in [&*format!("{ASSISTANTS}/{NOWHERE}"), "/api/v1/users/me"] {
        let told = faults(ada.get(&format!("{path}?nope=name&%ff")).await, StatusCode::BAD_REQUEST).await;
        assert_eq!(told.len(), 1, "{told:?}");
        let told = faults(ada.get(&format!("{path}?nope=name")).await, StatusCode::BAD_REQUEST).await;
        assert_eq!(told, [place("nope", "unknown")]);
    }
}

#[tokio::test]
async fn a_client_that_takes_no_json_is_told_so() {
    let app = TestApp::on_sqlite(&[]).await;
    let ask = async |accept: &str| {
        let response = app.request(Method::GET, "/api/health").header(ACCEPT, accept).send().await.unwrap();
        if response.status() == StatusCode::OK {
            return true;
        }
        assert_eq!(faults(response, StatusCode::NOT_ACCEPTABLE).await, [place("Accept", "not_a_choice")]);
        false
    };
    for fine in ["", ",", "*/*", "application/*", "APPLICATION/JSON", "text/html, */*;q=0.1", "application/json;q=0.5"]
    {
        assert!(ask(fine).await, "{fine}");
    }
    for odd in
        ["text/html", "application/xml", "application/json;q=0", "application/json;q=0, */*", "*/*;q=0.0", "json"]
    {
        assert!(!ask(odd).await, "{odd}");
    }
}

#[tokio::test]
async fn conditions_that_cannot_be_read_are_told() {
    let app = TestApp::on_sqlite(&[]).await;
    let ada = app.user("ada").await;
    let made = ada.create(ASSISTANTS, json!({"name": "Travel desk"})).await;
    let row = format!("{ASSISTANTS}/{}", made["id"].as_str().unwrap());
    for odd in ["1", "\"1", "\"1\", 2", "W/1", "'1'"] {
        let change = ada.request(Method::PATCH, &row).header("If-Match", odd).json(&json!({})).send().await.unwrap();
        assert_eq!(faults(change, StatusCode::BAD_REQUEST).await, [place("If-Match", "invalid_format")], "{odd}");
        let read = ada.request(Method::GET, &row).header("If-None-Match", odd).send().await.unwrap();
        assert_eq!(faults(read, StatusCode::BAD_REQUEST).await, [place("If-None-Match", "invalid_format")], "{odd}");
    }
    let bytes = ada.request(Method::DELETE, &row).header("If-Match", b"\xff".as_slice()).send().await.unwrap();
    assert_eq!(faults(bytes, StatusCode::BAD_REQUEST).await, [place("If-Match", "invalid_format")]);
}

#[tokio::test]
async fn a_sane_request_id_is_kept_and_another_replaced() {
    let app = TestApp::on_sqlite(&[]).await;
    let ask = async |path: &str, id: &[u8]| {
        let response = app.request(Method::GET, path).header("X-Request-Id", id).send().await.unwrap();
        header(&response, "x-request-id").unwrap().to_owned()
    };
    let longest = "a".repeat(128);
    for path in ["/api/health", "/nowhere"] {
        for sane in ["r-1", "01a20674-1715-76ed-8847-8036cb1fa3c5", "Root=1-5e:a/b+c=.d_e", &longest] {
            assert_eq!(ask(path, sane.as_bytes()).await, sane);
        }
        let odd: [&[u8]; 6] = [b"", b"a b", b"a\"b", b"<script>", &[b'a'; 129], b"caf\xc3\xa9"];
        for odd in odd {
            let given = ask(path, odd).await;
            assert!(given.len() == 36 && given.as_bytes() != odd, "{given}");
        }
    }
    assert_ne!(ask("/api/health", b"").await, ask("/api/health", b"").await);
}

#[tokio::test]
async fn every_answer_carries_the_common_headers() {
    let app = TestApp::on_sqlite(&[]).await;
    for path in ["/api/health", "/nowhere", "/api/v1/users/me"] {
        let response = app.request(Method::GET, path).send().await.unwrap();
        assert_eq!(header(&response, "x-content-type-options"), Some("nosniff"));
        assert_eq!(header(&response, "cache-control"), Some("no-store"));
        assert_eq!(header(&response, "referrer-policy"), Some("no-referrer"));
        assert!(header(&response, "content-security-policy").unwrap().starts_with("default-src 'none'"));
        assert_eq!(header(&response, "server"), None);
        assert!(header(&response, CONTENT_TYPE.as_str()).unwrap().ends_with("json"));
    }
}
