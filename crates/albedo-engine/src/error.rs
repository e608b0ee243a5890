//! What a service can answer instead of a result. Which status that is, is said above.

use std::error::Error;

use albedo_core::fault::{Code, Fault, Faults};
use albedo_core::security::password::PasswordError;
use albedo_entities::Description;
use albedo_repositories::RepositoryError;
use thiserror::Error as ThisError;

use crate::work::unavailable;

/// Why a service did not do what was asked.
#[derive(Debug, ThisError)]
pub enum ServiceError {
    /// There is no such row, or it is somebody else's: the two look alike from outside.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The values are wrong.
    #[error("{0}")]
    Invalid(Faults),
    /// What a list is asked for cannot be had in this way.
    #[error("{0}")]
    Query(Faults),
    /// The values are right, but other rows stand against them.
    #[error("{0}")]
    Conflict(Faults),
    /// The row is no longer in the state that the caller expected.
    #[error("the row has changed since it was read")]
    Changed,
    /// The resource is changed only by callers who say which state they have seen.
    #[error("a change of this resource has to say which state it changes")]
    StateWanted,
    /// The idempotency key stands for another request of the same user.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The answer is too large to be kept for a retry; nothing was written.
    #[error("the answer is larger than {0} bytes, and cannot be kept for a retry")]
    AnswerTooLarge(usize),
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
    pub fn of(description: &Description, error: RepositoryError) -> Self {
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

/// The field that a client can change to end the conflict: the last of the unique columns that it sends, or that is made
/// from what it sends, as `value_key` is from `value`.
fn taken(description: &Description, columns: &[&str]) -> Fault {
    let fields = || (description.create_fields)().iter().chain((description.update_fields)());
    let sent = |name: &str| fields().any(|field| field.name == name && (field.uses.create || field.uses.update));
    let source = |column: &&str| {
        let name = if sent(column) { column } else { column.strip_suffix("_key").unwrap_or(column) };
        sent(name).then(|| name.to_owned())
    };
    match columns.iter().rev().find_map(source) {
        Some(name) => {
            let detail = format!("Another {} has this {} already.", spaced(description.name), spaced(&name));
            Fault::in_field(&name, Code::Taken, detail)
        }
        None => Fault::at("", Code::Taken, format!("Another {} has these values already.", spaced(description.name))),
    }
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// Of a query that is about no resource, or none that a client could do anything about.
impl From<RepositoryError> for ServiceError {
    fn from(error: RepositoryError) -> Self {
        unavailable(error)
    }
}

impl From<PasswordError> for ServiceError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Unavailable { what: "sign-in", source: None },
            other => Self::internal(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use albedo_core::fault::Place;
    use albedo_entities::{Resource, assistant, city, entity, user, value};

    use super::*;

    #[test]
    fn what_is_taken_is_told_at_the_field_that_a_client_sends() {
        for (description, name) in [
            (assistant::Entity::description(), "/name"),
            (entity::Entity::description(), "/name"),
            (value::Entity::description(), "/value"),
            (city::Entity::description(), "/name"),
            (user::Entity::description(), "/email"),
        ] {
            for columns in description.unique {
                assert_eq!(taken(description, columns).place, Place::Pointer(name.to_owned()));
            }
        }
        assert_eq!(taken(city::Entity::description(), &[]).place, Place::Pointer(String::new()));
    }
}
