//! Reads that end as bytes: from the cache where it has them, written once where it has not.
//!
//! Whether the caller may read at all is decided before; whose rows they are is part of the key.

use albedo_core::cache::{Brought, Entry, Failure, Mark};
use albedo_core::database::Reader;
use albedo_core::listing::{ListRequest, Page, Showing, Walk};
use albedo_entities::Identity;
use bytes::Bytes;
use serde::Serialize;
use uuid::Uuid;

use crate::crud::Crud;
use crate::error::ServiceError;
use crate::keeping::Wanted;
use crate::row_bytes::RowBytes;
use crate::walks::gone;

/// A page as JSON.
#[derive(Clone, Debug)]
pub struct PageBytes {
    /// Where the others are.
    pub around: Around,
    /// Its JSON; cloning shares it.
    pub body: Bytes,
}

/// The pages around a page.
#[derive(Clone, Debug)]
pub enum Around {
    /// By number.
    Pages {
        /// That of the page itself, from 1.
        page: u64,
        /// How many there are; where they were not counted, the last one that is known of.
        pages: u64,
    },
    /// By cursor: their addresses.
    Addresses {
        /// Of the page before.
        prev: Option<String>,
        /// Of the page after.
        next: Option<String>,
    },
}

/// What stands behind the items of a page by cursor.
#[derive(Serialize)]
struct CursorPage<'p> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    size: u64,
    next: Option<&'p str>,
    prev: Option<&'p str>,
}

/// What stands behind the items of a page by number.
#[derive(Serialize)]
struct NumberedPage {
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    page: u64,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pages: Option<u64>,
}

impl Crud<'_> {
    /// One row, written.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::Forbidden`] for what stands at the end of a relation, and when the database
    /// does not answer.
    pub async fn get_bytes(&self, id: Uuid, showing: &Showing) -> Result<RowBytes, ServiceError> {
        if !showing.expand.is_empty() {
            let reader = self.reader(None).await;
            return self.one_on(&reader, id, showing).await;
        }
        let all = Showing::default();
        let entry = self.kept(Wanted::Row(id), async |reader| {
            let row = self.one_on(reader, id, &all).await?;
            Ok(Entry { mark: Mark::Row(row.identity.version), body: row.body })
        });
        match entry.await? {
            Entry { mark: Mark::Row(version), body } => self.selected(Identity { id, version }, body, showing),
            _ => Err(self.not_found()),
        }
    }

    async fn one_on(&self, reader: &Reader<'_>, id: Uuid, showing: &Showing) -> Result<RowBytes, ServiceError> {
        self.resource().typed.find(self, reader, id, showing).await?.ok_or_else(|| self.not_found())
    }

    /// One page, written. `query` is what `request` was read from, and `address` makes the address of the page of a cursor.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] for the parent, since a missing one is not an empty list; [`ServiceError::Query`] for a cursor
    /// that is not of this walk; and when the database does not answer.
    pub async fn list_bytes(
        &self,
        request: &ListRequest,
        query: &str,
        address: &dyn Fn(&str) -> String,
    ) -> Result<PageBytes, ServiceError> {
        if request.cursor.is_some() {
            return self.walk_bytes(request, address).await;
        }
        let read = async |reader: &Reader<'_>| {
            let (around, items) = self.resource().typed.page(self, reader, request).await?;
            if items.is_empty() {
                self.parent_on(reader).await?;
            }
            let Page { total, page, size, pages, .. } = around;
            let mark = Mark::Page { page, pages: around.last_known() };
            Ok(Entry { mark, body: items.with(&NumberedPage { total, page, size, pages })? })
        };
        // A purge tells nobody, and few look for what is deleted; and what relations lead to has writes of its own.
        let entry = if request.deleted || !request.showing.expand.is_empty() {
            read(&self.reader_of(request).await).await
        } else {
            self.kept(Wanted::List(query), read).await
        };
        match entry? {
            Entry { mark: Mark::Page { page, pages }, body } => {
                Ok(PageBytes { around: Around::Pages { page, pages }, body })
            }
            _ => Err(self.parent_missing()),
        }
    }

    // Never kept: its cursors are the caller's own, while a list may be everybody's, and it costs little however far in it is.
    async fn walk_bytes(
        &self,
        request: &ListRequest,
        address: &dyn Fn(&str) -> String,
    ) -> Result<PageBytes, ServiceError> {
        let from = self.cursor(request)?;
        let reader = self.reader_of(request).await;
        let walked = self.resource().typed.walk(self, &reader, request, from.as_ref()).await?;
        let (Walk { total, prev, next, .. }, items) = walked.ok_or_else(gone)?;
        if items.is_empty() {
            self.parent_on(&reader).await?;
        }
        let [prev, next] = [prev, next].map(|place| place.map(|anchor| address(&self.cursor_at(request, &anchor))));
        let rest = CursorPage { total, size: request.page.size, next: next.as_deref(), prev: prev.as_deref() };
        Ok(PageBytes { body: items.with(&rest)?, around: Around::Addresses { prev, next } })
    }

    /// What is kept, or what `read` brings. That there is nothing is kept as well.
    async fn kept(
        &self,
        wanted: Wanted<'_>,
        read: impl AsyncFnOnce(&Reader<'_>) -> Result<Entry, ServiceError>,
    ) -> Result<Entry, ServiceError> {
        let place = self.place();
        let Some(key) = place.key(wanted) else { return read(&self.reader(Some(wanted)).await).await };
        // On the heap, so that an answer that is there already has nothing large to carry.
        let read = || {
            Box::pin(async {
                let reader = self.reader(Some(wanted)).await;
                let entry = match read(&reader).await {
                    Err(ServiceError::NotFound(_)) => Entry::missing(),
                    other => other?,
                };
                Ok(Brought { entry, shared: reader.is_of_primary() })
            })
        };
        self.services().shared.cache.read(key, || place.terms(wanted), read).await.map_err(|failure| match failure {
            Failure::Own(error) => error,
            Failure::Joined => ServiceError::Unavailable { what: "the database", source: None },
        })
    }
}
