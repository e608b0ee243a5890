//! Albedo over HTTP, and nothing else: addresses, statuses, headers, documents; whatever the resources are.
//!
//! What is served comes in as one value, [`routes::Api`]. [`routes`] is the page to start from; each of its lines leads to a controller, which reads the request with
//! [`extract`], calls a service, and writes the answer. Refusals become answers in [`error`] alone.

pub mod app;
pub mod console;
pub mod controllers;
pub mod documents;
pub mod error;
pub mod extract;
pub mod limits;
mod methods;
pub mod metrics;
pub mod middleware;
pub mod openapi;
pub mod routes;
