//! Reads that end as bytes: from the cache where it has them, written once where it has not.
//!
//! Whether the caller may read at all is decided before; whose rows they are is part of the key.

use albedo_core::cache::{Brought, Entry, Failure, Mark};
use albedo_core::database::Reader;
use albedo_core::listing::{ListRequest, RowRequest, Walk};
use bytes::Bytes;
use serde::Serialize;
use uuid::Uuid;

use crate::crud::CrudService;
use crate::error::ServiceError;
use crate::keeping::Wanted;
use crate::rules::Rules;
use crate::showing::{picked, selected};

/// A row as JSON.
#[derive(Clone, Debug)]
pub struct RowBytes {
    /// State of the row.
    pub version: i64,
    /// Its JSON; cloning shares it.
    pub body: Bytes,
}

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
    /// As [`CrudService::get`].
    pub async fn get_bytes(&self, id: Uuid, request: &RowRequest) -> Result<RowBytes, ServiceError> {
        let entry = self.kept(Wanted::Row(id), async |reader| {
            let row = self.get_on(reader, id).await?;
            Ok(Entry { mark: Mark::Row(row.identity.version), body: json(&row.view)? })
        });
        match entry.await? {
            Entry { mark: Mark::Row(version), body } => match &request.fields {
                Some(fields) => Ok(RowBytes { version, body: selected(&body, fields)? }),
                None => Ok(RowBytes { version, body }),
            },
            _ => Err(ServiceError::NotFound(R::description().name)),
        }
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
            let page = self.list_on(reader, request).await?;
            let mark = Mark::Page { page: page.page, pages: page.last_known() };
            let body = match &request.fields {
                Some(fields) => json(&page.try_map(|view| picked(&view, fields))?)?,
                None => json(&page)?,
            };
            Ok(Entry { mark, body })
        };
        // A purge tells nobody, and few look for what is deleted.
        let entry = if request.deleted {
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
        let Walk { items, total, prev, next } = self.walk(request).await?.map(|view| view, |cursor| address(&cursor));
        let size = request.page.size;
        let (before, after) = (prev.as_deref(), next.as_deref());
        let body = match &request.fields {
            Some(fields) => {
                let items = items.iter().map(|view| picked(view, fields)).collect::<Result<Vec<_>, _>>()?;
                json(&CursorPage { items: &items, total, size, next: after, prev: before })?
            }
            None => json(&CursorPage { items: &items, total, size, next: after, prev: before })?,
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
