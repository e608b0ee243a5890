//! The operations of a bulk, made one after another: those that stand side by side and are of one kind by one statement.
//!
//! A statement of many rows that is refused does not say which row it was. It is taken back then, and its rows are written one
//! by one: that is the order which was asked for, so what passes this way is made, and what does not is told by its
//! place.

use std::collections::HashMap;

use albedo_core::body;
use albedo_core::cache::Tag;
use albedo_core::database::Session;
use albedo_core::fault::Faults;
use albedo_entities::Shape;
use albedo_repositories::Repository;
use sea_orm::{ActiveModelTrait, ActiveValue, IdenStatic, Iterable, ModelTrait};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::place::{changed, located_together, missing};
use super::read::Operation;
use super::tries::{Collected, tried};
use crate::crud::event::Event;
use crate::crud::state::gone;
use crate::crud::{CrudService, failed, merge, typed};
use crate::error::ServiceError;
use crate::keeping::Change;
use crate::rules::{Context, Rules};
use crate::work::Work;

/// Operations of one kind that stand side by side.
enum Run<R: Rules> {
    Creates(Vec<R::Create>),
    Updates(Vec<(Uuid, Map<String, Value>)>),
    Deletes(Vec<Uuid>),
}

impl<R: Rules> CrudService<'_, R> {
    pub(super) async fn run(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        operations: Vec<Operation<R>>,
    ) -> Result<Vec<Event<R>>, ServiceError> {
        let mut events = Vec::with_capacity(operations.len());
        // All at once: the cache hears of the whole bulk before its first statement.
        let mut tags: Vec<Tag> = Vec::new();
        for tag in operations.iter().flat_map(|operation| self.changed(change(operation))) {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        work.changes(&tags).await;
        let mut current = self.locked_rows(work, &operations).await?;
        for run in runs(operations) {
            let first = events.len();
            let made = match run {
                Run::Creates(inputs) => self.create_all(context, work, first, inputs).await?,
                Run::Updates(patches) => {
                    let patches = patches.into_iter().filter_map(|(id, patch)| Some((current.remove(&id)?, patch)));
                    let patches = patches.collect();
                    self.update_all(context, work, first, patches).await?
                }
                Run::Deletes(ids) => {
                    let rows = ids.into_iter().filter_map(|id| current.remove(&id)).collect();
                    self.delete_all(context, work, first, rows).await?
                }
            };
            let places = first..first + made.len();
            self.pass(context, work, &made).await.map_err(|error| located_together::<R>(places, error))?;
            events.extend(made);
        }
        Ok(events)
    }

    /// The rows that are there already, kept from others; or all that are missing or in another state than was expected.
    async fn locked_rows(
        &self,
        work: &mut Work<'_>,
        operations: &[Operation<R>],
    ) -> Result<HashMap<Uuid, R::Model>, ServiceError> {
        let ids: Vec<Uuid> = operations.iter().filter_map(|operation| Some(operation.row()?.0)).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let transaction = work.transaction().await?;
        let found = Repository::<R, _>::on(&transaction, self.scope()).lock_all(&ids).await.map_err(failed::<R>)?;
        let found: HashMap<_, _> = found.into_iter().map(|row| (R::identity(&row).id, row)).collect();
        let mut faults = Faults::none();
        for (index, operation) in operations.iter().enumerate() {
            let Some((id, expected)) = operation.row() else { continue };
            match found.get(&id) {
                None => faults.add(missing::<R>(index)),
                Some(row) if !expected.allows(R::identity(row).version) => faults.add(changed(index)),
                Some(_) => {}
            }
        }
        faults.none_or(found).map_err(ServiceError::Conflict)
    }

    async fn create_all(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        first: usize,
        inputs: Vec<R::Create>,
    ) -> Result<Vec<Event<R>>, ServiceError> {
        let mut rows = Collected::with_capacity(inputs.len());
        for (index, input) in (first..).zip(inputs) {
            rows.rule::<R>(index, R::before_create(context, work, input).await)?;
        }
        let rows = rows.end()?;
        let transaction = work.transaction().await?;
        let repository = Repository::<R, _>::on(&transaction, self.scope());
        if rows.len() > 1
            && let Ok(made) = tried::<R, _>(&transaction, repository.insert_all(rows.clone(), context.now)).await?
        {
            return Ok(made.into_iter().map(Event::Created).collect());
        }
        let mut singly = Collected::with_capacity(rows.len());
        for (index, row) in (first..).zip(rows) {
            let made = tried::<R, _>(&transaction, repository.insert(row, context.now)).await?;
            singly.statement::<R>(index, made.map(Event::Created).map_err(failed::<R>))?;
        }
        singly.end()
    }

    async fn update_all(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        first: usize,
        patches: Vec<(R::Model, Map<String, Value>)>,
    ) -> Result<Vec<Event<R>>, ServiceError> {
        let mut changes = Collected::with_capacity(patches.len());
        for (index, (current, patch)) in (first..).zip(patches) {
            let merges = body::merged(R::Update::fields(), &patch).next().is_some();
            let patch = if merges { merge::<R>(patch, &current) } else { Ok(patch) };
            let change = match patch.and_then(typed) {
                Ok(input) => R::before_update(context, work, &current, input).await,
                Err(error) => Err(error),
            };
            changes.rule::<R>(index, change.map(|change| (index, current, change)))?;
        }
        let changes = changes.end()?;
        let real = changes.iter().filter(|(_, _, change)| change.is_changed());
        let real: Vec<_> = real.map(|(index, before, change)| (*index, (before.clone(), change.clone()))).collect();
        let (places, real): (Vec<usize>, Vec<_>) = real.into_iter().unzip();
        let transaction = work.transaction().await?;
        let after = self.updated(context, &transaction, &places, &real).await?;
        let mut after: HashMap<usize, R::Model> = places.into_iter().zip(after).collect();
        let event = |(index, before, _)| match after.remove(&index) {
            Some(after) => Event::Updated { before, after },
            None => Event::Unchanged(before),
        };
        Ok(changes.into_iter().map(event).collect())
    }

    /// The rows after their changes, in order.
    async fn updated(
        &self,
        context: Context<'_>,
        transaction: &Session<'_>,
        places: &[usize],
        changes: &[(R::Model, R::ActiveModel)],
    ) -> Result<Vec<R::Model>, ServiceError> {
        let repository = Repository::<R, _>::on(transaction, self.scope());
        if changes.len() > 1
            && !hands_over::<R>(changes)
            && let Ok(after) = tried::<R, _>(transaction, repository.update_all(changes, context.now)).await?
        {
            // All of them are locked: one that is not there any more went with a row that this bulk has deleted.
            return if after.len() == changes.len() { Ok(after) } else { Err(gone::<R>(None)) };
        }
        let mut singly = Collected::with_capacity(changes.len());
        for (index, (before, change)) in places.iter().zip(changes) {
            let update = repository.update(R::identity(before).id, None, change.clone(), context.now);
            let updated = tried::<R, _>(transaction, update).await?.map_err(failed::<R>);
            singly.statement::<R>(*index, updated.and_then(|row| row.ok_or_else(|| gone::<R>(None))))?;
        }
        singly.end()
    }

    async fn delete_all(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        first: usize,
        rows: Vec<R::Model>,
    ) -> Result<Vec<Event<R>>, ServiceError> {
        let mut allowed = Collected::with_capacity(rows.len());
        for (index, row) in (first..).zip(&rows) {
            allowed.rule::<R>(index, R::before_delete(context, work, row).await)?;
        }
        allowed.end()?;
        let ids: Vec<Uuid> = rows.iter().map(|row| R::identity(row).id).collect();
        let transaction = work.transaction().await?;
        let repository = Repository::<R, _>::on(&transaction, self.scope());
        if tried::<R, _>(&transaction, repository.delete_all(&ids, context.now)).await?.is_err() {
            let mut singly = Collected::with_capacity(ids.len());
            for (index, id) in (first..).zip(ids) {
                let deleted = tried::<R, _>(&transaction, repository.delete(id, None, context.now)).await?;
                // One that is not there any more went with another one: that is what was asked for.
                singly.statement::<R>(index, deleted.map(|_| ()).map_err(failed::<R>))?;
            }
            singly.end()?;
        }
        Ok(rows.into_iter().map(Event::Deleted).collect())
    }
}

