//! Many rows at once: one statement for all that a bulk does of one kind, inside the scope that the verbs of one row have.
//!
//! What fails here fails as a whole. Which row it was is found by the verbs of one row, which are tried one after another
//! then.

use albedo_entities::Resource;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, IntoIden, TableRef, ValueTuple};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbErr, IdenStatic, Iterable, ModelTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Value,
};
use std::collections::HashMap;
use uuid::Uuid;

use crate::error::RepositoryError;
use crate::repository::Repository;

/// The new values of an update, as its statement calls them.
const NEW: &str = "new";

impl<R: Resource, C: ConnectionTrait> Repository<'_, R, C> {
    /// The rows with these ids that are in scope, kept from other writers until the transaction ends. They are locked in the
    /// order of their ids, so that two who want the same ones do not wait for each other.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock_all(&self, ids: &[Uuid]) -> Result<Vec<R::Model>, RepositoryError> {
        let rows = self.rows().filter(R::COLUMNS.id.is_in(ids.iter().copied())).order_by_asc(R::COLUMNS.id);
        Ok(rows.lock_exclusive().all(self.connection).await?)
    }

    /// New rows, in the order given; [`Repository::insert`] for each of them.
    ///
    /// # Errors
    /// As [`Repository::insert`], without telling which row it was.
    pub async fn insert_all(
        &self,
        rows: Vec<R::ActiveModel>,
        now: DateTime<Utc>,
    ) -> Result<Vec<R::Model>, RepositoryError> {
        let rows: Vec<_> = rows.into_iter().map(|row| self.made(row, now)).collect();
        let mut made = Vec::with_capacity(rows.len());
        for alike in rows.chunk_by(|one, other| set_columns::<R>(one).eq(set_columns::<R>(other))) {
            // Where rows leave different columns to their defaults, one statement would put null in their places.
            let ids = alike.iter().map(|row| row.get(R::COLUMNS.id).into_value()).collect();
            let inserted = R::insert_many(alike.iter().cloned()).exec_with_returning(self.connection).await;
            made.extend(in_order::<R>(ids, self.told(inserted)?)?);
        }
        Ok(made)
    }

    /// Changes rows that are locked, in the order given; their versions rise by one. Whoever is not in scope any more is missing.
    ///
    /// # Errors
    /// As [`Repository::update`], without telling which row it was.
    pub async fn update_all(
        &self,
        changes: &[(R::Model, R::ActiveModel)],
        now: DateTime<Utc>,
    ) -> Result<Vec<R::Model>, RepositoryError> {
        let columns = R::COLUMNS;
        let own = [Some(columns.id), Some(columns.version), columns.updated_at];
        let is_changed = |column: &R::Column| {
            !own.iter().flatten().any(|own| own.as_str() == column.as_str())
                && changes.iter().any(|(_, row)| row.get(*column).is_set())
        };
        let changed: Vec<R::Column> = R::Column::iter().filter(is_changed).collect();
        // A row that leaves a column alone which another one changes gets its own value again: it is locked.
        let tuple = |(before, row): &(R::Model, R::ActiveModel)| {
            let value = |column: &R::Column| match row.get(*column) {
                ActiveValue::Set(value) | ActiveValue::Unchanged(value) => value,
                ActiveValue::NotSet => before.get(*column),
            };
            let id = Value::from(R::identity(before).id);
            ValueTuple::Many(std::iter::once(id).chain(changed.iter().map(value)).collect())
        };
        // Both databases call the columns of such a list column1, column2 and so on.
        let new = |place: usize| Expr::col((Alias::new(NEW), Alias::new(format!("column{place}"))));
        let mut update = R::update_many()
            .col_expr(columns.version, Expr::col(columns.version).add(1))
            .filter(self.scope.condition(R::description()))
            .filter(Expr::col(((R::description().table)(), columns.id)).eq(new(1)));
        if let Some(updated_at) = columns.updated_at {
            update = update.col_expr(updated_at, Expr::value(now));
        }
        for (index, column) in changed.iter().enumerate() {
            update = update.col_expr(*column, column.save_as(new(index + 2)));
        }
        let values = TableRef::ValuesList(changes.iter().map(tuple).collect(), Alias::new(NEW).into_iden());
        QueryTrait::query(&mut update).from(values);
        let updated = self.told(update.exec_with_returning(self.connection).await)?;
        let ids = changes.iter().map(|(before, _)| Some(R::identity(before).id.into())).collect();
        in_order::<R>(ids, updated)
    }

    /// Deletes rows, as [`Repository::delete`] does. How many there were.
    ///
    /// # Errors
    /// As [`Repository::delete`], without telling which row it was.
    pub async fn delete_all(&self, ids: &[Uuid], now: DateTime<Utc>) -> Result<u64, RepositoryError> {
        let columns = R::COLUMNS;
        let of_these = || columns.id.is_in(ids.iter().copied());
        let scope = self.scope.condition(R::description());
        let deleted = match columns.deleted_at {
            Some(deleted_at) => {
                let mut update = R::update_many()
                    .col_expr(deleted_at, Expr::value(Some(now)))
                    .col_expr(columns.version, Expr::col(columns.version).add(1));
                if let Some(updated_at) = columns.updated_at {
                    update = update.col_expr(updated_at, Expr::value(now));
                }
                update.filter(scope).filter(of_these()).exec(self.connection).await.map(|done| done.rows_affected)
            }
            None => {
                let delete = R::delete_many().filter(scope).filter(of_these());
                delete.exec(self.connection).await.map(|done| done.rows_affected)
            }
        };
        self.told(deleted)
    }

    fn told<T>(&self, outcome: Result<T, DbErr>) -> Result<T, RepositoryError> {
        outcome.map_err(|error| RepositoryError::read(error, Some(R::description())))
    }
}

/// The columns that a row says something about.
fn set_columns<R: Resource>(row: &R::ActiveModel) -> impl Iterator<Item = bool> {
    R::Column::iter().map(|column| !row.get(column).is_not_set())
}

/// The rows in the order of these ids: a database may tell them in any.
fn in_order<R: Resource>(ids: Vec<Option<Value>>, rows: Vec<R::Model>) -> Result<Vec<R::Model>, RepositoryError> {
    let mut by_id: HashMap<Uuid, R::Model> = rows.into_iter().map(|row| (R::identity(&row).id, row)).collect();
    let found = ids.into_iter().filter_map(|id| match id {
        Some(Value::Uuid(Some(id))) => by_id.remove(&id),
        _ => None,
    });
    Ok(found.collect())
}
