//! Each verb inside work that somebody else begins and ends: the look, the rules, the one statement, and what was done.

use albedo_core::body;
use albedo_entities::Shape;
use albedo_repositories::{Repository, Scope};
use sea_orm::ActiveModelTrait;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::event::Event;
use super::state::{gone, not_found};
use super::{CrudService, Expected, failed, merge, typed};
use crate::error::ServiceError;
use crate::keeping::Change;
use crate::rules::{Context, Rules};
use crate::work::Work;

impl<R: Rules> CrudService<'_, R> {
    pub(super) async fn create_in(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        input: R::Create,
    ) -> Result<Event<R>, ServiceError> {
        // Before the transaction: a password takes its time to be hashed, and on SQLite nobody else could write meanwhile.
        let row = R::before_create(context, work, input).await?;
        self.begin(work).await?;
        work.changes(&self.changed(Change::Create)).await;
        let inserted = Repository::<R, _>::on(&work.writer(), self.scope()).insert(row, context.now).await;
        let inserted = work.settle(inserted, |_| true).map_err(failed::<R>)?;
        self.passed(context, work, Event::Created(inserted)).await
    }

    pub(super) async fn update_in(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        id: Uuid,
        expected: &Expected,
        patch: Map<String, Value>,
    ) -> Result<Event<R>, ServiceError> {
        self.begin(work).await?;
        let (current, patch) = if body::merged(R::Update::fields(), &patch).next().is_some() {
            // Two who patch the same object at once must not lose each other's keys.
            let current = self.locked(work, id, expected).await?;
            let patch = merge::<R>(patch, &current)?;
            (current, patch)
        } else {
            (self.current(work, id, expected).await?, patch)
        };
        let change = R::before_update(context, work, &current, typed(patch)?).await?;
        if !change.is_changed() {
            return Ok(Event::Unchanged(current));
        }
        let version = expected.guarded::<R>(&current);
        let before = self.exact(work, self.scope(), current).await?;
        let after = self.write_change(context, work, id, version, change).await?;
        self.passed(context, work, Event::Updated { before, after }).await
    }

    /// The one statement of a change.
    pub(super) async fn write_change(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        id: Uuid,
        version: Option<i64>,
        change: R::ActiveModel,
    ) -> Result<R::Model, ServiceError> {
        work.changes(&self.changed(Change::Update(id))).await;
        let rows = work.writer();
        let updated = Repository::<R, _>::on(&rows, self.scope()).update(id, version, change, context.now).await;
        let updated = work.settle(updated, Option::is_some).map_err(failed::<R>)?;
        updated.ok_or_else(|| gone::<R>(version))
    }

    pub(super) async fn delete_in(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        id: Uuid,
        expected: &Expected,
    ) -> Result<Event<R>, ServiceError> {
        self.begin(work).await?;
        let current = self.current(work, id, expected).await?;
        R::before_delete(context, work, &current).await?;
        let version = expected.guarded::<R>(&current);
        let current = self.exact(work, self.scope(), current).await?;
        work.changes(&self.changed(Change::Delete(id))).await;
        let deleted = Repository::<R, _>::on(&work.writer(), self.scope()).delete(id, version, context.now).await;
        if !work.settle(deleted, |deleted| *deleted).map_err(failed::<R>)? {
            return Err(gone::<R>(version));
        }
        self.passed(context, work, Event::Deleted(current)).await
    }

    /// Begins the transaction, where the resource or the work cannot do without one.
    pub(super) async fn begin(&self, work: &mut Work<'_>) -> Result<(), ServiceError> {
        if R::ATOMIC || R::description().audit || work.wants_transaction() || !R::COMPUTED.is_empty() {
            work.transaction().await?;
        }
        Ok(())
    }

    pub(super) async fn passed(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        event: Event<R>,
    ) -> Result<Event<R>, ServiceError> {
        self.pass(context, work, std::slice::from_ref(&event)).await?;
        Ok(event)
    }

    async fn current(&self, work: &Work<'_>, id: Uuid, expected: &Expected) -> Result<R::Model, ServiceError> {
        let found = Repository::<R, _>::on(&work.reader(), self.scope()).find(id).await.map_err(failed::<R>)?;
        expected.met::<R>(found)
    }

    /// The row as the statement will find it, where what it was is written down. The rules come before it: what they lock,
    /// they lock first.
    pub(super) async fn exact(
        &self,
        work: &mut Work<'_>,
        scope: Scope,
        current: R::Model,
    ) -> Result<R::Model, ServiceError> {
        if !R::description().audit {
            return Ok(current);
        }
        let transaction = work.transaction().await?;
        let found = Repository::<R, _>::on(&transaction, scope).lock(R::identity(&current).id).await;
        found.map_err(failed::<R>)?.ok_or_else(not_found::<R>)
    }

    /// The row, kept from others who would change it before the work is done.
    pub(super) async fn locked(
        &self,
        work: &mut Work<'_>,
        id: Uuid,
        expected: &Expected,
    ) -> Result<R::Model, ServiceError> {
        let transaction = work.transaction().await?;
        let found = Repository::<R, _>::on(&transaction, self.scope()).lock(id).await.map_err(failed::<R>)?;
        expected.met::<R>(found)
    }
}
