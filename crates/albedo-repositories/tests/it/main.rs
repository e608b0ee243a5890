//! The verbs of every resource, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by failing")]

mod connections;
mod deleted;
mod faults;
mod pages;
mod rows;
mod verbs;
