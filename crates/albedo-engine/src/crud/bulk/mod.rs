//! Many operations on one resource as a whole: all of them are made, or none.
//!
//! All that is wrong with the bodies is told at once ([`read`]), and where ([`place`]); then the resource makes one after another in
//! one transaction, in the order of its [`runs`]: what stands side by side and is of one kind by one statement. What is refused
//! meanwhile is taken back and gathered ([`tries`]).

mod place;
mod read;
mod runs;
mod tries;

use albedo_core::claim::Claim;
use serde_json::Value;
use uuid::Uuid;

pub use self::place::located_together;
pub use self::read::{Operation, ReadTags};
pub use self::runs::{Outcome, Run, done, goes_over};
pub use self::tries::Refused;
use super::{Crud, Written};
use crate::error::ServiceError;
use crate::once::{Kept, Receipt};
use crate::row_bytes::RowBytes;
use crate::work::Work;

/// What became of one operation.
#[derive(Clone, Debug)]
pub enum Done {
    /// A new row.
    Created(RowBytes),
    /// A changed row.
    Updated(RowBytes),
    /// A row less.
    Deleted(Uuid),
}

impl Crud<'_> {
    /// No bulk has more operations.
    pub const MOST_OPERATIONS: usize = 100;

    /// Makes all operations of `{"operations": [...]}`, or none. What became of them comes in their order.
    ///
    /// # Errors
    /// All the faults of all bodies; [`ServiceError::Conflict`] by operation for rows that are missing, in another state or
    /// in the way; [`ServiceError::NotFound`] for the parent, and when the database does not answer.
    pub async fn bulk(&self, body: Value, tags: ReadTags) -> Result<Vec<Done>, ServiceError> {
        let operations = self.operations(body, tags).await?;
        let context = self.context();
        let mut work = if self.trial { Work::on_trial(self.services) } else { Work::whole(self.services) };
        let done = self.resource.typed.perform_all(self, context, &mut work, operations).await;
        self.ended(context, work, done).await
    }

    /// The same, once for a key.
    ///
    /// # Errors
    /// As [`Crud::bulk`] and [`crate::Services::once`].
    pub async fn bulk_once(
        &self,
        claim: &Claim,
        body: Value,
        tags: ReadTags,
        receipt: &dyn Fn(&[Done]) -> Result<Receipt, ServiceError>,
    ) -> Result<Kept, ServiceError> {
        let operations = match self.operations(body, tags).await {
            Ok(operations) => operations,
            Err(error) => return self.answered(claim, error).await,
        };
        let context = self.context();
        let write = async |work: &mut Work<'_>| self.resource.typed.perform_all(self, context, work, operations).await;
        let receipt = |written: &Written<Vec<Done>>| receipt(&written.answer);
        let (written, kept) = self.services.once(context.caller, claim, write, receipt).await?;
        if let Some(written) = written {
            written.tell(context);
        }
        Ok(kept)
    }

    async fn operations(&self, body: Value, tags: ReadTags) -> Result<Vec<Operation>, ServiceError> {
        let operations = read::read(self, body, tags, Self::MOST_OPERATIONS)?;
        self.look_for_parent().await?;
        Ok(operations)
    }
}
