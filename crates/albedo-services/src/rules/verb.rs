//! Verbs of a resource's own: what can be done to a row beyond changing its fields, such as `POST /rivers/{river_id}/dam`.
//!
//! A verb is a type, which is its body at the same time, and a line in [`Rules::VERBS`]. The route, its document and all that
//! goes around a write follow from that; what the verb does to the row is written as a change of it is.

use std::fmt;
use std::future::Future;

use albedo_core::fault::Faults;
use albedo_engine::crud::typed;
use albedo_entities::Shape;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use sea_orm::EntityTrait;
use serde_json::{Map, Value};

use super::Rules;
use crate::{Context, ServiceError, Services, VerbDescription, Work};

/// Something that can be done to a row of `R`; what a client sends for it is read into `Self`.
///
/// Of its [`Shape::fields`] those count that a create uses. Where there are none, no body is read.
pub trait Act<R: Rules>: Shape {
    /// What clients read of it.
    const VERB: VerbDescription;

    /// Adds the faults of a body that its fields cannot see. Fields may be absent or of the wrong kind.
    fn check(_services: &Services, _body: &Map<String, Value>, _faults: &mut Faults) {}

    /// Makes the changed columns. The work is a transaction and the row is locked: what else is written stands or falls with
    /// it, and nobody changes the row meanwhile. A row without changed columns keeps its state.
    fn act(
        self,
        context: Context<'_>,
        work: &mut Work<'_>,
        current: &R::Model,
    ) -> impl Future<Output = Result<R::ActiveModel, ServiceError>>;
}

/// A verb among the rules of its resource.
pub struct Verb<R: Rules> {
    /// What clients know of it.
    pub description: VerbDescription,
    pub(crate) check: fn(&Services, &Map<String, Value>, &mut Faults),
    pub(crate) act: Acting<R>,
}

type Acting<R> = for<'a> fn(
    Context<'a>,
    &'a mut Work<'_>,
    &'a <R as EntityTrait>::Model,
    Map<String, Value>,
) -> LocalBoxFuture<'a, Result<<R as EntityTrait>::ActiveModel, ServiceError>>;

impl<R: Rules> Verb<R> {
    /// The verb that this type is.
    #[must_use]
    pub const fn of<V: Act<R>>() -> Self {
        let description = VerbDescription { fields: V::fields, ..V::VERB };
        Self { description, check: V::check, act: acting::<R, V> }
    }
}

impl<R: Rules> fmt::Debug for Verb<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verb").field(&self.description.name).finish()
    }
}

/// Boxed, since each verb has a future of its own and they stand in one list.
fn acting<'a, R: Rules, V: Act<R>>(
    context: Context<'a>,
    work: &'a mut Work<'_>,
    current: &'a R::Model,
    body: Map<String, Value>,
) -> LocalBoxFuture<'a, Result<R::ActiveModel, ServiceError>> {
    async move { typed::<V>(body)?.act(context, work, current).await }.boxed_local()
}
