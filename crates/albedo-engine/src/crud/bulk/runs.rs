//! The order in which a bulk is made, before any row is looked at: what stands side by side and is of one kind is made together.

use albedo_core::cache::Tag;
use albedo_core::fault::Faults;
use albedo_entities::Identity;
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

/// Operations of one kind that stand side by side.
pub enum Run {
    /// The fields of new rows.
    Creates(Vec<Map<String, Value>>),
    /// The fields that change, of each row.
    Updates(Vec<(Uuid, Map<String, Value>)>),
    /// The rows that go.
    Deletes(Vec<Uuid>),
}

/// What an operation has made of its row.
#[derive(Clone, Copy)]
pub enum Outcome {
    /// A new one.
    Created,
    /// A changed one, or one that is as it was.
    Updated,
    /// None.
    Deleted(Uuid),
}

/// What a bulk answers; `shown` are the rows that are left, in order.
pub fn done(outcomes: Vec<Outcome>, shown: Vec<RowBytes>) -> Vec<Done> {
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
    #[must_use]
    pub fn tags(&self, operations: &[Operation]) -> Vec<Tag> {
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
    ///
    /// # Errors
    /// [`ServiceError::Conflict`] with all of them.
    pub fn met_all(&self, operations: &[Operation], found: &[Identity]) -> Result<(), ServiceError> {
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

    /// The operations in their order, as runs.
    #[must_use]
    pub fn runs(&self, operations: Vec<Operation>) -> Vec<Run> {
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

/// Whether a value of one set of columns goes from one row to another, each before and after.
pub fn goes_over(rows: &[(Vec<Stored>, Vec<Stored>)]) -> bool {
    let given_by_another = |taker: usize, value: &Vec<Stored>| {
        rows.iter().enumerate().any(|(giver, (given, _))| giver != taker && given == value)
    };
    rows.iter().enumerate().any(|(taker, (_, value))| given_by_another(taker, value))
}
