//! The resources of version 1, and the routes beside them: one line each. The router and the OpenAPI document read the same
//! lists.

use actix_web::web::ServiceConfig;
use albedo_entities::{assistant, audit_event, city, entity, user, value};

use super::{Api, own_account};
use crate::controllers::{self, Own, OwnMethod, Resource};
use crate::methods::at;

/// Every resource that is served.
pub(super) fn resources() -> Vec<Resource> {
    vec![
        Resource::of::<assistant::Entity>(),
        Resource::of::<entity::Entity>(),
        Resource::of::<value::Entity>(),
        Resource::of::<city::Entity>(),
        Resource::of::<user::Entity>(),
        Resource::of::<audit_event::Entity>(),
    ]
}

/// Every route that is asked beside them.
pub(super) fn own() -> Vec<Own> {
    vec![controllers::find_mentions()]
}

pub(super) fn configure(config: &mut ServiceConfig, api: &Api) {
    own_account(config);
    // Before the rows, which would take a name for an id.
    for own in &api.own {
        serve_own(config, own.clone());
    }
    for resource in &api.resources {
        serve(config, *resource);
    }
}

fn serve_own(config: &mut ServiceConfig, own: Own) {
    let route = at(&format!("/api/v1{}", own.path()));
    config.service(match own.method {
        OwnMethod::Get => route.get(move |request| controllers::own(own.clone(), request, None)),
        OwnMethod::Post => route.post(move |request, payload| controllers::own(own.clone(), request, Some(payload))),
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
