//! A Redis that fails, seen from outside: requests go on, readiness says what is wrong, and all is well again by itself.

use std::time::{Duration, Instant};

use albedo_testing::{Backend, Redis, Signal, TestDatabase};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::coherence::replicas;
use super::world::{assistant, namespace, settings, until_ready};
use crate::support::{TestApp, TestUser};

/// Writes and reads for a second on both replicas, each answer right and none late.
async fn work(apps: [&TestApp; 2], ada: &TestUser<'_>, path: &str, round: &str) {
    let started = Instant::now();
    for turn in 0.. {
        let app = apps[turn % 2];
        let name = format!("{round} {turn}");
        let one = Instant::now();
        let patched = app.request(Method::PATCH, path).bearer_auth(&ada.token).json(&json!({"name": name}));
        assert_eq!(patched.send().await.unwrap().status(), StatusCode::OK);
        let read = app.request(Method::GET, path).bearer_auth(&ada.token).send().await.unwrap();
        assert_eq!(read.status(), StatusCode::OK);
        assert_eq!(read.json::<serde_json::Value>().await.unwrap()["name"], name);
        assert!(one.elapsed() < Duration::from_secs(1), "{:?}", one.elapsed());
        if started.elapsed() > Duration::from_secs(1) {
            return;
        }
    }
}

async fn survive(redis: &mut Redis, begin: impl Fn(&mut Redis), end: impl Fn(&mut Redis)) {
    let Some([here, there]) = replicas(&redis.url()).await else { return };
    let ada = here.user("ada").await;
    let path = assistant(&ada, "Desk").await;
    work([&here, &there], &ada, &path, "before").await;
    begin(redis);
    work([&here, &there], &ada, &path, "begin").await;
    for app in [&here, &there] {
        let ready = until_ready(app, "degraded").await;
        assert_eq!(ready, json!({"status": "degraded", "database": "ok", "schema": "ok", "redis": "unavailable"}));
        let ready = app.request(Method::GET, "/api/health/ready").send().await.unwrap();
        assert_eq!(ready.status(), StatusCode::OK);
    }
    work([&here, &there], &ada, &path, "during").await;
    end(redis);
    for app in [&here, &there] {
        let ready = until_ready(app, "ok").await;
        assert_eq!(ready["redis"], "ok");
        let read = app.request(Method::GET, &path).bearer_auth(&ada.token).send().await.unwrap();
        let name = read.json::<serde_json::Value>().await.unwrap()["name"].as_str().unwrap().to_owned();
        assert!(name.starts_with("during"), "{name}: kept from before the fault");
    }
    work([&here, &there], &ada, &path, "after").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_hangs_costs_no_request() {
    let Some(mut redis) = Redis::start() else { return };
    let (stop, go_on) = (Signal::SIGSTOP, Signal::SIGCONT);
    survive(&mut redis, |redis| redis.signal(stop).unwrap(), |redis| redis.signal(go_on).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_is_killed_costs_no_request() {
    let Some(mut redis) = Redis::start() else { return };
    survive(&mut redis, Redis::kill, Redis::start_again).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_is_full_costs_no_request() {
    let Some(mut redis) = Redis::start() else { return };
    let memory = |bytes: &'static str| move |redis: &mut Redis| drop(redis.ask(&["CONFIG", "SET", "maxmemory", bytes]));
    survive(&mut redis, memory("1"), memory("0")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_is_read_only_costs_no_request() {
    let Some((mut redis, primary)) = Redis::start().zip(Redis::start()) else { return };
    let port = primary.port().to_string();
    let follow = |redis: &mut Redis| drop(redis.ask(&["REPLICAOF", "127.0.0.1", &port]));
    survive(&mut redis, follow, |redis| drop(redis.ask(&["REPLICAOF", "NO", "ONE"]))).await;
}

#[tokio::test]
async fn a_server_starts_without_its_redis_and_finds_it_later() {
    let Some(mut redis) = Redis::start_with(&["--requirepass", "the right one"]) else { return };
    let database = || async { TestDatabase::create(Backend::Sqlite).await.unwrap() };
    let namespace = namespace();
    let wrong = redis.url().replace("redis://", "redis://:a-wrong-one@");
    let app = TestApp::start_with(database().await, &settings(Some(&wrong), &namespace)).await;
    let ada = app.user("ada").await;
    let path = assistant(&ada, "Desk").await;
    assert_eq!(ada.read(&path).await["name"], "Desk");
    assert_eq!(until_ready(&app, "degraded").await["redis"], "unavailable");

    redis.kill();
    let right = redis.url().replace("redis://", "redis://:the%20right%20one@");
    let app = TestApp::start_with(database().await, &settings(Some(&right), &namespace)).await;
    until_ready(&app, "degraded").await;
    redis.start_again();
    until_ready(&app, "ok").await;
}
