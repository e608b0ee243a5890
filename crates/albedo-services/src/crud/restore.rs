//! The way back from a delete, for resources whose deleted rows stay.

use albedo_core::claim::Claim;
use albedo_repositories::Repository;
use uuid::Uuid;

use super::event::Event;
use super::state::gone;
use super::{CrudService, Expected, failed};
use crate::error::ServiceError;
use crate::keeping::Change;
use crate::once::{Kept, Receipt};
use crate::rules::{Context, Rules};
use crate::showing::RowBytes;
use crate::work::Work;

impl<R: Rules> CrudService<'_, R> {
    /// Brings a deleted row back, and all beneath it.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] where no such row is deleted, [`ServiceError::Changed`] where it is in another state,
    /// [`ServiceError::Conflict`] by field where another row has its unique values now, and when the database does not answer.
    pub async fn restore(&self, id: Uuid, expected: &Expected) -> Result<RowBytes, ServiceError> {
        expected.said::<R>()?;
        self.alone(async |context, work| self.restore_in(context, work, id, expected).await).await
    }

    /// The same, once for a key.
    ///
    /// # Errors
    /// As [`CrudService::restore`] and [`crate::Services::once`].
    pub async fn restore_once(
        &self,
        claim: &Claim,
        id: Uuid,
        expected: &Expected,
        receipt: impl FnOnce(&RowBytes) -> Receipt,
    ) -> Result<Kept, ServiceError> {
        expected.said::<R>()?;
        self.once(claim, async |context, work| self.restore_in(context, work, id, expected).await, receipt).await
    }

    pub(super) async fn restore_in(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        id: Uuid,
        expected: &Expected,
    ) -> Result<Event<R>, ServiceError> {
        self.begin(work).await?;
        let scope = self.scope().deleted();
        let found = Repository::<R, _>::on(&work.reader(), scope.clone()).find(id).await.map_err(failed::<R>)?;
        let current = expected.met::<R>(found)?;
        R::before_restore(context, work, &current).await?;
        let version = expected.guarded::<R>(&current);
        let before = self.exact(work, scope.clone(), current).await?;
        work.changes(&self.changed(Change::Restore(id))).await;
        let restored = Repository::<R, _>::on(&work.writer(), scope).restore(id, version, context.now).await;
        let restored = work.settle(restored, Option::is_some).map_err(failed::<R>)?;
        let after = restored.ok_or_else(|| gone::<R>(version))?;
        self.passed(context, work, Event::Restored { before, after }).await
    }
}
