//! The documents through the door of an application of their own.

use actix_web::App;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderName};
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Data;

use super::*;

const DOCUMENT: &[u8] = br#"{"openapi":"3.1.0"}"#;

async fn ask(request: TestRequest) -> ServiceResponse {
    let documents = Data::new(Documents::new(DOCUMENT.to_vec()));
    let app = init_service(App::new().app_data(documents).configure(configure)).await;
    call_service(&app, request.to_request()).await
}

async fn get(path: &str) -> ServiceResponse {
    ask(TestRequest::with_uri(path)).await
}

fn header_of(response: &ServiceResponse, name: HeaderName) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[actix_web::test]
async fn the_document_is_plain_for_plain_tools_and_packed_for_browsers() {
    let plain = get("/api/openapi.json").await;
    assert_eq!(header_of(&plain, header::CONTENT_TYPE), "application/json");
    assert_eq!(read_body(plain).await, DOCUMENT);

    let packed = ask(TestRequest::with_uri("/api/openapi.json").insert_header(("Accept-Encoding", "gzip, br"))).await;
    assert_eq!(header_of(&packed, header::CONTENT_ENCODING), "gzip");
    assert!(read_body(packed).await.starts_with(&[0x1f, 0x8b]));
}

#[actix_web::test]
async fn who_has_a_file_already_does_not_get_it_again() {
    for path in ["/api/openapi.json", "/docs/", "/docs/swagger-ui-bundle.js", "/redoc/redoc.standalone.js"] {
        let first = get(path).await;
        assert_eq!(first.status(), StatusCode::OK, "{path}");
        let tag = header_of(&first, header::ETAG);
        let again = ask(TestRequest::with_uri(path).insert_header((header::IF_NONE_MATCH, tag))).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert!(read_body(again).await.is_empty());
    }
}

#[actix_web::test]
async fn the_pages_lead_to_their_files() {
    for (path, below) in [("/docs", "docs/"), ("/redoc", "redoc/")] {
        let response = get(path).await;
        assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
        assert_eq!(header_of(&response, header::LOCATION), below);

        let page = get(&format!("{path}/")).await;
        assert!(header_of(&page, header::CONTENT_SECURITY_POLICY).starts_with("default-src 'none'"));
        assert!(header_of(&page, header::CONTENT_TYPE).starts_with("text/html"));
        let text = String::from_utf8(read_body(page).await.to_vec()).unwrap();
        let named =
            text.split(['"']).filter(|word| word.ends_with(".js") || word.ends_with(".css") || word.ends_with(".png"));
        for name in named {
            let name = name.trim_start_matches("./");
            assert_eq!(get(&format!("{path}/{name}")).await.status(), StatusCode::OK, "{name}");
        }
    }
}

#[actix_web::test]
async fn nothing_asks_another_host() {
    for path in ["/docs/", "/docs/swagger-initializer.js", "/redoc/", "/redoc/redoc.js", "/redoc/redoc.css"] {
        let text = String::from_utf8(read_body(get(path).await).await.to_vec()).unwrap();
        assert!(!text.contains("//cdn") && !text.contains("https://"), "{path}: {text}");
    }
    let bundle = String::from_utf8(read_body(get("/redoc/redoc.standalone.js").await).await.to_vec()).unwrap();
    assert!(!bundle.contains("cdn.redoc.ly"));
}

#[actix_web::test]
async fn other_methods_and_files_are_refused() {
    let post = ask(TestRequest::post().uri("/docs/")).await;
    assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header_of(&post, header::ALLOW), "GET, HEAD, OPTIONS");
    let options = ask(TestRequest::with_uri("/docs/").method(Method::OPTIONS)).await;
    assert_eq!(options.status(), StatusCode::NO_CONTENT);
    assert_eq!(get("/docs/nothing.js").await.status(), StatusCode::NOT_FOUND);
}
