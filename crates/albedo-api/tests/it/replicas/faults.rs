//! Replicas that die, hang, are promoted or are none: no request fails for it, and a good one is taken back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use albedo_testing::{AppProcess, Postgres, Signal};
use reqwest::{Method, StatusCode};
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::world::{Pair, Server, connect};

const PROGRAM: &str = env!("CARGO_BIN_EXE_albedo-api");
const OFF: [(&str, &str); 1] = [("ALBEDO_CACHE", "off")];

/// Reads and writes without a pause while `fault` happens; none may fail. The longest of them.
async fn none_fails_when(server: Server, fault: impl AsyncFnOnce(&Server)) -> (Server, Duration) {
    let (server, stop) = (Arc::new(server), Arc::new(AtomicBool::new(false)));
    let mut callers = JoinSet::new();
    for caller in 0..8 {
        let (server, stop) = (Arc::clone(&server), Arc::clone(&stop));
        callers.spawn(async move {
            let mut longest = Duration::ZERO;
            for turn in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let started = Instant::now();
                let request = if caller == 0 {
                    let city = json!({"name": format!("City {started:?} {turn}"), "country_code": "PT"});
                    server.request(Method::POST, "/api/v1/cities").json(&city)
                } else {
                    server.request(Method::GET, "/api/v1/assistants")
                };
                let answer = request.send().await.unwrap();
                assert!(answer.status().is_success(), "{}: {}", answer.status(), server.process.output());
                longest = longest.max(started.elapsed());
            }
            longest
        });
    }
    sleep(Duration::from_millis(500)).await;
    fault(&server).await;
    sleep(Duration::from_secs(3)).await;
    stop.store(true, Ordering::Relaxed);
    let longest = callers.join_all().await.into_iter().max().unwrap();
    (Arc::into_inner(server).unwrap(), longest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_hangs_and_comes_back() {
    let Some(pair) = Pair::start(&[]) else { return };
    let server = pair.serve(&OFF).await;
    server.until_replicas("ok").await;
    let hang = async |_: &Server| pair.replica.signal_all(Signal::SIGSTOP).unwrap();
    let (server, longest) = none_fails_when(server, hang).await;
    println!("the longest call took {longest:?}");
    assert!(longest < Duration::from_secs(3), "{longest:?}");
    assert_eq!(server.ready().await["replicas"], "unavailable");
    pair.replica.signal_all(Signal::SIGCONT).unwrap();
    server.until_replicas("ok").await;
    let before = server.reads("replica").await;
    sleep(Duration::from_millis(500)).await;
    server.get("/api/v1/users/me").await;
    server.get("/api/v1/assistants").await;
    assert!(server.reads("replica").await > before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_crashes_and_starts_anew() {
    let Some(pair) = Pair::start(&[]) else { return };
    let server = pair.serve(&OFF).await;
    server.until_replicas("ok").await;
    let (server, longest) = none_fails_when(server, async |_: &Server| pair.replica.crash().unwrap()).await;
    assert!(longest < Duration::from_secs(3), "{longest:?}");
    server.until_replicas("ok").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_killed() {
    let Some(pair) = Pair::start(&[]) else { return };
    let server = pair.serve(&OFF).await;
    server.until_replicas("ok").await;
    let kill = async |_: &Server| pair.replica.signal_all(Signal::SIGKILL).unwrap();
    let (server, longest) = none_fails_when(server, kill).await;
    assert!(longest < Duration::from_secs(3), "{longest:?}");
    assert_eq!(server.ready().await["replicas"], "unavailable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_promoted_is_one_no_more() {
    let Some(pair) = Pair::start(&[]) else { return };
    let server = pair.serve(&OFF).await;
    server.until_replicas("ok").await;
    let (server, _) = none_fails_when(server, async |_: &Server| pair.on_replica("SELECT pg_promote()").await).await;
    assert_eq!(server.ready().await["replicas"], "unavailable");
    assert!(server.process.output().contains("it is no replica"), "{}", server.process.output());
    let path = server.create("/api/v1/assistants", &json!({"name": "Travel desk"})).await;
    assert_eq!(server.get(&path).await["name"], "Travel desk");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_with_what_is_replayed_is_asked_of_the_primary() {
    let Some(pair) = Pair::start(&["max_standby_streaming_delay=0"]) else { return };
    let server = pair.serve(&OFF).await;
    server.until_replicas("ok").await;
    let conflicts = async |_: &Server| {
        let own = connect(&pair.primary).await;
        for _ in 0..200 {
            // An exclusive lock on the replica ends whoever reads there.
            own.execute_unprepared("BEGIN; LOCK TABLE assistants IN ACCESS EXCLUSIVE MODE; COMMIT").await.unwrap();
        }
    };
    let (server, _) = none_fails_when(server, conflicts).await;
    server.until_replicas("ok").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_replica_of_this_primary_is_left_out() {
    let (Some(primary), Some(other)) = (Postgres::start_followed(), Postgres::shared()) else { return };
    let url = primary.url("postgres");
    for (replica, reason) in [(other.url("postgres"), "another primary"), (url.clone(), "no replica")] {
        let server = Server::start(&url, &replica, &OFF).await;
        let deadline = Instant::now() + Duration::from_secs(10);
        while !server.process.output().contains(reason) {
            assert!(Instant::now() < deadline, "{}", server.process.output());
            sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(server.ready().await["replicas"], "unavailable");
        server.get("/api/v1/assistants").await;
        assert_eq!(server.reads("replica").await, 0);
        let environment = [("DATABASE_URL", &*url), ("DATABASE_REPLICA_URLS", &*replica)];
        let mut doctor = AppProcess::spawn(PROGRAM, &["doctor"], &environment);
        assert_eq!(doctor.wait(Duration::from_secs(20)), Ok(1), "{}", doctor.output());
        assert!(doctor.output().contains(reason), "{}", doctor.output());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_primary_nobody_is_served_and_readiness_says_so() {
    let Some(pair) = Pair::start(&[]) else { return };
    let server = pair.serve(&OFF).await;
    server.until_replicas("ok").await;
    pair.primary.signal_all(Signal::SIGSTOP).unwrap();
    // Until who signs in has to be asked anew.
    sleep(Duration::from_secs(4)).await;
    let refused = server.request(Method::GET, "/api/v1/assistants").send().await.unwrap();
    assert_eq!(refused.headers().get("retry-after").unwrap(), "1");
    crate::support::faults(refused, StatusCode::SERVICE_UNAVAILABLE).await;
    let ready = server.request(Method::GET, "/api/health/ready").send().await.unwrap();
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    pair.primary.signal_all(Signal::SIGCONT).unwrap();
    server.until_replicas("ok").await;
    let deadline = Instant::now() + Duration::from_secs(10);
    while !server.request(Method::GET, "/api/v1/assistants").send().await.unwrap().status().is_success() {
        assert!(Instant::now() < deadline, "{}", server.process.output());
        sleep(Duration::from_millis(50)).await;
    }
}
