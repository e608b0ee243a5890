//! A handler that panics, or never ends, around which the server's own frame stands.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use actix_web::{App, HttpRequest, HttpResponse, web};
use albedo_core::settings::{Settings, Sources};
use albedo_http::controllers::answer;
use albedo_http::error::ApiError;
use albedo_http::middleware::{InFlight, around};
use serde_json::Value;

use crate::support::assert_own_words;

type Outcome = Result<HttpResponse, ApiError>;

async fn panics(request: HttpRequest) -> Outcome {
    assert!(request.path() != "/panics", "called `Option::unwrap()` on a secret");
    Ok(HttpResponse::Ok().finish())
}

async fn hangs(_: HttpRequest) -> Outcome {
    std::future::pending().await
}

/// What a client is told when the handler at this path is asked.
async fn told(path: &str) -> (StatusCode, Value) {
    let short = [("ALBEDO_HANDLER_SECONDS", "0.3"), ("ALBEDO_DATABASE_STATEMENT_SECONDS", "0.2")];
    let short = short.into_iter().chain([("ALBEDO_DATABASE_LOCK_SECONDS", "0.1")]);
    let sources = Sources::new(None, short.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let settings = Settings::load(&sources).unwrap().server;
    let in_flight = InFlight::new(10);
    let app = App::new()
        .app_data(web::Data::new(settings))
        .wrap(from_fn(move |request, next| around(in_flight.clone(), request, next)))
        .route("/panics", web::to(|request: HttpRequest| answer(request.clone(), panics(request))))
        .route("/hangs", web::to(|request: HttpRequest| answer(request.clone(), hangs(request))));
    let app = init_service(app).await;
    let request = TestRequest::with_uri(path).insert_header(("X-Request-Id", "r-1")).to_request();
    let response = call_service(&app, request).await;
    let status = response.status();
    assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
    assert_eq!(response.headers().get("x-request-id").unwrap(), "r-1");
    (status, read_body_json(response).await)
}

#[actix_web::test]
async fn a_panic_is_a_problem_with_the_id_of_its_request() {
    let (status, problem) = told("/panics").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_own_words(&problem);
    assert!(!problem.to_string().contains("secret"), "{problem}");
    assert_eq!(
        (&problem["request_id"], &problem["instance"], &problem["status"]),
        (&"r-1".into(), &"/panics".into(), &500.into())
    );
}

#[actix_web::test]
async fn a_handler_that_never_ends_is_ended() {
    let (status, problem) = tokio::time::timeout(Duration::from_secs(10), told("/hangs")).await.unwrap();
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_own_words(&problem);
    assert_eq!(problem["request_id"], "r-1");
}
