//! What this Albedo serves: its resources, and the routes that it has beside them.
//!
//! [`routes`] is the page to start from. How a resource is served is no concern of this crate: that is the same for all of them, and
//! stands in `albedo-http`.

pub mod controllers;
pub mod routes;
