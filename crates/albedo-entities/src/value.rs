//! Values: what a list entity may be, with synonyms, or the patterns of a pattern entity.

use albedo_macros::resource;
use sea_orm::entity::prelude::*;

use crate::json::Texts;

/// A value of an entity: a canonical name with its synonyms, or a named set of patterns.
#[resource(
    path = "/assistants/{assistant_id}/entities/{entity_id}/values",
    tag = "values",
    parent = entity_id,
    unique = [entity_id, value_key],
    cache_ttl = 300,
    default_sort = [position],
    expand = [entity],
)]
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entity_values")]
pub struct Model {
    /// Identifier, made by the server.
    #[sea_orm(primary_key, auto_increment = false)]
    #[api(filter, example = "01a20674-1715-76ed-8847-8036cb1fa3c5")]
    pub id: Uuid,
    /// The entity it belongs to.
    #[sea_orm(unique_key = "entity_id_value_key")]
    #[api(example = "01a20674-1715-76ed-8847-8036cb1fa3c5")]
    pub entity_id: Uuid,
    /// Canonical form, unique within the entity in any case.
    #[api(create, update, filter, sort, search, min_len = 1, max_len = 128, example = "Porto")]
    pub value: String,
    /// The value case-folded: what makes it unique.
    #[sea_orm(unique_key = "entity_id_value_key", column_type = "Text")]
    #[api(hidden)]
    pub value_key: String,
    /// Language of the value, as a BCP 47 tag; any language if absent.
    #[api(create, update, filter, sort, max_len = 35, example = "pt")]
    pub language: Option<String>,
    /// Other words for the same value; of list entities.
    #[api(create, update, max_items = 100, item_max_len = 64, default = [], example = ["Oporto", "Invicta"])]
    pub synonyms: Texts,
    /// Regular expressions in linear time (no look-around, no back-references); of pattern entities.
    #[api(create, update, max_items = 20, item_max_len = 128, default = [], example = [])]
    pub patterns: Texts,
    /// Place in the list.
    #[sea_orm(default_value = 0)]
    #[api(create, update, filter, sort, min = 0, default = 0, example = 0)]
    pub position: i32,
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
    /// The entity that it belongs to.
    #[sea_orm(belongs_to, from = "entity_id", to = "id", on_delete = "Cascade")]
    pub entity: BelongsTo<super::entity::Entity>,
}
