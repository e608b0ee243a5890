//! The engine through its front door, on real databases of both kinds.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests may fail the test")]

mod autogenerate;
mod batch;
mod check;
mod cli;
mod compare;
mod crash;
mod drift;
mod dump;
mod erd;
mod inspect;
mod interop;
mod lint;
mod locking;
mod offline;
mod operations;
mod squash;
mod squashing;
mod support;
mod upgrade;
