//! The crate through its front door.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by failing")]

mod cache;
mod database;
mod hostile;
mod passwords;
mod pooler;
mod rates;
mod settings;
