//! The `db` command as it is built, from the outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by failing")]

mod picture;
mod production;
mod safety;
