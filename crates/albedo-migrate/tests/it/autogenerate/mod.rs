//! Revisions that are made from a difference.

pub(crate) mod random;
mod values;
