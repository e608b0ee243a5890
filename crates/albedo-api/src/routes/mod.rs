//! Every URL on one page.

mod served;
mod v1;

use actix_web::{HttpRequest, web};

pub use served::{Api, Clash};

use crate::controllers::{answer, change_password, health, live, login, logout, me, ready, refresh, register, token};
use crate::documents;
use crate::error::ApiError;
use crate::limits;
use crate::methods::at;

/// What version 1 serves.
#[must_use]
pub fn api() -> Api {
    Api { resources: v1::resources(), own: v1::own() }
}

/// Puts all routes into the application.
pub fn configure(config: &mut web::ServiceConfig, api: &Api) {
    config
        .service(at("/api/health").get(health))
        .service(at("/api/health/live").get(live))
        .service(at("/api/health/ready").get(ready));
    v1::configure(config, api);
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

#[cfg(test)]
mod tests {
    use albedo_entities::Reach;

    use super::*;

    #[test]
    fn what_relations_lead_to_is_served_and_stands_where_they_lead() {
        let descriptions: Vec<_> = api().resources.iter().map(|resource| resource.description).collect();
        for description in &descriptions {
            for expansion in description.expansions {
                let target = (expansion.target)();
                assert!(descriptions.iter().any(|served| served.name == target.name), "{} is not served", target.name);
                let is_below = target.parents().next().is_some_and(|parent| parent.name == description.name);
                let name = format!("{} of {}", expansion.name, description.name);
                assert!(expansion.reach != Reach::Many || is_below, "{name} leads to rows that stand elsewhere");
                assert!(!expansion.summary.is_empty(), "{name} has no doc comment");
            }
        }
    }

    #[test]
    fn what_is_served_does_not_clash() {
        assert_eq!(api().check(), Ok(()));
    }
}
