//! `albedo-api routes`: what is served, from the document that clients read.

use std::error::Error;
use std::io::Write;

use serde::Serialize;
use utoipa::openapi::PathItem;
use utoipa::openapi::path::Operation;

use super::answer::Answer;
use super::table;
use crate::routes::Api;
use crate::{documents, openapi};

/// One operation.
#[derive(Serialize)]
struct Route {
    method: &'static str,
    path: String,
    /// Whether an access token is asked for.
    token: bool,
    operation: Option<String>,
    summary: Option<String>,
}

pub(super) fn print(api: &Api, json: bool) -> Result<(), Box<dyn Error>> {
    let routes = routes(api);
    let mut out = Answer::start();
    if json {
        serde_json::to_writer_pretty(&mut out, &routes)?;
        return Ok(writeln!(out)?);
    }
    let rows = routes.iter().map(|route| {
        let token = if route.token { "token" } else { "open" };
        let shown = [route.operation.as_deref(), route.summary.as_deref()].map(Option::unwrap_or_default);
        [route.method, &*route.path, token, shown[0], shown[1]].map(str::to_owned)
    });
    Ok(table::write(&mut out, ["METHOD", "PATH", "ACCESS", "OPERATION", "SUMMARY"], rows.collect())?)
}

fn routes(api: &Api) -> Vec<Route> {
    let document = openapi::document(api);
    let described = document.paths.paths.iter().flat_map(|(path, item)| operations(path, item));
    let pages = documents::PATHS.iter().map(|path| Route {
        method: "GET",
        path: (*path).to_owned(),
        token: false,
        operation: None,
        summary: Some("Documents of this API.".to_owned()),
    });
    described.chain(pages).collect()
}

fn operations(path: &str, item: &PathItem) -> impl Iterator<Item = Route> {
    let methods = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    methods.into_iter().filter_map(|(method, operation)| Some(route(method, path, operation.as_ref()?)))
}

fn route(method: &'static str, path: &str, operation: &Operation) -> Route {
    Route {
        method,
        path: path.to_owned(),
        token: operation.security.as_ref().is_some_and(|ways| !ways.is_empty()),
        operation: operation.operation_id.clone(),
        summary: operation.summary.clone(),
    }
}
