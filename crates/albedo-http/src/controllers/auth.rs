//! Signing in and out, and one's own account, over HTTP.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use albedo_core::fault::{Code, Fault, Faults};
use albedo_core::listing;
use albedo_engine::Row;
use albedo_engine::auth::{Grant, Origin};
use albedo_engine::row_bytes::digest;
use albedo_entities::user::UserView;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::json_bytes;
use crate::error::ApiError;
use crate::extract;
use crate::limits;
use crate::middleware::known_as;

/// `POST /auth/register`.
///
/// # Errors
/// 400, 403, 409, 413, 415, 422, 429, 503.
pub async fn register(request: HttpRequest, payload: Payload) -> Result<HttpResponse, ApiError> {
    let services = ready(&request)?;
    limits::count_sign_in(&request).await?;
    let body = extract::json(&request, payload, None).await?;
    let mut response = with_user(StatusCode::CREATED, &services.auth().register(body, known_as(&request)).await?)?;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/api/v1/users/me"));
    Ok(response)
}

/// `POST /auth/login`.
///
/// # Errors
/// 400, 401, 413, 415, 422, 429, 503.
pub async fn login(request: HttpRequest, payload: Payload) -> Result<HttpResponse, ApiError> {
    let services = ready(&request)?;
    limits::count_sign_in(&request).await?;
    let body = extract::json(&request, payload, None).await?;
    granted(&services.auth().login(body, origin(&request)).await?)
}

/// `POST /auth/token`: the OAuth 2 password form, for tools that know no other way to sign in.
///
/// # Errors
/// 400, 401, 413, 415, 429, 503.
pub async fn token(request: HttpRequest, payload: Payload) -> Result<HttpResponse, ApiError> {
    let services = ready(&request)?;
    limits::count_sign_in(&request).await?;
    let text = extract::form(&request, payload).await?;
    let pairs = listing::pairs(&text).map_err(ApiError::bad_request)?;
    let field = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.to_string());
    let mut faults = Faults::none();
    if field("grant_type").is_some_and(|kind| kind != "password") {
        let detail = "This is the password grant.";
        faults.add(Fault::in_field("grant_type", Code::NotAChoice, detail).with("allowed", ["password"].as_slice()));
    }
    let mut required = |name| {
        let value = field(name);
        if value.is_none() {
            faults.add(Fault::in_field(name, Code::Required, "This field is required."));
        }
        value.unwrap_or_default()
    };
    let (username, password) = (required("username"), SecretString::from(required("password")));
    faults.none_or(()).map_err(ApiError::bad_request)?;
    granted(&services.auth().sign_in(&username, &password, origin(&request)).await?)
}

/// `POST /auth/refresh`.
///
/// # Errors
/// 400, 401, 413, 415, 422, 429, 503.
pub async fn refresh(request: HttpRequest, payload: Payload) -> Result<HttpResponse, ApiError> {
    let services = ready(&request)?;
    limits::count_address(&request).await?;
    let body = extract::json(&request, payload, None).await?;
    granted(&services.auth().refresh(body, origin(&request)).await?)
}

/// `POST /auth/logout`.
///
/// # Errors
/// 400, 413, 415, 422, 429, 503.
pub async fn logout(request: HttpRequest, payload: Payload) -> Result<HttpResponse, ApiError> {
    let services = ready(&request)?;
    limits::count_address(&request).await?;
    let body = extract::json(&request, payload, None).await?;
    services.auth().logout(body).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /users/me`.
///
/// # Errors
/// 400, 401, 429, 503.
pub async fn me(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let services = ready(&request)?;
    let caller = extract::caller(&request, &services).await?;
    with_user(StatusCode::OK, &services.auth().me(&caller).await?)
}

/// `POST /users/me/password`.
///
/// # Errors
/// 400, 401, 413, 415, 422, 429, 503.
pub async fn change_password(request: HttpRequest, payload: Payload) -> Result<HttpResponse, ApiError> {
    let services = ready(&request)?;
    let caller = extract::caller(&request, &services).await?;
    limits::count_sign_in(&request).await?;
    let body = extract::json(&request, payload, None).await?;
    services.auth().change_password(&caller, body).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn ready(request: &HttpRequest) -> Result<actix_web::web::Data<albedo_engine::Services>, ApiError> {
    extract::accepts_json(request)?;
    extract::no_query(request)?;
    extract::services(request)
}

/// The program and the address, as far as columns hold them.
fn origin(request: &HttpRequest) -> Origin {
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Origin {
        user_agent: agent.map(|agent| agent.chars().take(256).collect()),
        ip: limits::client_address(request).map(|address| address.to_string()),
    }
}

#[derive(Serialize)]
struct GrantView<'a> {
    access_token: &'a str,
    refresh_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
}

fn granted(grant: &Grant) -> Result<HttpResponse, ApiError> {
    let view = GrantView {
        access_token: grant.access_token.expose_secret(),
        refresh_token: grant.refresh_token.expose_secret(),
        token_type: "Bearer",
        expires_in: grant.expires_in,
    };
    Ok(HttpResponse::Ok().content_type(extract::JSON).body(json_bytes(&view)?))
}

fn with_user(status: StatusCode, user: &Row<UserView>) -> Result<HttpResponse, ApiError> {
    let body = json_bytes(&user.view)?;
    // Signing in shows, and is no change of the version: the tag is that of `GET /users/{user_id}`.
    let tag = extract::entity_tag(user.identity.version, Some(digest(&body)));
    Ok(HttpResponse::build(status).content_type(extract::JSON).insert_header((header::ETAG, tag)).body(body))
}
