//! Users: who signs in. Administered by admins; a user reads their own account elsewhere.

use albedo_core::field::{Bounds, Field, Format, Kind, Uses};
use albedo_macros::resource;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue, IntoActiveModel};
use secrecy::SecretString;
use serde::Deserialize;

use crate::resource::Shape;
use crate::role::Role;

/// A person who signs in. Never kept by the cache: signing in writes here past the resource.
#[resource(
    path = "/users",
    tag = "users",
    unique = [email],
    read = admin,
    write = admin,
    create = CreateUser,
    cache_ttl = 0,
    audit,
)]
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Identifier, made by the server.
    #[sea_orm(primary_key, auto_increment = false)]
    #[api(filter, example = "01a20673-52a1-7d0e-9f3b-2f0c1c9f4e11")]
    pub id: Uuid,
    /// Email address in lower case; signs in with it.
    #[sea_orm(unique)]
    #[api(update, filter, sort, search, email, max_len = 254, example = "ada@example.com")]
    pub email: String,
    /// Argon2id hash of the password, as a PHC string.
    #[sea_orm(column_type = "Text")]
    #[api(hidden)]
    pub password_hash: String,
    /// Name to greet with.
    #[api(update, filter, sort, search, max_len = 256, example = "Ada Lovelace")]
    pub full_name: Option<String>,
    /// What the user may do.
    #[sea_orm(default_value = "editor")]
    #[api(update, filter, sort, example = "editor")]
    pub role: Role,
    /// Whether the user may sign in.
    #[sea_orm(default_value = true)]
    #[api(update, filter, example = true)]
    pub is_active: bool,
    /// When the address was found to be theirs.
    #[api(filter, sort, example = "2026-01-23T09:15:00.000000Z")]
    pub email_verified_at: Option<DateTimeUtc>,
    /// When the user last signed in.
    #[api(filter, sort, example = "2026-01-23T09:15:00.000000Z")]
    pub last_login_at: Option<DateTimeUtc>,
    /// State of the row; rises by one with every change.
    #[sea_orm(default_value = 1)]
    #[api(example = 1)]
    pub version: i64,
    /// When the row was made.
    #[api(filter, sort, example = "2026-01-23T09:15:00.000000Z")]
    pub created_at: DateTimeUtc,
    /// When the row was last changed.
    #[api(filter, sort, example = "2026-01-23T09:15:00.000000Z")]
    pub updated_at: DateTimeUtc,
}

/// What an admin sends to make a user. Written by hand, since a password is no column.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// Email address; stored in lower case.
    pub email: String,
    /// First password.
    pub password: SecretString,
    /// Name to greet with.
    #[serde(default)]
    pub full_name: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// Whether the user may sign in.
    pub is_active: bool,
}

const SENT: Uses = Uses { create: true, update: false, view: false, filter: false, sort: false, search: false };

/// The field of an email address in a body.
pub const EMAIL: Field = Field {
    required: true,
    uses: SENT,
    bounds: Bounds { max_len: Some(254), format: Some(Format::Email), ..Bounds::NONE },
    example: Some(r#""ada@example.com""#),
    ..Field::shown("email", Kind::Text, "Email address; stored in lower case.")
};

/// The field of a new password in a body. Its strength is a rule, checked where it is hashed.
pub const PASSWORD: Field = Field {
    required: true,
    uses: SENT,
    bounds: Bounds { min_len: Some(1), max_len: Some(256), format: Some(Format::Password), ..Bounds::NONE },
    example: Some(r#""correct horse battery staple""#),
    ..Field::shown("password", Kind::Text, "Password: 15 to 256 characters of any kind, and not a common one.")
};

/// The field of a name in a body.
pub const FULL_NAME: Field = Field {
    nullable: true,
    uses: SENT,
    bounds: Bounds { max_len: Some(256), ..Bounds::NONE },
    example: Some(r#""Ada Lovelace""#),
    ..Field::shown("full_name", Kind::Text, "Name to greet with.")
};

impl Shape for CreateUser {
    fn fields() -> &'static [Field] {
        static FIELDS: [Field; 5] = [
            EMAIL,
            PASSWORD,
            FULL_NAME,
            Field {
                uses: SENT,
                default: Some(r#""editor""#),
                example: Some(r#""editor""#),
                ..Field::shown("role", <Role as albedo_core::field::FieldType>::KIND, "What the user may do.")
            },
            Field {
                uses: SENT,
                default: Some("true"),
                example: Some("true"),
                ..Field::shown("is_active", Kind::Boolean, "Whether the user may sign in.")
            },
        ];
        &FIELDS
    }
}

impl IntoActiveModel<ActiveModel> for CreateUser {
    // The password stays behind: the rule that hashes it sets `password_hash`.
    fn into_active_model(self) -> ActiveModel {
        ActiveModel {
            email: ActiveValue::Set(self.email),
            full_name: ActiveValue::Set(self.full_name),
            role: ActiveValue::Set(self.role),
            is_active: ActiveValue::Set(self.is_active),
            email_verified_at: ActiveValue::Set(None),
            last_login_at: ActiveValue::Set(None),
            ..Default::default()
        }
    }
}
