//! The services, databases and processes of this crate, as a test sees them.

#![expect(clippy::unwrap_used, reason = "tests may unwrap, their helpers as well")]

mod app_process;
mod databases;
mod keeper;
mod services;
