//! Operations as SQL text. Pure: the same operation gives the same bytes, with or without a connection.
//!
//! The text is our own, since sea-query cannot say much of what a migration needs (DROP DEFAULT, NOT VALID, DEFERRABLE,
//! COMMENT ON) and panics on what SQLite cannot do natively. Types and literals follow its spelling.

pub mod definition;
mod edit;
pub mod postgres;
pub mod rebuild;
pub mod sqlite;
