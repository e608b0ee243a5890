//! Revisions that are made from a difference.

mod cases;
mod command;
mod fixed_point;
mod generated;
pub(crate) mod random;
mod replay;
mod values;
