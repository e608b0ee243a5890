//! Throwaway services, databases and processes for tests; nothing outside of tests depends on this crate.
//!
//! Reading order: [`on_both_databases!`] runs one test body on a [`TestDatabase`] of each kind; those of PostgreSQL
//! live in the one [`Postgres`] of the test process, and a [`PgBouncer`] may stand before it. [`Redis`] is its sister,
//! [`RedisCluster`] and [`RedisSentinel`] are several of it, [`AppProcess`] runs a built binary, and [`HaProxy`] shares
//! requests out among several.
//! Each of them belongs to a keeper (`keeper.rs`) that ends it with the test process, however that process ends.
//!
//! Where a service is not installed, the tests that need it are left out, and one loud line says so. With
//! `ALBEDO_TEST_SERVICES=required` they fail instead.

#![expect(clippy::expect_used, reason = "test support: a world that cannot be built fails the test that asked for it")]

mod app_process;
mod database;
mod haproxy;
mod keeper;
mod on_both_databases;
mod output;
mod pgbouncer;
mod postgres;
mod redis;
mod redis_groups;
mod service;
mod tls;

pub use albedo_core::database::Backend;
pub use app_process::{AppProcess, StillRunning};
pub use database::TestDatabase;
pub use haproxy::HaProxy;
pub use nix::sys::signal::Signal;
#[doc(hidden)]
pub use on_both_databases::run_on;
pub use pgbouncer::PgBouncer;
pub use postgres::Postgres;
pub use redis::Redis;
pub use redis_groups::{RedisCluster, RedisSentinel};
