//! What a resource does with its own types: each step that the engine asks for, with the rules of the resource around it.
//!
//! [`erased`] is where the engine comes in. One verb of [`verbs`] or a whole [`bulk`] is done inside the work that the engine has
//! begun, so that a rule may read what the same request has just written; what was done passes by [`event`]. [`CrudService`] is
//! for those who know the types: rows come as they are. No SQL and no status code appears here.

mod bulk;
mod erased;
mod event;
mod showing;
mod verbs;

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use albedo_core::database::{Reader, Session};
use albedo_core::listing::{Anchor, ListRequest, Page, Walk};
use albedo_engine::keeping::Wanted;
use albedo_engine::{Access, Caller, Crud, Row, ServiceError, Services, gone};
use albedo_repositories::{Repository, Scope};
use uuid::Uuid;

use crate::rules::Rules;
pub use erased::served;

/// The verbs of one resource, for one caller. Those that answer bytes are those of [`Crud`].
#[derive(Clone, Debug)]
pub struct CrudService<'s, R> {
    crud: Crud<'s>,
    resource: PhantomData<fn() -> R>,
}

impl<'s, R: Rules> CrudService<'s, R> {
    /// For a caller whose role reaches; `parents` as the path names them.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub fn of(
        services: &'s Services,
        caller: &'s Caller,
        access: Access,
        parents: Vec<Uuid>,
    ) -> Result<Self, ServiceError> {
        services.at(served::<R>(), caller, access, parents).map(Self::new)
    }

    const fn new(crud: Crud<'s>) -> Self {
        Self { crud, resource: PhantomData }
    }

    /// As [`Crud::on_trial`].
    #[must_use]
    pub fn on_trial(self) -> Self {
        Self::new(self.crud.on_trial())
    }

    /// One page by its number. A missing parent is not an empty list.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for the parent, and when the database does not answer.
    pub async fn list(&self, request: &ListRequest) -> Result<Page<R::View>, ServiceError> {
        let reader = self.crud.reader_of(request).await;
        let mut page = Rows::<R>::of(&self.crud).page(&reader, request).await?;
        if page.items.is_empty() {
            self.crud.parent_on(&reader).await?;
        }
        let views = std::mem::take(&mut page.items).into_iter().map(R::View::from).collect();
        Ok(page.with(views))
    }

    /// One page from where a cursor says, or the first one, and the cursors of the pages around it. A missing parent is not
    /// an empty list.
    ///
    /// # Errors
    /// [`ServiceError::Query`] for a cursor that is not of this walk, [`ServiceError::NotFound`] for the parent, and when
    /// the database does not answer.
    pub async fn walk(&self, request: &ListRequest) -> Result<Walk<R::View, String>, ServiceError> {
        let from = self.crud.cursor(request)?;
        let reader = self.crud.reader_of(request).await;
        let walk = Rows::<R>::of(&self.crud).walk(&reader, request, from.as_ref()).await?;
        let walk = walk.ok_or_else(gone)?;
        if walk.items.is_empty() {
            self.crud.parent_on(&reader).await?;
        }
        Ok(walk.map(R::View::from, |anchor| self.crud.cursor_at(request, &anchor)))
    }

    /// One row.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], and when the database does not answer.
    pub async fn get(&self, id: Uuid) -> Result<Row<R::View>, ServiceError> {
        let reader = self.crud.reader(Some(Wanted::Row(id))).await;
        let found = Rows::<R>::of(&self.crud).find(&reader, id).await?;
        let row = found.ok_or_else(|| self.crud.not_found())?;
        Ok(Row { identity: R::identity(&row), view: R::View::from(row) })
    }
}

impl<'s, R> Deref for CrudService<'s, R> {
    type Target = Crud<'s>;

    fn deref(&self) -> &Crud<'s> {
        &self.crud
    }
}

/// The rows of a resource, for what is done with their types.
pub(crate) struct Rows<'c, R> {
    crud: &'c Crud<'c>,
    resource: PhantomData<fn() -> R>,
}

impl<'c, R: Rules> Rows<'c, R> {
    const fn of(crud: &'c Crud<'c>) -> Self {
        Self { crud, resource: PhantomData }
    }

    /// The row, if it is in scope. A replica may not have it yet.
    async fn find(&self, reader: &Reader<'_>, id: Uuid) -> Result<Option<R::Model>, ServiceError> {
        let rows = Repository::<R>::on(reader, self.scope());
        let mut found = self.told(rows.find(id).await)?;
        if found.is_none() && reader.turn_to_primary() {
            found = self.told(rows.find(id).await)?;
        }
        Ok(found)
    }

    async fn page(&self, reader: &Reader<'_>, request: &ListRequest) -> Result<Page<R::Model>, ServiceError> {
        self.told(Repository::<R>::on(reader, self.scope_of(request)).page(request).await)
    }

    /// The rows on one side of a place; `None` where the place was a row that is gone. A replica may not have it yet.
    async fn walk(
        &self,
        reader: &Reader<'_>,
        request: &ListRequest,
        from: Option<&Anchor>,
    ) -> Result<Option<Walk<R::Model, Anchor>>, ServiceError> {
        let rows = Repository::<R>::on(reader, self.scope_of(request));
        let mut walked = self.told(rows.walk(request, from).await)?;
        if walked.is_none() && reader.turn_to_primary() {
            walked = self.told(rows.walk(request, from).await)?;
        }
        Ok(walked)
    }

    /// The rows of a scope, through the transaction of a write or beside it.
    fn on<'s>(&self, session: Session<'s>, scope: Scope) -> Repository<'s, R> {
        Repository::on(session, scope)
    }
}

impl<'c, R> Deref for Rows<'c, R> {
    type Target = Crud<'c>;

    fn deref(&self) -> &Crud<'c> {
        self.crud
    }
}

impl<R> fmt::Debug for Rows<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rows").field(self.crud).finish()
    }
}
