//! The order in which a bulk is made, before any row is looked at: what stands side by side and is of one kind is made together.

use albedo_core::cache::Tag;
use albedo_core::fault::Faults;
use albedo_entities::Identity;
use albedo_repositories::{assigned, value_of};
use sea_orm::Value as Stored;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Done;
use super::place::{changed, missing};
use super::read::Operation;
use crate::crud::Crud;
use crate::error::ServiceError;
use crate::keeping::Change;
use crate::row_bytes::RowBytes;
use crate::rules::Rules;

/// Operations of one kind that stand side by side.
pub(super) enum Run {
    Creates(Vec<Map<String, Value>>),
    Updates(Vec<(Uuid, Map<String, Value>)>),
    Deletes(Vec<Uuid>),
}

/// What an operation has made of its row.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    Created,
    Updated,
    Deleted(Uuid),
}

/// What a bulk answers; `shown` are the rows that are left, in order.
pub(super) fn done(outcomes: Vec<Outcome>, shown: Vec<RowBytes>) -> Vec<Done> {
    let mut shown = shown.into_iter();
    let done = outcomes.into_iter().filter_map(|outcome| {
        Some(match outcome {
            Outcome::Created => Done::Created(shown.next()?),
            Outcome::Updated => Done::Updated(shown.next()?),
            Outcome::Deleted(id) => Done::Deleted(id),
        })
    });
    done.collect()
}

impl Crud<'_> {
    /// What the operations change, each tag once: the cache hears of the whole bulk before its first statement.
    pub(super) fn tags(&self, operations: &[Operation]) -> Vec<Tag> {
        let mut tags: Vec<Tag> = Vec::new();
        for operation in operations {
            let change = match operation {
                Operation::Create { .. } => Change::Create,
                Operation::Update { id, .. } => Change::Update(*id),
                Operation::Delete { id, .. } => Change::Delete(*id),
            };
            for tag in self.changed(change) {
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
        }
        tags
    }

    /// Refuses all operations whose row is missing or in another state than was expected.
    pub(super) fn met_all(&self, operations: &[Operation], found: &[Identity]) -> Result<(), ServiceError> {
        let mut faults = Faults::none();
        for (index, operation) in operations.iter().enumerate() {
            let Some((id, expected)) = operation.row() else { continue };
            match found.iter().find(|row| row.id == id) {
                None => faults.add(missing(self.resource.description, index)),
                Some(row) if !expected.allows(row.version) => faults.add(changed(index)),
                Some(_) => {}
            }
        }
        faults.none_or(()).map_err(ServiceError::Conflict)
    }

    pub(super) fn runs(&self, operations: Vec<Operation>) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for operation in operations {
            let open = if self.resource.is_one_by_one { None } else { runs.last_mut() };
            match (operation, open) {
                (Operation::Create { body }, Some(Run::Creates(bodies))) => bodies.push(body),
                (Operation::Update { id, patch, .. }, Some(Run::Updates(patches))) => patches.push((id, patch)),
                (Operation::Delete { id, .. }, Some(Run::Deletes(ids))) => ids.push(id),
                (Operation::Create { body }, _) => runs.push(Run::Creates(vec![body])),
                (Operation::Update { id, patch, .. }, _) => runs.push(Run::Updates(vec![(id, patch)])),
                (Operation::Delete { id, .. }, _) => runs.push(Run::Deletes(vec![id])),
            }
        }
        runs
    }
}

/// Whether a unique value goes from one row to another: then the order counts, which one statement for all of them does not
/// keep.
pub(super) fn hand_over<R: Rules>(changes: &[(R::Model, R::ActiveModel)]) -> bool {
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

/// The same of the values of one set of columns, before and after.
fn goes_over(rows: &[(Vec<Stored>, Vec<Stored>)]) -> bool {
    let given_by_another = |taker: usize, value: &Vec<Stored>| {
        rows.iter().enumerate().any(|(giver, (given, _))| giver != taker && given == value)
    };
    rows.iter().enumerate().any(|(taker, (_, value))| given_by_another(taker, value))
}
