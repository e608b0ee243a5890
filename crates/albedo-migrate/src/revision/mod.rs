//! The graph of revisions: what comes after what, what a symbol means, and which steps lead from here to there.
//!
//! Pure: every function computes from values, nothing is read or written. The runner, the command line and the
//! generator all ask here, so a plan printed and a plan run are the same plan.

mod construct;
pub mod graph;
pub mod plan;
mod recognize;
pub mod resolve;
pub mod symbol;
pub mod walk;

pub use graph::{Graph, Node};
pub use plan::{Direction, Step};
pub use recognize::{Partial, Recognized};
pub use resolve::Target;
pub use symbol::{Anchor, Range, Symbol};
pub use walk::NodeSet;

use crate::error::{Error, Result};

/// The longest id or label.
pub const MAX_NAME: usize = 64;

/// What the graph knows of one migration: its name and its arrows, not its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// The name other revisions point at.
    pub id: String,
    /// The name of its file without `.rs`, which is what the version table stores.
    pub stem: String,
    /// One line for people.
    pub message: String,
    /// The revisions this one comes after; several make it a merge, none a base.
    pub parents: Vec<String>,
    /// Revisions of other lineages that must be there first.
    pub depends_on: Vec<String>,
    /// Names for the branch that begins here.
    pub labels: Vec<String>,
    /// The revisions that were squashed into this one. A database that has all of them has this one.
    pub replaces: Vec<Replaced>,
}

/// A revision that was squashed: its file is gone, and databases still remember it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// The name other revisions pointed at.
    pub id: String,
    /// What the version table stores for it.
    pub stem: String,
}

/// Whether the name may be an id or a label: `[A-Za-z0-9_]`, at most 64 long, and no word with a meaning of its own.
///
/// # Errors
/// Says which character or length is wrong.
pub fn check_name(what: &str, name: &str) -> Result<()> {
    let hint = "use letters, digits and underscores, at most 64 of them";
    if name.is_empty() || name.len() > MAX_NAME {
        return Err(Error::usage(format!("the {what} `{name}` is {} characters long", name.len())).hint(hint));
    }
    if let Some(odd) = name.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '_') {
        return Err(Error::usage(format!("the {what} `{name}` contains `{odd}`")).hint(hint));
    }
    if ["head", "heads", "base", "current"].contains(&name) {
        return Err(Error::usage(format!("`{name}` is a word of the command line and cannot be a {what}")));
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{Graph, Revision};

    /// A revision from `id`, `id<parent parent`, with `^dep` for a dependency and `#label`.
    pub(crate) fn revision(text: &str) -> Revision {
        let (id, rest) = text.split_once('<').unwrap_or((text, ""));
        let mut revision = Revision { id: id.into(), stem: format!("{id}_stem"), ..Revision::default() };
        for word in rest.split_whitespace() {
            if let Some(dependency) = word.strip_prefix('^') {
                revision.depends_on.push(dependency.into());
            } else if let Some(label) = word.strip_prefix('#') {
                revision.labels.push(label.into());
            } else {
                revision.parents.push(word.into());
            }
        }
        revision
    }

    pub(crate) fn graph(lines: &[&str]) -> Graph {
        Graph::new(lines.iter().map(|line| revision(line)).collect()).unwrap()
    }
}
