//! Writes a new resource into the workspace, and takes it out again. For developers; nothing depends on it.
//!
//! Reading order: `field.rs` reads what was typed, `resource.rs` holds it against the `catalogue.rs` of what is there,
//! `render.rs` fills the templates, `lines.rs` knows the lists that get a line. All of it is values; only [`make()`] and
//! [`destroy()`] touch files, by way of `change.rs`, which undoes whatever did not come to its end.

mod catalogue;
mod change;
mod column;
mod destroy;
mod error;
mod field;
mod lines;
mod make;
mod record;
mod render;
mod resource;
mod taken;
mod words;
mod workspace;

pub use change::Undone;
pub use destroy::{Destroyed, destroy, preview_destroy};
pub use error::{Error, Result};
pub use make::{Made, make, preview};
pub use resource::Request;
pub use workspace::Workspace;

/// Puts back what a run that was broken off has left, but for what somebody has written to since. With `only_look` nothing is
/// touched, and what would be is told.
///
/// # Errors
/// When a file cannot be written.
pub fn recover(workspace: &Workspace, only_look: bool) -> Result<Undone> {
    change::recover(&workspace.root, &workspace.target, only_look)
}
