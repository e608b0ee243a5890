//! Rules. No SQL text, no HTTP.
//!
//! What a resource wants beyond its field table stands in [`rules`]. [`resources`] has each of them
//! as the rest of the program knows it, which [`served`] makes of an entity and its rules; [`CrudService`] is for those who know the
//! types. What is the same for all resources is the engine's, below.

pub mod resources;
mod rows;
mod rules;

pub use albedo_engine::{
    Access, Caller, Context, Crud, Done, Expected, Kept, Receipt, RequestId, Row, RowBytes, Served, ServiceError,
    Services, Shared, VerbDescription, Work, auth, unavailable,
};
pub use rows::{CrudService, served};
pub use rules::{Act, Rules, Verb};
