//! The verbs of every resource, inside a scope.
//!
//! `find` may miss, `page` pages, `insert`, `update` and `delete` write. Works on a connection and in a transaction alike.

use std::marker::PhantomData;

use albedo_core::listing::{Anchor, At, ListRequest, Page, PageRequest, Side, Walk};
use albedo_core::scalar::Scalar;
use albedo_entities::{Description, Reference, Resource};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Func, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IdenStatic, Iterable, ModelTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, Value,
};
use uuid::Uuid;

use crate::error::RepositoryError;
use crate::keyset::{self, Key, Start, Way};
use crate::listing;
use crate::scope::Scope;

/// The rows of one resource that a scope lets through.
pub struct Repository<'c, R, C> {
    pub(crate) connection: &'c C,
    pub(crate) scope: Scope,
    resource: PhantomData<R>,
}

impl<'c, R: Resource, C: ConnectionTrait> Repository<'c, R, C> {
    /// On a connection or a transaction, inside a scope.
    pub const fn on(connection: &'c C, scope: Scope) -> Self {
        Self { connection, scope, resource: PhantomData }
    }

    /// Whether the parent that the scope names exists and is in scope itself; true where there is no parent.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn parent_exists(&self) -> Result<bool, RepositoryError> {
        let Some((table, condition)) = self.scope.parent_condition(Self::description()) else { return Ok(true) };
        let query = Query::select().expr(Expr::val(1)).from(table).cond_where(condition).limit(1).take();
        Ok(self.connection.query_one(&query).await?.is_some())
    }

    /// The first rows by id, at most `most`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn all(&self, most: u64) -> Result<Vec<R::Model>, RepositoryError> {
        Ok(self.rows().order_by_asc(R::COLUMNS.id).limit(most).all(self.connection).await?)
    }

    /// One page of the rows that a list asks for, and how many there are on all pages, where that is asked for too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn page(&self, request: &ListRequest) -> Result<Page<R::Model>, RepositoryError> {
        let rows = self.listed(request);
        let PageRequest { size, .. } = request.page;
        let Some(offset) = request.page.offset() else {
            let total = if request.counts() { Some(self.count(rows).await?) } else { None };
            return Ok(match total {
                Some(total) => Page::of(Vec::new(), total, request.page),
                None => Page::uncounted(Vec::new(), false, request.page),
            });
        };
        let ordered = keyset::order(&self.keys(request)).into_iter().fold(rows.clone(), in_order).offset(offset);
        if !request.counts() {
            // One row more tells whether there are more.
            let mut items = ordered.limit(size + 1).all(self.connection).await?;
            let has_more = cut(&mut items, size);
            return Ok(Page::uncounted(items, has_more, request.page));
        }
        let items = ordered.limit(size).all(self.connection).await?;
        let fetched = u64::try_from(items.len()).unwrap_or(u64::MAX);
        // A page that is neither empty nor full is the last one: its rows need no second query to be counted.
        let total =
            if fetched < size && (fetched > 0 || offset == 0) { offset + fetched } else { self.count(rows).await? };
        Ok(Page::of(items, total, request.page))
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
        let keys = self.keys(request);
        let values = match from.map(|anchor| &anchor.at) {
            Some(At::Row(id)) => match self.find(*id).await? {
                Some(row) => Some(values_of::<R>(&keys, &row)),
                None => return Ok(None),
            },
            Some(At::Keys(values)) => Some(values.clone()),
            None => None,
        };
        let inclusive = from.is_some_and(|anchor| anchor.inclusive);
        let start = values.as_deref().map(|values| Start { values, inclusive });
        let way = if from.is_some_and(|anchor| anchor.side == Side::Before) { Way::Back } else { Way::Onwards };
        let rows = self.listed(request);
        let mut items: Vec<R::Model> = Vec::new();
        for stretch in keyset::stretches(&keys, start, way) {
            let wanted = (request.page.size + 1).saturating_sub(u64::try_from(items.len()).unwrap_or(u64::MAX));
            if wanted > 0 {
                let ordered = stretch.order.into_iter().fold(rows.clone().filter(stretch.condition), in_order);
                items.extend(ordered.limit(wanted).all(self.connection).await?);
            }
        }
        let has_more = cut(&mut items, request.page.size);
        if way == Way::Back {
            items.reverse();
        }
        let at = |row: Option<&R::Model>, side| {
            row.map(|row| Anchor { at: At::Keys(values_of::<R>(&keys, row)), side, inclusive: false })
        };
        // Where nothing is left on this side, the way back begins where this page was looked for.
        let back = |found: Option<Anchor>| from.and_then(|from| found.or_else(|| Some(from.turned())));
        let (prev, next) = (at(items.first(), Side::Before), at(items.last(), Side::After));
        let (prev, next) = match way {
            Way::Onwards => (back(prev), next.filter(|_| has_more)),
            Way::Back => (prev.filter(|_| has_more), back(next)),
        };
        let total = if request.counts() { Some(self.count(rows).await?) } else { None };
        Ok(Some(Walk { items, total, prev, next }))
    }

    /// The rows that a list asks for, in no order.
    fn listed(&self, request: &ListRequest) -> Select<R> {
        self.rows().filter(listing::condition(self.connection.get_database_backend(), Self::description(), request))
    }

    pub(crate) fn keys(&self, request: &ListRequest) -> Vec<Key<R::Column>> {
        let (backend, description) = (self.connection.get_database_backend(), Self::description());
        keyset::keys(backend, (description.table)(), &request.order(description.default_sort), R::COLUMNS.id)
    }

    async fn count(&self, rows: Select<R>) -> Result<u64, RepositoryError> {
        let counted = rows.select_only().expr_as(Func::count(Expr::col(Asterisk)), "total").into_tuple::<i64>();
        let total = counted.one(self.connection).await?.unwrap_or_default();
        Ok(total.unsigned_abs())
    }

    /// The row with this id, if it is in scope.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, id: Uuid) -> Result<Option<R::Model>, RepositoryError> {
        Ok(self.rows().filter(ColumnTrait::eq(&R::COLUMNS.id, id)).one(self.connection).await?)
    }

    /// The row with this id, if it is in scope, kept from other writers until the transaction ends. SQLite, where the
    /// whole file is locked already, ignores the lock.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock(&self, id: Uuid) -> Result<Option<R::Model>, RepositoryError> {
        Ok(self.rows().filter(ColumnTrait::eq(&R::COLUMNS.id, id)).lock_exclusive().one(self.connection).await?)
    }

    /// A new row: its id, version, times, owner and parent are set here.
    ///
    /// # Errors
    /// [`RepositoryError::Taken`] and [`RepositoryError::MissingReference`] by column, and when the database does not answer.
    pub async fn insert(&self, row: R::ActiveModel, now: DateTime<Utc>) -> Result<R::Model, RepositoryError> {
        let row = self.made(row, now);
        let referred = Self::referred(&row);
        match R::insert(row).exec_with_returning(self.connection).await {
            Ok(row) => Ok(row),
            Err(error) => Err(self.explain(error, referred).await),
        }
    }

    /// A new row with what is set here.
    pub(crate) fn made(&self, mut row: R::ActiveModel, now: DateTime<Utc>) -> R::ActiveModel {
        let columns = R::COLUMNS;
        row.set(columns.id, Uuid::now_v7().into());
        row.set(columns.version, 1_i64.into());
        for time in [columns.created_at, columns.updated_at].into_iter().flatten() {
            row.set(time, now.into());
        }
        if let Some(owner) = columns.owner {
            row.set(owner, self.scope.owner().into());
        }
        if let Some((column, parent)) = columns.parent.zip(self.scope.parent()) {
            row.set(column, parent.into());
        }
        row
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
        mut row: R::ActiveModel,
        now: DateTime<Utc>,
    ) -> Result<Option<R::Model>, RepositoryError> {
        let columns = R::COLUMNS;
        if let Some(updated_at) = columns.updated_at {
            row.set(updated_at, now.into());
        }
        row.not_set(columns.version);
        let version = Expr::col(columns.version);
        let referred = Self::referred(&row);
        let mut update = R::update_many()
            .set(row)
            .col_expr(columns.version, version.clone().add(1))
            .filter(self.scope.condition(Self::description()))
            .filter(ColumnTrait::eq(&columns.id, id));
        if let Some(expected) = expected {
            update = update.filter(version.eq(expected));
        }
        match update.exec_with_returning(self.connection).await {
            Ok(rows) => Ok(rows.into_iter().next()),
            Err(error) => Err(self.explain(error, referred).await),
        }
    }

    /// Deletes the row with this id, if it is in scope and still has the version expected. Whether there was one. Where rows
    /// can be restored it stays, and only says from now on when that was.
    ///
    /// # Errors
    /// [`RepositoryError::InUse`] while others refer to it, and when the database does not answer.
    pub async fn delete(&self, id: Uuid, expected: Option<i64>, now: DateTime<Utc>) -> Result<bool, RepositoryError> {
        let columns = R::COLUMNS;
        if let Some(deleted_at) = columns.deleted_at {
            let mut change = R::ActiveModel::default();
            change.set(deleted_at, Some(now).into());
            return Ok(self.update(id, expected, change, now).await?.is_some());
        }
        let mut delete =
            R::delete_many().filter(self.scope.condition(Self::description())).filter(ColumnTrait::eq(&columns.id, id));
        if let Some(expected) = expected {
            delete = delete.filter(Expr::col(columns.version).eq(expected));
        }
        match delete.exec(self.connection).await {
            Ok(deleted) => Ok(deleted.rows_affected > 0),
            Err(error) => Err(match RepositoryError::read(error, Some(Self::description())) {
                // A table that refers to itself: on a delete, its own key tells of the other rows.
                RepositoryError::MissingReference { .. } => RepositoryError::InUse,
                other => other,
            }),
        }
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
        let Some(deleted_at) = R::COLUMNS.deleted_at else { return Ok(None) };
        let mut change = R::ActiveModel::default();
        change.set(deleted_at, Option::<DateTime<Utc>>::None.into());
        self.update(id, expected, change, now).await
    }

    pub(crate) fn rows(&self) -> Select<R> {
        R::find().filter(self.scope.condition(Self::description()))
    }

    fn description() -> &'static Description {
        R::description()
    }

    /// The rows that a row refers to; kept aside, since the write takes the row.
    fn referred(row: &R::ActiveModel) -> Vec<(&'static Reference, Value)> {
        let value = |reference: &Reference| {
            let column = R::Column::iter().find(|column| IdenStatic::as_str(column) == reference.column)?;
            row.get(column).into_value()
        };
        Self::description().references.iter().filter_map(|reference| Some((reference, value(reference)?))).collect()
    }

    /// A write that failed, by column. SQLite does not say which foreign key it was, so the rows referred to are looked up;
    /// unlike PostgreSQL, it can still answer in the transaction of a statement that failed.
    async fn explain(&self, error: DbErr, referred: Vec<(&'static Reference, Value)>) -> RepositoryError {
        match RepositoryError::read(error, Some(Self::description())) {
            RepositoryError::InUse => {}
            other => return other,
        }
        let mut last = None;
        for (reference, value) in referred {
            last = Some(reference.column);
            let found = Query::select()
                .expr(Expr::val(1))
                .from((reference.table)())
                .and_where(Expr::col("id").eq(value))
                .take();
            if matches!(self.connection.query_one(&found).await, Ok(None)) {
                break;
            }
        }
        // Where every row is there, one of them has come back meanwhile, or the table has a key that nobody declared.
        last.map_or(RepositoryError::Refused { column: None }, |column| RepositoryError::MissingReference { column })
    }
}

/// Cuts what was fetched beyond the size of a page. Whether there was something.
fn cut<T>(items: &mut Vec<T>, size: u64) -> bool {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let is_more = items.len() > size;
    items.truncate(size);
    is_more
}

/// The values of a row by which its place is told.
fn values_of<R: Resource>(keys: &[Key<R::Column>], row: &R::Model) -> Vec<Option<Scalar>> {
    keys.iter().map(|key| listing::scalar(row.get(key.column))).collect()
}

fn in_order<R: EntityTrait>(rows: Select<R>, key: keyset::OrderKey) -> Select<R> {
    match key.nulls {
        Some(nulls) => rows.order_by_with_nulls(key.expression, key.order, nulls),
        None => rows.order_by(key.expression, key.order),
    }
}
