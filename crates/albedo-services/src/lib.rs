//! Rules and transactions. No SQL text, no HTTP.
//!
//! [`Services`] is the door: [`Services::of`] gives the five verbs of a resource to a caller who may use them,
//! [`Services::auth`] signs people in, [`matching`] understands texts. What a resource wants beyond its field table stands in [`rules`].

mod audit;
pub mod auth;
mod caller;
mod crud;
mod error;
mod keeping;
pub mod matching;
mod once;
mod reads;
mod related;
mod request_id;
mod row_bytes;
mod rules;
mod services;
mod sessions;
mod showing;
mod walks;
mod work;

pub use caller::{Access, Caller};
pub use crud::{Crud, CrudService, Done, Expected, ReadTags, Row};
pub use error::ServiceError;
pub use once::{Kept, Receipt};
pub use reads::{Around, PageBytes};
pub use related::{MOST_RELATED, Served};
pub use request_id::RequestId;
pub use row_bytes::RowBytes;
pub use rules::{Act, Context, Rules, Verb, VerbDescription};
pub use services::{Services, Shared};
pub use work::Work;
