//! A migration engine for SeaORM: a graph of revisions, operations as data, SQL with or without a connection, SQLite
//! tables rebuilt without losing anything.
//!
//! A migration is a value, and a history is a list of them:
//!
//! ```
//! use albedo_migrate::prelude::*;
//!
//! const CREATE_BOOKS: Migration = Migration {
//!     id: "7c1e0b94a2f3",
//!     after: &[],
//!     depends_on: &[],
//!     labels: &[],
//!     message: "create books",
//!     up: |op| {
//!         op.create_table("books", |table| {
//!             table.integer("id").primary_key().auto_increment();
//!             table.string("title", 200).not_null();
//!         });
//!     },
//!     down: |op| op.drop_table("books"),
//! };
//!
//! let history = History::new([CREATE_BOOKS])?;
//! assert_eq!(history.graph().heads().len(), 1);
//! # albedo_migrate::Result::<()>::Ok(())
//! ```
//!
//! Reading order: [`revision`] (the graph and its plans), [`schema`] and [`operation`] (what a migration does),
//! [`sql`] (the same as text), [`history`] (all of a project's migrations), [`lint`] (what may hurt a database in use), [`run`] (the runner), [`settings`], [`cli`] (the command line).
//! Each uses only those before it; only [`inspect`], [`run`] and [`cli`] touch the world. [`generate`] and [`build`] read
//! and write the files of `versions/`, and need no database.

pub mod build;
#[cfg(feature = "engine")]
pub mod cli;
#[cfg(feature = "engine")]
pub mod dialect;
#[cfg(feature = "engine")]
pub mod diff;
#[cfg(feature = "engine")]
pub mod dump;
#[cfg(feature = "engine")]
pub mod erd;
pub mod error;
pub mod generate;
#[cfg(feature = "engine")]
pub mod history;
#[cfg(feature = "engine")]
pub mod inspect;
#[cfg(feature = "engine")]
pub mod lexer;
#[cfg(feature = "engine")]
pub mod lint;
#[cfg(feature = "engine")]
pub mod operation;
pub mod revision;
#[cfg(feature = "engine")]
pub mod run;
#[cfg(feature = "engine")]
pub mod schema;
#[cfg(feature = "engine")]
pub mod settings;
#[cfg(feature = "engine")]
pub mod sql;
#[cfg(feature = "engine")]
pub mod squash;
#[cfg(feature = "engine")]
pub mod target;

#[cfg(feature = "engine")]
pub use dialect::Dialect;
pub use error::{Error, ErrorKind, Result};
#[cfg(feature = "engine")]
pub use history::{Body, Collected, History, HistoryBuilder, Migration};
#[cfg(feature = "engine")]
pub use settings::Settings;

/// What a migration file needs.
#[cfg(feature = "engine")]
pub mod prelude {
    pub use crate::dialect::Dialect;
    pub use crate::history::{History, Migration};
    pub use crate::operation::{Constraint, Operation, Operations};
    pub use crate::schema::{Action, ColumnType, DefaultValue, Deferrable};
}
