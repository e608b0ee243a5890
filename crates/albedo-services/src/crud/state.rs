//! The state that a caller expects a row to be in, and what becomes of those who are wrong about it.

use crate::error::ServiceError;
use crate::rules::Rules;

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
    pub(super) fn said<R: Rules>(&self) -> Result<(), ServiceError> {
        let wanted = R::description().require_if_match && *self == Self::Unsaid;
        if wanted { Err(ServiceError::StateWanted) } else { Ok(()) }
    }

    /// The row, where it is there and in a state that was expected.
    pub(super) fn met<R: Rules>(&self, found: Option<R::Model>) -> Result<R::Model, ServiceError> {
        let current = found.ok_or_else(not_found::<R>)?;
        if self.allows(R::identity(&current).version) { Ok(current) } else { Err(ServiceError::Changed) }
    }

    /// The version that the write itself has to find: between the look and the write another one may have come.
    pub(super) fn guarded<R: Rules>(&self, current: &R::Model) -> Option<i64> {
        matches!(self, Self::Versions(_)).then(|| R::identity(current).version)
    }
}

/// Why the write has not found what the look had found.
pub(super) fn gone<R: Rules>(guarded: Option<i64>) -> ServiceError {
    if guarded.is_some() { ServiceError::Changed } else { not_found::<R>() }
}

pub(super) fn not_found<R: Rules>() -> ServiceError {
    ServiceError::NotFound(R::description().name)
}
