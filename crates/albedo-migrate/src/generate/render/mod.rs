//! Operations as the source of `up` and `down`, as a person would write it and rustfmt would leave it.
//!
//! Pure: operations in, lines out. No tool is run; a project's `rustfmt.toml` is read for its widths, since `cargo fmt
//! --check` must have nothing to say about a new file.

mod layout;
mod operations;
mod table;

use super::Widths;
use crate::diff::Difference;
use crate::error::Result;

/// Lines of a body, ready for [`Bodies`](super::template::Bodies).
///
/// # Errors
/// When an operation has no source, as a function has none.
pub fn body(difference: &Difference, direction: Way, widths: &Widths) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for written in operations::statements(difference, direction)? {
        written.lines(4, widths, &mut lines);
    }
    // The template puts the indent of the function before every line.
    Ok(lines.into_iter().map(|line| line.strip_prefix("    ").unwrap_or(&line).to_owned()).collect())
}

/// Which of the two functions a body is for: what is lost is told in other words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `up`: whatever loses rows or values is marked.
    Up,
    /// `down`: what comes back comes back empty, and says so.
    Down,
}
