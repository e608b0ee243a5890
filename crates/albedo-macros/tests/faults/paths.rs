//! Paths and parents.

use albedo_macros::resource;

#[resource(path = "cities", tag = "cities")]
#[sea_orm::model]
struct NoSlash {
    id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
}

#[resource(path = "/countries/{country_id}/cities", tag = "cities")]
#[sea_orm::model]
struct ParametersWithoutParent {
    id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
}

#[resource(path = "/cities/", tag = "cities", parent = country_id)]
#[sea_orm::model]
struct ParentWithoutParameter {
    id: Uuid,
    country_id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "country_id", to = "id")]
    country: BelongsTo<super::country::Entity>,
}

#[resource(path = "/countries/{country_id}/cities", tag = "cities", parent = country_id)]
#[sea_orm::model]
struct ParentWithoutRelation {
    id: Uuid,
    country_id: Uuid,
    mayor_id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "mayor_id", to = "id")]
    mayor: BelongsTo<super::mayor::Entity>,
}

#[resource(path = "/countries/{country_id}/cities", tag = "cities", parent = country_id, owner = owner_id)]
#[sea_orm::model]
struct ParentAndOwner {
    id: Uuid,
    country_id: Uuid,
    owner_id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "country_id", to = "id")]
    country: BelongsTo<super::country::Entity>,
}

fn main() {}
