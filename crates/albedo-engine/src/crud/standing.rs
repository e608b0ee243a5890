//! Where a request stands: whose rows it is about, below which parents, what its answers depend on and where they are read.

use albedo_core::cache::Tag;
use albedo_core::database::{Reader, Session};
use albedo_core::listing::ListRequest;
use albedo_repositories::{RepositoryError, Scope, parent_exists, row_exists};
use chrono::{SubsecRound, Utc};
use uuid::Uuid;

use super::Crud;
use crate::caller::Caller;
use crate::context::Context;
use crate::error::ServiceError;
use crate::keeping::{Change, Place, Wanted};
use crate::related::Served;
use crate::services::Services;
use crate::work::Work;

impl Crud<'_> {
    /// The services of this worker.
    #[must_use]
    pub const fn services(&self) -> &Services {
        self.services
    }

    /// Who asks.
    #[must_use]
    pub const fn caller(&self) -> &Caller {
        self.caller
    }

    pub(crate) const fn resource(&self) -> &Served {
        &self.resource
    }

    /// What rules may know of the request, from now on.
    #[must_use]
    pub fn context(&self) -> Context<'_> {
        // Microseconds, since that is what PostgreSQL keeps: the row must not differ from what its create has answered.
        let now = Utc::now().trunc_subsecs(6);
        Context { services: self.services, caller: self.caller, parents: &self.parents, now }
    }

    /// The rows that the request is about.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::of(self.caller.user, self.parents.clone())
    }

    /// The rows that a list is about: the living ones, or the deleted ones.
    #[must_use]
    pub fn scope_of(&self, request: &ListRequest) -> Scope {
        if request.deleted { self.scope().deleted() } else { self.scope() }
    }

    /// Where the request stands, for the cache.
    pub(crate) fn place(&self) -> Place<'_> {
        let Served { description, computed, computed_from, .. } = self.resource;
        Place { description, computed, computed_from, caller: self.caller.user, parents: &self.parents }
    }

    /// What a write changes. Only replicas of the database have reads that depend on all of an outermost row, and only what is
    /// computed depends on any row of a table.
    #[must_use]
    pub fn changed(&self, change: Change) -> Vec<Tag> {
        let (place, is_read_elsewhere) = (self.place(), self.services.database.replicas().is_some());
        let mut changed = place.changed(change);
        changed.extend(place.within().filter(|_| is_read_elsewhere));
        changed.extend(self.services.shared.is_summed_up(self.resource.description).then(|| place.any()));
        changed
    }

    /// Begins the transaction, where the resource or the work cannot do without one.
    ///
    /// # Errors
    /// When the database gives no transaction.
    pub async fn begin(&self, work: &mut Work<'_>) -> Result<(), ServiceError> {
        if self.resource.is_atomic || work.wants_transaction() {
            work.transaction().await?;
        }
        Ok(())
    }

    /// Where this is read: on a replica of the database where one shows it as it is. `None` is for what has writes that
    /// nobody is told of.
    pub async fn reader(&self, wanted: Option<Wanted<'_>>) -> Reader<'_> {
        self.services.database.reader(|| self.place().read_elsewhere(wanted?)).await
    }

    /// Where a list is read. A purge tells nobody, so what is deleted is read on the primary; and so is what relations lead to,
    /// which has writes of its own.
    pub async fn reader_of(&self, request: &ListRequest) -> Reader<'_> {
        let is_told = !request.deleted && request.showing.expand.is_empty();
        self.reader(is_told.then_some(Wanted::List(""))).await
    }

    pub(super) async fn look_for_parent(&self) -> Result<(), ServiceError> {
        let session = Session::Connections(self.services.database.read());
        if self.parent_exists(&session).await? { Ok(()) } else { Err(self.parent_missing()) }
    }

    /// A replica may not have it yet.
    pub(super) async fn look_for_row(&self, id: Uuid) -> Result<(), ServiceError> {
        let reader = self.reader(Some(Wanted::Row(id))).await;
        let (session, scope) = (Session::Reader(&reader), self.scope());
        let exists = async || self.told(row_exists(&session, &scope, self.resource.description, id).await);
        if exists().await? || reader.turn_to_primary() && exists().await? { Ok(()) } else { Err(self.not_found()) }
    }

    /// Refuses to show nothing where the parent is not there. A replica may not have it yet.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], and when the database does not answer.
    pub async fn parent_on(&self, reader: &Reader<'_>) -> Result<(), ServiceError> {
        let session = Session::Reader(reader);
        let exists =
            self.parent_exists(&session).await? || reader.turn_to_primary() && self.parent_exists(&session).await?;
        if exists { Ok(()) } else { Err(self.parent_missing()) }
    }

    async fn parent_exists(&self, session: &Session<'_>) -> Result<bool, ServiceError> {
        self.told(parent_exists(session, &self.scope(), self.resource.description).await)
    }

    pub(crate) fn parent_missing(&self) -> ServiceError {
        let description = self.resource.description;
        let parent = description.parent.as_ref().map(|parent| (parent.description)().name);
        ServiceError::NotFound(parent.unwrap_or(description.name))
    }

    /// That the row is not there, or not the caller's.
    #[must_use]
    pub fn not_found(&self) -> ServiceError {
        ServiceError::NotFound(self.resource.description.name)
    }

    /// What a query has come to, told by field.
    ///
    /// # Errors
    /// As [`Crud::failed`].
    pub fn told<T>(&self, outcome: Result<T, RepositoryError>) -> Result<T, ServiceError> {
        match outcome {
            Ok(outcome) => Ok(outcome),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// What a query has failed by, told by field.
    #[must_use]
    pub fn failed(&self, error: RepositoryError) -> ServiceError {
        ServiceError::of(self.resource.description, error)
    }
}
