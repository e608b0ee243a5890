//! What was done to rows, written down beside it.

use albedo_entities::audit_event::{ActiveModel, Entity};
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::error::RepositoryError;

/// The audit events, whoever asks; reading them is a resource like others.
pub struct AuditEvents<'c, C> {
    connection: &'c C,
}

impl<'c, C: ConnectionTrait> AuditEvents<'c, C> {
    /// On the transaction of the writes that they tell of.
    pub const fn on(connection: &'c C) -> Self {
        Self { connection }
    }

    /// Writes all of them by one statement.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert(&self, events: Vec<ActiveModel>) -> Result<(), RepositoryError> {
        if !events.is_empty() {
            Entity::insert_many(events).exec_without_returning(self.connection).await?;
        }
        Ok(())
    }
}
