//! Two replicas over one database and one Redis, with writers and readers on both.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use albedo_testing::{Backend, Redis, TestDatabase};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::world::{assistant, namespace, nest, settings, until_ready};
use crate::support::TestApp;

const SECRET: (&str, &str) = ("ALBEDO_JWT_SECRET", "7hFq2LkX9vRb4TzN8mWc1YpD6sGj3KeA");

/// Two replicas of one installation.
pub(super) async fn replicas(redis: &str) -> Option<[TestApp; 2]> {
    let database = Arc::new(TestDatabase::create(Backend::Postgres).await?);
    let namespace = namespace();
    let settings = [settings(Some(redis), &namespace), vec![SECRET]].concat();
    let here = TestApp::start_with(Arc::clone(&database), &settings).await;
    let there = TestApp::start_with(database, &settings).await;
    until_ready(&here, "ok").await;
    until_ready(&there, "ok").await;
    Some([here, there])
}

async fn get(client: &Client, url: &str, token: &str) -> Value {
    let response = client.get(url).bearer_auth(token).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{url}");
    response.json().await.unwrap()
}

async fn patch(client: &Client, url: &str, token: &str, body: &Value) -> i64 {
    let response = client.patch(url).bearer_auth(token).json(body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{url}");
    response.json::<Value>().await.unwrap()["version"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_here_is_read_there_within_a_tenth_of_a_second() {
    let Some(redis) = Redis::shared() else { return };
    let Some([here, there]) = replicas(&redis.url()).await else { return };
    let ada = here.user("ada").await;
    let path = assistant(&ada, "Desk").await;
    let (client, mut took) = (Client::new(), Vec::new());
    for version in 2..52 {
        // Kept there, in the process.
        for _ in 0..2 {
            assert_eq!(get(&client, &there.url(&path), &ada.token).await["version"], version - 1);
        }
        patch(&client, &here.url(&path), &ada.token, &json!({"model": format!("model {version}")})).await;
        let written = Instant::now();
        loop {
            let asked = written.elapsed();
            if get(&client, &there.url(&path), &ada.token).await["version"] == version {
                took.push(written.elapsed());
                break;
            }
            assert!(asked < Duration::from_millis(100), "asked {asked:?} after the answer, and still the old row");
        }
    }
    took.sort();
    println!("read on the other replica after {:?} at half, {:?} at worst", took[25], took[49]);
}

/// The newest version of one row that a replica has shown or made, for its row and for the list it stands in.
#[derive(Debug, Default)]
struct Floors([[AtomicI64; 2]; 2]);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_replica_shows_anything_older_than_what_it_has_shown_or_written() {
    let Some(redis) = Redis::shared() else { return };
    let Some(apps) = replicas(&redis.url()).await else { return };
    let ada = apps[0].user("ada").await;
    let [_, entity, value] = nest(&ada).await;
    let list = format!("{entity}/values");
    let (stop, floors) = (Arc::new(AtomicBool::new(false)), Arc::new(Floors::default()));
    let (reads, writes) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut tasks = JoinSet::new();
    for task in 0..12_usize {
        let place = task % 2;
        let urls = [apps[place].url(&value), apps[place].url(&list)];
        let (stop, floors, token) = (Arc::clone(&stop), Arc::clone(&floors), ada.token.clone());
        let (reads, writes) = (Arc::clone(&reads), Arc::clone(&writes));
        tasks.spawn(async move {
            let client = Client::new();
            let mut turn = task;
            while !stop.load(Ordering::Relaxed) {
                turn += 1;
                let floors = &floors.0[place];
                if task < 4 {
                    let body = json!({"value": format!("value {task} {turn}")});
                    let version = patch(&client, &urls[0], &token, &body).await;
                    for floor in floors {
                        floor.fetch_max(version, Ordering::SeqCst);
                    }
                    writes.fetch_add(1, Ordering::Relaxed);
                    sleep(Duration::from_millis(5)).await;
                } else {
                    let kind = turn % 2;
                    let floor = floors[kind].load(Ordering::SeqCst);
                    let shown = get(&client, &urls[kind], &token).await;
                    let version = if kind == 0 { &shown["version"] } else { &shown["items"][0]["version"] };
                    let version = version.as_i64().unwrap();
                    assert!(version >= floor, "replica {place} showed {version} after {floor}: {}", urls[kind]);
                    floors[kind].fetch_max(version, Ordering::SeqCst);
                    reads.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    sleep(Duration::from_secs(8)).await;
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    let (reads, writes) = (reads.load(Ordering::Relaxed), writes.load(Ordering::Relaxed));
    println!("{reads} reads, {writes} writes, none older");
    assert!(reads > 500 && writes > 50, "{reads} reads and {writes} writes tell too little");
    let last = i64::try_from(writes).unwrap() + 1;
    for app in &apps {
        let client = Client::new();
        assert_eq!(get(&client, &app.url(&value), &ada.token).await["version"], last);
        assert_eq!(get(&client, &app.url(&list), &ada.token).await["items"][0]["version"], last);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_here_is_gone_there() {
    let Some(redis) = Redis::shared() else { return };
    let Some([here, there]) = replicas(&redis.url()).await else { return };
    let ada = here.user("ada").await;
    let paths = nest(&ada).await;
    let client = Client::new();
    for path in &paths {
        get(&client, &there.url(path), &ada.token).await;
    }
    assert_eq!(ada.delete(&paths[0]).await.status(), StatusCode::NO_CONTENT);
    let deleted = Instant::now();
    for path in &paths {
        loop {
            let asked = deleted.elapsed();
            let response = client.get(there.url(path)).bearer_auth(&ada.token).send().await.unwrap();
            if response.status() == StatusCode::NOT_FOUND {
                break;
            }
            assert!(asked < Duration::from_millis(100), "{path} is still there after {asked:?}");
        }
    }
}
