//! Many rows at once: one statement for all that a bulk does of one kind, inside the scope that the verbs of one row have.
//!
//! What fails here fails as a whole. Which row it was is found by the verbs of one row, which are tried one after another
//! then.

use albedo_entities::Resource;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Order};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::columns::{self, Assigned};
use crate::error::RepositoryError;
use crate::repository::Repository;
use crate::table::Table;

impl<R: Resource> Repository<'_, R> {
    /// The rows with these ids that are in scope, kept from other writers until the transaction ends. They are locked in the
    /// order of their ids, so that two who want the same ones do not wait for each other.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock_all(&self, ids: &[Uuid]) -> Result<Vec<R::Model>, RepositoryError> {
        let id = self.table.known.own.id;
        let mut rows = self.table.rows_among(id, ids);
        self.read(rows.order_by(self.table.qualified(id), Order::Asc).lock_exclusive()).await
    }

    /// New rows, in the order given; [`Repository::insert`] for each of them.
    ///
    /// # Errors
    /// As [`Repository::insert`], without telling which row it was.
    pub async fn insert_all(
        &self,
        rows: &[R::ActiveModel],
        now: DateTime<Utc>,
    ) -> Result<Vec<R::Model>, RepositoryError> {
        let mut new = Vec::with_capacity(rows.len());
        for row in rows {
            new.push(columns::assigned::<R>(row));
        }
        Ok(columns::rows::<R>(&self.table.insert_all(new, now).await?)?)
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
        let (mut changed, mut rows) = (Vec::new(), Vec::with_capacity(changes.len()));
        for (_, change) in changes {
            for (column, _) in columns::changed::<R>(change) {
                if column != self.table.known.own.id && !self.table.is_ours(column) && !changed.contains(&column) {
                    changed.push(column);
                }
            }
        }
        for (before, change) in changes {
            let new = columns::assigned::<R>(change);
            // A row that leaves a column alone which another one changes gets its own value again: it is locked.
            let own = |column| columns::value_of::<R>(before, column);
            rows.push((R::identity(before).id, values(&changed, &new, &own)));
        }
        Ok(columns::rows::<R>(&self.table.update_all(&changed, rows, now).await?)?)
    }

    /// Deletes rows, as [`Repository::delete`] does. How many there were.
    ///
    /// # Errors
    /// As [`Repository::delete`], without telling which row it was.
    pub async fn delete_all(&self, ids: &[Uuid], now: DateTime<Utc>) -> Result<u64, RepositoryError> {
        self.table.delete_all(ids, now).await
    }
}

impl Table<'_> {
    async fn insert_all(
        &self,
        rows: Vec<Vec<Assigned>>,
        now: DateTime<Utc>,
    ) -> Result<Vec<QueryResult>, RepositoryError> {
        let made: Vec<_> = rows.into_iter().map(|row| self.made(row, now)).collect();
        let mut written = Vec::with_capacity(made.len());
        let columns = |row: &[Assigned]| row.iter().map(|(column, _)| *column).collect::<Vec<_>>();
        for alike in made.chunk_by(|(_, one), (_, other)| columns(one) == columns(other)) {
            // Where rows leave different columns to their defaults, one statement would put null in their places.
            let insert = self.insert(alike.iter().map(|(_, row)| row.clone()))?;
            let ids: Vec<Uuid> = alike.iter().map(|(id, _)| *id).collect();
            written.extend(self.in_order(&ids, self.write(&insert).await?)?);
        }
        Ok(written)
    }

    async fn update_all(
        &self,
        columns: &[&'static str],
        rows: Vec<(Uuid, Vec<Value>)>,
        now: DateTime<Utc>,
    ) -> Result<Vec<QueryResult>, RepositoryError> {
        let ids: Vec<Uuid> = rows.iter().map(|(id, _)| *id).collect();
        let written = self.write(&self.update_each(columns, rows, now)).await?;
        self.in_order(&ids, written)
    }

    async fn delete_all(&self, ids: &[Uuid], now: DateTime<Utc>) -> Result<u64, RepositoryError> {
        let own = &self.known.own;
        let of_these = Expr::col(self.qualified(own.id)).is_in(ids.iter().copied());
        let deleted = match own.deleted_at {
            Some(deleted_at) => {
                let mut update = self.update(vec![(deleted_at, Some(now).into())], now);
                self.session.query_all(update.and_where(of_these)).await.map(|rows| rows.len())
            }
            None => {
                let mut delete = self.delete();
                let deleted = self.session.execute(delete.and_where(of_these)).await;
                return self.told(deleted.map(|deleted| deleted.rows_affected()));
            }
        };
        Ok(u64::try_from(self.told(deleted)?).unwrap_or(u64::MAX))
    }

    /// The rows in the order of these ids: a database may tell them in any.
    fn in_order(&self, ids: &[Uuid], rows: Vec<QueryResult>) -> Result<Vec<QueryResult>, RepositoryError> {
        let mut placed = Vec::with_capacity(rows.len());
        for row in rows {
            let id: Uuid = row.try_get("", self.known.own.id)?;
            placed.push((ids.iter().position(|known| *known == id), row));
        }
        placed.sort_by_key(|(place, _)| *place);
        Ok(placed.into_iter().filter_map(|(place, row)| place.map(|_| row)).collect())
    }
}

/// What a row is to hold in these columns.
fn values(columns: &[&'static str], new: &[Assigned], own: &dyn Fn(&'static str) -> Option<Value>) -> Vec<Value> {
    let new = |column| new.iter().find(|(known, _)| *known == column).map(|(_, value)| value.clone());
    columns.iter().filter_map(|column| new(*column).or_else(|| own(column))).collect()
}
