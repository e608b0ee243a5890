//! The state that a caller expects a row to be in, and what becomes of those who are wrong about it.

use albedo_entities::{Description, Identity};

use super::Crud;
use crate::error::ServiceError;

/// The state that a caller expects a row to be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing was said.
    Unsaid,
    /// The row exists.
    Any,
    /// One of these versions.
    Versions(Vec<i64>),
}

impl Expected {
    pub(super) fn allows(&self, version: i64) -> bool {
        match self {
            Self::Unsaid | Self::Any => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }

    /// Refuses a change that does not say which state it changes, where the resource wants to know.
    pub(super) fn said(&self, description: &Description) -> Result<(), ServiceError> {
        let wanted = description.require_if_match && *self == Self::Unsaid;
        if wanted { Err(ServiceError::StateWanted) } else { Ok(()) }
    }

    /// The version that the write itself has to find: between the look and the write another one may have come.
    #[must_use]
    pub fn guarded(&self, current: Identity) -> Option<i64> {
        matches!(self, Self::Versions(_)).then_some(current.version)
    }
}

impl Crud<'_> {
    /// Refuses where the row is not there, or in a state that was not expected.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] and [`ServiceError::Changed`].
    pub fn met(&self, expected: &Expected, found: Option<Identity>) -> Result<(), ServiceError> {
        let current = found.ok_or_else(|| self.not_found())?;
        if expected.allows(current.version) { Ok(()) } else { Err(ServiceError::Changed) }
    }

    /// Why the write has not found what the look had found.
    #[must_use]
    pub fn gone(&self, guarded: Option<i64>) -> ServiceError {
        if guarded.is_some() { ServiceError::Changed } else { self.not_found() }
    }
}
