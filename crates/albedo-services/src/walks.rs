//! Lists walked by cursor: whose walk it is, and through what, is sealed into each cursor.

use albedo_core::database::Reader;
use albedo_core::fault::{Code, Fault};
use albedo_core::listing::{Ground, ListRequest, Walk};
use albedo_repositories::Repository;

use crate::crud::{CrudService, failed};
use crate::error::ServiceError;
use crate::rules::Rules;

impl<R: Rules> CrudService<'_, R> {
    /// One page from where a cursor says, or the first one, and the cursors of the pages around it. A missing parent is not
    /// an empty list.
    ///
    /// # Errors
    /// [`ServiceError::Query`] for a cursor that is not of this walk, [`ServiceError::NotFound`] for the parent, and when
    /// the database does not answer.
    pub async fn walk(&self, request: &ListRequest) -> Result<Walk<R::View, String>, ServiceError> {
        let (_, walk) = self.walk_on(request).await?;
        Ok(walk.map(R::View::from, |cursor| cursor))
    }

    /// The same rows as they are, and where they were read.
    pub(crate) async fn walk_on(
        &self,
        request: &ListRequest,
    ) -> Result<(Reader<'_>, Walk<R::Model, String>), ServiceError> {
        let (place, order) = (self.place(), request.order(R::description().default_sort));
        let list = place.resource.description.path;
        let ground = Ground { list, parents: place.parents, user: place.caller, request, order: &order };
        let cursors = &self.services().shared.cursors;
        let cursor = request.cursor.as_deref().filter(|cursor| !cursor.is_empty());
        let from = cursor.map(|cursor| cursors.read(&ground, cursor)).transpose();
        let from = from.map_err(|fault| ServiceError::Query(fault.into()))?;
        let reader = self.reader_of(request).await;
        let rows = Repository::<R, _>::on(&reader, self.scope_of(request));
        let mut walked = rows.walk(request, from.as_ref()).await.map_err(failed::<R>)?;
        // A replica may not have it yet.
        if walked.is_none() && reader.turn_to_primary() {
            walked = rows.walk(request, from.as_ref()).await.map_err(failed::<R>)?;
        }
        let Some(walk) = walked else {
            let detail = "The row where this cursor stood is gone; begin again with an empty cursor.";
            return Err(ServiceError::Query(Fault::in_parameter("cursor", Code::NotFound, detail).into()));
        };
        if walk.items.is_empty() && !self.parent_exists(&reader, &rows).await? {
            return Err(self.parent_missing());
        }
        let walk = walk.map(|row| row, |anchor| cursors.write(&ground, &anchor));
        Ok((reader, walk))
    }
}
