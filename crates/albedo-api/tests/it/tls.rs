//! TLS to Redis and to PostgreSQL, with real servers whose certificates come from an authority of their own.

use std::time::{Duration, Instant};

use albedo_testing::{AppProcess, Postgres, Redis};
use reqwest::StatusCode;
use serde_json::Value;
use tokio::time::sleep;

const PROGRAM: &str = env!("CARGO_BIN_EXE_albedo-api");

async fn ready(process: &AppProcess) -> (StatusCode, Value) {
    let answer = reqwest::get(format!("{}/api/health/ready", process.url())).await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn until_said(process: &AppProcess, words: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !process.output().contains(words) {
        assert!(Instant::now() < deadline, "{words:?} is not in {}", process.output());
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_used_over_tls_where_its_authority_is_known() {
    let Some(redis) = Redis::start_with_tls() else { return };
    let authority = redis.authority();
    let environment = [("REDIS_URL", &*redis.url()), ("SSL_CERT_FILE", authority.to_str().unwrap())];
    let process = AppProcess::start(PROGRAM, &[], &environment);
    until_said(&process, "Redis is in use").await;
    let (status, told) = ready(&process).await;
    assert_eq!((status, &told["redis"]), (StatusCode::OK, &Value::from("ok")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_of_another_authority_is_refused_and_costs_no_request() {
    let (Some(redis), Some(other)) = (Redis::start_with_tls(), Redis::start_with_tls()) else { return };
    let authority = other.authority();
    let by_name = redis.url().replace("127.0.0.1", "localhost");
    for (url, known) in [(redis.url(), authority.to_str()), (by_name, None)] {
        let mut environment = vec![("REDIS_URL", &*url)];
        environment.extend(known.map(|known| ("SSL_CERT_FILE", known)));
        let process = AppProcess::start(PROGRAM, &[], &environment);
        until_said(&process, "its certificate is not trusted").await;
        let (status, told) = ready(&process).await;
        assert_eq!((status, &told["redis"]), (StatusCode::OK, &Value::from("unavailable")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_is_verified_to_its_name() {
    let Some(postgres) = Postgres::start_with_tls() else { return };
    let url = |host: &str, authority: &str| {
        let url = postgres.url("postgres").replace("127.0.0.1", host);
        format!("{url}?sslmode=verify-full&sslrootcert={authority}")
    };
    let authority = postgres.authority();
    let authority = authority.to_str().unwrap();
    let process = AppProcess::start(PROGRAM, &[], &[("DATABASE_URL", &url("localhost", authority))]);
    assert_eq!(ready(&process).await.0, StatusCode::OK);
    let Some(other) = Redis::start_with_tls() else { return };
    let stranger = other.authority();
    for (host, authority) in [("localhost", stranger.to_str().unwrap()), ("ip6-localhost", authority)] {
        let attempts = ("ALBEDO_DATABASE_CONNECT_ATTEMPTS", "1");
        let environment = [("DATABASE_URL", &*url(host, authority)), attempts];
        let mut refused = AppProcess::spawn(PROGRAM, &[], &environment);
        assert_ne!(refused.wait(Duration::from_secs(20)).unwrap(), 0, "{}", refused.output());
        assert!(!refused.output().contains("panicked"), "{}", refused.output());
    }
}
