//! Refresh tokens: given out once, exchanged once, taken back by family.
//!
//! A family with one revoked row is dead as a whole. A rotation that runs at the same moment as a revocation may add a row
//! that the revocation did not see; judging the family by any of its rows closes that gap without a lock.

use albedo_entities::refresh_token::{ActiveModel, Column, Entity, Model};
use albedo_entities::{Role, user};
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::RepositoryError;

/// A token to be stored.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The part before the dot.
    pub id: Uuid,
    /// Whose token it is.
    pub user: Uuid,
    /// The login it stems from.
    pub family: Uuid,
    /// SHA-256 of its secret, in hexadecimal.
    pub hash: String,
    /// When that login was.
    pub logged_in_at: DateTime<Utc>,
    /// When it can no longer be used.
    pub expires_at: DateTime<Utc>,
    /// The program that logged in, as it named itself.
    pub user_agent: Option<String>,
    /// The address that asked.
    pub ip: Option<String>,
}

/// Who is behind a living session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The user.
    pub user: Uuid,
    /// What the user may do, now.
    pub role: Role,
}

/// The refresh tokens, whoever asks.
pub struct RefreshTokens<'c, C> {
    connection: &'c C,
}

impl<'c, C: ConnectionTrait> RefreshTokens<'c, C> {
    /// On a connection or a transaction.
    pub const fn on(connection: &'c C) -> Self {
        Self { connection }
    }

    /// Stores a token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn insert(&self, token: NewToken, now: DateTime<Utc>) -> Result<(), RepositoryError> {
        let row = ActiveModel {
            id: Set(token.id),
            user_id: Set(token.user),
            family_id: Set(token.family),
            token_hash: Set(token.hash),
            logged_in_at: Set(token.logged_in_at),
            expires_at: Set(token.expires_at),
            used_at: Set(None),
            sibling_at: Set(None),
            revoked_at: Set(None),
            user_agent: Set(token.user_agent),
            ip: Set(token.ip),
            created_at: Set(now),
            updated_at: Set(now),
        };
        Entity::insert(row).exec_without_returning(self.connection).await?;
        Ok(())
    }

    /// The token with this id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, id: Uuid) -> Result<Option<Model>, RepositoryError> {
        Ok(Entity::find_by_id(id).one(self.connection).await?)
    }

    /// Marks the token as used, if nobody was faster and its family lives: of many who try, one succeeds.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn use_once(&self, token: &Model, now: DateTime<Utc>) -> Result<bool, RepositoryError> {
        self.mark(Column::UsedAt, token, now, |update| update.filter(Column::UsedAt.is_null())).await
    }

    /// Marks that a used token's one sibling was given, if it was used at `used_since` or later and had none yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_sibling(
        &self,
        token: &Model,
        used_since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, RepositoryError> {
        self.mark(Column::SiblingAt, token, now, |update| {
            update.filter(Column::UsedAt.gte(used_since)).filter(Column::SiblingAt.is_null())
        })
        .await
    }

    async fn mark(
        &self,
        column: Column,
        token: &Model,
        now: DateTime<Utc>,
        unless_done: impl FnOnce(sea_orm::UpdateMany<Entity>) -> sea_orm::UpdateMany<Entity>,
    ) -> Result<bool, RepositoryError> {
        let update = Entity::update_many()
            .col_expr(column, Expr::value(now))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(Column::Id.eq(token.id))
            .filter(Column::ExpiresAt.gt(now))
            .filter(Expr::not_exists(revoked_in(Expr::value(token.family_id))));
        Ok(unless_done(update).exec(self.connection).await?.rows_affected == 1)
    }

    /// Takes a whole family back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_family(&self, family: Uuid, now: DateTime<Utc>) -> Result<(), RepositoryError> {
        self.revoke(Column::FamilyId, family, now).await
    }

    /// Takes all families of a user back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revoke_user(&self, user: Uuid, now: DateTime<Utc>) -> Result<(), RepositoryError> {
        self.revoke(Column::UserId, user, now).await
    }

    async fn revoke(&self, column: Column, id: Uuid, now: DateTime<Utc>) -> Result<(), RepositoryError> {
        Entity::update_many()
            .col_expr(Column::RevokedAt, Expr::value(now))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .filter(column.eq(id))
            .filter(Column::RevokedAt.is_null())
            .exec(self.connection)
            .await?;
        Ok(())
    }

    /// Who is behind a session, if its family lives and its user is active.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn session(&self, family: Uuid) -> Result<Option<Session>, RepositoryError> {
        let found = Entity::find()
            .select_only()
            .column(Column::UserId)
            .column(user::Column::Role)
            .join(
                JoinType::InnerJoin,
                Entity::belongs_to(user::Entity).from(Column::UserId).to(user::Column::Id).into(),
            )
            .filter(Column::FamilyId.eq(family))
            .filter(user::Column::IsActive.eq(true))
            .filter(Expr::not_exists(revoked_in(Expr::value(family))))
            .limit(1)
            .into_tuple::<(Uuid, Role)>()
            .one(self.connection)
            .await?;
        Ok(found.map(|(user, role)| Session { user, role }))
    }

    /// Forgets the tokens of a user that expired before `before`, so that the table does not grow with every login. One that
    /// was taken back stays for as long as its family could be used: it alone may be what holds that family dead.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(&self, user: Uuid, before: DateTime<Utc>) -> Result<(), RepositoryError> {
        Entity::delete_many()
            .filter(Column::UserId.eq(user))
            .filter(Column::ExpiresAt.lt(before))
            .filter(Column::RevokedAt.is_null().or(Expr::not_exists(usable_in_family_since(before))))
            .exec(self.connection)
            .await?;
        Ok(())
    }
}

/// A row of the same family that expires no earlier than `time`.
fn usable_in_family_since(time: DateTime<Utc>) -> SelectStatement {
    let other = Alias::new("other");
    Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, other.clone())
        .and_where(Expr::col((other.clone(), Column::FamilyId)).eq(Expr::col((Entity, Column::FamilyId))))
        .and_where(Expr::col((other, Column::ExpiresAt)).gte(time))
        .take()
}

/// A revoked row of the family.
fn revoked_in(family: Expr) -> SelectStatement {
    let other = Alias::new("other");
    Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, other.clone())
        .and_where(Expr::col((other.clone(), Column::FamilyId)).eq(family))
        .and_where(Expr::col((other, Column::RevokedAt)).is_not_null())
        .take()
}
