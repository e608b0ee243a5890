//! Rules and transactions, on both databases and without HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by failing")]

mod audit;
mod hooks;
mod parcel;
mod texts;
mod world;
