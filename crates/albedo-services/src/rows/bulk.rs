//! The operations of a bulk, made one after another: those that stand side by side and are of one kind by one statement.
//!
//! A statement of many rows that is refused does not say which row it was. It is taken back then, and its rows are written one
//! by one: that is the order which was asked for, so what passes this way is made, and what does not is told by its
//! place.

use albedo_core::body;
use albedo_core::database::Session;
use albedo_core::listing::Showing;
use albedo_engine::crud::bulk::{Done, Operation, Outcome, Refused, Run, done, goes_over, located_together};
use albedo_engine::crud::{Written, typed};
use albedo_engine::{Context, ServiceError, Work};
use albedo_entities::Shape;
use albedo_repositories::{assigned, value_of};
use sea_orm::ActiveModelTrait;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Rows;
use super::event::Event;
use crate::rules::Rules;

impl<R: Rules> Rows<'_, R> {
    /// Does all of them in order, and shows what they leave.
    pub(super) async fn perform_all(
        self,
        context: Context<'_>,
        work: &mut Work<'_>,
        operations: Vec<Operation>,
    ) -> Result<Written<Vec<Done>>, ServiceError> {
        let events = self.run(context, work, operations).await?;
        let (mut outcomes, mut left) = (Vec::with_capacity(events.len()), Vec::with_capacity(events.len()));
        for event in &events {
            match event {
                Event::Deleted(row) => outcomes.push(Outcome::Deleted(R::identity(row).id)),
                Event::Created(row) => {
                    outcomes.push(Outcome::Created);
                    left.push(row.clone());
                }
                other => {
                    outcomes.push(Outcome::Updated);
                    left.push(other.row().clone());
                }
            }
        }
        let answer = done(outcomes, self.shown(&work.reader(), left, &Showing::default()).await?);
        let mut committed = Vec::with_capacity(events.len());
        for event in events {
            committed.extend(event.committed());
        }
        Ok(Written { answer, committed })
    }

    async fn run(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        operations: Vec<Operation>,
    ) -> Result<Vec<Event<R>>, ServiceError> {
        let mut events = Vec::with_capacity(operations.len());
        work.changes(&self.tags(&operations)).await;
        let mut current = self.locked_rows(work, &operations).await?;
        for run in self.runs(operations) {
            let first = events.len();
            match run {
                Run::Creates(bodies) => self.create_all(context, work, &mut events, bodies).await?,
                Run::Updates(patches) => {
                    let mut rows = Vec::with_capacity(patches.len());
                    for (id, patch) in patches {
                        if let Some(row) = taken::<R>(&mut current, id) {
                            rows.push((row, patch));
                        }
                    }
                    self.update_all(context, work, &mut events, rows).await?;
                }
                Run::Deletes(ids) => {
                    let mut rows = Vec::with_capacity(ids.len());
                    for id in ids {
                        rows.extend(taken::<R>(&mut current, id));
                    }
                    self.delete_all(context, work, &mut events, rows).await?;
                }
            }
            let places = first..events.len();
            let made = events.get(first..).unwrap_or_default();
            if let Err(error) = self.pass(context, work, made).await {
                return Err(located_together(R::description(), places, error));
            }
        }
        Ok(events)
    }

    /// The rows that are there already, kept from others; or all that are missing or in another state than was expected.
    async fn locked_rows(&self, work: &mut Work<'_>, operations: &[Operation]) -> Result<Vec<R::Model>, ServiceError> {
        let ids: Vec<Uuid> = operations.iter().filter_map(|operation| Some(operation.row()?.0)).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.on(work.transaction().await?, self.scope()).lock_all(&ids).await;
        let found = self.told(found)?;
        let mut identities = Vec::with_capacity(found.len());
        for row in &found {
            identities.push(R::identity(row));
        }
        self.met_all(operations, &identities)?;
        Ok(found)
    }

    async fn create_all(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        events: &mut Vec<Event<R>>,
        bodies: Vec<Map<String, Value>>,
    ) -> Result<(), ServiceError> {
        let (first, mut refused) = (events.len(), Refused::none(R::description()));
        let mut rows = Vec::with_capacity(bodies.len());
        for (index, body) in (first..).zip(bodies) {
            match R::before_create(context, work, typed(body)?).await {
                Ok(row) => rows.push(row),
                Err(error) => refused.by_rule(index, error)?,
            }
        }
        refused.end()?;
        let transaction = work.transaction().await?;
        let repository = self.on(transaction, self.scope());
        if rows.len() > 1 {
            self.mark(&transaction).await?;
            match repository.insert_all(&rows, context.now).await {
                Ok(made) => {
                    for row in made {
                        events.push(Event::Created(row));
                    }
                    return Ok(());
                }
                Err(error) => drop(self.back(&transaction, error).await?),
            }
        }
        let mut refused = Refused::none(R::description());
        for (index, row) in (first..).zip(rows) {
            self.mark(&transaction).await?;
            match repository.insert(row, context.now).await {
                Ok(row) => events.push(Event::Created(row)),
                Err(error) => {
                    let error = self.back(&transaction, error).await?;
                    refused.by_statement(index, self.failed(error))?;
                }
            }
        }
        refused.end()
    }

    async fn update_all(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        events: &mut Vec<Event<R>>,
        patches: Vec<(R::Model, Map<String, Value>)>,
    ) -> Result<(), ServiceError> {
        let (first, mut refused) = (events.len(), Refused::none(R::description()));
        let (mut changes, mut places) = (Vec::with_capacity(patches.len()), Vec::with_capacity(patches.len()));
        for (index, (current, patch)) in (first..).zip(patches) {
            match self.change(context, work, &current, patch).await {
                // A row that stays as it is has its place among the events already; the others come to theirs.
                Ok(change) => {
                    if change.is_changed() {
                        places.push(index);
                        changes.push((current.clone(), change));
                    }
                    events.push(Event::Unchanged(current));
                }
                Err(error) => refused.by_rule(index, error)?,
            }
        }
        refused.end()?;
        let after = self.updated(context, work.transaction().await?, &places, &changes).await?;
        for ((place, (before, _)), after) in places.into_iter().zip(changes).zip(after) {
            if let Some(event) = events.get_mut(place) {
                *event = Event::Updated { before, after };
            }
        }
        Ok(())
    }

    async fn change(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        current: &R::Model,
        patch: Map<String, Value>,
    ) -> Result<R::ActiveModel, ServiceError> {
        let merges = body::merged(R::Update::fields(), &patch).next().is_some();
        let patch = if merges { self.merge(patch, current)? } else { patch };
        R::before_update(context, work, current, typed(patch)?).await
    }

    /// The rows after their changes, in order.
    async fn updated(
        &self,
        context: Context<'_>,
        transaction: Session<'_>,
        places: &[usize],
        changes: &[(R::Model, R::ActiveModel)],
    ) -> Result<Vec<R::Model>, ServiceError> {
        let repository = self.on(transaction, self.scope());
        if changes.len() > 1 && !hand_over::<R>(changes) {
            self.mark(&transaction).await?;
            match repository.update_all(changes, context.now).await {
                // All of them are locked: one that is not there any more went with a row that this bulk has deleted.
                Ok(after) => return if after.len() == changes.len() { Ok(after) } else { Err(self.gone(None)) },
                Err(error) => drop(self.back(&transaction, error).await?),
            }
        }
        let (mut refused, mut after) = (Refused::none(R::description()), Vec::with_capacity(changes.len()));
        for (index, (before, change)) in places.iter().zip(changes) {
            self.mark(&transaction).await?;
            match repository.update(R::identity(before).id, None, change.clone(), context.now).await {
                Ok(Some(row)) => after.push(row),
                Ok(None) => refused.by_statement(*index, self.gone(None))?,
                Err(error) => {
                    let error = self.back(&transaction, error).await?;
                    refused.by_statement(*index, self.failed(error))?;
                }
            }
        }
        refused.end()?;
        Ok(after)
    }

    async fn delete_all(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        events: &mut Vec<Event<R>>,
        rows: Vec<R::Model>,
    ) -> Result<(), ServiceError> {
        let (first, mut refused) = (events.len(), Refused::none(R::description()));
        let mut ids = Vec::with_capacity(rows.len());
        for (index, row) in (first..).zip(&rows) {
            ids.push(R::identity(row).id);
            if let Err(error) = R::before_delete(context, work, row).await {
                refused.by_rule(index, error)?;
            }
        }
        refused.end()?;
        let transaction = work.transaction().await?;
        let repository = self.on(transaction, self.scope());
        self.mark(&transaction).await?;
        if let Err(error) = repository.delete_all(&ids, context.now).await {
            self.back(&transaction, error).await?;
            let mut refused = Refused::none(R::description());
            for (index, id) in (first..).zip(ids) {
                self.mark(&transaction).await?;
                // One that is not there any more went with another one: that is what was asked for.
                if let Err(error) = repository.delete(id, None, context.now).await {
                    let error = self.back(&transaction, error).await?;
                    refused.by_statement(index, self.failed(error))?;
                }
            }
            refused.end()?;
        }
        for row in rows {
            events.push(Event::Deleted(row));
        }
        Ok(())
    }
}

/// Takes the row with this id out of those that were locked.
fn taken<R: Rules>(current: &mut Vec<R::Model>, id: Uuid) -> Option<R::Model> {
    let mut place = 0;
    while R::identity(current.get(place)?).id != id {
        place += 1;
    }
    Some(current.swap_remove(place))
}

/// Whether a unique value goes from one row to another: then the order counts, which one statement for all of them does not
/// keep.
fn hand_over<R: Rules>(changes: &[(R::Model, R::ActiveModel)]) -> bool {
    for names in R::description().unique {
        let mut rows = Vec::with_capacity(changes.len());
        for (before, change) in changes {
            let (new, mut old_values, mut new_values) = (assigned::<R>(change), Vec::new(), Vec::new());
            for name in *names {
                let old = value_of::<R>(before, name);
                let new = new.iter().find(|(column, _)| column == name).map(|(_, value)| value.clone());
                new_values.extend(new.or_else(|| old.clone()));
                old_values.extend(old);
            }
            rows.push((old_values, new_values));
        }
        if goes_over(&rows) {
            return true;
        }
    }
    false
}
