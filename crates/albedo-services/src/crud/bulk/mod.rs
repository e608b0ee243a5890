//! Many operations on one resource as a whole: all of them are made, or none.
//!
//! All that is wrong with the bodies is told at once ([`read`]), and where ([`place`]); then one after another is made in one
//! transaction ([`run`]), what stands side by side and is of one kind by one statement.

mod place;
mod read;
mod run;
mod tries;

use albedo_core::claim::Claim;
use serde_json::Value;
use uuid::Uuid;

pub use self::read::ReadTags;
use super::event::Event;
use super::{CrudService, Row, row};
use crate::error::ServiceError;
use crate::once::{Kept, Receipt};
use crate::rules::Rules;
use crate::work::Work;

/// What became of one operation.
#[derive(Clone, Debug)]
pub enum Done<V> {
    /// A new row.
    Created(Row<V>),
    /// A changed row.
    Updated(Row<V>),
    /// A row less.
    Deleted(Uuid),
}

impl<R: Rules> CrudService<'_, R> {
    /// No bulk has more operations.
    pub const MOST_OPERATIONS: usize = 100;

    /// Makes all operations of `{"operations": [...]}`, or none. What became of them comes in their order.
    ///
    /// # Errors
    /// All the faults of all bodies; [`ServiceError::Conflict`] by operation for rows that are missing, in another state or
    /// in the way; [`ServiceError::NotFound`] for the parent, and when the database does not answer.
    pub async fn bulk(&self, body: Value, tags: ReadTags) -> Result<Vec<Done<R::View>>, ServiceError> {
        let operations = self.operations(body, tags).await?;
        let context = self.context();
        let mut work = if self.trial { Work::on_trial(self.services) } else { Work::whole(self.services) };
        match self.run(context, &mut work, operations).await {
            Ok(events) => {
                work.end().await?;
                if !self.trial {
                    tell(context, &events);
                }
                Ok(events.iter().map(done).collect())
            }
            Err(error) => Err(work.fail(error).await),
        }
    }

    /// The same, once for a key.
    ///
    /// # Errors
    /// As [`CrudService::bulk`] and [`crate::Services::once`].
    pub async fn bulk_once(
        &self,
        claim: &Claim,
        body: Value,
        tags: ReadTags,
        receipt: impl FnOnce(Vec<Done<R::View>>) -> Result<Receipt, ServiceError>,
    ) -> Result<Kept, ServiceError> {
        let operations = self.operations(body, tags).await?;
        let context = self.context();
        let write = async |work: &mut Work<'_>| self.run(context, work, operations).await;
        let answer = |events: &Vec<Event<R>>| receipt(events.iter().map(done).collect());
        let (events, kept) = self.services.once(context.caller, claim, write, answer).await?;
        tell(context, &events.unwrap_or_default());
        Ok(kept)
    }

    async fn operations(&self, body: Value, tags: ReadTags) -> Result<Vec<read::Operation<R>>, ServiceError> {
        let operations = read::read(self, body, tags, Self::MOST_OPERATIONS)?;
        self.look_for_parent().await?;
        Ok(operations)
    }
}

fn tell<R: Rules>(context: crate::rules::Context<'_>, events: &[Event<R>]) {
    events.iter().filter(|event| event.is_change()).for_each(|event| R::committed(context, event.row()));
}

fn done<R: Rules>(event: &Event<R>) -> Done<R::View> {
    match event {
        Event::Created(made) => Done::Created(row::<R>(made.clone())),
        Event::Deleted(gone) => Done::Deleted(R::identity(gone).id),
        changed => Done::Updated(row::<R>(changed.row().clone())),
    }
}
