//! The first rows of a new database: a few cities, so that a newcomer's first list is not empty.

use albedo_entities::city::{ActiveModel, Column, Entity};
use chrono::{SubsecRound, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{DatabaseConnection, DbErr, EntityTrait};
use uuid::Uuid;

const CITIES: [(&str, &str, i64, f64, f64); 6] = [
    ("Porto", "PT", 231_962, 41.1579, -8.6291),
    ("Oslo", "NO", 709_037, 59.9139, 10.7522),
    ("Nairobi", "KE", 4_397_073, -1.2864, 36.8172),
    ("Kyoto", "JP", 1_463_723, 35.0116, 135.7681),
    ("Montevideo", "UY", 1_319_108, -34.9011, -56.1645),
    ("Wellington", "NZ", 215_400, -41.2866, 174.7756),
];

/// Adds the cities that are missing; those that are there stay as they are.
pub(crate) async fn cities(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let now = Utc::now().trunc_subsecs(6);
    let rows = CITIES.map(|(name, country_code, population, latitude, longitude)| ActiveModel {
        id: Set(Uuid::now_v7()),
        name: Set(name.to_owned()),
        country_code: Set(country_code.to_owned()),
        population: Set(Some(population)),
        latitude: Set(Some(latitude)),
        longitude: Set(Some(longitude)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    });
    let known = OnConflict::column(Column::Name).do_nothing().to_owned();
    Entity::insert_many(rows).on_conflict(known).exec_without_returning(connection).await?;
    Ok(())
}
