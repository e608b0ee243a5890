//! Idempotency keys: claimed by one write, found by its retries, forgotten when they are old.

use albedo_core::claim::Claim;
use albedo_entities::idempotency_key::{Column, Entity, Model};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::RepositoryError;

/// What was answered, as far as a retry needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// Where the new row is.
    pub location: Option<&'a str>,
    /// State of the new row.
    pub etag: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// The keys of one user.
pub struct IdempotencyKeys<'c, C> {
    connection: &'c C,
    user: Uuid,
}

impl<'c, C: ConnectionTrait> IdempotencyKeys<'c, C> {
    /// On a connection or a transaction.
    pub const fn on(connection: &'c C, user: Uuid) -> Self {
        Self { connection, user }
    }

    /// Takes the key, unless it is taken and has not expired: of many who try, one succeeds, and the others wait until it is
    /// known whether its write was made. The request is known by `mark` from then on, of 64 characters.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim(&self, claim: &Claim, mark: &str, now: DateTime<Utc>) -> Result<bool, RepositoryError> {
        let lives = TimeDelta::from_std(claim.lives).unwrap_or(TimeDelta::MAX);
        let expires_at = now.checked_add_signed(lives).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let anew = [
            Column::Fingerprint,
            Column::Status,
            Column::Location,
            Column::Etag,
            Column::Body,
            Column::ExpiresAt,
            Column::CreatedAt,
            Column::UpdatedAt,
        ];
        let mut taken = OnConflict::columns([Column::UserId, Column::Key]);
        taken.update_columns(anew).action_and_where(Expr::col((Entity, Column::ExpiresAt)).lte(now));
        let query = Query::insert()
            .into_table(Entity)
            .columns([
                Column::Id,
                Column::UserId,
                Column::Key,
                Column::Fingerprint,
                Column::ExpiresAt,
                Column::CreatedAt,
                Column::UpdatedAt,
            ])
            .values_panic([
                Uuid::now_v7().into(),
                self.user.into(),
                claim.key.as_str().into(),
                mark.into(),
                expires_at.into(),
                now.into(),
                now.into(),
            ])
            .on_conflict(taken)
            .returning_col(Column::Id)
            .take();
        Ok(self.connection.query_one(&query).await?.is_some())
    }

    /// The write of a key.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, key: &str) -> Result<Option<Model>, RepositoryError> {
        let found = Entity::find().filter(Column::UserId.eq(self.user)).filter(Column::Key.eq(key));
        Ok(found.one(self.connection).await?)
    }

    /// Keeps the answer to the write that has claimed the key.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keep(&self, key: &str, answer: &Answer<'_>) -> Result<(), RepositoryError> {
        Entity::update_many()
            .col_expr(Column::Status, Expr::value(i32::from(answer.status)))
            .col_expr(Column::Location, Expr::value(answer.location))
            .col_expr(Column::Etag, Expr::value(answer.etag))
            .col_expr(Column::Body, Expr::value(answer.body))
            .filter(Column::UserId.eq(self.user))
            .filter(Column::Key.eq(key))
            .exec(self.connection)
            .await?;
        Ok(())
    }

    /// Forgets keys that have expired, whosoever they are, at most `most` of them. How many there were.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(connection: &C, now: DateTime<Utc>, most: u64) -> Result<u64, RepositoryError> {
        let expired = Query::select()
            .column(Column::Id)
            .from(Entity)
            .and_where(Expr::col(Column::ExpiresAt).lte(now))
            .order_by(Column::ExpiresAt, sea_orm::Order::Asc)
            .limit(most)
            .take();
        let swept = Entity::delete_many().filter(Column::Id.in_subquery(expired)).exec(connection).await?;
        Ok(swept.rows_affected)
    }
}
