//! The first rows of a new database: a few cities, so that a newcomer's first list is not empty.

use albedo_entities::city::{ActiveModel, Column, Entity};
use chrono::{SubsecRound, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, DatabaseConnection, DbErr, EntityTrait};
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
    let rows = CITIES.map(|(name, country_code, population, latitude, longitude)| {
        // By columns: a literal would have to name every one, and a new column would stop this program from compiling,
        // which is what makes its revision.
        let mut row = <ActiveModel as ActiveModelTrait>::default();
        row.set(Column::Id, Uuid::now_v7().into());
        row.set(Column::Name, name.into());
        row.set(Column::CountryCode, country_code.into());
        row.set(Column::Population, population.into());
        row.set(Column::Latitude, latitude.into());
        row.set(Column::Longitude, longitude.into());
        row.set(Column::Version, 1_i64.into());
        row.set(Column::CreatedAt, now.into());
        row.set(Column::UpdatedAt, now.into());
        row
    });
    let known = OnConflict::column(Column::Name).do_nothing().to_owned();
    Entity::insert_many(rows).on_conflict(known).exec_without_returning(connection).await?;
    Ok(())
}
