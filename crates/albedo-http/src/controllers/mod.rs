//! From requests to services and back: read, call, answer. No rule and no status of a refusal lives here.

mod acting;
mod answer;
mod auth;
mod bulk;
mod crud;
mod health;
mod links;
mod own;
mod writing;

pub use acting::{act_by, restore};
pub use answer::{answer, json_bytes};
pub use auth::{change_password, login, logout, me, refresh, register, token};
pub use bulk::bulk;
pub use crud::{create, delete, get, list, update};
pub use health::{health, live, ready};
pub(crate) use own::OwnMethod;
pub use own::{Own, OwnRequest, own};

/// A resource as the router and the document know it; the controllers are compiled once, against this.
pub use albedo_engine::Served as Resource;
