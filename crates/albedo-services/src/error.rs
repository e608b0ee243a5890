//! What a service can answer instead of a result. Which status that is, is said above.

use std::error::Error;

use albedo_core::fault::{Code, Fault, Faults};
use albedo_core::security::password::PasswordError;
use albedo_entities::Description;
use albedo_repositories::RepositoryError;
use thiserror::Error as ThisError;

/// Why a service did not do what was asked.
#[derive(Debug, ThisError)]
pub enum ServiceError {
    /// There is no such row, or it is somebody else's: the two look alike from outside.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The values are wrong.
    #[error("{0}")]
    Invalid(Faults),
    /// The values are right, but other rows stand against them.
    #[error("{0}")]
    Conflict(Faults),
    /// The row is no longer in the state that the caller expected.
    #[error("the row has changed since it was read")]
    Changed,
    /// The resource is changed only by callers who say which state they have seen.
    #[error("a change of this resource has to say which state it changes")]
    StateWanted,
    /// Nobody is signed in, or no longer.
    #[error("nobody is signed in")]
    Unauthenticated,
    /// The address or the password is wrong; which of them is not said.
    #[error("the address or the password is wrong")]
    WrongCredentials,
    /// The caller's role does not reach.
    #[error("the role does not reach")]
    Forbidden,
    /// Something that is needed does not answer, or has too much to do; it will again.
    #[error("{what} is not available")]
    Unavailable {
        /// What it is, for people.
        what: &'static str,
        /// The cause, for the log.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// A fault of ours.
    #[error("something failed that should not")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl ServiceError {
    /// One fault in the body.
    #[must_use]
    pub fn invalid(fault: Fault) -> Self {
        Self::Invalid(fault.into())
    }

    /// A fault of ours, with its cause for the log.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// A repository's error, in the words of the resource that the request is about.
    pub(crate) fn of(description: &Description, error: RepositoryError) -> Self {
        match error {
            RepositoryError::Taken { columns } => Self::Conflict(taken(description, columns).into()),
            RepositoryError::MissingReference { column } => {
                let parent = description.parent.as_ref().filter(|parent| parent.column == column);
                match parent {
                    // The parent went away between the look at it and the write.
                    Some(parent) => Self::NotFound((parent.description)().name),
                    None => {
                        let detail = "The row that this refers to does not exist.";
                        Self::Conflict(Fault::in_field(column, Code::NotFound, detail).into())
                    }
                }
            }
            RepositoryError::InUse => {
                let detail =
                    format!("Other rows still refer to this {}; delete or move them first.", spaced(description.name));
                Self::Conflict(Fault::in_parameter(description.parameter(), Code::InUse, detail).into())
            }
            RepositoryError::Refused { column } => {
                let fault = column.map_or_else(
                    || Fault::at("", Code::Contradiction, "The database cannot hold one of these values."),
                    |column| Fault::in_field(column, Code::Contradiction, "The database cannot hold this value."),
                );
                Self::invalid(fault)
            }
            RepositoryError::Unavailable(_) => {
                Self::Unavailable { what: "the database", source: Some(Box::new(error)) }
            }
            RepositoryError::Database(_) => Self::internal(error),
        }
    }
}

/// The field that a client can change to end the conflict: the last one of the unique columns that it sends.
fn taken(description: &Description, columns: &'static [&'static str]) -> Fault {
    let sent = |name: &&&str| (description.create_fields)().iter().any(|field| field.name == **name);
    let name = columns.iter().rev().find(sent).or_else(|| columns.last());
    // A key such as `value_key` is made from the field whose name it carries.
    let shown = name
        .map(|name| name.strip_suffix("_key").filter(|_| !columns.iter().any(|column| sent(&column))).unwrap_or(name));
    match shown {
        Some(name) => {
            let detail = format!("There is a {} with this {} already.", spaced(description.name), spaced(name));
            Fault::in_field(name, Code::Taken, detail)
        }
        None => Fault::at("", Code::Taken, format!("There is such a {} already.", spaced(description.name))),
    }
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

impl From<PasswordError> for ServiceError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Unavailable { what: "sign-in", source: None },
            other => Self::internal(other),
        }
    }
}
