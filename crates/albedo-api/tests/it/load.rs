//! Clients that are slow, greedy or many.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{TestApp, faults, header};
use crate::wire;

const LOGIN: &str = "/api/v1/auth/login";
const HEAD: &str = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn slow_bodies_hold_no_worker() {
    let app = TestApp::on_sqlite(&[("ALBEDO_BODY_SECONDS", "60"), ("ALBEDO_WORKERS", "1")]).await;
    let slow: Vec<_> = (0..20).map(|_| wire::begun(app.address(), LOGIN, 100, "{")).collect();
    app.user("ada").await.read("/api/v1/users/me").await;
    drop(slow);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_is_given_up_and_its_connection_closed() {
    let app = TestApp::on_sqlite(&[("ALBEDO_BODY_SECONDS", "0.3")]).await;
    let started = Instant::now();
    let lengths = ["Content-Length: 100\r\n\r\n{\"a", "Content-Length: 999999\r\n\r\n{"];
    let chunks = ["Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n", "Transfer-Encoding: chunked\r\n\r\n"];
    let slow = lengths.iter().chain(&chunks).map(|rest| {
        let mut stream = wire::connect(app.address());
        write!(stream, "{HEAD}{rest}").unwrap();
        stream
    });
    for stream in slow.collect::<Vec<_>>() {
        let answer = wire::until_closed(&stream);
        assert_eq!(wire::status(&answer), 408, "{answer}");
        let problem: Value = serde_json::from_str(wire::body(&answer)).unwrap();
        assert_eq!(problem["status"], 408);
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_nobody_reads_holds_no_connection() {
    let app = TestApp::on_sqlite(&[]).await;
    let sent: Vec<_> = ["POST /nowhere", "PUT /api/health", "POST /api/v1/assistants", "DELETE /api/v1/users/me"]
        .iter()
        .map(|line| {
            let mut stream = wire::connect(app.address());
            write!(stream, "{line} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n").unwrap();
            stream
        })
        .collect();
    let started = Instant::now();
    for stream in &sent {
        let answer = wire::until_closed(stream);
        assert!((400..500).contains(&wire::status(&answer)), "{answer}");
    }
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    // A chunked body that is read to its end keeps its connection.
    let mut stream = wire::connect(app.address());
    for _ in 0..2 {
        write!(stream, "{HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n").unwrap();
        let mut status = [0; 1_024];
        let read = stream.read(&mut status).unwrap();
        assert!(status.get(..read).unwrap().starts_with(b"HTTP/1.1 422"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_head_is_given_up() {
    let app = TestApp::on_sqlite(&[("ALBEDO_HEAD_SECONDS", "0.5")]).await;
    let mut stream = wire::connect(app.address());
    write!(stream, "GET /api/health HTTP/1.1\r\nHo").unwrap();
    let started = Instant::now();
    assert_eq!(wire::status(&wire::until_closed(&stream)), 408);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_is_told() {
    let app = TestApp::on_sqlite(&[]).await;
    let mut stream = wire::connect(app.address());
    write!(stream, "{HEAD}Content-Length: 100\r\n\r\n{{\"a").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let answer = wire::until_closed(&stream);
    let problem: Value = serde_json::from_str(wire::body(&answer)).unwrap();
    assert_eq!((wire::status(&answer), &problem["detail"]), (400, &json!("The body broke off before its end.")));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_beyond_the_bound_are_put_off_and_health_is_not() {
    let page = "https://app.example.com";
    let settings = [("ALBEDO_MAX_IN_FLIGHT", "3"), ("ALBEDO_BODY_SECONDS", "60"), ("ALBEDO_CORS_ORIGINS", page)];
    let app = TestApp::on_sqlite(&settings).await;
    let waiting: Vec<_> = (0..3).map(|_| wire::begun(app.address(), LOGIN, 2, "{")).collect();
    let ask = |path: &str| app.request(Method::GET, path).header("Origin", page).send();
    let refused = ask("/api/v1/cities").await.unwrap();
    assert_eq!(header(&refused, "retry-after"), Some("1"));
    assert_eq!(header(&refused, "access-control-allow-origin"), Some(page), "a page may read when to ask again");
    assert!(header(&refused, "access-control-expose-headers").unwrap().to_lowercase().contains("retry-after"));
    assert!(faults(refused, StatusCode::SERVICE_UNAVAILABLE).await.is_empty());
    for path in ["/api/health", "/api/health/live", "/api/health/ready"] {
        assert_eq!(ask(path).await.unwrap().status(), StatusCode::OK, "{path}");
    }
    for mut stream in waiting {
        write!(stream, "}}").unwrap();
        let mut status = [0; b"HTTP/1.1 422".len()];
        stream.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 422");
    }
    assert_eq!(ask("/api/v1/cities").await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_go_away_leave_their_places() {
    let app = TestApp::on_sqlite(&[("ALBEDO_MAX_IN_FLIGHT", "1"), ("ALBEDO_BODY_SECONDS", "60")]).await;
    drop(wire::begun(app.address(), LOGIN, 9, "{"));
    let deadline = Instant::now() + Duration::from_secs(20);
    while Client::new().get(app.url("/api/v1/cities")).send().await.unwrap().status() != StatusCode::UNAUTHORIZED {
        assert!(Instant::now() < deadline, "the place is not free again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_bound_wait_for_one_to_close() {
    let app = TestApp::on_sqlite(&[("ALBEDO_MAX_CONNECTIONS", "2"), ("ALBEDO_WORKERS", "1")]).await;
    let ask = |stream: &mut std::net::TcpStream| {
        write!(stream, "GET /api/health/live HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    };
    let answered = |stream: &mut std::net::TcpStream| stream.read(&mut [0; 1_024]);
    let mut held: Vec<_> = (0..2).map(|_| wire::connect(app.address())).collect();
    for stream in &mut held {
        ask(stream);
        assert!(answered(stream).unwrap() > 0);
    }
    // The system takes the connection; the server does not read from it yet.
    let mut waiting = wire::connect(app.address());
    waiting.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    ask(&mut waiting);
    assert!(answered(&mut waiting).is_err());
    held.pop();
    waiting.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert!(answered(&mut waiting).unwrap() > 0);
}
