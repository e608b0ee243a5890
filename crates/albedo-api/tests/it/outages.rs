//! PostgreSQL that dies, hangs, is swallowed by the network, or has no connection left: calls end in time, the process
//! lives, readiness names the part, and all is well again by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use albedo_testing::{AppProcess, Postgres, Signal};
use reqwest::{Client, Response, StatusCode};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::support::{ADMIN, PASSWORD};
use crate::wire::Way;

const PROGRAM: &str = env!("CARGO_BIN_EXE_albedo-api");
/// No call takes longer, whatever has happened, with the settings that a server has when nobody sets any.
const LONGEST: Duration = Duration::from_secs(3);

/// A server with a PostgreSQL of its own behind a way that can be cut.
struct World {
    postgres: Postgres,
    way: Way,
    process: AppProcess,
    token: String,
}

impl World {
    async fn build() -> Option<Self> {
        let postgres = Postgres::start()?;
        let way = Way::to(postgres.port());
        let url = postgres.url("postgres").replace(&format!(":{}/", postgres.port()), &format!(":{}/", way.port()));
        let environment = [
            ("DATABASE_URL", &*url),
            ("ALBEDO_WORKERS", "2"),
            ("ALBEDO_CACHE", "off"),
            ("ALBEDO_ADMIN_EMAIL", ADMIN),
            ("ALBEDO_ADMIN_PASSWORD", PASSWORD),
        ];
        let process = AppProcess::start(PROGRAM, &[], &environment);
        let login = json!({"email": ADMIN, "password": PASSWORD});
        let login = Client::new().post(format!("{}/api/v1/auth/login", process.url())).json(&login);
        let grant: Value = login.send().await.unwrap().json().await.unwrap();
        let token = grant["access_token"].as_str().unwrap().to_owned();
        let world = Self { postgres, way, process, token };
        let city = world.client_post("/api/v1/cities", json!({"name": "Porto", "country_code": "PT"})).await;
        assert_eq!(city.status(), StatusCode::CREATED);
        // A throwaway server writes its log when it likes, and a crash is to lose nothing here.
        let own = sea_orm::Database::connect(world.postgres.url("postgres")).await.unwrap();
        own.execute_unprepared("CHECKPOINT").await.unwrap();
        own.close().await.unwrap();
        Some(world)
    }

    async fn client_post(&self, path: &str, body: Value) -> Response {
        let request = Client::new().post(format!("{}{path}", self.process.url())).bearer_auth(&self.token);
        request.json(&body).send().await.unwrap()
    }

    /// One call on a connection of its own, so that both workers are met; never longer than it may take.
    async fn ask(&self, path: &str) -> Response {
        let request = Client::new().get(format!("{}{path}", self.process.url())).bearer_auth(&self.token);
        let started = Instant::now();
        let response = request.send().await.unwrap();
        assert!(started.elapsed() < LONGEST, "{path} took {:?}", started.elapsed());
        response
    }

    /// What all have to see while the database is away.
    async fn is_out(&self) {
        let mut asked = JoinSet::new();
        for path in ["/api/v1/cities", "/api/v1/assistants", "/api/v1/users/me"].repeat(4) {
            let request = Client::new().get(format!("{}{path}", self.process.url())).bearer_auth(&self.token);
            asked.spawn(async move {
                let started = Instant::now();
                (request.send().await.unwrap(), started.elapsed(), path)
            });
        }
        for (refused, took, path) in asked.join_all().await {
            assert!(took < LONGEST, "{path} took {took:?}");
            assert_eq!(refused.headers().get("retry-after").unwrap(), "1", "{path}");
            crate::support::faults(refused, StatusCode::SERVICE_UNAVAILABLE).await;
        }
        assert_eq!(self.ask("/api/health/live").await.status(), StatusCode::OK);
        let ready = self.ask("/api/health/ready").await;
        assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
        let ready: Value = ready.json().await.unwrap();
        assert_eq!(ready, json!({"status": "unavailable", "database": "unavailable", "schema": "unknown"}));
    }

