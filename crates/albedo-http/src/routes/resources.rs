//! The routes of every resource, and those of one's own beside them.

use actix_web::web::ServiceConfig;

use super::{Api, own_account};
use crate::controllers::{self, Own, OwnMethod, Resource};
use crate::methods::at;

pub(super) fn configure(config: &mut ServiceConfig, api: &Api) {
    own_account(config);
    // Before the rows, which would take a name for an id.
    for (own, resource) in api.own() {
        serve_own(config, resource, own.clone());
    }
    for resource in &api.resources {
        serve(config, *resource);
    }
}

fn serve_own(config: &mut ServiceConfig, resource: Resource, own: Own) {
    let route = at(&format!("/api/v1{}", own.path()));
    config.service(match own.method {
        OwnMethod::Get => route.get(move |request| controllers::own(resource, own.clone(), request, None)),
        OwnMethod::Post => {
            route.post(move |request, payload| controllers::own(resource, own.clone(), request, Some(payload)))
        }
    });
}

/// The list and the rows of one resource, with the methods that it declares.
fn serve(config: &mut ServiceConfig, resource: Resource) {
    let (description, methods) = (resource.description, resource.description.methods);
    let path = format!("/api/v1{}", description.path);
    let mut row = at(&format!("{path}/{{{}}}", description.parameter()));
    let mut list = at(&path);
    if methods.list {
        list = list.get(move |request| controllers::list(resource, request));
    }
    if methods.create {
        list = list.post(move |request, payload| controllers::create(resource, request, payload));
    }
    if methods.get {
        row = row.get(move |request| controllers::get(resource, request));
    }
    if methods.update {
        row = row.patch(move |request, payload| controllers::update(resource, request, payload));
    }
    if methods.delete {
        row = row.delete(move |request| controllers::delete(resource, request));
    }
    if description.restores() {
        let restore = at(&format!("{path}/{{{}}}/restore", description.parameter()));
        config.service(restore.post(move |request, _| controllers::restore(resource, request)));
    }
    for verb in resource.verbs() {
        let own = at(&format!("{path}/{{{}}}/{}", description.parameter(), verb.name));
        config.service(own.post(move |request, payload| controllers::act_by(resource, verb, request, payload)));
    }
    // Before the rows, which would take `bulk` for an id.
    if methods.writes() {
        let bulk = at(&format!("{path}/bulk"));
        config.service(bulk.post(move |request, payload| controllers::bulk(resource, request, payload)));
    }
    config.service(row).service(list);
}
