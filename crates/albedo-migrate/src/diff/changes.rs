//! What came of a comparison: operations for a machine, changes and remarks for a person.

use std::fmt;

use super::hints::Rename;
use crate::operation::Operation;

/// What leads from one schema to another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// The operations, in an order in which both databases take them.
    pub operations: Vec<Operation>,
    /// What differs, thing by thing, in the order in which it was found.
    pub changes: Vec<Change>,
    /// What a person should know, or has to say.
    pub remarks: Vec<Remark>,
}

impl Difference {
    /// Whether the schemas are alike.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.changes.is_empty()
    }

    /// The operations that lose rows or values, each by its place in the list and with what is lost.
    pub fn destructive(&self) -> impl Iterator<Item = (usize, &str)> {
        self.remarks.iter().filter_map(|remark| match remark {
            Remark::Destructive { operation, message } => Some((*operation, message.as_str())),
            _ => None,
        })
    }
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// The table or enum type.
    pub of: String,
    /// The column, constraint or index in it; none for the whole.
    pub object: Option<String>,
    /// What of it: `table`, `enum`, `column`, `type`, `nullable`, `default`, `identity`, `generated`, `collation`,
    /// `comment`, `primary key`, `unique`, `check`, `foreign key`, `index`, `name`, `values`, `options`.
    pub what: &'static str,
    /// How it is in the first schema; none when it is not there.
    pub before: Option<String>,
    /// How it is in the second; none when it is not there.
    pub after: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, object, what, before, after } = self;
        formatter.write_str(of)?;
        if let Some(object) = object {
            write!(formatter, ".{object}")?;
        }
        match (before, after) {
            (None, Some(after)) => write!(formatter, ": {what} is new: {after}"),
            (Some(before), None) => write!(formatter, ": {what} is gone: {before}"),
            (before, after) => {
                let text = |side: &Option<String>| side.clone().unwrap_or_else(|| "none".to_owned());
                write!(formatter, ": {what} {} becomes {}", text(before), text(after))
            }
        }
    }
}

/// What a person should know of a difference, or has to say before it can be used.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Remark {
    /// Rows or values are lost.
    Destructive {
        /// The place of the operation that loses them.
        operation: usize,
        /// What is lost.
        message: String,
    },
    /// The rows that are there need a value in a column that may not be empty.
    NeedsFill {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// What goes and what comes may be one thing under two names.
    PossibleRename(Rename),
    /// A difference that no operation takes away.
    Beyond {
        /// What it is, and what to do.
        message: String,
    },
}
