//! Lists walked by cursor: whose walk it is, and through what, is sealed into each cursor.

use albedo_core::fault::{Code, Fault};
use albedo_core::listing::{Anchor, Ground, ListRequest, SortKey};

use crate::crud::Crud;
use crate::error::ServiceError;

impl Crud<'_> {
    /// Where the walk is to go on; `None` at its beginning.
    ///
    /// # Errors
    /// [`ServiceError::Query`] for a cursor that is not of this walk.
    pub fn cursor(&self, request: &ListRequest) -> Result<Option<Anchor>, ServiceError> {
        let order = self.order(request);
        let cursor = request.cursor.as_deref().filter(|cursor| !cursor.is_empty());
        let read = |cursor| self.services().shared.cursors.read(&self.ground(request, &order), cursor);
        cursor.map(read).transpose().map_err(|fault| ServiceError::Query(fault.into()))
    }

    /// The cursor of a place in this walk.
    #[must_use]
    pub fn cursor_at(&self, request: &ListRequest, anchor: &Anchor) -> String {
        self.services().shared.cursors.write(&self.ground(request, &self.order(request)), anchor)
    }

    fn order(&self, request: &ListRequest) -> Vec<SortKey> {
        request.order(self.resource().description.default_sort)
    }

    fn ground<'g>(&'g self, request: &'g ListRequest, order: &'g [SortKey]) -> Ground<'g> {
        let place = self.place();
        Ground { list: place.description.path, parents: place.parents, user: place.caller, request, order }
    }
}

/// Why a walk does not go on.
pub fn gone() -> ServiceError {
    let detail = "The row where this cursor stood is gone; begin again with an empty cursor.";
    ServiceError::Query(Fault::in_parameter("cursor", Code::NotFound, detail).into())
}
