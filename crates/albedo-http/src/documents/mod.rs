//! The documents: `/api/openapi.json`, and two pages that show it, `/docs` (Swagger UI) and `/redoc` (ReDoc).
//!
//! All of it is put together once at start and shared by the workers; a request copies nothing. The pages need no other
//! host: their scripts and styles are inside the program, and their policies forbid everything else.

mod file;
mod pages;
#[cfg(test)]
mod tests;

use actix_web::http::header;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::error::ApiError;
use crate::methods::{MethodTable, at, at_each};
use file::File;
use pages::Files;

/// Where a reader finds them.
pub const PATHS: [&str; 3] = ["/api/openapi.json", "/docs", "/redoc"];

/// All that is served here.
#[derive(Debug)]
pub struct Documents {
    openapi: File,
    swagger_ui: Files,
    redoc: Files,
}

impl Documents {
    /// Around an OpenAPI document in JSON.
    #[must_use]
    pub fn new(openapi_json: Vec<u8>) -> Self {
        Self {
            openapi: File::of_text("application/json", openapi_json.into()),
            swagger_ui: pages::swagger_ui(),
            redoc: pages::redoc(),
        }
    }
}

/// Puts the routes into an application that has [`Documents`] among its data.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(
            at("/api/openapi.json").get(|request| async move { documents(&request)?.openapi.answer(&request).await }),
        )
        .service(files(["/docs", "/redoc"]).get(|request| async move { Ok(below_itself(&request)) }))
        .service(
            files(["/docs/{file}", "/docs/"])
                .get(|request| async move { file(&request, &documents(&request)?.swagger_ui).await }),
        )
        .service(
            files(["/redoc/{file}", "/redoc/"])
                .get(|request| async move { file(&request, &documents(&request)?.redoc).await }),
        );
}

/// One kind of file, under paths with and without a name.
fn files(paths: [&str; 2]) -> MethodTable {
    let [template, _] = paths;
    at_each(template, paths.map(str::to_owned))
}

fn documents(request: &HttpRequest) -> Result<Data<Documents>, ApiError> {
    let documents = request.app_data::<Data<Documents>>().cloned();
    documents.ok_or_else(|| ApiError::panicked("the worker has no documents".to_owned()))
}

async fn file(request: &HttpRequest, files: &Files) -> Result<HttpResponse, ApiError> {
    let name = request.match_info().get("file").unwrap_or_default();
    files.get(name).ok_or_else(ApiError::no_such_path)?.answer(request).await
}

/// Sends a browser from `/docs` to `/docs/`, where the relative addresses of the page lead to its files. Relative
/// itself: a proxy may have put a path in front that we know nothing of.
fn below_itself(request: &HttpRequest) -> HttpResponse {
    let name = request.path().rsplit('/').next().unwrap_or_default();
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, format!("{name}/"))).finish()
}
