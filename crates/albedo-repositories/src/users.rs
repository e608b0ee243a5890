//! What only the users' table needs: sign-in looks for an address, not inside anybody's scope.

use albedo_entities::user::{ActiveModel, Column, Entity, Model};
use albedo_entities::{Resource, Role};
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use crate::error::RepositoryError;

/// The users, whoever asks.
pub struct Users<'c, C> {
    connection: &'c C,
}

impl<'c, C: ConnectionTrait> Users<'c, C> {
    /// On a connection or a transaction.
    pub const fn on(connection: &'c C) -> Self {
        Self { connection }
    }

    /// The user with this address, given in lower case.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_by_email(&self, email: &str) -> Result<Option<Model>, RepositoryError> {
        Ok(Entity::find().filter(Column::Email.eq(email)).one(self.connection).await?)
    }

    /// The user with this id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, id: Uuid) -> Result<Option<Model>, RepositoryError> {
        Ok(Entity::find_by_id(id).one(self.connection).await?)
    }

    /// A new user.
    ///
    /// # Errors
    /// [`RepositoryError::Taken`] where the address is known, and when the database does not answer.
    pub async fn insert(&self, mut row: ActiveModel, now: DateTime<Utc>) -> Result<Model, RepositoryError> {
        row.id = Set(Uuid::now_v7());
        row.version = Set(1);
        row.created_at = Set(now);
        row.updated_at = Set(now);
        let inserted = Entity::insert(row).exec_with_returning(self.connection).await;
        inserted.map_err(|error| RepositoryError::read(error, Some(Entity::description())))
    }

    /// Notes a sign-in and gives the user's state after it, unless the password has changed or the account was closed since
    /// `password_hash` was read: the row lock orders this against a change of password.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sign_in(&self, id: Uuid, password_hash: &str, now: DateTime<Utc>) -> Result<bool, RepositoryError> {
        // No change that anybody has asked for: neither the version nor `updated_at` moves, so `If-Match` still holds.
        let update = Entity::update_many()
            .col_expr(Column::LastLoginAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::PasswordHash.eq(password_hash))
            .filter(Column::IsActive.eq(true));
        Ok(update.exec(self.connection).await?.rows_affected == 1)
    }

    /// Replaces the password's hash. With `previous`, only if that is still the one stored. Whether it was replaced.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_password(
        &self,
        id: Uuid,
        previous: Option<&str>,
        hash: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, RepositoryError> {
        let mut update = Entity::update_many()
            .col_expr(Column::PasswordHash, Expr::value(hash))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::Id.eq(id));
        if let Some(previous) = previous {
            update = update.filter(Column::PasswordHash.eq(previous));
        }
        Ok(update.exec(self.connection).await?.rows_affected == 1)
    }

    /// Replaces the hash by a stronger one of the same password, if it is still the one stored. Whether it was replaced.
    /// Nobody sees a change, so the version stays, and with it what others have read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn strengthen(&self, id: Uuid, previous: &str, hash: &str) -> Result<bool, RepositoryError> {
        let update = Entity::update_many()
            .col_expr(Column::PasswordHash, Expr::value(hash))
            .filter(Column::Id.eq(id))
            .filter(Column::PasswordHash.eq(previous));
        Ok(update.exec(self.connection).await?.rows_affected == 1)
    }

    /// Makes the user an active admin.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn promote(&self, id: Uuid, now: DateTime<Utc>) -> Result<(), RepositoryError> {
        Entity::update_many()
            .col_expr(Column::Role, Expr::value(Role::Admin.text()))
            .col_expr(Column::IsActive, Expr::value(true))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::Id.eq(id))
            .exec(self.connection)
            .await?;
        Ok(())
    }

    /// How many active admins there are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_admins(&self) -> Result<u64, RepositoryError> {
        Ok(admins().count(self.connection).await?)
    }

    /// The active admins, locked until the transaction ends: two who demote each other at the same moment must not both
    /// succeed. SQLite, where the whole file is locked already, ignores the lock.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock_admins(&self) -> Result<Vec<Uuid>, RepositoryError> {
        let ids = admins().select_only().column(Column::Id).order_by_asc(Column::Id).lock_exclusive();
        Ok(ids.into_tuple().all(self.connection).await?)
    }
}

fn admins() -> Select<Entity> {
    Entity::find().filter(Column::Role.eq(Role::Admin)).filter(Column::IsActive.eq(true))
}
