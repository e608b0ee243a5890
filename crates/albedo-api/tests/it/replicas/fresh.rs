//! What is shown while a replica follows, follows late, or does not follow for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use albedo_testing::Redis;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;
use uuid::Uuid;

use super::world::{Pair, Server, asked};

const CITIES: &str = "/api/v1/cities";
/// A busy machine takes its time to open connections, and that is none of what is tried here.
const PATIENT: (&str, &str) = ("ALBEDO_DATABASE_ACQUIRE_SECONDS", "5");
const ON: [(&str, &str); 1] = [PATIENT];
const OFF: [(&str, &str); 2] = [("ALBEDO_CACHE", "off"), PATIENT];

/// Rows and lists right after writes to them: creates, changes and deletes, `pairs` of each; none of the answers may be old.
async fn writes_then_reads(server: &Server, pairs: usize) {
    for pair in 0..pairs {
        let name = format!("City {pair} {}", Uuid::now_v7());
        let listed = format!("{CITIES}?name={}", name.replace(' ', "%20"));
        assert_eq!(server.get(&listed).await["total"], 0);
        let path = server.create(CITIES, &json!({"name": name, "country_code": "PT"})).await;
        assert_eq!(server.get(&path).await["name"], name);
        assert_eq!(server.get(&listed).await["total"], 1);
        let changed = server.patch(&path, &json!({"population": pair})).await;
        assert_eq!(server.get(&path).await["version"], changed["version"]);
        assert_eq!(server.get(&listed).await["items"][0]["population"], pair);
        let deleted = server.request(Method::DELETE, &path).send().await.unwrap();
        assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
        let gone = server.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(gone.status(), StatusCode::NOT_FOUND);
        assert_eq!(server.get(&listed).await["total"], 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_reach_the_replica_and_miss_no_write() {
    let Some(pair) = Pair::start(&[]) else { return };
    for settings in [&OFF[..], &ON] {
        let server = pair.serve(settings).await;
        server.until_replicas("ok").await;
        writes_then_reads(&server, 100).await;
        // Nothing is written any more, so everything may be read there.
        sleep(Duration::from_millis(500)).await;
        let (before, elsewhere) = (server.reads("replica").await, server.reads("primary").await);
        for page in 1..=40 {
            server.get(&format!("/api/v1/assistants?page={page}")).await;
        }
        assert_eq!(server.reads("replica").await - before, 40);
        assert_eq!(server.reads("primary").await, elsewhere);
        assert!(asked(&pair.replica, "assistants").await > 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_is_read_while_the_replica_stands_still() {
    let Some(pair) = Pair::start(&[]) else { return };
    for settings in [&OFF[..], &ON] {
        let server = pair.serve(&[settings, &[("ALBEDO_REPLICA_LAG_SECONDS", "2")]].concat()).await;
        server.until_replicas("ok").await;
        pair.on_replica("SELECT pg_wal_replay_pause()").await;
        writes_then_reads(&server, 30).await;
        // Too far behind to be read from at all, which is told, and costs no request.
        server.create(CITIES, &json!({"name": format!("Porto {}", Uuid::now_v7()), "country_code": "PT"})).await;
        server.until_replicas("unavailable").await;
        assert_eq!(server.ready().await["status"], "degraded");
        writes_then_reads(&server, 10).await;
        pair.on_replica("SELECT pg_wal_replay_resume()").await;
        server.until_replicas("ok").await;
        // One that was left out may have been passed, so it has to show more than at its return.
        sleep(Duration::from_millis(500)).await;
        let before = server.reads("replica").await;
        server.get("/api/v1/assistants").await;
        assert_eq!(server.reads("replica").await, before + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_follows_late_misses_no_write_either() {
    let Some(pair) = Pair::start(&["recovery_min_apply_delay=300ms"]) else { return };
    let server = pair.serve(&OFF).await;
    server.until_replicas("ok").await;
    writes_then_reads(&server, 100).await;
    assert!(server.reads("primary").await >= 500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_match_sees_a_value_that_was_just_written() {
    let Some(pair) = Pair::start(&["recovery_min_apply_delay=200ms"]) else { return };
    let server = pair.serve(&ON).await;
    server.until_replicas("ok").await;
    let assistant = server.create("/api/v1/assistants", &json!({"name": "Travel desk"})).await;
    let entity = server.create(&format!("{assistant}/entities"), &json!({"name": "city", "kind": "list"})).await;
    for number in 0..30 {
        let value = format!("Porto{number}");
        server.create(&format!("{entity}/values"), &json!({"value": value})).await;
        let text = json!({"text": format!("Two tickets to {value}")});
        let found = server.post(&format!("{assistant}/match"), &text).await;
        let found: Value = found.json().await.unwrap();
        assert_eq!(found["mentions"][0]["value"], value, "{found}");
    }
    sleep(Duration::from_secs(1)).await;
    let before = server.reads("replica").await;
    server.post(&format!("{assistant}/match"), &json!({"text": "Porto1"})).await;
    assert_eq!(server.reads("replica").await, before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_shown_with_a_row_misses_no_write_either() {
    let Some(pair) = Pair::start(&["recovery_min_apply_delay=300ms"]) else { return };
    for settings in [&OFF[..], &ON] {
        let server = pair.serve(settings).await;
        server.until_replicas("ok").await;
        let name = format!("Travel desk {}", Uuid::now_v7());
        let assistant = server.create("/api/v1/assistants", &json!({"name": name})).await;
        let list = format!("{assistant}/entities");
        let entity = server.create(&list, &json!({"name": "city", "kind": "list"})).await;
        for count in 1..4 {
            // The entity and its lists have not changed for as long as the replica is late: they are read there.
            sleep(Duration::from_millis(900)).await;
            for path in [&list, "/api/v1/assistants"] {
                server.get(path).await;
            }
            server.create(&format!("{entity}/values"), &json!({"value": format!("Porto {count}")})).await;
            for query in ["?expand=values", "?expand=values&cursor="] {
                let row = &server.get(&format!("{list}{query}")).await["items"][0];
                assert_eq!((&row["values"]["total"], &row["values_count"]), (&json!(count), &json!(count)), "{query}");
            }
            for path in [&list, &format!("{list}?cursor=")] {
                assert_eq!(server.get(path).await["items"][0]["values_count"], count, "{path}");
            }
            // Of an assistant nothing is computed: its lists tell of no write below it.
            let lists = [format!("/api/v1/assistants?name={name}"), format!("/api/v1/assistants?name={name}&cursor=")];
            server.create(&list, &json!({"name": format!("more{count}"), "kind": "list"})).await;
            for path in lists {
                let row = &server.get(&format!("{path}&expand=entities")).await["items"][0];
                assert_eq!(row["entities"]["total"], count + 1, "{path}");
            }
            let row = server.get(&format!("{entity}?expand=values")).await;
            assert_eq!((&row["values"]["total"], &row["values_count"]), (&json!(count), &json!(count)));
            assert_eq!(server.get(&entity).await["values_count"], count);
        }
    }
}

/// The newest version of a row that a server has shown or written, alone and in a list.
#[derive(Debug, Default)]
struct Floors([AtomicI64; 2]);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_server_shows_anything_older_than_what_it_has_shown_or_written() {
    let (Some(pair), Some(redis)) = (Pair::start(&[]), Redis::shared()) else { return };
    let (namespace, redis) = (format!("t{}", &Uuid::now_v7().simple().to_string()[8..]), redis.url());
    for cache in ["on", "off"] {
        let settings =
            [("REDIS_URL", &*redis), ("ALBEDO_CACHE_NAMESPACE", &*namespace), ("ALBEDO_CACHE", cache), PATIENT];
        let servers = [pair.serve(&settings).await, pair.serve(&settings).await].map(Arc::new);
        for server in &servers {
            server.until_replicas("ok").await;
        }
        let assistant = servers[0].create("/api/v1/assistants", &json!({"name": format!("Desk, cache {cache}")})).await;
        let list = format!("/api/v1/assistants?name__contains=cache%20{cache}");
        let stop = Arc::new(AtomicBool::new(false));
        let (reads, writes) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let floors = [Arc::new(Floors::default()), Arc::new(Floors::default())];
        let mut tasks = JoinSet::new();
        for task in 0..8_usize {
            let (server, floors) = (Arc::clone(&servers[task % 2]), Arc::clone(&floors[task % 2]));
            let (stop, paths) = (Arc::clone(&stop), [assistant.clone(), list.clone()]);
            let (reads, writes) = (Arc::clone(&reads), Arc::clone(&writes));
            tasks.spawn(async move {
                for turn in task.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    if task < 2 {
                        let row = server.patch(&paths[0], &json!({"model": format!("model {task} {turn}")})).await;
                        let version = row["version"].as_i64().unwrap();
                        for floor in &floors.0 {
                            floor.fetch_max(version, Ordering::SeqCst);
                        }
                        writes.fetch_add(1, Ordering::Relaxed);
                        // Long enough for the replica to be read from in between, and at times not.
                        sleep(Duration::from_millis(if turn % 8 < 4 { 400 } else { 7 })).await;
                    } else {
                        let kind = turn % 2;
                        let floor = floors.0[kind].load(Ordering::SeqCst);
                        let shown = server.get(&paths[kind]).await;
                        let row = if kind == 0 { &shown } else { &shown["items"][0] };
                        let version = row["version"].as_i64().unwrap();
                        assert!(version >= floor, "{version} after {floor}: {}", paths[kind]);
                        floors.0[kind].fetch_max(version, Ordering::SeqCst);
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
        let there = servers[0].reads("replica").await + servers[1].reads("replica").await;
        println!("cache {cache}: {reads} reads, {there} of them on the replica, {writes} writes, none older");
        assert!(reads > 300 && there > 20 && writes > 20, "{reads} reads, {there} there, {writes} writes");
    }
}
