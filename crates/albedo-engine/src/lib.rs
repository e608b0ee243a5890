//! What is the same for all resources, compiled once: callers and sign-in, the unit of work, and the verbs whatever the types.
//!
//! [`Services`] is the door: [`Services::at`] gives the verbs of a resource to a caller who may use them, [`Services::auth`] signs
//! people in. Everything is said of [`Served`], a resource with its types erased. What its rules want is not known here: the crate
//! above gives a resource its types and its rules, through [`crud::Typed`]. No SQL text, no HTTP.

pub mod audit;
pub mod auth;
mod caller;
mod context;
pub mod crud;
mod error;
pub mod keeping;
mod memory;
mod once;
mod reads;
mod related;
mod request_id;
pub mod row_bytes;
mod services;
mod sessions;
pub mod showing;
mod verb;
mod walks;
mod work;

pub use albedo_repositories::Purged;
pub use caller::{Access, Caller};
pub use context::Context;
pub use crud::{Crud, Done, Expected, ReadTags, Row};
pub use error::ServiceError;
pub use once::{Kept, Receipt};
pub use reads::{Around, PageBytes};
pub use related::{MOST_RELATED, Served};
pub use request_id::RequestId;
pub use row_bytes::RowBytes;
pub use services::{Services, Shared};
pub use verb::VerbDescription;
pub use walks::gone;
pub use work::{Work, unavailable};
