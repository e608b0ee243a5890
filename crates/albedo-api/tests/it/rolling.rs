//! A new version comes, one server after the other, while clients go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use albedo_testing::{AppProcess, Backend, HaProxy, Signal, TestDatabase};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::support::{ADMIN, PASSWORD};

const PROGRAM: &str = env!("CARGO_BIN_EXE_albedo-api");
/// What we tell people to run; the servers' addresses are all that differs here.
const SETTINGS: &str = include_str!("../../../../docker/haproxy/haproxy.cfg");
const CLIENTS: usize = 8;
const ROUNDS: usize = 2;

/// The settings for two servers on the loopback.
fn settings(servers: &[AppProcess]) -> String {
    let mut text = String::new();
    for line in SETTINGS.lines() {
        let line = match line.trim().split(' ').next() {
            Some("server") => String::new(),
            Some("bind") => "    bind 127.0.0.1:PORT".to_owned(),
            _ => line.to_owned(),
        };
        text.push_str(&line);
        text.push('\n');
    }
    for (number, server) in servers.iter().enumerate() {
        text.push_str(&format!("    server api{number} 127.0.0.1:{}\n", server.port()));
    }
    text
}

struct Tally {
    answered: AtomicUsize,
    enough: AtomicBool,
}

/// Reads and writes until it is enough; gives everything that was not as it should be.
async fn go_on(url: String, token: String, client: usize, tally: Arc<Tally>) -> Vec<String> {
    let (http, mut failed) = (Client::new(), Vec::new());
    for number in 0.. {
        if tally.enough.load(Ordering::Relaxed) {
            break;
        }
        let city = json!({"name": format!("City {client}-{number}"), "country_code": "PT"});
        let (request, wanted) = match number % 4 {
            0 => (http.post(format!("{url}/api/v1/cities")).json(&city), StatusCode::CREATED),
            _ => (http.get(format!("{url}/api/v1/cities?size=1")), StatusCode::OK),
        };
        match request.bearer_auth(&token).send().await {
            Ok(response) if response.status() == wanted => drop(tally.answered.fetch_add(1, Ordering::Relaxed)),
            Ok(response) => failed.push(format!("{number}: {} instead of {wanted}", response.status())),
            Err(error) => failed.push(format!("{number}: {error:?}")),
        }
    }
    failed
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_are_replaced_one_by_one_lose_no_request() {
    let Some(database) = TestDatabase::create(Backend::Postgres).await else { return };
    let environment = [
        ("DATABASE_URL", database.url()),
        ("ALBEDO_JWT_SECRET", "hPq3vXk9ZrT5mWc8yLb2NfJd7GsQa4Ue6oKi"),
        ("ALBEDO_ADMIN_EMAIL", ADMIN),
        ("ALBEDO_ADMIN_PASSWORD", PASSWORD),
        ("ALBEDO_WORKERS", "2"),
        // Three checks of the load balancer.
        ("ALBEDO_DRAIN_SECONDS", "1.5"),
    ];
    let mut servers: Vec<_> = (0..2).map(|_| AppProcess::start(PROGRAM, &[], &environment)).collect();
    let Some(proxy) = HaProxy::start(&settings(&servers)) else { return };
    let http = Client::new();
    let sign_in = http.post(format!("{}/api/v1/auth/login", proxy.url()));
    let grant = sign_in.json(&json!({"email": ADMIN, "password": PASSWORD})).send().await.unwrap();
    let grant: Value = grant.json().await.unwrap();
    let token = grant["access_token"].as_str().unwrap();

    let tally = Arc::new(Tally { answered: AtomicUsize::new(0), enough: AtomicBool::new(false) });
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        clients.spawn(go_on(proxy.url(), token.to_owned(), client, Arc::clone(&tally)));
    }
    for _ in 0..ROUNDS {
        for server in &mut servers {
            let port = server.port();
            server.signal(Signal::SIGTERM).unwrap();
            let started = Instant::now();
            let ended = loop {
                match server.wait(Duration::from_millis(1)) {
                    Ok(code) => break code,
                    Err(_) => assert!(started.elapsed() < Duration::from_secs(30), "{}", server.output()),
                }
                sleep(Duration::from_millis(50)).await;
            };
            assert_eq!(ended, 0, "{}", server.output());
            *server = tokio::task::block_in_place(|| AppProcess::start_at(port, PROGRAM, &environment));
            // Two checks, and the time in which it gets its share little by little.
            sleep(Duration::from_secs(2)).await;
        }
    }
    tally.enough.store(true, Ordering::Relaxed);
    let failed: Vec<_> = clients.join_all().await.concat();
    let answered = tally.answered.load(Ordering::Relaxed);
    let last: Vec<_> = proxy
        .output()
        .lines()
        .filter(|line| !line.contains(" 200 ") && !line.contains(" 201 "))
        .map(str::to_owned)
        .collect();
    assert!(failed.is_empty(), "of {answered} requests {} failed: {failed:#?}\n{last:#?}", failed.len());
    assert!(answered > 200, "{answered} requests are no load");
}
