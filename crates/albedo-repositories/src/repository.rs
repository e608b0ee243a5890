//! The verbs of every resource, inside a scope.
//!
//! `find` may miss, `page` pages, `insert`, `update` and `delete` write. Works on a connection and in a transaction alike. What
//! is asked is said in [`crate::table`], for all tables; here rows get their types.

use std::marker::PhantomData;

use albedo_core::database::Session;
use albedo_core::listing::{Anchor, At, ListRequest, Page, Walk};
use albedo_entities::Resource;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Order, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult};
use uuid::Uuid;

use crate::columns;
use crate::error::RepositoryError;
use crate::keyset::Key;
use crate::listing;
use crate::pages::Place;
use crate::scope::Scope;
use crate::table::{Table, parent_exists};

/// The rows of one resource that a scope lets through.
pub struct Repository<'c, R> {
    pub(crate) table: Table<'c>,
    resource: PhantomData<R>,
}

impl<'c, R: Resource> Repository<'c, R> {
    /// On a connection or a transaction, inside a scope.
    pub fn on(session: impl Into<Session<'c>>, scope: Scope) -> Self {
        Self { table: Table::of::<R>(session.into(), scope), resource: PhantomData }
    }

    /// Whether the parent that the scope names exists and is in scope itself; true where there is no parent.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn parent_exists(&self) -> Result<bool, RepositoryError> {
        parent_exists(&self.table.session, &self.table.scope, self.table.description).await
    }

    /// The first rows by id, at most `most`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn all(&self, most: u64) -> Result<Vec<R::Model>, RepositoryError> {
        let id = self.table.qualified(self.table.known.own.id);
        self.read(self.table.rows().order_by(id, Order::Asc).limit(most)).await
    }

    /// One page of the rows that a list asks for, and how many there are on all pages, where that is asked for too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn page(&self, request: &ListRequest) -> Result<Page<R::Model>, RepositoryError> {
        let page = self.table.page(request).await?;
        let rows = columns::rows::<R>(&page.items)?;
        Ok(page.with(rows))
    }

    /// The rows on one side of a place in the list, or its first ones, and the places around them. However far the walk
    /// has come, it costs the same, where an index has the order. `None` where the place was a row that is gone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn walk(
        &self,
        request: &ListRequest,
        from: Option<&Anchor>,
    ) -> Result<Option<Walk<R::Model, Anchor>>, RepositoryError> {
        let keys = self.table.keys(request);
        let values = match from.map(|anchor| &anchor.at) {
            Some(At::Row(id)) => match self.find(*id).await? {
                Some(row) => Some(place::<R>(&keys, &row)),
                None => return Ok(None),
            },
            Some(At::Keys(values)) => Some(values.clone()),
            None => None,
        };
        let stretch = self.table.stretch(request, &keys, from.zip(values.as_ref())).await?;
        let items = columns::rows::<R>(&stretch.rows)?;
        let [first, last] = [items.first(), items.last()].map(|row| row.map(|row| place::<R>(&keys, row)));
        let (prev, next) = stretch.around(from, first, last);
        Ok(Some(Walk { items, total: stretch.total, prev, next }))
    }

    /// The row with this id, if it is in scope.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, id: Uuid) -> Result<Option<R::Model>, RepositoryError> {
        Ok(self.read(&self.table.row(id)).await?.pop())
    }

    /// The row with this id, if it is in scope, kept from other writers until the transaction ends. SQLite, where the
    /// whole file is locked already, ignores the lock.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock(&self, id: Uuid) -> Result<Option<R::Model>, RepositoryError> {
        Ok(self.read(self.table.row(id).lock_exclusive()).await?.pop())
    }

    /// A new row: its id, version, times, owner and parent are set here.
    ///
    /// # Errors
    /// [`RepositoryError::Taken`] and [`RepositoryError::MissingReference`] by column, and when the database does not answer.
    pub async fn insert(&self, row: R::ActiveModel, now: DateTime<Utc>) -> Result<R::Model, RepositoryError> {
        let written = self.table.insert_one(columns::assigned::<R>(&row), now).await?;
        first::<R>(&written)?.ok_or_else(|| RepositoryError::Database(missing()))
    }

    /// Changes the row with this id, if it is in scope and still has the version expected; the version rises by one.
    /// `None` where there is no such row.
    ///
    /// # Errors
    /// [`RepositoryError::Taken`] and [`RepositoryError::MissingReference`] by column, and when the database does not answer.
    pub async fn update(
        &self,
        id: Uuid,
        expected: Option<i64>,
        row: R::ActiveModel,
        now: DateTime<Utc>,
    ) -> Result<Option<R::Model>, RepositoryError> {
        first::<R>(&self.table.update_one(id, expected, columns::changed::<R>(&row), now).await?)
    }

    /// Deletes the row with this id, if it is in scope and still has the version expected. Whether there was one. Where rows
    /// can be restored it stays, and only says from now on when that was.
    ///
    /// # Errors
    /// [`RepositoryError::InUse`] while others refer to it, and when the database does not answer.
    pub async fn delete(&self, id: Uuid, expected: Option<i64>, now: DateTime<Utc>) -> Result<bool, RepositoryError> {
        self.table.delete_one(id, expected, now).await
    }

    /// Brings a deleted row back, if it is in the scope of the deleted ones and still has the version expected; the version
    /// rises by one. `None` where there is no such row.
    ///
    /// # Errors
    /// [`RepositoryError::Taken`] by column where another row has its unique values now, and when the database does not answer.
    pub async fn restore(
        &self,
        id: Uuid,
        expected: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<Option<R::Model>, RepositoryError> {
        first::<R>(&self.table.restore_one(id, expected, now).await?)
    }

    pub(crate) async fn read(&self, rows: &SelectStatement) -> Result<Vec<R::Model>, RepositoryError> {
        Ok(columns::rows::<R>(&self.table.session.query_all(rows).await?)?)
    }
}

/// The values of a row by which its place is told.
fn place<R: Resource>(keys: &[Key], row: &R::Model) -> Place {
    let mut place = Vec::with_capacity(keys.len());
    for key in keys {
        place.push(columns::value_of::<R>(row, key.column).and_then(listing::scalar));
    }
    place
}

/// The row that a write has told, if it has written one.
fn first<R: Resource>(written: &[QueryResult]) -> Result<Option<R::Model>, RepositoryError> {
    match written.first() {
        Some(row) => Ok(Some(R::Model::from_query_result(row, "")?)),
        None => Ok(None),
    }
}

fn missing() -> DbErr {
    DbErr::RecordNotFound("the database did not tell the row that it has written".to_owned())
}
