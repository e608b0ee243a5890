//! Reads that end as bytes: from the cache where it has them, written once where it has not.
//!
//! Whether the caller may read at all is decided before; whose rows they are is part of the key.

use albedo_core::cache::{Brought, Entry, Failure, Mark};
use albedo_core::database::{Reader, Session};
use albedo_core::listing::{ListRequest, Page, Showing, Walk};
use albedo_entities::Identity;
use bytes::Bytes;
use serde::Serialize;
use uuid::Uuid;

use crate::crud::CrudService;
use crate::error::ServiceError;
use crate::keeping::Wanted;
use crate::rules::Rules;
use crate::showing::{RowBytes, items, selected};

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

/// A page by cursor, as clients see it.
#[derive(Serialize)]
struct CursorPage<'p, T> {
    items: &'p [T],
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    size: u64,
    next: Option<&'p str>,
    prev: Option<&'p str>,
}

impl<R: Rules> CrudService<'_, R> {
    /// One row, written.
    ///
    /// # Errors
    /// As [`CrudService::get`], and [`ServiceError::Forbidden`] for what stands at the end of a relation.
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
            Entry { mark: Mark::Row(version), body } => selected::<R>(Identity { id, version }, body, showing),
            _ => Err(ServiceError::NotFound(R::description().name)),
        }
    }

    async fn one_on(&self, reader: &Reader<'_>, id: Uuid, showing: &Showing) -> Result<RowBytes, ServiceError> {
        let row = self.find_on(reader, id).await?;
        if Self::is_plain(showing) {
            return Self::plain(row, showing);
        }
        self.one_of(&Session::Reader(reader), &row, showing).await
    }

    /// One page, written. `query` is what `request` was read from, and `address` makes the address of the page of a cursor.
    ///
    /// # Errors
    /// As [`CrudService::list`] and [`CrudService::walk`].
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
            let page = self.page_on(reader, request).await?;
            let mark = Mark::Page { page: page.page, pages: page.last_known() };
            Ok(Entry { mark, body: self.page_bytes(reader, page, &request.showing).await? })
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

    async fn page_bytes(
        &self,
        reader: &Reader<'_>,
        page: Page<R::Model>,
        showing: &Showing,
    ) -> Result<Bytes, ServiceError> {
        if Self::is_whole(showing) {
            return json(&page.map(R::View::from));
        }
        let shown = self.shown(&Session::Reader(reader), &page.items, showing).await?;
        let mut items = items(&shown)?.into_iter();
        json(&page.try_map(|_| items.next().ok_or("a row is missing")).map_err(ServiceError::internal)?)
    }

    // Never kept: its cursors are the caller's own, while a list may be everybody's, and it costs little however far in it is.
    async fn walk_bytes(
        &self,
        request: &ListRequest,
        address: &dyn Fn(&str) -> String,
    ) -> Result<PageBytes, ServiceError> {
        let (reader, walk) = self.walk_on(request).await?;
        let Walk { items: rows, total, prev, next } = walk.map(|row| row, |cursor| address(&cursor));
        let size = request.page.size;
        let (before, after) = (prev.as_deref(), next.as_deref());
        let body = if Self::is_whole(&request.showing) {
            let items: Vec<_> = rows.into_iter().map(R::View::from).collect();
            json(&CursorPage { items: &items, total, size, next: after, prev: before })?
        } else {
            let shown = self.shown(&Session::Reader(&reader), &rows, &request.showing).await?;
            json(&CursorPage { items: &items(&shown)?, total, size, next: after, prev: before })?
        };
        Ok(PageBytes { around: Around::Addresses { prev, next }, body })
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

/// A view as JSON. One that cannot be written is ours to mend.
fn json<T: Serialize>(view: &T) -> Result<Bytes, ServiceError> {
    serde_json::to_vec(view).map(Bytes::from).map_err(ServiceError::internal)
}
