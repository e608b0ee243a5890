//! Assistants: what the catalogue is about. Each belongs to the user who made it.

use albedo_macros::{choice, resource};
use sea_orm::entity::prelude::*;

use crate::json::Metadata;

/// An assistant that talks with people and understands entities.
#[resource(path = "/assistants", tag = "assistants", owner = owner_id, unique = [owner_id, name], soft_delete, expand = [entities])]
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assistants")]
pub struct Model {
    /// Identifier, made by the server.
    #[sea_orm(primary_key, auto_increment = false)]
    #[api(filter, example = "01a20674-1715-76ed-8847-8036cb1fa3c5")]
    pub id: Uuid,
    /// The user whose assistant it is.
    #[api(example = "01a20673-52a1-7d0e-9f3b-2f0c1c9f4e11")]
    pub owner_id: Uuid,
    /// Name, unique among the owner's assistants.
    #[api(create, update, filter, sort, search, min_len = 1, max_len = 256, example = "Travel desk")]
    pub name: String,
    /// What it is for.
    #[api(create, update, filter, search, max_len = 512, example = "Books trains and hotels")]
    pub description: Option<String>,
    /// Language it speaks, as a BCP 47 tag.
    #[sea_orm(default_value = "en")]
    #[api(create, update, filter, sort, max_len = 35, default = "en", example = "en-GB")]
    pub language: String,
    /// Time zone it lives in, as an IANA name.
    #[sea_orm(default_value = "UTC")]
    #[api(create, update, filter, sort, max_len = 64, default = "UTC", example = "Europe/Lisbon")]
    pub time_zone: String,
    /// How it should answer.
    #[sea_orm(column_type = "Text")]
    #[api(create, update, max_len = 32_000, example = "Be brief.")]
    pub instructions: Option<String>,
    /// The language model it runs on.
    #[api(create, update, filter, sort, max_len = 64, example = "gpt-4o-mini")]
    pub model: Option<String>,
    /// How freely it answers, from 0 (always alike) to 2.
    #[api(create, update, filter, sort, min = 0, max = 2, example = 0.2)]
    pub temperature: Option<f64>,
    /// Where it stands in its life.
    #[sea_orm(default_value = "draft")]
    #[api(create, update, filter, sort, default = "draft", example = "active")]
    pub status: AssistantStatus,
    /// Data of your own: up to 16 keys.
    #[api(create, update, max_items = 16, default = {}, example = {})]
    pub metadata: Metadata,
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
    /// When the row was deleted; it can be restored.
    #[api(filter, sort, example = "2026-01-23T09:15:00.000000Z")]
    pub deleted_at: Option<DateTimeUtc>,
    /// The owner.
    #[sea_orm(belongs_to, from = "owner_id", to = "id", on_delete = "Restrict")]
    pub owner: BelongsTo<super::user::Entity>,
    /// The entities that it understands.
    #[sea_orm(has_many)]
    pub entities: HasMany<super::entity::Entity>,
}

/// Where an assistant stands in its life.
#[choice]
#[derive(Default)]
pub enum AssistantStatus {
    /// Being made.
    #[default]
    Draft,
    /// In use.
    Active,
    /// Kept, no longer in use.
    Archived,
}
