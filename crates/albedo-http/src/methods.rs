//! One path with its methods: with and without the trailing slash, `HEAD` wherever `GET` is, `OPTIONS` everywhere, and 405
//! with `Allow` for the rest.

use std::future::Future;

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::guard::{self, Guard};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::FutureExt;

use crate::controllers::answer;
use crate::error::ApiError;
use crate::metrics::RouteTemplate;

/// A path without methods yet.
pub(crate) fn at(path: &str) -> MethodTable {
    at_each(path, [path.to_owned(), format!("{path}/")])
}

/// Several paths that answer alike and count as one, without methods yet.
pub(crate) fn at_each(template: &str, paths: impl Into<Vec<String>>) -> MethodTable {
    let template = RouteTemplate(template.to_owned());
    MethodTable { template, paths: paths.into(), routes: Vec::new(), allowed: Vec::new() }
}

/// Paths and the methods that they answer.
pub(crate) struct MethodTable {
    template: RouteTemplate,
    paths: Vec<String>,
    routes: Vec<actix_web::Route>,
    allowed: Vec<&'static str>,
}

type Outcome = Result<HttpResponse, ApiError>;

impl MethodTable {
    pub(crate) fn get<F: Future<Output = Outcome> + 'static>(
        mut self,
        handler: impl Fn(HttpRequest) -> F + Clone + 'static,
    ) -> Self {
        self.allowed.extend(["GET", "HEAD"]);
        let get = guard::Any(guard::Get()).or(guard::Head());
        self.routes.push(bodyless(get, handler));
        self
    }

    pub(crate) fn delete<F: Future<Output = Outcome> + 'static>(
        mut self,
        handler: impl Fn(HttpRequest) -> F + Clone + 'static,
    ) -> Self {
        self.allowed.push("DELETE");
        self.routes.push(bodyless(guard::Delete(), handler));
        self
    }

    pub(crate) fn post<F: Future<Output = Outcome> + 'static>(
        mut self,
        handler: impl Fn(HttpRequest, Payload) -> F + Clone + 'static,
    ) -> Self {
        self.allowed.push("POST");
        self.routes.push(with_body(guard::Post(), handler));
        self
    }

    pub(crate) fn patch<F: Future<Output = Outcome> + 'static>(
        mut self,
        handler: impl Fn(HttpRequest, Payload) -> F + Clone + 'static,
    ) -> Self {
        self.allowed.push("PATCH");
        self.routes.push(with_body(guard::Patch(), handler));
        self
    }
}

// Boxed at once: what goes around a handler moves its future several times, and it is large.
fn bodyless<F: Future<Output = Outcome> + 'static>(
    guard: impl Guard + 'static,
    handler: impl Fn(HttpRequest) -> F + Clone + 'static,
) -> actix_web::Route {
    web::route().guard(guard).to(move |request: HttpRequest| answer(request.clone(), handler(request).boxed_local()))
}

fn with_body<F: Future<Output = Outcome> + 'static>(
    guard: impl Guard + 'static,
    handler: impl Fn(HttpRequest, Payload) -> F + Clone + 'static,
) -> actix_web::Route {
    web::route().guard(guard).to(move |request: HttpRequest, payload: Payload| {
        answer(request.clone(), handler(request, payload).boxed_local())
    })
}

impl HttpServiceFactory for MethodTable {
    fn register(self, config: &mut AppService) {
        let allowed = [self.allowed.as_slice(), &["OPTIONS"]].concat().join(", ");
        // Names of methods, commas and spaces.
        let allowed = HeaderValue::from_str(&allowed).unwrap_or_else(|_| HeaderValue::from_static(""));
        let mut resource = web::resource(self.paths).app_data(self.template);
        for route in self.routes {
            resource = resource.route(route);
        }
        let others = move |request: HttpRequest| {
            let allowed = allowed.clone();
            answer(request.clone(), async move {
                if request.method() == Method::OPTIONS {
                    return Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allowed)).finish());
                }
                Err(ApiError::method_not_allowed(&allowed))
            })
        };
        resource.default_service(web::route().to(others)).register(config);
    }
}