fn change<R: Rules>(operation: &Operation<R>) -> Change {
    match operation {
        Operation::Create(_) => Change::Create,
        Operation::Update { id, .. } => Change::Update(*id),
        Operation::Delete { id, .. } => Change::Delete(*id),
    }
}

fn runs<R: Rules>(operations: Vec<Operation<R>>) -> Vec<Run<R>> {
    let mut runs: Vec<Run<R>> = Vec::new();
    for operation in operations {
        let open = if R::ONE_BY_ONE { None } else { runs.last_mut() };
        match (operation, open) {
            (Operation::Create(input), Some(Run::Creates(inputs))) => inputs.push(input),
            (Operation::Update { id, patch, .. }, Some(Run::Updates(patches))) => patches.push((id, patch)),
            (Operation::Delete { id, .. }, Some(Run::Deletes(ids))) => ids.push(id),
            (Operation::Create(input), _) => runs.push(Run::Creates(vec![input])),
            (Operation::Update { id, patch, .. }, _) => runs.push(Run::Updates(vec![(id, patch)])),
            (Operation::Delete { id, .. }, _) => runs.push(Run::Deletes(vec![id])),
        }
    }
    runs
}

/// Whether a unique value goes from one row to another: then the order counts, which one statement for all of them does not
/// keep.
fn hands_over<R: Rules>(changes: &[(R::Model, R::ActiveModel)]) -> bool {
    R::description().unique.iter().any(|names| {
        let columns: Vec<R::Column> = R::Column::iter().filter(|column| names.contains(&column.as_str())).collect();
        let old = |before: &R::Model| columns.iter().map(|column| before.get(*column)).collect::<Vec<_>>();
        let new = |(before, change): &(R::Model, R::ActiveModel)| {
            let value = |column: &R::Column| match change.get(*column) {
                ActiveValue::Set(value) | ActiveValue::Unchanged(value) => value,
                ActiveValue::NotSet => before.get(*column),
            };
            columns.iter().map(value).collect::<Vec<_>>()
        };
        let before: Vec<_> = changes.iter().map(|(before, _)| old(before)).collect();
        let after: Vec<_> = changes.iter().map(new).collect();
        after
            .iter()
            .enumerate()
            .any(|(taker, value)| before.iter().enumerate().any(|(giver, given)| giver != taker && given == value))
    })
}
