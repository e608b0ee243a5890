//! The built program as an operator has it: started, asked, stopped, and without its database.

use std::io::Write;
use std::time::{Duration, Instant};

use albedo_testing::{AppProcess, Backend, PgBouncer, Signal, TestDatabase};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::support::{ADMIN, PASSWORD};
use crate::wire::{self, Way};

const PROGRAM: &str = env!("CARGO_BIN_EXE_albedo-api");
const FIRST_ADMIN: [(&str, &str); 2] = [("ALBEDO_ADMIN_EMAIL", ADMIN), ("ALBEDO_ADMIN_PASSWORD", PASSWORD)];
const SOON: Duration = Duration::from_secs(20);

fn address(process: &AppProcess) -> std::net::SocketAddr {
    ([127, 0, 0, 1], process.port()).into()
}

async fn sign_in(process: &AppProcess, email: &str) -> Option<String> {
    let body = json!({"email": email, "password": PASSWORD});
    let request = Client::new().post(format!("{}/api/v1/auth/login", process.url())).json(&body);
    let grant: Value = request.send().await.unwrap().json().await.unwrap();
    grant["access_token"].as_str().map(ToOwned::to_owned)
}

#[tokio::test]
async fn a_new_installation_has_its_first_admin_and_a_second_start_its_data() {
    let database = TestDatabase::empty(Backend::Sqlite).await.unwrap();
    let environment = [&FIRST_ADMIN[..], &[("DATABASE_URL", database.url())]].concat();
    for start in ["first", "second"] {
        let mut process = AppProcess::start(PROGRAM, &[], &environment);
        let token = sign_in(&process, ADMIN).await.unwrap();
        let users = Client::new().get(format!("{}/api/v1/users", process.url())).bearer_auth(token);
        let users: Value = users.send().await.unwrap().json().await.unwrap();
        assert_eq!((&users["total"], &users["items"][0]["role"]), (&json!(1), &json!("admin")), "at the {start} start");
        process.signal(Signal::SIGTERM).unwrap();
        assert_eq!(process.wait(SOON), Ok(0), "{}", process.output());
    }
}

