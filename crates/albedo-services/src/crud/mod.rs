//! The five verbs of every resource, the way back from a delete, those of a resource's own ([`act`]), and many at once ([`bulk`]).
//!
//! A controller calls in, a repository is called; nobody else comes here. A write is one verb of [`verbs`] inside one
//! [`Work`](crate::Work) ([`frame`]), so a rule may read what the same request has just written; what was done passes by [`event`], and is answered as
//! JSON, since what is computed of a row is asked for inside the same work. No SQL and no status code appears below.

mod act;
mod bulk;
mod event;
mod frame;
mod restore;
mod state;
mod verbs;

use std::marker::PhantomData;

use albedo_core::body::{self, Purpose};
use albedo_core::cache::Tag;
use albedo_core::claim::Claim;
use albedo_core::database::Reader;
use albedo_core::listing::{ListRequest, Page};
use albedo_entities::{Description, Identity, Shape};
use albedo_repositories::{Repository, RepositoryError, Scope};
use chrono::{SubsecRound, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use self::bulk::{Done, ReadTags};
pub use self::state::Expected;
use self::state::not_found;
use crate::caller::Caller;
use crate::error::ServiceError;
use crate::keeping::{Change, Place, Wanted};
use crate::once::{Kept, Receipt};
use crate::related::Served;
use crate::rules::{Context, Rules};
use crate::services::Services;
use crate::showing::RowBytes;

/// A row as clients see it, with what its headers need.
#[derive(Clone, Debug)]
pub struct Row<V> {
    /// Which row, in which state.
    pub identity: Identity,
    /// The row.
    pub view: V,
}

/// The verbs of one resource, for one caller.
pub struct CrudService<'s, R> {
    services: &'s Services,
    caller: &'s Caller,
    parents: Vec<Uuid>,
    trial: bool,
    resource: PhantomData<R>,
}

impl<'s, R: Rules> CrudService<'s, R> {
    pub(crate) const fn new(services: &'s Services, caller: &'s Caller, parents: Vec<Uuid>) -> Self {
        Self { services, caller, parents, trial: false, resource: PhantomData }
    }

    /// The same verbs on trial: everything is done, rules and the database's own checks, and undone instead of committed.
    /// What they answer is what the real ones would have answered.
    #[must_use]
    pub const fn on_trial(mut self) -> Self {
        self.trial = true;
        self
    }

    /// One page by its number. A missing parent is not an empty list.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for the parent, and when the database does not answer.
    pub async fn list(&self, request: &ListRequest) -> Result<Page<R::View>, ServiceError> {
        Ok(self.page_on(&self.reader_of(request).await, request).await?.map(R::View::from))
    }

    pub(crate) async fn page_on(
        &self,
        reader: &Reader<'_>,
        request: &ListRequest,
    ) -> Result<Page<R::Model>, ServiceError> {
        let rows = Repository::<R, _>::on(reader, self.scope_of(request));
        let page = rows.page(request).await.map_err(failed::<R>)?;
        if page.items.is_empty() && !self.parent_exists(reader, &rows).await? {
            return Err(self.parent_missing());
        }
        Ok(page)
    }

    /// One row.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], and when the database does not answer.
    pub async fn get(&self, id: Uuid) -> Result<Row<R::View>, ServiceError> {
        self.find_on(&self.reader(Some(Wanted::Row(id))).await, id).await.map(row::<R>)
    }

    pub(crate) async fn find_on(&self, reader: &Reader<'_>, id: Uuid) -> Result<R::Model, ServiceError> {
        let rows = Repository::<R, _>::on(reader, self.scope());
        let mut found = rows.find(id).await.map_err(failed::<R>)?;
        // A replica may not have it yet.
        if found.is_none() && reader.turn_to_primary() {
            found = rows.find(id).await.map_err(failed::<R>)?;
        }
        found.ok_or_else(not_found::<R>)
    }

    /// Whether a row is there and the caller's; without an id, whether the parent of the list is.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], and when the database does not answer.
    pub async fn look(&self, id: Option<Uuid>) -> Result<(), ServiceError> {
        match id {
            Some(id) => self.get(id).await.map(drop),
            None => self.look_for_parent().await,
        }
    }

    /// A new row.
    ///
    /// # Errors
    /// All the faults of the body, [`ServiceError::Conflict`] by field, [`ServiceError::NotFound`] for the parent, and when
    /// the database does not answer.
    pub async fn create(&self, body: Value) -> Result<RowBytes, ServiceError> {
        let input = self.new_row(body).await?;
        self.alone(async |context, work| self.create_in(context, work, input).await).await
    }

    /// A new row, once for a key: whoever asks again gets the answer of the first time.
    ///
    /// # Errors
    /// As [`CrudService::create`] and [`Services::once`].
    pub async fn create_once(
        &self,
        claim: &Claim,
        body: Value,
        receipt: impl FnOnce(&RowBytes) -> Receipt,
    ) -> Result<Kept, ServiceError> {
        let input = self.new_row(body).await?;
        self.once(claim, async |context, work| self.create_in(context, work, input).await, receipt).await
    }

    /// What makes the row, if the body is right and the parent there.
    async fn new_row(&self, body: Value) -> Result<R::Create, ServiceError> {
        let input = typed(self.check::<R::Create>(Purpose::Create, body)?)?;
        self.look_for_parent().await?;
        Ok(input)
    }

