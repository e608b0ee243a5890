//! The resources of version 1, and the routes beside them: one line each. The router and the OpenAPI document read the same
//! lists.

use albedo_http::controllers::{Own, Resource};
use albedo_services::resources;

use crate::controllers;

/// Every resource that is served.
pub(super) fn resources() -> Vec<Resource> {
    vec![
        resources::assistant(),
        resources::entity(),
        resources::value(),
        resources::city(),
        resources::user(),
        resources::audit_event(),
    ]
}

/// Every route that is asked beside them.
pub(super) fn own() -> Vec<Own> {
    vec![controllers::find_mentions()]
}
