//! Keys of writes that are made once: what was asked for, and what was answered. No resource: clients never see these rows.

use sea_orm::entity::prelude::*;

/// A write that its client may send again. The row is made in the transaction of the write, so there is never one without
/// the other.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Identifier.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose key it is: two users may choose the same one.
    #[sea_orm(unique_key = "user_id_key")]
    pub user_id: Uuid,
    /// What the client calls the write.
    #[sea_orm(unique_key = "user_id_key", column_type = "String(StringLen::N(255))")]
    pub key: String,
    /// What the request is known by, in lower-case hexadecimal: an HMAC-SHA256, since a body may hold a password.
    #[sea_orm(column_type = "Char(Some(64))")]
    pub fingerprint: String,
    /// Status of the answer; empty until the write is done, which nobody but its own transaction sees.
    pub status: Option<i32>,
    /// `Location` of the answer.
    #[sea_orm(column_type = "String(StringLen::N(512))")]
    pub location: Option<String>,
    /// `ETag` of the answer.
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub etag: Option<String>,
    /// Body of the answer.
    #[sea_orm(column_type = "Blob")]
    pub body: Option<Vec<u8>>,
    /// When the key may be used anew.
    #[sea_orm(indexed)]
    pub expires_at: DateTimeUtc,
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
