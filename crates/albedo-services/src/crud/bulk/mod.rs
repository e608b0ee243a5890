//! Many operations on one resource as a whole: all of them are made, or none.
//!
//! All that is wrong with the bodies is told at once ([`read`]), and where ([`place`]); then one after another is made in one
//! transaction ([`run`]), what stands side by side and is of one kind by one statement.

mod place;
mod read;
mod run;
mod tries;

use albedo_core::claim::Claim;
use albedo_core::listing::Showing;
use serde_json::Value;
use uuid::Uuid;

pub use self::read::ReadTags;
use super::CrudService;
use super::event::Event;
use crate::error::ServiceError;
use crate::once::{Kept, Receipt};
use crate::rules::{Context, Rules};
use crate::showing::RowBytes;
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

impl<R: Rules> CrudService<'_, R> {
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
        match self.run_and_show(context, &mut work, operations).await {
            Ok((events, done)) => {
                work.end().await?;
                if !self.trial {
                    tell(context, &events);
                }
                Ok(done)
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
        receipt: impl FnOnce(&[Done]) -> Result<Receipt, ServiceError>,
    ) -> Result<Kept, ServiceError> {
        let operations = self.operations(body, tags).await?;
        let context = self.context();
        let write = async |work: &mut Work<'_>| self.run_and_show(context, work, operations).await;
        let (done, kept) = self.services.once(context.caller, claim, write, |(_, done)| receipt(done)).await?;
        if let Some((events, _)) = done {
            tell(context, &events);
        }
        Ok(kept)
    }

    async fn run_and_show(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        operations: Vec<read::Operation<R>>,
    ) -> Result<(Vec<Event<R>>, Vec<Done>), ServiceError> {
        let events = self.run(context, work, operations).await?;
        let left = events.iter().filter(|event| !matches!(event, Event::Deleted(_)));
        let rows: Vec<R::Model> = left.map(|event| event.row().clone()).collect();
        let mut shown = self.shown(&work.reader(), &rows, &Showing::default()).await?.into_iter();
        let done = events.iter().filter_map(|event| {
            Some(match event {
                Event::Created(_) => Done::Created(shown.next()?),
                Event::Deleted(gone) => Done::Deleted(R::identity(gone).id),
                _ => Done::Updated(shown.next()?),
            })
        });
        let done = done.collect();
        Ok((events, done))
    }

    async fn operations(&self, body: Value, tags: ReadTags) -> Result<Vec<read::Operation<R>>, ServiceError> {
        let operations = read::read(self, body, tags, Self::MOST_OPERATIONS)?;
        self.look_for_parent().await?;
        Ok(operations)
    }
}

fn tell<R: Rules>(context: Context<'_>, events: &[Event<R>]) {
    events.iter().filter(|event| event.is_change()).for_each(|event| R::committed(context, event.row()));
}