    /// Calls without a pause, reads and writes, while `fault` happens in their midst; all end in time, and those that cannot
    /// be served say so.
    async fn under_way_when(&self, fault: impl FnOnce(&Self)) -> (usize, Duration) {
        let stop = Arc::new(AtomicBool::new(false));
        let mut callers = JoinSet::new();
        for caller in 0..12 {
            let (base, token, stop) = (self.process.url(), self.token.clone(), Arc::clone(&stop));
            callers.spawn(async move {
                let (client, mut refused, mut longest) = (Client::new(), 0, Duration::ZERO);
                for turn in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let url = format!("{base}/api/v1/cities");
                    let body = json!({"name": format!("City {caller} {turn}"), "country_code": "PT"});
                    let request = if caller % 3 == 0 { client.post(url).json(&body) } else { client.get(url) };
                    let started = Instant::now();
                    let answer = request.bearer_auth(&token).send().await.unwrap();
                    longest = longest.max(started.elapsed());
                    if !answer.status().is_success() {
                        assert_eq!(answer.headers().get("retry-after").unwrap(), "1");
                        crate::support::faults(answer, StatusCode::SERVICE_UNAVAILABLE).await;
                        refused += 1;
                        sleep(Duration::from_millis(50)).await;
                    }
                }
                (refused, longest)
            });
        }
        sleep(Duration::from_millis(500)).await;
        fault(self);
        sleep(LONGEST * 2).await;
        stop.store(true, Ordering::Relaxed);
        let ended = callers.join_all().await;
        let (refused, longest) = ended.into_iter().fold((0, Duration::ZERO), |(refused, longest), one| {
            assert!(one.0 > 0, "nobody told this caller");
            (refused + one.0, longest.max(one.1))
        });
        assert!(longest < LONGEST, "{longest:?}: {}", self.process.output());
        (refused, longest)
    }

    /// Waits until every one of many calls in a row succeeds on both workers, with the row that was there.
    async fn is_back(&self, within: Duration) {
        let began = Instant::now();
        let mut good = 0;
        while good < 8 {
            let listed = self.ask("/api/v1/cities").await;
            if listed.status() == StatusCode::OK {
                assert_eq!(listed.json::<Value>().await.unwrap()["items"][0]["name"], "Porto");
                good += 1;
            } else {
                good = 0;
                assert!(began.elapsed() < within, "not back after {:?}: {}", began.elapsed(), self.process.output());
                sleep(Duration::from_millis(50)).await;
            }
        }
        assert_eq!(self.ask("/api/health/ready").await.status(), StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs() {
    let Some(world) = World::build().await else { return };
    world.postgres.signal_all(Signal::SIGSTOP).unwrap();
    for _ in 0..3 {
        world.is_out().await;
    }
    world.postgres.signal_all(Signal::SIGCONT).unwrap();
    world.is_back(Duration::from_secs(10)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_in_the_midst_of_calls() {
    let Some(world) = World::build().await else { return };
    let (refused, longest) = world.under_way_when(|world| world.postgres.signal_all(Signal::SIGSTOP).unwrap()).await;
    println!("{refused} calls refused, the longest took {longest:?}");
    world.is_out().await;
    world.postgres.signal_all(Signal::SIGCONT).unwrap();
    world.is_back(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_drops_everything_in_the_midst_of_calls() {
    let Some(world) = World::build().await else { return };
    let (refused, longest) = world.under_way_when(|world| world.way.swallow_everything()).await;
    println!("{refused} calls refused, the longest took {longest:?}");
    world.is_out().await;
    world.way.swallow();
    world.is_back(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_forgets_connections_in_the_midst_of_statements() {
    let Some(world) = World::build().await else { return };
    // Slow enough to be under way when it happens, and not so slow that they would be ended.
    let own = sea_orm::Database::connect(world.postgres.url("postgres")).await.unwrap();
    let lock = own.begin().await.unwrap();
    lock.execute_unprepared("LOCK TABLE cities IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let asked = world.ask("/api/v1/cities");
    let swallowed = async {
        sleep(Duration::from_millis(200)).await;
        world.way.swallow();
        lock.rollback().await.unwrap();
    };
    let (refused, ()) = tokio::join!(asked, swallowed);
    crate::support::faults(refused, StatusCode::SERVICE_UNAVAILABLE).await;
    world.is_back(Duration::from_secs(3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_statement_of_a_living_server_is_waited_for() {
    let Some(world) = World::build().await else { return };
    let own = sea_orm::Database::connect(world.postgres.url("postgres")).await.unwrap();
    let lock = own.begin().await.unwrap();
    lock.execute_unprepared("LOCK TABLE cities IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let asked = world.ask("/api/v1/cities");
    let held = async {
        // Less than a statement may wait for a lock, and longer than a silent server is waited for.
        sleep(Duration::from_millis(1_900)).await;
        lock.rollback().await.unwrap();
    };
    let (answer, ()) = tokio::join!(asked, held);
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_crashes_and_starts_anew() {
    let Some(world) = World::build().await else { return };
    for _ in 0..3 {
        world.ask("/api/v1/cities").await;
        world.postgres.crash().unwrap();
        world.is_back(Duration::from_secs(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_killed() {
    let Some(world) = World::build().await else { return };
    world.postgres.signal_all(Signal::SIGKILL).unwrap();
    for _ in 0..3 {
        world.is_out().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_swallows_the_connections_there_are() {
    let Some(world) = World::build().await else { return };
    for round in 0..3 {
        // All of them have been used just now, and would not be looked at before their next use.
        for _ in 0..8 {
            world.ask("/api/v1/cities").await;
        }
        world.way.swallow();
        if round == 1 {
            sleep(Duration::from_millis(1_200)).await;
        }
        world.is_back(Duration::from_secs(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_free_connection_calls_wait_a_bounded_time_and_do_not_pile_up() {
    let Some(world) = World::build().await else { return };
    let own = sea_orm::Database::connect(world.postgres.url("postgres")).await.unwrap();
    let lock = own.begin().await.unwrap();
    lock.execute_unprepared("LOCK TABLE cities IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut asked = JoinSet::new();
    for _ in 0..60 {
        let request = Client::new().get(format!("{}/api/v1/cities", world.process.url())).bearer_auth(&world.token);
        asked.spawn(async move {
            let started = Instant::now();
            (request.send().await.unwrap(), started.elapsed())
        });
    }
    for (refused, took) in asked.join_all().await {
        assert!(took < LONGEST, "{took:?}");
        assert_eq!(refused.headers().get("retry-after").unwrap(), "1");
        crate::support::faults(refused, StatusCode::SERVICE_UNAVAILABLE).await;
    }
    lock.rollback().await.unwrap();
    world.is_back(Duration::from_secs(3)).await;
}
