//! What is to be done to a row, and how that is read from a request: all that is wrong with it is told before anything is begun.

use albedo_core::body::{self, Purpose};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Crud, Expected};
use crate::error::ServiceError;

/// What is to be done to a row. Its bodies are right.
#[derive(Clone, Debug)]
pub enum Command {
    /// A new row.
    Create {
        /// Its fields.
        body: Map<String, Value>,
    },
    /// A change of a row.
    Update {
        /// Which row.
        id: Uuid,
        /// The state that it is in, as the caller believes.
        expected: Expected,
        /// The fields that change.
        patch: Map<String, Value>,
    },
    /// A row less.
    Delete {
        /// Which row.
        id: Uuid,
        /// The state that it is in, as the caller believes.
        expected: Expected,
    },
    /// The way back of a deleted row.
    Restore {
        /// Which row.
        id: Uuid,
        /// The state that it is in, as the caller believes.
        expected: Expected,
    },
    /// One of the resource's own verbs.
    Act {
        /// Its name.
        verb: &'static str,
        /// Which row.
        id: Uuid,
        /// The state that it is in, as the caller believes.
        expected: Expected,
        /// What was sent for it.
        body: Map<String, Value>,
    },
}

impl Crud<'_> {
    /// A new row, if the body is right and the parent there.
    pub(super) async fn creating(&self, body: Value) -> Result<Command, ServiceError> {
        let body = self.check(Purpose::Create, body)?;
        self.look_for_parent().await?;
        Ok(Command::Create { body })
    }

    pub(super) fn updating(&self, id: Uuid, expected: &Expected, body: Value) -> Result<Command, ServiceError> {
        let patch = self.check(Purpose::Update, body)?;
        expected.said(self.resource.description)?;
        Ok(Command::Update { id, expected: expected.clone(), patch })
    }

    /// The verb, and its body if nothing is wrong with it.
    pub(super) fn acting(
        &self,
        verb: &str,
        id: Uuid,
        expected: &Expected,
        body: Value,
    ) -> Result<Command, ServiceError> {
        let declared = self.resource.verbs().into_iter().find(|declared| declared.name == verb);
        let verb = declared.ok_or_else(|| ServiceError::internal("the resource has no verb of this name"))?;
        let body = if verb.has_body() {
            let check =
                |object: &_, faults: &mut _| self.resource.typed.check_act(self.services, verb.name, object, faults);
            body::check((verb.fields)(), Purpose::Create, body, check).map_err(ServiceError::Invalid)?
        } else {
            Map::new()
        };
        expected.said(self.resource.description)?;
        Ok(Command::Act { verb: verb.name, id, expected: expected.clone(), body })
    }

    /// The body, or all that is wrong with it.
    pub(super) fn check(&self, purpose: Purpose, body: Value) -> Result<Map<String, Value>, ServiceError> {
        let description = self.resource.description;
        let fields = match purpose {
            Purpose::Create => (description.create_fields)(),
            Purpose::Update => (description.update_fields)(),
        };
        let rules = |object: &_, faults: &mut _| self.resource.typed.check(self.services, purpose, object, faults);
        body::check(fields, purpose, body, rules).map_err(ServiceError::Invalid)
    }
}
