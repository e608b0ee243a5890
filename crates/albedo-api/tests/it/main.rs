//! The server through HTTP, on both databases.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says so by failing")]

mod support;
mod wire;
#[expect(unreachable_pub, reason = "the examples are written as they would be in crates of their own")]
mod worked;

mod accounts;
mod assistants;
mod audit;
mod bodies;
mod cache;
mod compression;
mod console;
mod cors;
mod cursors;
mod doctor;
mod document;
mod examples;
mod faults;
mod handwritten;
mod limits;
mod lists;
mod load;
mod log;
mod matching;
mod metrics;
mod nesting;
mod operation;
mod outages;
mod panics;
mod refresh;
mod replicas;
mod restoring;
mod roles;
mod rolling;
mod sessions;
mod showing;
mod tls;
mod users;
mod writes;
