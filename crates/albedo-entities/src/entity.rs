//! Entities: the named, typed vocabularies of an assistant.

use albedo_macros::{choice, resource};
use sea_orm::entity::prelude::*;

use crate::json::Metadata;

/// A vocabulary that an assistant understands.
#[resource(
    path = "/assistants/{assistant_id}/entities",
    tag = "entities",
    parent = assistant_id,
    unique = [assistant_id, name],
    cache_ttl = 300,
    expand = [assistant, values],
)]
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "entities")]
pub struct Model {
    /// Identifier, made by the server.
    #[sea_orm(primary_key, auto_increment = false)]
    #[api(filter, example = "01a20674-1715-76ed-8847-8036cb1fa3c5")]
    pub id: Uuid,
    /// The assistant that understands it.
    #[sea_orm(unique_key = "assistant_id_name")]
    #[api(example = "01a20674-1715-76ed-8847-8036cb1fa3c5")]
    pub assistant_id: Uuid,
    /// Name used in prompts and mentions, unique within the assistant.
    #[sea_orm(unique_key = "assistant_id_name")]
    #[api(create, update, filter, sort, search, max_len = 64, pattern = "^[a-z][a-z0-9_-]*$", example = "city")]
    pub name: String,
    /// What it stands for.
    #[api(create, update, filter, search, max_len = 512, example = "Cities we serve")]
    pub description: Option<String>,
    /// How it is recognized: by a list of values or by patterns.
    #[api(create, filter, sort, example = "list")]
    pub kind: EntityKind,
    /// Whether values match with small spelling mistakes.
    #[sea_orm(default_value = false)]
    #[api(create, update, filter, default = false, example = true)]
    pub fuzzy_match: bool,
    /// Whether upper and lower case differ.
    #[sea_orm(default_value = false)]
    #[api(create, update, filter, default = false, example = false)]
    pub case_sensitive: bool,
    /// Whether what it matches is to be hidden in logs and transcripts.
    #[sea_orm(default_value = false)]
    #[api(create, update, filter, default = false, example = false)]
    pub sensitive: bool,
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
    /// The assistant that understands it.
    #[sea_orm(belongs_to, from = "assistant_id", to = "id", on_delete = "Cascade")]
    pub assistant: BelongsTo<super::assistant::Entity>,
    /// Its values.
    #[sea_orm(has_many)]
    pub values: HasMany<super::value::Entity>,
}

/// How an entity is recognized.
#[choice]
pub enum EntityKind {
    /// By canonical values and their synonyms.
    List,
    /// By regular expressions.
    Pattern,
}
