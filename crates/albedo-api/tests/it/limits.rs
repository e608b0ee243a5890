//! Rates, and who is counted.

use albedo_testing::{AppProcess, Backend, Redis, TestDatabase};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{PASSWORD, TestApp, faults, header};

fn told(response: &Response) -> (Option<&str>, Option<&str>) {
    (header(response, "ratelimit-policy"), header(response, "ratelimit"))
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_counted_unless_rates_are_set() {
    let app = TestApp::on_sqlite(&[]).await;
    let ada = app.user("ada").await;
    assert_eq!(told(&ada.get("/api/v1/cities").await), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_user_has_a_rate_of_their_own() {
    let app = TestApp::on_sqlite(&[("ALBEDO_RATE_USER", "5/h")]).await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    for left in (0..5).rev() {
        let answered = ada.get("/api/v1/cities").await;
        assert_eq!(answered.status(), StatusCode::OK);
        let (policy, state) = told(&answered);
        assert_eq!(policy, Some("\"user\";q=5;w=3600"));
        assert!(state.unwrap().starts_with(&format!("\"user\";r={left};t=")), "{state:?}");
    }
    let refused = ada.get("/api/v1/assistants").await;
    assert!(told(&refused).1.unwrap().starts_with("\"user\";r=0;t="), "{refused:?}");
    let wait: u64 = header(&refused, "retry-after").unwrap().parse().unwrap();
    assert!((700..=720).contains(&wait), "{wait}");
    assert!(faults(refused, StatusCode::TOO_MANY_REQUESTS).await.is_empty());
    assert_eq!(eve.get("/api/v1/cities").await.status(), StatusCode::OK);
    assert_eq!(app.request(Method::GET, "/api/health/ready").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_passwords_are_counted_by_address_whatever_the_account() {
    let app = TestApp::on_sqlite(&[("ALBEDO_RATE_SIGN_IN", "4/h")]).await;
    for number in 0..4 {
        let guess = json!({"email": format!("nobody{number}@example.com"), "password": PASSWORD});
        let path = ["login", "register"][number % 2];
        let request = app.request(Method::POST, &format!("/api/v1/auth/{path}"));
        assert_ne!(request.json(&guess).send().await.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);
    }
    for path in ["login", "register", "token"] {
        let refused = app.request(Method::POST, &format!("/api/v1/auth/{path}")).json(&json!({})).send().await.unwrap();
        assert_eq!(told(&refused).0, Some("\"sign-in\";q=4;w=3600"));
        faults(refused, StatusCode::TOO_MANY_REQUESTS).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_nobody_has_signed_are_counted_by_address() {
    let app = TestApp::on_sqlite(&[("ALBEDO_RATE_ADDRESS", "3/h"), ("ALBEDO_TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    let ask = async |path: &str, client: &str| {
        let request = app.request(Method::GET, path).header("X-Forwarded-For", client);
        request.bearer_auth("guess").send().await.unwrap().status()
    };
    for path in ["/api/v1/cities", "/nowhere", "/api/v1/users/me"] {
        assert_ne!(ask(path, "203.0.113.1").await, StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(ask("/api/v1/cities", "203.0.113.1").await, StatusCode::TOO_MANY_REQUESTS);
    // What a client writes before the words of the proxy makes nobody else of it.
    assert_eq!(ask("/api/v1/cities", "198.51.100.7, 203.0.113.1").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ask("/api/v1/cities", "203.0.113.2").await, StatusCode::UNAUTHORIZED);
    // Of IPv6, everybody has a network to ask from.
    for host in 1..=3 {
        assert_eq!(ask("/api/v1/cities", &format!("2001:db8::{host}")).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ask("/api/v1/cities", "2001:db8::9").await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_believed_who_says_to_be_a_proxy() {
    let app = TestApp::on_sqlite(&[("ALBEDO_RATE_ADDRESS", "2/h")]).await;
    let ask = async |client: u8| {
        let request = app.request(Method::GET, "/nowhere").header("X-Forwarded-For", format!("203.0.113.{client}"));
        request.send().await.unwrap().status()
    };
    assert_eq!([ask(1).await, ask(2).await], [StatusCode::NOT_FOUND; 2]);
    assert_eq!(ask(3).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_count_together() {
    let Some(redis) = Redis::shared() else { return };
    let namespace = format!("r{}", &Uuid::now_v7().simple().to_string()[8..]);
    let database = TestDatabase::create(Backend::Postgres).await;
    let Some(database) = database else { return };
    let variables = [
        ("REDIS_URL", redis.url()),
        ("ALBEDO_CACHE_NAMESPACE", namespace),
        ("ALBEDO_RATE_ADDRESS", "10/h".to_owned()),
        ("DATABASE_URL", database.url().to_owned()),
    ];
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let replicas: Vec<_> =
        (0..2).map(|_| AppProcess::start(env!("CARGO_BIN_EXE_albedo-api"), &[], &variables)).collect();
    let ask =
        async |replica: usize, path: &str| reqwest::get(format!("{}{path}", replicas[replica].url())).await.unwrap();
    for replica in 0..2 {
        while ask(replica, "/api/health/ready").await.json::<Value>().await.unwrap()["status"] != "ok" {}
    }
    let mut passed = 0;
    for number in 0..30 {
        passed += usize::from(ask(number % 2, "/nowhere").await.status() == StatusCode::NOT_FOUND);
    }
    assert_eq!(passed, 10);
}
