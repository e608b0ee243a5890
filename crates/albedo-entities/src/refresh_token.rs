//! Refresh tokens: one row for each that was ever given out, until it is swept. No resource: clients never see these rows.

use sea_orm::entity::prelude::*;

/// A refresh token. Those that came from one login share a family; an access token names its family as its session.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_tokens")]
pub struct Model {
    /// Identifier; the part of the token before the dot.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose token it is.
    #[sea_orm(indexed)]
    pub user_id: Uuid,
    /// The login it stems from.
    #[sea_orm(indexed)]
    pub family_id: Uuid,
    /// SHA-256 of the secret in lower-case hexadecimal; the secret itself is stored nowhere.
    #[sea_orm(unique, column_type = "Char(Some(64))")]
    pub token_hash: String,
    /// When the family was founded, that is, when the user logged in.
    pub logged_in_at: DateTimeUtc,
    /// When it can no longer be used.
    pub expires_at: DateTimeUtc,
    /// When it was exchanged for its child.
    pub used_at: Option<DateTimeUtc>,
    /// When its one sibling was given to a client that lost the answer.
    pub sibling_at: Option<DateTimeUtc>,
    /// When it was taken back.
    pub revoked_at: Option<DateTimeUtc>,
    /// The browser or program, as it named itself at login.
    #[sea_orm(column_type = "String(StringLen::N(256))")]
    pub user_agent: Option<String>,
    /// The address that asked.
    #[sea_orm(column_type = "String(StringLen::N(45))")]
    pub ip: Option<String>,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    pub updated_at: DateTimeUtc,
}

/// Where it leads to.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The user.
    #[sea_orm(
        belongs_to = "super::user::Entity",
        from = "Column::UserId",
        to = "super::user::Column::Id",
        on_delete = "Cascade"
    )]
    User,
}

impl ActiveModelBehavior for ActiveModel {}
