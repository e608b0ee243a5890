//! What is known of a request wherever a row of it is handled.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::caller::Caller;
use crate::services::Services;

/// What a rule may know of the request.
#[derive(Clone, Copy, Debug)]
pub struct Context<'s> {
    /// The services, to ask other resources.
    pub services: &'s Services,
    /// Who asks.
    pub caller: &'s Caller,
    /// The parents that the path names, outermost first.
    pub parents: &'s [Uuid],
    /// The time of the request, cut to microseconds; the row gets the same.
    pub now: DateTime<Utc>,
}
