//! Gauges of rivers: a resource below another one, for the rules to write.

use albedo_macros::resource;
use sea_orm::entity::prelude::*;

/// A gauge of a river.
#[resource(path = "/rivers/{river_id}/gauges", tag = "gauges", parent = river_id)]
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "gauges")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub river_id: Uuid,
    /// Where it stands.
    #[api(create, update, filter, max_len = 120, example = "mouth")]
    pub place: String,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "river_id", to = "id", on_delete = "Cascade")]
    pub river: BelongsTo<super::river::Entity>,
}

impl albedo_services::Rules for Entity {}
