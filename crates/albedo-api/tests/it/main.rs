//! The server through HTTP, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by failing")]

mod support;

mod accounts;
mod assistants;
mod refresh;
mod roles;
mod sessions;
mod users;
