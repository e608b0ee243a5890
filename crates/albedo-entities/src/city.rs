//! Cities: the tutorial resource, shared by everybody.

use albedo_macros::resource;
use sea_orm::entity::prelude::*;

/// A city the assistants know.
#[resource(path = "/cities", tag = "cities", unique = [name], cache_ttl = 300, audit)]
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "cities")]
pub struct Model {
    /// Identifier, made by the server.
    #[sea_orm(primary_key, auto_increment = false)]
    #[api(filter, example = "01a20674-1715-76ed-8847-8036cb1fa3c5")]
    pub id: Uuid,
    /// Name as its people write it.
    #[sea_orm(unique)]
    #[api(create, update, filter, sort, search, min_len = 1, max_len = 120, example = "Porto")]
    pub name: String,
    /// Country as ISO 3166-1 alpha-2.
    #[sea_orm(column_type = "Char(Some(2))")]
    #[api(create, update, filter, sort, pattern = "^[A-Z]{2}$", example = "PT")]
    pub country_code: String,
    /// People who live there.
    #[api(create, update, filter, sort, min = 0, example = 231_962)]
    pub population: Option<i64>,
    /// Degrees north of the equator.
    #[api(create, update, filter, sort, min = -90, max = 90, example = 41.1579)]
    pub latitude: Option<f64>,
    /// Degrees east of Greenwich.
    #[api(create, update, filter, sort, min = -180, max = 180, example = -8.6291)]
    pub longitude: Option<f64>,
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
