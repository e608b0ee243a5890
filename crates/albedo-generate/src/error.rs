//! Why nothing was made, or nothing was taken away.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What went wrong, and what to do about it.
#[derive(Debug, Error)]
pub enum Error {
    /// The request cannot be met as it is; all of its faults.
    #[error("{}", .0.iter().map(|fault| format!("- {fault}")).collect::<Vec<_>>().join("\n"))]
    Refused(Vec<String>),
    /// A file could not be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// A source of the workspace is not as the generator knows it.
    #[error("{path}: {what}")]
    Source {
        /// Its path from the root of the workspace.
        path: String,
        /// What was looked for, and what to do.
        what: String,
    },
    /// A program that was needed failed.
    #[error("`{command}` failed:\n{said}")]
    Command {
        /// The command, as it can be typed.
        command: String,
        /// What it said.
        said: String,
    },
    /// Something failed when files were written already.
    #[error("{reason}\n{}", put_back(left))]
    Undone {
        /// What failed.
        reason: Box<Error>,
        /// Files that somebody has written to meanwhile, and that were left alone.
        left: Vec<String>,
    },
}

fn put_back(left: &[String]) -> String {
    match left {
        [] => "everything was put back as it was".to_owned(),
        left => format!(
            "everything was put back as it was, but for what was edited meanwhile: {}; take out by hand what is not yours",
            left.join(", ")
        ),
    }
}

impl Error {
    /// The one fault of a request.
    pub(crate) fn refused(fault: impl Into<String>) -> Self {
        Self::Refused(vec![fault.into()])
    }

    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |reason| Self::File { path, reason }
    }

    pub(crate) fn source(path: &str, what: impl Into<String>) -> Self {
        Self::Source { path: path.to_owned(), what: what.into() }
    }
}

/// What the generator answers.
pub type Result<T> = std::result::Result<T, Error>;
