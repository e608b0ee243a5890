//! What went wrong, where, and what to type next.
//!
//! One error type for the whole engine, since its reader is a person at a terminal. Nothing here knows about databases;
//! the rooms below add the revision, the operation and the SQL they were busy with.

use std::error::Error as StdError;
use std::fmt;

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure this is; it decides the exit code of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Something that was tried did not work.
    Failed,
    /// The request itself makes no sense: an unknown revision, an ambiguous symbol, a faulty name.
    Usage,
    /// The database is behind, ahead of, or different from the history.
    Drift,
    /// Another runner holds the lock.
    Locked,
}

impl ErrorKind {
    /// 1 failed, 2 usage, 3 pending or drift, 4 lock not obtained.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Drift => 3,
            Self::Locked => 4,
        }
    }
}

/// A failure of the engine.
///
/// `Display` is one line; [`Error::report`] adds the operation, the SQL and the hint on lines of their own.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    revision: Option<String>,
    operation: Option<String>,
    sql: Option<String>,
    hint: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of the given kind.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            revision: None,
            operation: None,
            sql: None,
            hint: None,
            source: None,
        }))
    }

    /// Something that was tried did not work.
    #[must_use]
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Failed, message)
    }

    /// The request makes no sense.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// The database and the history differ.
    #[must_use]
    pub fn drift(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Drift, message)
    }

    /// Another runner holds the lock.
    #[must_use]
    pub fn locked(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Locked, message)
    }

    /// What to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The revision this happened on. The innermost room that knows it wins.
    #[must_use]
    pub fn on_revision(mut self, revision: impl Into<String>) -> Self {
        self.0.revision.get_or_insert_with(|| revision.into());
        self
    }

    /// The operation this happened on.
    #[must_use]
    pub fn on_operation(mut self, operation: impl Into<String>) -> Self {
        self.0.operation.get_or_insert_with(|| operation.into());
        self
    }

    /// The statement that was refused.
    #[must_use]
    pub fn on_sql(mut self, sql: impl Into<String>) -> Self {
        self.0.sql.get_or_insert_with(|| sql.into());
        self
    }

    /// The error below this one.
    #[must_use]
    pub fn because(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The revision this happened on, if one was at work.
    #[must_use]
    pub fn revision(&self) -> Option<&str> {
        self.0.revision.as_deref()
    }

    /// The operation this happened on, if one was at work.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// The statement the database refused, if there was one.
    #[must_use]
    pub fn sql(&self) -> Option<&str> {
        self.0.sql.as_deref()
    }

    /// What to do next, if that is known.
    #[must_use]
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The message alone, without revision and cause.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Everything that is known, on several lines: message, cause, revision, operation, SQL, hint.
    #[must_use]
    pub fn report(&self) -> String {
        let mut lines = vec![self.0.message.clone()];
        let mut cause = self.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !lines.iter().any(|line| line.contains(&text) || text.contains(line.as_str())) {
                lines.push(format!("cause: {text}"));
            }
            cause = error.source();
        }
        let parts = [
            ("revision", &self.0.revision),
            ("operation", &self.0.operation),
            ("sql", &self.0.sql),
            ("hint", &self.0.hint),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                lines.push(format!("{name}: {}", value.trim().replace('\n', "\n    ")));
            }
        }
        lines.join("\n  ")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)?;
        match &self.0.revision {
            Some(revision) if !self.0.message.contains(revision.as_str()) => {
                write!(formatter, " (revision {revision})")
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `fn main() -> Result` prints Debug, and there a person reads it.
        formatter.write_str(&self.report())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error.to_string()).because(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_where_and_what_next() {
        let error = Error::failed("the step failed")
            .because(std::io::Error::other("no such column: x"))
            .on_revision("abc")
            .on_operation("drop column users.x")
            .on_sql("ALTER TABLE users DROP COLUMN x")
            .hint("correct the file and run `migrate` again");
        let report = error.report();
        for part in
            ["the step failed", "no such column: x", "revision: abc", "drop column users.x", "ALTER TABLE", "hint: "]
        {
            assert!(report.contains(part), "{part} is missing in {report}");
        }
        assert_eq!(error.kind().exit_code(), 1);
    }

    #[test]
    fn the_innermost_revision_is_kept() {
        let error = Error::failed("x").on_revision("inner").on_revision("outer");
        assert_eq!(error.revision(), Some("inner"));
    }
}
