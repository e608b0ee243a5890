//! The entities: what the macro makes of them, and that they are what the database has.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on says so by failing")]

mod choices;
mod every_key;
mod relations;
mod schema;
mod tables;
