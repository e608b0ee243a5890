//! The five verbs of every resource.
//!
//! A controller calls in, a repository is called; nobody else comes here. Transactions begin and end in this file, so a
//! rule may read what the same request has just written. No SQL and no status code appears below.

use std::marker::PhantomData;

use albedo_core::body::{self, Purpose};
use albedo_core::cache::Writing;
use albedo_core::listing::{ListRequest, Page};
use albedo_entities::{Description, Identity, Shape};
use albedo_repositories::{Repository, RepositoryError, Scope};
use chrono::{SubsecRound, Utc};
use sea_orm::{ActiveModelTrait, ModelTrait};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::caller::Caller;
use crate::error::ServiceError;
use crate::keeping::{Change, Place};
use crate::rules::{Context, Rules};
use crate::services::Services;
use crate::work::Work;

/// The state that a caller expects a row to be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing was said.
    Unsaid,
    /// The row exists.
    Any,
    /// One of these versions.
    Versions(Vec<i64>),
}

impl Expected {
    fn allows(&self, version: i64) -> bool {
        match self {
            Self::Unsaid | Self::Any => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }
}

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
    resource: PhantomData<R>,
}

impl<'s, R: Rules> CrudService<'s, R> {
    pub(crate) const fn new(services: &'s Services, caller: &'s Caller, parents: Vec<Uuid>) -> Self {
        Self { services, caller, parents, resource: PhantomData }
    }

    /// One page. A missing parent is not an empty list.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for the parent, and when the database does not answer.
    pub async fn list(&self, request: &ListRequest) -> Result<Page<R::View>, ServiceError> {
        let rows = Repository::<R, _>::on(self.services.database.read(), self.scope());
        let page = rows.page(request).await.map_err(failed::<R>)?;
        if page.items.is_empty() && !rows.parent_exists().await.map_err(failed::<R>)? {
            return Err(self.parent_missing());
        }
        Ok(page.map(R::View::from))
    }

    /// One row.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], and when the database does not answer.
    pub async fn get(&self, id: Uuid) -> Result<Row<R::View>, ServiceError> {
        let rows = Repository::<R, _>::on(self.services.database.read(), self.scope());
        let found = rows.find(id).await.map_err(failed::<R>)?;
        found.map(row::<R>).ok_or_else(not_found::<R>)
    }

    /// A new row.
    ///
    /// # Errors
    /// All the faults of the body, [`ServiceError::Conflict`] by field, [`ServiceError::NotFound`] for the parent, and when
    /// the database does not answer.
    pub async fn create(&self, body: Value) -> Result<Row<R::View>, ServiceError> {
        let input: R::Create = typed(self.check::<R::Create>(Purpose::Create, body)?)?;
        let parents = Repository::<R, _>::on(self.services.database.read(), self.scope());
        if !parents.parent_exists().await.map_err(failed::<R>)? {
            return Err(self.parent_missing());
        }
        let (context, mut work) = (self.context(), Work::new(&self.services.database));
        // Before the transaction: a password takes its time to be hashed, and on SQLite nobody else could write meanwhile.
        let row = R::before_create(context, &mut work, input).await?;
        if R::ATOMIC {
            work.transaction().await?;
        }
        let writing = self.writing(Change::Create).await;
        let inserted = {
            let writer = work.writer();
            Repository::<R, _>::on(&writer, self.scope()).insert(row, context.now).await
        };
        let (inserted, writing) = written::<R, _>(inserted, writing).await?;
        let after = R::after_create(context, &mut work, &inserted).await;
        end(work, writing, after).await?;
        R::committed(context, &inserted);
        Ok(self::row::<R>(inserted))
    }

