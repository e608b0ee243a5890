//! From requests to services and back: read, call, answer. No rule and no status of a refusal lives here.

mod answer;
mod auth;
mod bulk;
mod crud;
mod endpoint;
mod health;
mod links;
mod matching;
mod writing;

pub use answer::{answer, json_bytes};
pub use auth::{change_password, login, logout, me, refresh, register, token};
pub use bulk::bulk;
pub use crud::{create, delete, get, list, restore, update};
pub use endpoint::{Asked, Bulk, Call, Endpoint, Made, Resource, Written};
pub use health::{health, live, ready};
pub use matching::find_mentions;
pub use writing::{How, Once};
