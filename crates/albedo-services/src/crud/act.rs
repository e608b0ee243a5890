//! A resource's own verbs: what they declare, done to a row as any change of it is.

use albedo_core::body::{self, Purpose};
use albedo_core::claim::Claim;
use sea_orm::ActiveModelTrait;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::event::Event;
use super::{CrudService, Expected};
use crate::error::ServiceError;
use crate::once::{Kept, Receipt};
use crate::rules::{Context, Rules, Verb};
use crate::showing::RowBytes;
use crate::work::Work;

impl<R: Rules> CrudService<'_, R> {
    /// Does one of the resource's own verbs to a row; `body` is not looked at where the verb has no fields.
    ///
    /// # Errors
    /// All the faults of the body, [`ServiceError::Conflict`], [`ServiceError::NotFound`], [`ServiceError::Changed`] where the
    /// row is in another state, whatever the verb refuses, and when the database does not answer.
    pub async fn act(&self, verb: &str, id: Uuid, expected: &Expected, body: Value) -> Result<RowBytes, ServiceError> {
        let (verb, body) = self.asked(verb, expected, body)?;
        self.alone(async |context, work| self.act_in(context, work, id, expected, verb, body).await).await
    }

    /// The same, once for a key.
    ///
    /// # Errors
    /// As [`CrudService::act`] and [`crate::Services::once`].
    pub async fn act_once(
        &self,
        claim: &Claim,
        verb: &str,
        id: Uuid,
        expected: &Expected,
        body: Value,
        receipt: impl FnOnce(&RowBytes) -> Receipt,
    ) -> Result<Kept, ServiceError> {
        let (verb, body) = self.asked(verb, expected, body)?;
        let write = async |context: Context<'_>, work: &mut Work<'_>| {
            self.act_in(context, work, id, expected, verb, body).await
        };
        self.once(claim, write, receipt).await
    }

    /// The verb, and its body if nothing is wrong with it.
    fn asked(
        &self,
        verb: &str,
        expected: &Expected,
        body: Value,
    ) -> Result<(&'static Verb<R>, Map<String, Value>), ServiceError> {
        let declared = R::VERBS.iter().find(|declared| declared.description.name == verb);
        let verb = declared.ok_or_else(|| ServiceError::internal("the resource has no verb of this name"))?;
        let body = if verb.description.has_body() {
            let check = |object: &_, faults: &mut _| (verb.check)(self.services, object, faults);
            let fields = (verb.description.fields)();
            body::check(fields, Purpose::Create, body, check).map_err(ServiceError::Invalid)?
        } else {
            Map::new()
        };
        expected.said::<R>()?;
        Ok((verb, body))
    }

    async fn act_in(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        id: Uuid,
        expected: &Expected,
        verb: &'static Verb<R>,
        body: Map<String, Value>,
    ) -> Result<Event<R>, ServiceError> {
        // What a verb makes of the row follows from what the row is: two at once must not both start from the same.
        let before = self.locked(work, id, expected).await?;
        let change = (verb.act)(context, work, &before, body).await?;
        if !change.is_changed() {
            return Ok(Event::Unchanged(before));
        }
        let after = self.write_change(context, work, id, None, change).await?;
        self.passed(context, work, Event::Acted { verb: verb.description.name, before, after }).await
    }
}