    /// Changes a row: a JSON merge patch, absent keeps and `null` clears. An empty patch changes nothing, the version neither.
    ///
    /// # Errors
    /// All the faults of the body, [`ServiceError::Conflict`] by field, [`ServiceError::NotFound`],
    /// [`ServiceError::Changed`] where the row is in another state, and when the database does not answer.
    pub async fn update(&self, id: Uuid, expected: &Expected, body: Value) -> Result<Row<R::View>, ServiceError> {
        let patch = self.check::<R::Update>(Purpose::Update, body)?;
        said::<R>(expected)?;
        let (context, mut work) = (self.context(), self.work().await?);
        let (current, patch) = if body::merged(R::Update::fields(), &patch).next().is_some() {
            // Two who patch the same object at once must not lose each other's keys.
            let current = self.locked(&mut work, id, expected).await?;
            let patch = merge::<R>(patch, &current)?;
            (current, patch)
        } else {
            (self.current(&work, id, expected).await?, patch)
        };
        let input: R::Update = typed(patch)?;
        let change = R::before_update(context, &mut work, &current, input).await?;
        if !change.is_changed() {
            return Ok(row::<R>(current));
        }
        let version = guarded_version::<R>(expected, &current);
        let writing = self.writing(Change::Update(id)).await;
        let updated = {
            let writer = work.writer();
            let rows = Repository::<R, _>::on(&writer, self.scope());
            rows.update(id, version, change, context.now).await
        };
        let (updated, writing) = written::<R, _>(updated, writing).await?;
        let Some(updated) = updated else {
            writing.undone().await;
            return Err(gone::<R>(version));
        };
        if is_moved::<R>(&current, &updated) {
            work.touches::<R>();
        }
        let after = R::after_update(context, &mut work, &current, &updated).await;
        end(work, writing, after).await?;
        R::committed(context, &updated);
        Ok(row::<R>(updated))
    }

    /// Deletes a row.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::Changed`] where the row is in another state,
    /// [`ServiceError::Conflict`] while others refer to it, and when the database does not answer.
    pub async fn delete(&self, id: Uuid, expected: &Expected) -> Result<(), ServiceError> {
        said::<R>(expected)?;
        let (context, mut work) = (self.context(), self.work().await?);
        let current = self.current(&work, id, expected).await?;
        R::before_delete(context, &mut work, &current).await?;
        let version = guarded_version::<R>(expected, &current);
        let writing = self.writing(Change::Delete(id)).await;
        let deleted = {
            let writer = work.writer();
            Repository::<R, _>::on(&writer, self.scope()).delete(id, version).await
        };
        let (deleted, writing) = written::<R, _>(deleted, writing).await?;
        if !deleted {
            writing.undone().await;
            return Err(gone::<R>(version));
        }
        let after = R::after_delete(context, &mut work, &current).await;
        end(work, writing, after).await?;
        R::committed(context, &current);
        Ok(())
    }

    /// The body, or all that is wrong with it.
    fn check<S: Shape>(&self, purpose: Purpose, body: Value) -> Result<Map<String, Value>, ServiceError> {
        let rules = |object: &_, faults: &mut _| R::check(self.services, purpose, object, faults);
        body::check(S::fields(), purpose, body, rules).map_err(ServiceError::Invalid)
    }

    async fn current(&self, work: &Work<'_>, id: Uuid, expected: &Expected) -> Result<R::Model, ServiceError> {
        let reader = work.reader();
        let found = Repository::<R, _>::on(&reader, self.scope()).find(id).await.map_err(failed::<R>)?;
        as_expected::<R>(found, expected)
    }

    /// The row, kept from others who would change it before the work is done.
    async fn locked(&self, work: &mut Work<'_>, id: Uuid, expected: &Expected) -> Result<R::Model, ServiceError> {
        let transaction = work.transaction().await?;
        let found = Repository::<R, _>::on(&transaction, self.scope()).lock(id).await.map_err(failed::<R>)?;
        as_expected::<R>(found, expected)
    }

    /// Marks what the change changes, before it is made.
    async fn writing(&self, change: Change) -> Writing {
        self.services.shared.cache.write(&self.place().changed(change)).await
    }

    /// Where the request stands, for the cache.
    pub(crate) fn place(&self) -> Place<'_> {
        Place { description: R::description(), caller: self.caller.user, parents: &self.parents }
    }

    pub(crate) const fn services(&self) -> &Services {
        self.services
    }

    async fn work(&self) -> Result<Work<'_>, ServiceError> {
        let mut work = Work::new(&self.services.database);
        if R::ATOMIC {
            work.transaction().await?;
        }
        Ok(work)
    }

    fn context(&self) -> Context<'_> {
        // Microseconds, since that is what PostgreSQL keeps: the row must not differ from what its create has answered.
        let now = Utc::now().trunc_subsecs(6);
        Context { services: self.services, caller: self.caller, parents: &self.parents, now }
    }

    fn scope(&self) -> Scope {
        Scope::of(self.caller.user, self.parents.clone())
    }

    pub(crate) fn parent_missing(&self) -> ServiceError {
        let parent = R::description().parent.as_ref().map(|parent| (parent.description)().name);
        ServiceError::NotFound(parent.unwrap_or(R::description().name))
    }
}