    async fn look_for_parent(&self) -> Result<(), ServiceError> {
        let rows = Repository::<R, _>::on(self.services.database.read(), self.scope());
        if rows.parent_exists().await.map_err(failed::<R>)? { Ok(()) } else { Err(self.parent_missing()) }
    }

    /// Changes a row: a JSON merge patch, absent keeps and `null` clears. An empty patch changes nothing, the version neither.
    ///
    /// # Errors
    /// All the faults of the body, [`ServiceError::Conflict`] by field, [`ServiceError::NotFound`],
    /// [`ServiceError::Changed`] where the row is in another state, and when the database does not answer.
    pub async fn update(&self, id: Uuid, expected: &Expected, body: Value) -> Result<RowBytes, ServiceError> {
        let patch = self.check::<R::Update>(Purpose::Update, body)?;
        expected.said::<R>()?;
        self.alone(async |context, work| self.update_in(context, work, id, expected, patch).await).await
    }

    /// Deletes a row.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::Changed`] where the row is in another state,
    /// [`ServiceError::Conflict`] while others refer to it, and when the database does not answer.
    pub async fn delete(&self, id: Uuid, expected: &Expected) -> Result<(), ServiceError> {
        expected.said::<R>()?;
        self.done(async |context, work| self.delete_in(context, work, id, expected).await).await?;
        Ok(())
    }

    /// The body, or all that is wrong with it.
    fn check<S: Shape>(&self, purpose: Purpose, body: Value) -> Result<Map<String, Value>, ServiceError> {
        let rules = |object: &_, faults: &mut _| R::check(self.services, purpose, object, faults);
        body::check(S::fields(), purpose, body, rules).map_err(ServiceError::Invalid)
    }

    /// Whether the parent is there. A replica may not have it yet.
    pub(crate) async fn parent_exists(
        &self,
        reader: &Reader<'_>,
        rows: &Repository<'_, R, Reader<'_>>,
    ) -> Result<bool, ServiceError> {
        let exists = async || rows.parent_exists().await.map_err(failed::<R>);
        Ok(exists().await? || reader.turn_to_primary() && exists().await?)
    }

    /// Where this is read: on a replica of the database where one shows it as it is. `None` is for what has writes that
    /// nobody is told of.
    pub(crate) async fn reader(&self, wanted: Option<Wanted<'_>>) -> Reader<'_> {
        self.services.database.reader(|| self.place().read_elsewhere(wanted?)).await
    }

    /// Where a list is read. A purge tells nobody, so what is deleted is read on the primary; and so is what relations lead to,
    /// which has writes of its own.
    pub(crate) async fn reader_of(&self, request: &ListRequest) -> Reader<'_> {
        let is_told = !request.deleted && request.showing.expand.is_empty();
        self.reader(is_told.then_some(Wanted::List(""))).await
    }

    /// What a write changes. Only replicas of the database have reads that depend on all of an outermost row, and only what is
    /// computed depends on any row of a table.
    fn changed(&self, change: Change) -> Vec<Tag> {
        let (place, is_read_elsewhere) = (self.place(), self.services.database.replicas().is_some());
        let mut changed = place.changed(change);
        changed.extend(place.within().filter(|_| is_read_elsewhere));
        changed.extend(self.services.shared.is_summed_up(R::description()).then(|| place.any()));
        changed
    }

    /// Where the request stands, for the cache.
    pub(crate) fn place(&self) -> Place<'_> {
        Place { resource: Served::of::<R>(), caller: self.caller.user, parents: &self.parents }
    }

    pub(crate) const fn services(&self) -> &Services {
        self.services
    }

    pub(crate) const fn caller(&self) -> &Caller {
        self.caller
    }

    pub(crate) fn context(&self) -> Context<'_> {
        // Microseconds, since that is what PostgreSQL keeps: the row must not differ from what its create has answered.
        let now = Utc::now().trunc_subsecs(6);
        Context { services: self.services, caller: self.caller, parents: &self.parents, now }
    }

    pub(crate) fn scope(&self) -> Scope {
        Scope::of(self.caller.user, self.parents.clone())
    }

    /// The rows that a list is about: the living ones, or the deleted ones.
    pub(crate) fn scope_of(&self, request: &ListRequest) -> Scope {
        if request.deleted { self.scope().deleted() } else { self.scope() }
    }

    pub(crate) fn parent_missing(&self) -> ServiceError {
        let parent = R::description().parent.as_ref().map(|parent| (parent.description)().name);
        ServiceError::NotFound(parent.unwrap_or(R::description().name))
    }
}

/// The body as its type. What has passed the table fits it; where a hand-written pair disagrees, that is ours to mend.
pub(crate) fn typed<S: Shape>(body: Map<String, Value>) -> Result<S, ServiceError> {
    serde_json::from_value(Value::Object(body)).map_err(ServiceError::internal)
}

/// The patch with its objects merged with those of the row, as clients see it.
fn merge<R: Rules>(patch: Map<String, Value>, current: &R::Model) -> Result<Map<String, Value>, ServiceError> {
    let view = serde_json::to_value(R::View::from(current.clone())).map_err(ServiceError::internal)?;
    let shown = view.as_object().cloned().unwrap_or_default();
    body::merge(R::Update::fields(), patch, &shown).map_err(ServiceError::Invalid)
}

fn row<R: Rules>(model: R::Model) -> Row<R::View> {
    Row { identity: R::identity(&model), view: R::View::from(model) }
}

pub(crate) fn failed<R: Rules>(error: RepositoryError) -> ServiceError {
    let description: &Description = R::description();
    ServiceError::of(description, error)
}
