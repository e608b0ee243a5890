//! Who asks, and what they may.

use albedo_entities::{Description, Role};
use uuid::Uuid;

use crate::error::ServiceError;
use crate::request_id::RequestId;

/// The person behind a request, as the session says now; never as a token said when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user: Uuid,
    /// The login that the token stems from.
    pub session: Uuid,
    /// What the user may do.
    pub role: Role,
    /// What the request is called.
    pub request: RequestId,
}

/// What a request wants to do with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Look.
    Read,
    /// Make, change or delete.
    Write,
    /// Do what takes this role, whatever the resource's other operations take.
    As(Role),
}

impl Access {
    /// The least role that a resource asks for.
    #[must_use]
    pub const fn least(self, description: &Description) -> Role {
        match self {
            Self::Read => description.read,
            Self::Write => description.write,
            Self::As(least) => least,
        }
    }
}

impl Caller {
    /// Refuses a caller whose role does not reach.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub fn require(&self, least: Role) -> Result<(), ServiceError> {
        if self.role.allows(least) { Ok(()) } else { Err(ServiceError::Forbidden) }
    }
}