#[tokio::test]
async fn two_replicas_that_start_at_once_make_one_admin() {
    let Some(database) = TestDatabase::create(Backend::Postgres).await else { return };
    let environment = [&FIRST_ADMIN[..], &[("DATABASE_URL", database.url())]].concat();
    // Spawned side by side, then waited for.
    let processes: Vec<_> = (0..3).map(|_| AppProcess::spawn(PROGRAM, &[], &environment)).collect();
    for process in &processes {
        let deadline = Instant::now() + SOON;
        while Client::new().get(format!("{}/api/health/ready", process.url())).send().await.is_err() {
            assert!(Instant::now() < deadline, "{}", process.output());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert!(sign_in(processes.first().unwrap(), ADMIN).await.is_some());
}

#[tokio::test]
async fn an_admin_is_made_from_the_command_line() {
    let database = TestDatabase::empty(Backend::Sqlite).await.unwrap();
    let url = ("DATABASE_URL", database.url());
    let admin = ["admin", "create", "--email", "Ops@Example.com"];
    let run = |environment: &[(&str, &str)]| {
        let mut process = AppProcess::spawn(PROGRAM, &admin, environment);
        (process.wait(SOON).unwrap(), process.output())
    };
    // The password alone is enough: the address stands in the command.
    let (code, said) = run(&[url, ("ALBEDO_ADMIN_PASSWORD", PASSWORD)]);
    assert_eq!((code, &*said), (0, "Ops@Example.com is an admin."));
    let (code, said) = run(&[url, ("ALBEDO_ADMIN_PASSWORD", "passwordpassword")]);
    assert!(code != 0 && said.contains("easy to guess") && !said.contains("passwordpassword"), "{said}");
    let (code, said) = run(&[url, ("ALBEDO_ADMIN_PASSWORD", PASSWORD)]);
    assert_eq!((code, &*said), (0, "Ops@Example.com has a new password and is an admin."));
    let process = AppProcess::start(PROGRAM, &[], &[url]);
    assert!(sign_in(&process, "ops@example.com").await.is_some());
}

#[test]
fn faults_of_the_settings_are_told_all_at_once() {
    let mut process = AppProcess::spawn(
        PROGRAM,
        &[],
        &[
            ("ALBEDO_PORTT", "1"),
            ("ALBEDO_WORKERS", "none"),
            ("ALBEDO_JWT_SECRET", "hunter2"),
            ("DATABASE_URL", "mysql://root:hunter3@db/albedo"),
            ("ALBEDO_ADMIN_EMAIL", "root@example.com"),
        ],
    );
    assert_ne!(process.wait(SOON).unwrap(), 0);
    let said = process.output();
    for name in ["ALBEDO_PORTT", "ALBEDO_WORKERS", "ALBEDO_JWT_SECRET", "DATABASE_URL", "ALBEDO_ADMIN_PASSWORD"] {
        assert!(said.contains(name), "{name} is not in {said}");
    }
    assert!(!said.contains("hunter"), "{said}");
    let mut production = AppProcess::spawn(PROGRAM, &[], &[("ALBEDO_ENV", "production")]);
    assert_ne!(production.wait(SOON).unwrap(), 0);
    assert!(production.output().contains("ALBEDO_JWT_SECRET"), "{}", production.output());
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut process = AppProcess::spawn(PROGRAM, &[], &[("ALBEDO_PORT", &port)]);
    assert_ne!(process.wait(SOON).unwrap(), 0);
    assert!(process.output().contains("ALBEDO_PORT to an address that is free"), "{}", process.output());
}

#[tokio::test]
async fn a_stop_lets_a_running_request_finish_and_waits_for_no_idle_connection() {
    let mut process = AppProcess::start(PROGRAM, &[], &[]);
    let body = json!({"email": "ada@example.com", "password": PASSWORD}).to_string();
    let (first, rest) = body.split_at(10);
    // One connection is kept alive and idle, one is silent, one is in the midst of its request.
    let client = Client::new();
    let health = || client.get(format!("{}/api/health", process.url())).send();
    health().await.unwrap();
    let silent = wire::connect(address(&process));
    let mut running = wire::begun(address(&process), "/api/v1/auth/register", body.len(), first);

    let stopped = Instant::now();
    process.signal(Signal::SIGTERM).unwrap();
    while health().await.is_ok() {
        assert!(stopped.elapsed() < Duration::from_secs(5), "it takes new requests");
    }
    write!(running, "{rest}").unwrap();
    let answer = wire::until_closed(&running);
    assert_eq!(wire::status(&answer), 201, "{answer}");
    assert_eq!(process.wait(SOON), Ok(0), "{}", process.output());
    assert!(stopped.elapsed() < Duration::from_secs(15), "{:?}", stopped.elapsed());
    drop(silent);
}

#[tokio::test]
async fn before_it_stops_it_says_so_and_answers_on() {
    let mut process = AppProcess::start(PROGRAM, &[], &[("ALBEDO_DRAIN_SECONDS", "2")]);
    let client = Client::new();
    let ask = async |path: &str| client.get(format!("{}{path}", process.url())).send().await.unwrap();
    assert_eq!(crate::support::header(&ask("/api/health/ready").await, "connection"), None);
    let told = Instant::now();
    process.signal(Signal::SIGTERM).unwrap();
    loop {
        let ready = ask("/api/health/ready").await;
        if ready.status() == StatusCode::SERVICE_UNAVAILABLE {
            assert_eq!(ready.json::<Value>().await.unwrap()["status"], "stopping");
            break;
        }
        assert!(told.elapsed() < Duration::from_secs(2), "it says that it is ready");
    }
    for (path, status) in [("/api/health/live", StatusCode::OK), ("/api/v1/cities", StatusCode::UNAUTHORIZED)] {
        let answered = ask(path).await;
        assert_eq!((answered.status(), crate::support::header(&answered, "connection")), (status, Some("close")));
    }
    assert!(told.elapsed() < Duration::from_secs(2), "too slow to see anything");
    assert_eq!(process.wait(SOON), Ok(0), "{}", process.output());
    assert!(told.elapsed() >= Duration::from_secs(2), "it did not wait");
}

#[tokio::test]
async fn a_second_signal_waits_for_nobody() {
    let mut process = AppProcess::start(PROGRAM, &[], &[]);
    let running = wire::begun(address(&process), "/api/v1/auth/login", 99, "{");
    process.signal(Signal::SIGTERM).unwrap();
    process.signal(Signal::SIGINT).unwrap();
    assert_ne!(process.wait(Duration::from_secs(5)).unwrap(), 0, "{}", process.output());
    drop(running);
}

#[tokio::test]
async fn behind_pgbouncer_in_session_mode_it_migrates_and_serves() {
    let Some(database) = TestDatabase::empty(Backend::Postgres).await else { return };
    let Some(pooler) = PgBouncer::start(database.url(), "session") else { return };
    let url = pooler.url();
    let environment = [&FIRST_ADMIN[..], &[("DATABASE_URL", &url), ("ALBEDO_WORKERS", "2")]].concat();
    let mut process = AppProcess::start(PROGRAM, &[], &environment);
    let token = sign_in(&process, ADMIN).await.unwrap();
    let cities = format!("{}/api/v1/cities", process.url());
    for number in 0..20 {
        // A new connection each time, to meet both workers.
        let city = json!({"name": format!("City {number}"), "country_code": "PT"});
        let made = Client::new().post(&cities).bearer_auth(&token).json(&city).send().await.unwrap();
        assert_eq!(made.status(), StatusCode::CREATED);
        let made: Value = made.json().await.unwrap();
        let path = format!("{cities}/{}", made["id"].as_str().unwrap());
        let changed = Client::new().patch(&path).bearer_auth(&token).json(&json!({"population": number}));
        assert_eq!(changed.send().await.unwrap().status(), StatusCode::OK);
    }
    let listed = Client::new().get(format!("{cities}?population__gte=10")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(listed.json::<Value>().await.unwrap()["total"], 10);
    process.signal(Signal::SIGTERM).unwrap();
    assert_eq!(process.wait(SOON), Ok(0), "{}", process.output());
}

#[tokio::test]
async fn without_its_database_it_lives_says_so_and_recovers_by_itself() {
    let Some(database) = TestDatabase::create(Backend::Postgres).await else { return };
    let port = database.url().rsplit(['@', ':', '/']).find_map(|part| part.parse::<u16>().ok()).unwrap();
    let mut way = Way::to(port);
    let url = database.url().replace(&format!(":{port}/"), &format!(":{}/", way.port()));
    let environment = [&FIRST_ADMIN[..], &[("DATABASE_URL", &url), ("ALBEDO_WORKERS", "2")]].concat();
    let process = AppProcess::start(PROGRAM, &[], &environment);
    let token = sign_in(&process, ADMIN).await.unwrap();
    // A new connection each time, to meet both workers.
    let ask = async |path: &str| {
        let request = Client::new().get(format!("{}{path}", process.url())).bearer_auth(&token);
        let started = Instant::now();
        let response = request.send().await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(3), "{path} took {:?}", started.elapsed());
        response
    };
    assert_eq!(ask("/api/health/ready").await.json::<Value>().await.unwrap()["database"], "ok");

    way.cut();
    for _ in 0..2 {
        let ready = ask("/api/health/ready").await;
        assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
        let ready: Value = ready.json().await.unwrap();
        assert_eq!(ready, json!({"status": "unavailable", "database": "unavailable", "schema": "unknown"}));
        for path in ["/api/health/live", "/api/health"] {
            assert_eq!(ask(path).await.status(), StatusCode::OK);
        }
        for path in ["/api/v1/cities", "/api/v1/users/me"] {
            let refused = ask(path).await;
            assert_eq!(refused.headers().get("retry-after").unwrap(), "1", "{path}");
            crate::support::faults(refused, StatusCode::SERVICE_UNAVAILABLE).await;
        }
    }
    way.mend();
    let deadline = Instant::now() + Duration::from_secs(10);
    while ask("/api/health/ready").await.status() != StatusCode::OK {
        assert!(Instant::now() < deadline, "{}", process.output());
    }
    assert_eq!(ask("/api/v1/cities").await.status(), StatusCode::OK);
}
