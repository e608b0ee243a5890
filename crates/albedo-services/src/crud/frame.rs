//! What goes around a write of one row: its work, from the first rule to the commit, and the answer that shows what it leaves.

use albedo_core::claim::Claim;
use albedo_core::listing::Showing;

use super::CrudService;
use super::event::Event;
use crate::error::ServiceError;
use crate::once::{Kept, Receipt};
use crate::rules::{Context, Rules};
use crate::showing::RowBytes;
use crate::work::Work;

impl<R: Rules> CrudService<'_, R> {
    /// One write, and the row that it leaves.
    pub(super) async fn alone(
        &self,
        write: impl AsyncFnOnce(Context<'_>, &mut Work<'_>) -> Result<Event<R>, ServiceError>,
    ) -> Result<RowBytes, ServiceError> {
        let (event, shown) = self.done(write).await?;
        shown.map_or_else(|| Self::plain(event.into_row(), &Showing::default()), Ok)
    }

    /// One write, from its first rule to its commit; and the row that it leaves, where more of it is shown than its columns:
    /// that is read before the commit, since nothing is to be written whose answer cannot be given.
    pub(super) async fn done(
        &self,
        write: impl AsyncFnOnce(Context<'_>, &mut Work<'_>) -> Result<Event<R>, ServiceError>,
    ) -> Result<(Event<R>, Option<RowBytes>), ServiceError> {
        let context = self.context();
        let mut work = if self.trial { Work::on_trial(self.services) } else { Work::new(self.services) };
        let done = async {
            let event = write(context, &mut work).await?;
            let is_shown = !R::COMPUTED.is_empty() && !matches!(event, Event::Deleted(_));
            let shown = if is_shown { Some(self.answer(&work, event.row()).await?) } else { None };
            Ok((event, shown))
        };
        match done.await {
            Ok((event, shown)) => {
                // Where the row is as it was, a rule may still have written others.
                work.end().await?;
                if event.is_change() && !self.trial {
                    R::committed(context, event.row());
                }
                Ok((event, shown))
            }
            Err(error) => Err(work.fail(error).await),
        }
    }

    /// The same once for a key.
    pub(super) async fn once(
        &self,
        claim: &Claim,
        write: impl AsyncFnOnce(Context<'_>, &mut Work<'_>) -> Result<Event<R>, ServiceError>,
        receipt: impl FnOnce(&RowBytes) -> Receipt,
    ) -> Result<Kept, ServiceError> {
        let context = self.context();
        let write = async |work: &mut Work<'_>| {
            let event = write(context, work).await?;
            let shown = self.answer(work, event.row()).await?;
            Ok((event, shown))
        };
        let once = self.services.once(context.caller, claim, write, |(_, shown)| Ok(receipt(shown)));
        let (done, kept) = once.await?;
        if let Some((event, _)) = done.filter(|(event, _)| event.is_change()) {
            R::committed(context, event.row());
        }
        Ok(kept)
    }

    /// A row that was written, as its answer shows it.
    pub(super) async fn answer(&self, work: &Work<'_>, row: &R::Model) -> Result<RowBytes, ServiceError> {
        self.one_of(&work.reader(), row, &Showing::default()).await
    }
}
