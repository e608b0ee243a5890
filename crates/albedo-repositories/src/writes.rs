//! Writes of one row of any table, and what became of those that were refused.

use albedo_entities::Reference;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use uuid::Uuid;

use crate::columns::Assigned;
use crate::error::RepositoryError;
use crate::table::{Table, exists};

impl Table<'_> {
    pub(crate) async fn insert_one(
        &self,
        row: Vec<Assigned>,
        now: DateTime<Utc>,
    ) -> Result<Vec<QueryResult>, RepositoryError> {
        let (_, row) = self.made(row, now);
        // Kept aside, since the statement takes the row.
        let referred = self.referred(&row);
        match self.session.query_all(&self.insert([row])?).await {
            Ok(written) => Ok(written),
            Err(error) => Err(self.explain(error, referred).await),
        }
    }

    pub(crate) async fn update_one(
        &self,
        id: Uuid,
        expected: Option<i64>,
        row: Vec<Assigned>,
        now: DateTime<Utc>,
    ) -> Result<Vec<QueryResult>, RepositoryError> {
        let referred = self.referred(&row);
        let mut update = self.update(row, now);
        update.and_where(self.id_is(id)).and_where_option(expected.map(|version| self.version_is(version)));
        match self.session.query_all(&update).await {
            Ok(written) => Ok(written),
            Err(error) => Err(self.explain(error, referred).await),
        }
    }

    pub(crate) async fn delete_one(
        &self,
        id: Uuid,
        expected: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<bool, RepositoryError> {
        if let Some(deleted_at) = self.known.own.deleted_at {
            let change = vec![(deleted_at, Some(now).into())];
            return Ok(!self.update_one(id, expected, change, now).await?.is_empty());
        }
        let mut delete = self.delete();
        delete.and_where(self.id_is(id)).and_where_option(expected.map(|version| self.version_is(version)));
        match self.session.execute(&delete).await {
            Ok(deleted) => Ok(deleted.rows_affected() > 0),
            Err(error) => Err(match RepositoryError::read(error, Some(self.description)) {
                // A table that refers to itself: on a delete, its own key tells of the other rows.
                RepositoryError::MissingReference { .. } => RepositoryError::InUse,
                other => other,
            }),
        }
    }

    pub(crate) async fn restore_one(
        &self,
        id: Uuid,
        expected: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<Vec<QueryResult>, RepositoryError> {
        let Some(deleted_at) = self.known.own.deleted_at else { return Ok(Vec::new()) };
        let change = vec![(deleted_at, Option::<DateTime<Utc>>::None.into())];
        self.update_one(id, expected, change, now).await
    }

    /// A write that failed, by column. SQLite does not say which foreign key it was, so the rows referred to are looked up;
    /// unlike PostgreSQL, it can still answer in the transaction of a statement that failed.
    async fn explain(&self, error: DbErr, referred: Vec<(&'static Reference, Value)>) -> RepositoryError {
        match RepositoryError::read(error, Some(self.description)) {
            RepositoryError::InUse => {}
            other => return other,
        }
        let mut last = None;
        for (reference, value) in referred {
            last = Some(reference.column);
            let found = exists(&self.session, (reference.table)(), Expr::col("id").eq(value)).await;
            if matches!(found, Ok(false)) {
                break;
            }
        }
        // Where every row is there, one of them has come back meanwhile, or the table has a key that nobody declared.
        last.map_or(RepositoryError::Refused { column: None }, |column| RepositoryError::MissingReference { column })
    }

    /// The rows that a written one refers to.
    fn referred(&self, row: &[Assigned]) -> Vec<(&'static Reference, Value)> {
        let value = |reference: &Reference| {
            let (_, value) = row.iter().find(|(column, _)| *column == reference.column)?;
            (*value != value.as_null()).then(|| value.clone())
        };
        self.description.references.iter().filter_map(|reference| Some((reference, value(reference)?))).collect()
    }
}
