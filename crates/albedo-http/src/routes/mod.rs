//! Every URL on one page.

mod resources;
mod served;

use actix_web::{HttpRequest, web};
pub use served::{Api, Misfit};

use crate::controllers::{answer, change_password, health, live, login, logout, me, ready, refresh, register, token};
use crate::documents;
use crate::error::ApiError;
use crate::limits;
use crate::methods::at;

/// Puts all routes into the application.
pub fn configure(config: &mut web::ServiceConfig, api: &Api) {
    config
        .service(at("/api/health").get(health))
        .service(at("/api/health/live").get(live))
        .service(at("/api/health/ready").get(ready));
    resources::configure(config, api);
    config
        .service(at("/api/v1/auth/register").post(register))
        .service(at("/api/v1/auth/login").post(login))
        .service(at("/api/v1/auth/token").post(token))
        .service(at("/api/v1/auth/refresh").post(refresh))
        .service(at("/api/v1/auth/logout").post(logout));
    documents::configure(config);
    config.default_service(web::route().to(|request: HttpRequest| {
        answer(request.clone(), async move {
            limits::count_address(&request).await?;
            Err(ApiError::no_such_path())
        })
    }));
}

/// One's own account; before `/users/{user_id}`, which would take `me` for an id.
fn own_account(config: &mut web::ServiceConfig) {
    config.service(at("/api/v1/users/me").get(me)).service(at("/api/v1/users/me/password").post(change_password));
}
