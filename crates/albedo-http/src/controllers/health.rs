//! Is it there, does it live, can it work: for people, for supervisors, for load balancers.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use albedo_core::database::{ReplicaFigures, ReplicaState};
use serde::Serialize;

use super::json_bytes;
use crate::error::ApiError;
use crate::extract;
use crate::middleware::InFlight;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    database: &'static str,
}

#[derive(Serialize)]
struct Live {
    status: &'static str,
}

#[derive(Serialize)]
struct Ready {
    status: &'static str,
    database: &'static str,
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    replicas: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redis: Option<&'static str>,
}

/// `GET /health`: what runs here. Asks nobody, so it costs nothing.
///
/// # Errors
/// 406, 500.
pub async fn health(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    extract::accepts_json(&request)?;
    let database = extract::services(&request)?.database().backend().name();
    json(HttpResponse::Ok(), &Health { status: "ok", version: env!("CARGO_PKG_VERSION"), database })
}

/// `GET /health/live`: the process answers. A supervisor restarts what does not.
///
/// # Errors
/// 406, 500.
pub async fn live(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    extract::accepts_json(&request)?;
    json(HttpResponse::Ok(), &Live { status: "ok" })
}

/// `GET /health/ready`: the database answers and has the schema that this version wants; 503 otherwise, naming the part,
/// and when the server is about to stop. Without its Redis, or replicas of its database, the server is slower and nothing
/// else, so it is ready, and says that it is degraded.
///
/// # Errors
/// 406, 500.
pub async fn ready(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    extract::accepts_json(&request)?;
    let services = extract::services(&request)?;
    let (database, schema) = match services.database().ping().await {
        Ok(()) => ("ok", schema(services.database()).await),
        Err(_) => ("unavailable", "unknown"),
    };
    let stopping = request.app_data::<Data<InFlight>>().is_some_and(|in_flight| in_flight.is_draining());
    let redis = services.cache().redis().map(|redis| if redis.is_up() { "ok" } else { "unavailable" });
    let replicas = services.database().replicas().map(|replicas| usable(&replicas.figures()));
    let degraded = [redis, replicas].into_iter().flatten().any(|part| part != "ok");
    let (status, response) = match (database, schema) {
        _ if stopping => ("stopping", HttpResponse::ServiceUnavailable()),
        ("ok", "ok") if degraded => ("degraded", HttpResponse::Ok()),
        ("ok", "ok") => ("ok", HttpResponse::Ok()),
        _ => ("unavailable", HttpResponse::ServiceUnavailable()),
    };
    json(response, &Ready { status, database, schema, replicas, redis })
}

/// How many of the replicas can be read from: all, some, none.
fn usable(replicas: &[ReplicaFigures]) -> &'static str {
    match replicas.iter().filter(|replica| replica.state == ReplicaState::Usable).count() {
        0 => "unavailable",
        usable if usable < replicas.len() => "degraded",
        _ => "ok",
    }
}

async fn schema(database: &albedo_core::database::Database) -> &'static str {
    match migration::pending(database).await {
        Ok(0) => "ok",
        Ok(_) => "behind",
        Err(_) => "unknown",
    }
}

fn json<T: Serialize>(mut response: actix_web::HttpResponseBuilder, body: &T) -> Result<HttpResponse, ApiError> {
    Ok(response.content_type(extract::JSON).body(json_bytes(body)?))
}
