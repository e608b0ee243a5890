//! The log of the built program: one line a request, and never a secret.

use std::time::{Duration, Instant};

use albedo_testing::{AppProcess, Backend, TestDatabase};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{ADMIN, PASSWORD};

const PROGRAM: &str = env!("CARGO_BIN_EXE_albedo-api");

/// The lines that a process has logged, once one of them holds `last`.
fn lines(process: &AppProcess, last: &str) -> Vec<Value> {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !process.output().contains(last) {
        assert!(Instant::now() < deadline, "{last} is not in {}", process.output());
        std::thread::sleep(Duration::from_millis(5));
    }
    process.output().lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

#[tokio::test]
async fn each_request_is_one_line() {
    let process = AppProcess::start(PROGRAM, &[], &[]);
    let client = Client::new();
    for (number, path) in ["/api/health?token=abc", "/nowhere?q=abc", "/api/v1/users/me"].iter().enumerate() {
        let request = client.get(format!("{}{path}", process.url())).header("X-Request-Id", format!("r-{number}"));
        request.send().await.unwrap();
    }
    let lines = lines(&process, "\"r-2\"");
    let of = |id: &str| {
        let mine: Vec<_> = lines.iter().filter(|line| line["request_id"] == id).collect();
        assert_eq!(mine.len(), 1, "{mine:?}");
        let line = mine.first().copied().unwrap().clone();
        assert!(line["microseconds"].as_u64().is_some_and(|taken| taken < 10_000_000), "{line}");
        assert!(line["timestamp"].as_str().is_some() && line["level"] == "INFO", "{line}");
        (line["method"].clone(), line["path"].clone(), line["status"].clone())
    };
    assert_eq!(of("r-0"), (json!("GET"), json!("/api/health"), json!(200)));
    assert_eq!(of("r-1"), (json!("GET"), json!("/nowhere"), json!(404)));
    assert_eq!(of("r-2"), (json!("GET"), json!("/api/v1/users/me"), json!(401)));
}

#[tokio::test]
async fn no_secret_is_ever_logged() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(database) = TestDatabase::create(backend).await else { continue };
        let signing = "hPq3vXk9ZrT5mWc8yLb2NfJd7GsQa4Ue6oKi";
        let process = AppProcess::start(
            PROGRAM,
            &[],
            &[
                ("DATABASE_URL", database.url()),
                ("ALBEDO_LOG", "trace"),
                ("ALBEDO_JWT_SECRET", signing),
                ("ALBEDO_ADMIN_EMAIL", ADMIN),
                ("ALBEDO_ADMIN_PASSWORD", PASSWORD),
            ],
        );
        let mut secrets =
            vec![signing.to_owned(), PASSWORD.to_owned(), PASSWORD.replace(' ', "+"), "argon2id$".to_owned()];
        if let Some((_, password)) = database.url().split_once("://postgres:") {
            secrets.push(password.split('@').next().unwrap().to_owned());
        }
        let client = Client::new();
        let post = |path: &str| client.request(Method::POST, format!("{}{path}", process.url()));
        let send = async |request: RequestBuilder| {
            let text = request.send().await.unwrap().text().await.unwrap();
            serde_json::from_str::<Value>(&text).unwrap_or_default()
        };
        let canary = "cAnArY-5f2d-quince-marble";
        secrets.push(canary.to_owned());
        let account = json!({"email": "ada@example.com", "password": canary});
        for body in
            [&account, &account, &json!({"email": 1, "password": canary}), &json!([canary]), &json!({canary: 1})]
        {
            send(post("/api/v1/auth/register").json(body)).await;
        }
        send(post("/api/v1/auth/login").json(&json!({"email": ADMIN, "password": canary}))).await;
        send(post("/api/v1/auth/login").body(format!("{{\"password\": {canary}"))).await;
        send(post(&format!("/api/v1/auth/login?password={canary}")).json(&account)).await;
        let mut grant = send(post("/api/v1/auth/login").json(&account)).await;
        for _ in 0..3 {
            // The last one is a theft, which is worth a line of its own.
            let form = json!({"refresh_token": grant["refresh_token"]});
            secrets.extend(["access_token", "refresh_token"].map(|name| grant[name].as_str().unwrap().to_owned()));
            let next = send(post("/api/v1/auth/refresh").json(&form)).await;
            if next["access_token"].is_string() {
                grant = next;
            }
        }
        let access = grant["access_token"].as_str().unwrap();
        let change = json!({"current_password": PASSWORD, "new_password": format!("{canary} again")});
        send(post("/api/v1/users/me/password").bearer_auth(access).json(&change)).await;
        send(post("/api/v1/users/me/password").bearer_auth(format!("{access}x")).json(&change)).await;
        let form = format!("username={ADMIN}&password={}", PASSWORD.replace(' ', "+"));
        let form_type = ("content-type", "application/x-www-form-urlencoded");
        send(post("/api/v1/auth/token").header(form_type.0, form_type.1).body(form)).await;
        send(post("/api/v1/auth/logout").json(&json!({"refresh_token": grant["refresh_token"]}))).await;
        send(client.get(format!("{}/last", process.url())).header("X-Request-Id", "the-last")).await;

        lines(&process, "the-last");
        let said = process.output();
        for secret in secrets {
            assert!(!said.contains(&secret), "{secret} is in the log on {}", backend.name());
        }
    }
}
