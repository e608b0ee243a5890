//! Rivers that run through cities.

use albedo_macros::resource;
use sea_orm::entity::prelude::*;

/// A river.
#[resource(path = "/rivers", tag = "rivers", unique = [name])]
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rivers")]
pub struct Model {
    /// Identifier, made by the server.
    #[sea_orm(primary_key, auto_increment = false)]
    #[api(filter, example = "01a20674-1715-76ed-8847-8036cb1fa3c5")]
    pub id: Uuid,
    /// Name as its people write it.
    #[sea_orm(unique)]
    #[api(create, update, filter, sort, search, min_len = 1, max_len = 120, example = "Douro")]
    pub name: String,
    /// Length in kilometres.
    #[api(create, update, filter, sort, min = 0, example = 897)]
    pub length: Option<i64>,
    /// The city it flows through.
    #[api(create, update, filter, example = "01a20675-9c1b-7d52-a3f0-5e8b7c6d4a21")]
    pub city_id: Option<Uuid>,
    /// Metres of dams across it, all together.
    #[sea_orm(default_value = 0)]
    #[api(filter, sort, example = 0)]
    pub dammed: i32,
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
    /// The city.
    #[sea_orm(belongs_to, from = "city_id", to = "id")]
    pub city: BelongsTo<Option<super::city::Entity>>,
}
