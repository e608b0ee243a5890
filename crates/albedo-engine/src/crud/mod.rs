//! The five verbs of every resource, the way back from a delete, those of a resource's own, and many at once ([`bulk`]).
//!
//! A controller calls in, a repository is called. All that is the same for all resources is compiled
//! once: [`Crud`] reads the request, begins the [`Work`](crate::Work) and ends it ([`frame`]). What needs the types of a resource
//! is asked for through [`Typed`], which the crate with the rules gives: one step, inside the work, so that a rule may read what the
//! same request has just written. No SQL and no status code appears below.

pub mod bulk;
mod command;
mod erased;
mod frame;
mod standing;
mod state;

use albedo_core::claim::Claim;
use albedo_entities::{Identity, Shape};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use self::bulk::{Done, ReadTags};
pub use self::command::Command;
pub use self::erased::{Answer, Committed, Typed, Written};
pub use self::state::Expected;
use crate::caller::Caller;
use crate::error::ServiceError;
use crate::once::{Kept, Receipt};
use crate::related::Served;
use crate::row_bytes::RowBytes;
use crate::services::Services;

/// A row as clients see it, with what its headers need.
#[derive(Clone, Debug)]
pub struct Row<V> {
    /// Which row, in which state.
    pub identity: Identity,
    /// The row.
    pub view: V,
}

/// The verbs of one resource, for one caller, whatever the resource's types.
#[derive(Clone, Debug)]
pub struct Crud<'s> {
    services: &'s Services,
    caller: &'s Caller,
    parents: Vec<Uuid>,
    resource: Served,
    trial: bool,
}

impl<'s> Crud<'s> {
    pub(crate) const fn new(services: &'s Services, caller: &'s Caller, resource: Served, parents: Vec<Uuid>) -> Self {
        Self { services, caller, parents, resource, trial: false }
    }

    /// The same verbs on trial: everything is done, rules and the database's own checks, and undone instead of committed.
    /// What they answer is what the real ones would have answered.
    #[must_use]
    pub const fn on_trial(mut self) -> Self {
        self.trial = true;
        self
    }

    /// Whether a row is there and the caller's; without an id, whether the parent of the list is.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], and when the database does not answer.
    pub async fn look(&self, id: Option<Uuid>) -> Result<(), ServiceError> {
        match id {
            Some(id) => self.look_for_row(id).await,
            None => self.look_for_parent().await,
        }
    }

    /// A new row.
    ///
    /// # Errors
    /// All the faults of the body, [`ServiceError::Conflict`] by field, [`ServiceError::NotFound`] for the parent, and when
    /// the database does not answer.
    pub async fn create(&self, body: Value) -> Result<RowBytes, ServiceError> {
        let command = self.creating(body).await?;
        self.alone(command).await
    }

    /// A new row, once for a key: whoever asks again gets the answer of the first time.
    ///
    /// # Errors
    /// As [`Crud::create`] and [`Services::once`].
    pub async fn create_once(
        &self,
        claim: &Claim,
        body: Value,
        receipt: &dyn Fn(&RowBytes) -> Receipt,
    ) -> Result<Kept, ServiceError> {
        self.once(claim, self.creating(body).await, receipt).await
    }

    /// Changes a row: a JSON merge patch, absent keeps and `null` clears. An empty patch changes nothing, the version neither.
    ///
    /// # Errors
    /// All the faults of the body, [`ServiceError::Conflict`] by field, [`ServiceError::NotFound`],
    /// [`ServiceError::Changed`] where the row is in another state, and when the database does not answer.
    pub async fn update(&self, id: Uuid, expected: &Expected, body: Value) -> Result<RowBytes, ServiceError> {
        let command = self.updating(id, expected, body)?;
        self.alone(command).await
    }

    /// Deletes a row.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::Changed`] where the row is in another state,
    /// [`ServiceError::Conflict`] while others refer to it, and when the database does not answer.
    pub async fn delete(&self, id: Uuid, expected: &Expected) -> Result<(), ServiceError> {
        expected.said(self.resource.description)?;
        self.done(Command::Delete { id, expected: expected.clone() }).await.map(drop)
    }

    /// Brings a deleted row back, and all beneath it.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] where no such row is deleted, [`ServiceError::Changed`] where it is in another state,
    /// [`ServiceError::Conflict`] by field where another row has its unique values now, and when the database does not answer.
    pub async fn restore(&self, id: Uuid, expected: &Expected) -> Result<RowBytes, ServiceError> {
        expected.said(self.resource.description)?;
        self.alone(Command::Restore { id, expected: expected.clone() }).await
    }

    /// The same, once for a key.
    ///
    /// # Errors
    /// As [`Crud::restore`] and [`Services::once`].
    pub async fn restore_once(
        &self,
        claim: &Claim,
        id: Uuid,
        expected: &Expected,
        receipt: &dyn Fn(&RowBytes) -> Receipt,
    ) -> Result<Kept, ServiceError> {
        let said = expected.said(self.resource.description);
        self.once(claim, said.map(|()| Command::Restore { id, expected: expected.clone() }), receipt).await
    }

    /// Does one of the resource's own verbs to a row; `body` is not looked at where the verb has no fields.
    ///
    /// # Errors
    /// All the faults of the body, [`ServiceError::Conflict`], [`ServiceError::NotFound`], [`ServiceError::Changed`] where the
    /// row is in another state, whatever the verb refuses, and when the database does not answer.
    pub async fn act(&self, verb: &str, id: Uuid, expected: &Expected, body: Value) -> Result<RowBytes, ServiceError> {
        let command = self.acting(verb, id, expected, body)?;
        self.alone(command).await
    }

    /// The same, once for a key.
    ///
    /// # Errors
    /// As [`Crud::act`] and [`Services::once`].
    pub async fn act_once(
        &self,
        claim: &Claim,
        verb: &str,
        id: Uuid,
        expected: &Expected,
        body: Value,
        receipt: &dyn Fn(&RowBytes) -> Receipt,
    ) -> Result<Kept, ServiceError> {
        self.once(claim, self.acting(verb, id, expected, body), receipt).await
    }
}

/// The body as its type. What has passed the table fits it; where a hand-written pair disagrees, that is ours to mend.
///
/// # Errors
/// One of ours: the table and the type disagree.
pub fn typed<S: Shape>(body: Map<String, Value>) -> Result<S, ServiceError> {
    serde_json::from_value(Value::Object(body)).map_err(ServiceError::internal)
}
