//! Each verb inside work that somebody else begins and ends: the look, the rules, the one statement, and what was done.

use albedo_core::body;
use albedo_core::database::Session;
use albedo_core::listing::Showing;
use albedo_engine::crud::{Command, Expected, Written, typed};
use albedo_engine::keeping::Change;
use albedo_engine::row_bytes::RowBytes;
use albedo_engine::showing::view;
use albedo_engine::{Context, ServiceError, Work};
use albedo_entities::Shape;
use albedo_repositories::{Scope, value_of};
use sea_orm::{ActiveModelTrait, Value as Stored};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Rows;
use super::event::Event;
use crate::rules::Rules;

impl<R: Rules> Rows<'_, R> {
    /// Does it, and shows what it leaves: before the commit, since nothing is to be written whose answer cannot be given.
    pub(super) async fn perform(
        self,
        context: Context<'_>,
        work: &mut Work<'_>,
        command: Command,
    ) -> Result<Written<Option<RowBytes>>, ServiceError> {
        let event = match command {
            Command::Create { body } => self.create(context, work, body).await?,
            Command::Update { id, expected, patch } => self.update(context, work, id, &expected, patch).await?,
            Command::Delete { id, expected } => self.delete(context, work, id, &expected).await?,
            Command::Restore { id, expected } => self.restore(context, work, id, &expected).await?,
            Command::Act { verb, id, expected, body } => self.act(context, work, verb, id, &expected, body).await?,
        };
        self.pass(context, work, std::slice::from_ref(&event)).await?;
        let answer = match &event {
            Event::Deleted(_) => None,
            // Cloned, since the rules are told of the row when it is committed.
            left => Some(self.one(&work.reader(), left.row().clone(), &Showing::default()).await?),
        };
        Ok(Written { answer, committed: event.committed().into_iter().collect() })
    }

    async fn create(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        body: Map<String, Value>,
    ) -> Result<Event<R>, ServiceError> {
        // Before the transaction: a password takes its time to be hashed, and on SQLite nobody else could write meanwhile.
        let row = R::before_create(context, work, typed(body)?).await?;
        self.begin(work).await?;
        work.changes(&self.changed(Change::Create)).await;
        let inserted = self.on(work.writer(), self.scope()).insert(row, context.now).await;
        Ok(Event::Created(self.told(work.settle(inserted, |_| true))?))
    }

    async fn update(
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
            let patch = self.merge(patch, &current)?;
            (current, patch)
        } else {
            (self.current(work.reader(), self.scope(), id, expected).await?, patch)
        };
        let change = R::before_update(context, work, &current, typed(patch)?).await?;
        if !change.is_changed() {
            return Ok(Event::Unchanged(current));
        }
        let version = expected.guarded(R::identity(&current));
        let before = self.exact(work, self.scope(), current).await?;
        let after = self.write_change(context, work, id, version, change).await?;
        Ok(Event::Updated { before, after })
    }

    async fn delete(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        id: Uuid,
        expected: &Expected,
    ) -> Result<Event<R>, ServiceError> {
        self.begin(work).await?;
        let current = self.current(work.reader(), self.scope(), id, expected).await?;
        R::before_delete(context, work, &current).await?;
        let version = expected.guarded(R::identity(&current));
        let current = self.exact(work, self.scope(), current).await?;
        work.changes(&self.changed(Change::Delete(id))).await;
        let deleted = self.on(work.writer(), self.scope()).delete(id, version, context.now).await;
        if self.told(work.settle(deleted, |deleted| *deleted))? {
            Ok(Event::Deleted(current))
        } else {
            Err(self.gone(version))
        }
    }

    async fn restore(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        id: Uuid,
        expected: &Expected,
    ) -> Result<Event<R>, ServiceError> {
        self.begin(work).await?;
        let scope = self.scope().deleted();
        let current = self.current(work.reader(), scope.clone(), id, expected).await?;
        R::before_restore(context, work, &current).await?;
        let version = expected.guarded(R::identity(&current));
        let before = self.exact(work, scope.clone(), current).await?;
        work.changes(&self.changed(Change::Restore(id))).await;
        let restored = self.on(work.writer(), scope).restore(id, version, context.now).await;
        let restored = self.told(work.settle(restored, Option::is_some))?;
        let after = restored.ok_or_else(|| self.gone(version))?;
        Ok(Event::Restored { before, after })
    }

    async fn act(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        verb: &'static str,
        id: Uuid,
        expected: &Expected,
        body: Map<String, Value>,
    ) -> Result<Event<R>, ServiceError> {
        let Some(declared) = R::VERBS.iter().find(|declared| declared.description.name == verb) else {
            return Err(ServiceError::internal("the resource has no verb of this name"));
        };
        // What a verb makes of the row follows from what the row is: two at once must not both start from the same.
        let before = self.locked(work, id, expected).await?;
        let change = (declared.act)(context, work, &before, body).await?;
        if !change.is_changed() {
            return Ok(Event::Unchanged(before));
        }
        let after = self.write_change(context, work, id, None, change).await?;
        Ok(Event::Acted { verb, before, after })
    }

    /// The one statement of a change.
    async fn write_change(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        id: Uuid,
        version: Option<i64>,
        change: R::ActiveModel,
    ) -> Result<R::Model, ServiceError> {
        work.changes(&self.changed(Change::Update(id))).await;
        let updated = self.on(work.writer(), self.scope()).update(id, version, change, context.now).await;
        self.told(work.settle(updated, Option::is_some))?.ok_or_else(|| self.gone(version))
    }

    async fn current(
        &self,
        session: Session<'_>,
        scope: Scope,
        id: Uuid,
        expected: &Expected,
    ) -> Result<R::Model, ServiceError> {
        let found = self.told(self.on(session, scope).find(id).await)?;
        self.met_row(expected, found)
    }

    /// The row as the statement will find it, where what it was is written down. The rules come before it: what they lock,
    /// they lock first.
    async fn exact(&self, work: &mut Work<'_>, scope: Scope, current: R::Model) -> Result<R::Model, ServiceError> {
        if !R::description().audit {
            return Ok(current);
        }
        let found = self.on(work.transaction().await?, scope).lock(R::identity(&current).id).await;
        self.told(found)?.ok_or_else(|| self.not_found())
    }

    /// The row, kept from others who would change it before the work is done.
    async fn locked(&self, work: &mut Work<'_>, id: Uuid, expected: &Expected) -> Result<R::Model, ServiceError> {
        let found = self.on(work.transaction().await?, self.scope()).lock(id).await;
        self.met_row(expected, self.told(found)?)
    }

    fn met_row(&self, expected: &Expected, found: Option<R::Model>) -> Result<R::Model, ServiceError> {
        self.met(expected, found.as_ref().map(R::identity))?;
        found.ok_or_else(|| self.not_found())
    }

    /// The patch with its objects merged with those of the row: as clients see them, or as they are stored where nobody does.
    pub(super) fn merge(
        &self,
        patch: Map<String, Value>,
        current: &R::Model,
    ) -> Result<Map<String, Value>, ServiceError> {
        let (fields, mut seen) = (R::Update::fields(), view::<R>(current)?);
        for field in body::merged(fields, &patch) {
            if !seen.contains_key(field.name)
                && let Some(Stored::Json(Some(object))) = value_of::<R>(current, field.name)
            {
                seen.insert(field.name.to_owned(), *object);
            }
        }
        body::merge(fields, patch, &seen).map_err(ServiceError::Invalid)
    }
}
