//! Files of `versions/`: their headers read as text, new ones written.
//!
//! Reading needs no compiler, so commands that only read, and those that make a file, answer in milliseconds even when
//! the project does not build. Nothing is written before the graph with the new revision has been checked.

pub mod directory;
pub mod file_name;
pub mod header;
#[cfg(feature = "engine")]
pub mod proposal;
#[cfg(feature = "engine")]
pub mod render;
pub mod template;
mod widths;

pub use directory::{Directory, NewRevision};
pub use file_name::FileName;
pub use template::Template;
pub use widths::Widths;

/// How a project wants its new files: their names and their text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// The pattern of their names.
    pub file_name: FileName,
    /// What stands in them.
    pub template: Template,
}
