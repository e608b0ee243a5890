//! Every query. No rules: what may be done is decided above, what is done is said here.
//!
//! [`Repository`] holds the verbs of every resource (`all`, `page`, `walk`, `find`, `insert`, `update`, `delete`), always
//! inside a [`Scope`]; [`Users`], [`RefreshTokens`], [`IdempotencyKeys`] and [`Vocabulary`] hold what those tables need besides,
//! [`DeletedRows`] ends what was deleted and stayed, and [`AuditEvents`] writes down what was done.

mod audit_events;
mod columns;
mod deleted_rows;
mod error;
mod idempotency_keys;
mod keyset;
mod listing;
mod many;
mod pages;
mod refresh_tokens;
mod related;
mod repository;
mod scope;
mod table;
mod text;
mod users;
mod vocabulary;
mod writes;

pub use audit_events::AuditEvents;
pub use columns::{Assigned, assigned, referred, value_of, values};
pub use deleted_rows::{DeletedRows, Purged};
pub use error::RepositoryError;
pub use idempotency_keys::{Answer, IdempotencyKeys};
pub use refresh_tokens::{NewToken, RefreshTokens, Session};
pub use related::Below;
pub use repository::Repository;
pub use scope::Scope;
pub use table::{parent_exists, row_exists};
pub use users::Users;
pub use vocabulary::{Fingerprint, Vocabulary};
