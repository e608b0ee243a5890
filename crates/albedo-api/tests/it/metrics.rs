//! Figures for Prometheus, traces, and the dashboard that shows them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use albedo_testing::{AppProcess, Redis, on_both_databases};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{TestApp, header};

const PROGRAM: &str = env!("CARGO_BIN_EXE_albedo-api");
const DASHBOARD: &str = include_str!("../../../../docker/grafana/albedo.json");

async fn figures(app: &TestApp) -> String {
    let response = app.request(Method::GET, "/metrics").send().await.unwrap();
    assert!(header(&response, "content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    response.text().await.unwrap()
}

/// The value of one series, as it is written; 0 where there is none.
fn value(figures: &str, series: &str) -> f64 {
    let lines = figures.lines().filter_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    lines.map(|value| value.parse::<f64>().unwrap()).next().unwrap_or_default()
}

on_both_databases! {
    async fn requests_are_counted_by_their_route(database: TestDatabase) {
        let app = TestApp::start_with(database, &[("ALBEDO_METRICS", "on"), ("ALBEDO_RATE_ADDRESS", "3/h")]).await;
        let ada = app.user("ada").await;
        for number in 0..3 {
            let city = json!({"name": format!("City {number}"), "country_code": "PT"});
            let city = ada.create("/api/v1/cities", city).await;
            ada.read(&format!("/api/v1/cities/{}", city["id"].as_str().unwrap())).await;
        }
        for path in ["/nowhere", "/else/where", "/third", "/one-too-many"] {
            app.request(Method::GET, path).send().await.unwrap();
        }
        let told = figures(&app).await;
        for (series, expected) in [
            ("albedo_http_requests_total{method=\"GET\",route=\"/api/v1/cities/{city_id}\",status=\"200\"}", 3.0),
            ("albedo_http_requests_total{method=\"POST\",route=\"/api/v1/cities\",status=\"201\"}", 3.0),
            ("albedo_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"}", 3.0),
            ("albedo_http_requests_total{method=\"GET\",route=\"none\",status=\"429\"}", 1.0),
            ("albedo_http_request_duration_seconds_count{method=\"POST\",route=\"/api/v1/cities\"}", 3.0),
            ("albedo_rate_limited_total{policy=\"address\"}", 1.0),
            ("albedo_http_requests_in_flight", 1.0),
            ("albedo_cache_answers_total{from=\"far\"}", 0.0),
        ] {
            assert_eq!(value(&told, series), expected, "{series} in {told}");
        }
        let kept = |from: &str| value(&told, &format!("albedo_cache_answers_total{{from=\"{from}\"}}"));
        assert!(kept("missed") + kept("passed") + kept("near") >= 3.0, "{told}");
        let pool = |state: &str| value(&told, &format!("albedo_database_connections{{pool=\"workers\",state=\"{state}\"}}"));
        assert!((1.0..=8.0).contains(&(pool("idle") + pool("used"))), "{told}");
        assert!(value(&told, "process_resident_memory_bytes") > 1e6 && value(&told, "process_open_fds") > 3.0, "{told}");
        assert!(!told.contains("nowhere"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_unless_it_is_asked_for() {
    let app = TestApp::on_sqlite(&[]).await;
    let response = app.request(Method::GET, "/metrics").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn figures_may_have_an_address_that_the_world_does_not_see() {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let process = AppProcess::start(PROGRAM, &[], &[("ALBEDO_METRICS", &address)]);
    let ask = async |url: String| Client::new().get(url).send().await.unwrap();
    let told = ask(format!("http://{address}/metrics")).await.text().await.unwrap();
    assert!(told.contains("albedo_build_info"), "{told}");
    assert_eq!(ask(format!("{}/metrics", process.url())).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(ask(format!("http://{address}/api/health")).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_shows_what_is_told() {
    let Some(redis) = Redis::shared() else { return };
    let redis = redis.url();
    let variables = [("ALBEDO_METRICS", "on"), ("ALBEDO_RATE_USER", "9/s"), ("REDIS_URL", redis.as_str())];
    let app = TestApp::on_sqlite(&variables).await;
    app.user("ada").await.read("/api/v1/cities").await;
    let told = figures(&app).await;
    let names: BTreeSet<&str> = told.lines().filter_map(|line| line.split(['{', ' ']).next()).collect();
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let mut expressions = Vec::new();
    gather(&dashboard, &mut expressions);
    assert!(expressions.len() >= 10, "{expressions:?}");
    for expression in expressions {
        let words = expression.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let ours: Vec<_> = words.filter(|word| word.starts_with("albedo_") || word.starts_with("process_")).collect();
        assert!(!ours.is_empty(), "{expression}");
        for word in ours {
            assert!(names.contains(word), "{word} of {expression} is not in {names:?}");
        }
    }
}

fn gather(value: &Value, expressions: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let own = fields.get("expr").and_then(Value::as_str).map(ToOwned::to_owned);
            expressions.extend(own);
            fields.values().for_each(|value| gather(value, expressions));
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, expressions)),
        _ => {}
    }
}

#[tokio::test]
async fn a_trace_goes_through() {
    let process = AppProcess::start(PROGRAM, &[], &[]);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let sent = format!("00-{trace}-00f067aa0ba902b7-01");
    let ask = async |id: &str, traceparent: Option<&str>| {
        let mut request = Client::new().get(format!("{}/api/health", process.url())).header("X-Request-Id", id);
        if let Some(traceparent) = traceparent {
            request = request.header("traceparent", traceparent);
        }
        request.send().await.unwrap()
    };
    let answered = ask("with-a-trace", Some(&sent)).await;
    let answer = header(&answered, "traceparent").unwrap();
    assert!(answer.starts_with(&format!("00-{trace}-")) && answer != sent, "{answer}");
    let answered = ask("01a20680-7a3c-7c11-9a51-2f0c1c9f4e11", None).await;
    assert_eq!(header(&answered, "traceparent"), None);

    let deadline = Instant::now() + Duration::from_secs(10);
    for (id, trace) in
        [("with-a-trace", trace), ("01a20680-7a3c-7c11-9a51-2f0c1c9f4e11", "01a206807a3c7c119a512f0c1c9f4e11")]
    {
        let line = loop {
            let said = process.output();
            match said.lines().find(|line| line.contains(&format!("\"request_id\":\"{id}\""))) {
                Some(line) => break line.to_owned(),
                None => assert!(Instant::now() < deadline, "{id} is not in {said}"),
            }
        };
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["trace_id"], trace, "{line}");
    }
}

#[cfg(not(feature = "otlp"))]
#[test]
fn traces_are_not_asked_for_in_vain() {
    let environment = [("ALBEDO_OTLP_ENDPOINT", "http://127.0.0.1:4318")];
    let mut process = AppProcess::spawn(PROGRAM, &[], &environment);
    assert_ne!(process.wait(Duration::from_secs(20)).unwrap(), 0);
    assert!(process.output().contains("--features otlp"), "{}", process.output());
}

/// Takes one request of an exporter, and gives what it sent.
#[cfg(feature = "otlp")]
fn collected(collector: &std::net::TcpListener) -> Vec<u8> {
    use std::io::{Read, Write};

    let (mut stream, _) = collector.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut sent = Vec::new();
    loop {
        let mut part = [0; 4_096];
        let read = stream.read(&mut part).unwrap();
        sent.extend_from_slice(part.get(..read).unwrap());
        let text = String::from_utf8_lossy(&sent).to_lowercase();
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok()).unwrap();
        let end = sent.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        if sent.len() >= end + length {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            return sent;
        }
    }
}

#[cfg(feature = "otlp")]
#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_a_span_of_its_caller_s_trace() {
    let collector = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let mut process = AppProcess::start(PROGRAM, &[], &[("ALBEDO_OTLP_ENDPOINT", &endpoint)]);
    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let request = Client::new().get(format!("{}/api/v1/cities/1?token=abc", process.url()));
    let answered = request.header("traceparent", format!("00-{trace}-{parent}-01")).send().await.unwrap();
    let answer = header(&answered, "traceparent").unwrap().to_owned();
    assert!(answer.starts_with(&format!("00-{trace}-")) && !answer.contains(parent), "{answer}");
    process.signal(albedo_testing::Signal::SIGTERM).unwrap();
    let sent = tokio::task::block_in_place(|| collected(&collector));
    assert_eq!(process.wait(Duration::from_secs(20)), Ok(0), "{}", process.output());
    let holds = |wanted: &[u8]| sent.windows(wanted.len()).any(|part| part == wanted);
    let bytes = |hex: &str| {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect::<Vec<_>>()
    };
    assert!(sent.starts_with(b"POST /v1/traces "));
    for text in ["albedo-api", "GET /api/v1/cities/{city_id}", "http.route", "albedo.request_id"] {
        assert!(holds(text.as_bytes()), "{text} is not among what was sent");
    }
    for id in [trace, parent, &answer[36..52]] {
        assert!(holds(&bytes(id)), "{id} is not among what was sent");
    }
    assert!(!holds(b"token=abc"));
}
