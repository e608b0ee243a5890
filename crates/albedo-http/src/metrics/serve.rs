//! Where Prometheus asks: beside the API, or at an address of its own.

use std::io;
use std::net::SocketAddr;

use actix_web::dev::Server;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};

use super::Metrics;
use crate::error::ApiError;
use crate::limits::Limits;
use crate::methods::at;

/// The media type of the text format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

async fn tell(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let (metrics, limits) = (request.app_data::<Data<Metrics>>(), request.app_data::<Data<Limits>>());
    let (Some(metrics), Some(limits)) = (metrics, limits) else { return Err(ApiError::no_such_path()) };
    let text = metrics.tell(limits).map_err(|error| ApiError::panicked(error.to_string()))?;
    Ok(HttpResponse::Ok().content_type(TEXT).body(text))
}

/// Puts `/metrics` into an application.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(at("/metrics").get(tell));
}

/// A server of its own for `/metrics` alone. One thread is enough for the few who ask.
pub(crate) fn server(
    address: SocketAddr,
    metrics: Data<Metrics>,
    limits: Data<Limits>,
) -> io::Result<(Server, Vec<SocketAddr>)> {
    let make = move || App::new().app_data(metrics.clone()).app_data(limits.clone()).configure(configure);
    let server = HttpServer::new(make).workers(1).max_connections(32).shutdown_timeout(1).disable_signals();
    let server = server.bind(address)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}