/// What a statement has written. One that was refused has written nothing; one that the database did not answer may have.
async fn written<R: Rules, T>(
    outcome: Result<T, RepositoryError>,
    writing: Writing,
) -> Result<(T, Writing), ServiceError> {
    match outcome {
        Ok(written) => Ok((written, writing)),
        Err(error) => {
            if !matches!(error, RepositoryError::Unavailable(_) | RepositoryError::Database(_)) {
                writing.undone().await;
            }
            Err(failed::<R>(error))
        }
    }
}

/// Commits, and tells the cache: after the commit, before the answer. What is rolled back has changed nothing.
async fn end(work: Work<'_>, mut writing: Writing, after: Result<(), ServiceError>) -> Result<(), ServiceError> {
    if let Err(error) = after {
        if work.is_transaction() {
            drop(work);
            writing.undone().await;
        } else {
            writing.done().await;
        }
        return Err(error);
    }
    if !work.touched().is_empty() {
        writing.also(work.touched()).await;
    }
    // A commit that fails may have been one: then the mark stays until nothing can come of it any more.
    work.commit().await?;
    writing.done().await;
    Ok(())
}

/// Whether the row belongs to somebody else now, or stands elsewhere, and all beneath it with it.
fn is_moved<R: Rules>(before: &R::Model, after: &R::Model) -> bool {
    let columns = R::COLUMNS;
    [columns.owner, columns.parent].into_iter().flatten().any(|column| before.get(column) != after.get(column))
}

/// The body as its type. What has passed the table fits it; where a hand-written pair disagrees, that is ours to mend.
fn typed<S: Shape>(body: Map<String, Value>) -> Result<S, ServiceError> {
    serde_json::from_value(Value::Object(body)).map_err(ServiceError::internal)
}

/// The patch with its objects merged with those of the row, as clients see it.
fn merge<R: Rules>(patch: Map<String, Value>, current: &R::Model) -> Result<Map<String, Value>, ServiceError> {
    let view = serde_json::to_value(R::View::from(current.clone())).map_err(ServiceError::internal)?;
    let shown = view.as_object().cloned().unwrap_or_default();
    body::merge(R::Update::fields(), patch, &shown).map_err(ServiceError::Invalid)
}

/// Refuses a change that does not say which state it changes, where the resource wants to know.
fn said<R: Rules>(expected: &Expected) -> Result<(), ServiceError> {
    let wanted = R::description().require_if_match && *expected == Expected::Unsaid;
    if wanted { Err(ServiceError::StateWanted) } else { Ok(()) }
}

fn as_expected<R: Rules>(found: Option<R::Model>, expected: &Expected) -> Result<R::Model, ServiceError> {
    let current = found.ok_or_else(not_found::<R>)?;
    if expected.allows(R::identity(&current).version) { Ok(current) } else { Err(ServiceError::Changed) }
}

/// The version that the write itself has to find: between the look and the write another one may have come.
fn guarded_version<R: Rules>(expected: &Expected, current: &R::Model) -> Option<i64> {
    matches!(expected, Expected::Versions(_)).then(|| R::identity(current).version)
}

fn gone<R: Rules>(version: Option<i64>) -> ServiceError {
    if version.is_some() { ServiceError::Changed } else { not_found::<R>() }
}

fn row<R: Rules>(model: R::Model) -> Row<R::View> {
    Row { identity: R::identity(&model), view: R::View::from(model) }
}

fn not_found<R: Rules>() -> ServiceError {
    ServiceError::NotFound(R::description().name)
}

fn failed<R: Rules>(error: RepositoryError) -> ServiceError {
    let description: &Description = R::description();
    ServiceError::of(description, error)
}
