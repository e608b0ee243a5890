//! Files of `versions/`: their headers read as text, new ones written.
//!
//! Reading needs no compiler, so commands that only read, and those that make a file, answer in milliseconds even when
//! the project does not build. Nothing is written before the graph with the new revision has been checked.

pub mod directory;
pub mod header;
pub mod template;

pub use directory::{Directory, NewRevision};
