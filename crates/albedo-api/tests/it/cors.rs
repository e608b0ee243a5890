//! Pages of other origins.

use reqwest::{Method, Response, StatusCode};

use crate::support::{TestApp, faults, header};

const PAGE: &str = "https://app.example.com";

async fn preflight(app: &TestApp, origin: &str, method: &str) -> Response {
    let request = app.request(Method::OPTIONS, "/api/v1/cities").header("Origin", origin);
    let request = request.header("Access-Control-Request-Method", method);
    request.header("Access-Control-Request-Headers", "authorization, content-type").send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_another_origin_may_call_unless_it_is_named() {
    let app = TestApp::on_sqlite(&[]).await;
    let answered = preflight(&app, PAGE, "POST").await;
    assert_eq!(answered.status(), StatusCode::NO_CONTENT);
    assert!(answered.headers().keys().all(|name| !name.as_str().starts_with("access-control")), "{answered:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_page_may_call_and_read_the_headers() {
    let app =
        TestApp::on_sqlite(&[("ALBEDO_CORS_ORIGINS", "https://other.example.com, HTTPS://App.example.com/")]).await;
    let allowed = preflight(&app, PAGE, "PATCH").await;
    assert_eq!(allowed.status(), StatusCode::OK);
    assert_eq!(header(&allowed, "access-control-allow-origin"), Some(PAGE));
    assert!(header(&allowed, "access-control-allow-methods").unwrap().contains("PATCH"));
    assert_eq!(header(&allowed, "access-control-allow-credentials"), None);

    let asked = app.request(Method::GET, "/api/v1/cities").header("Origin", PAGE).send().await.unwrap();
    assert_eq!(asked.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(header(&asked, "access-control-allow-origin"), Some(PAGE));
    assert!(header(&asked, "vary").unwrap().contains("Origin"), "{asked:?}");
    let exposed = header(&asked, "access-control-expose-headers").unwrap().to_lowercase();
    for name in ["etag", "link", "location", "retry-after", "x-request-id"] {
        assert!(exposed.contains(name), "{name} is not in {exposed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_pages_and_methods_are_refused_as_problems() {
    let app = TestApp::on_sqlite(&[("ALBEDO_CORS_ORIGINS", PAGE)]).await;
    for (origin, method, place) in
        [("https://evil.example.com", "GET", "Origin"), (PAGE, "TRACE", "Access-Control-Request-Method")]
    {
        let refused = preflight(&app, origin, method).await;
        assert_eq!(header(&refused, "access-control-allow-origin"), None);
        let told = faults(refused, StatusCode::FORBIDDEN).await;
        assert_eq!(told, [(place.to_owned(), "not_a_choice".to_owned())]);
    }
    let asked =
        app.request(Method::GET, "/api/health").header("Origin", "https://evil.example.com").send().await.unwrap();
    assert_eq!((asked.status(), header(&asked, "access-control-allow-origin")), (StatusCode::OK, None));
}
