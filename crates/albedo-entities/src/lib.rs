//! The tables and their outer shapes, one file per table. No queries, no rules, no HTTP.
//!
//! [`mod@resource`] says what a table promises so that the generic floors can serve it; `#[resource]` keeps that promise from
//! one struct. [`registry`] is the one list of tables.

// The macros name this crate from outside and from within alike.
extern crate self as albedo_entities;

pub mod assistant;
pub mod audit_event;
pub mod city;
pub mod entity;
pub mod idempotency_key;
pub mod json;
pub mod refresh_token;
pub mod registry;
pub mod resource;
pub mod role;
pub mod user;
pub mod value;

pub use albedo_macros::{choice, resource};
pub use resource::{Columns, Description, Expansion, Identity, Methods, Parent, Reach, Reference, Resource, Shape};
pub use role::Role;
