//! Columns that are named and not there, that are missing, or that clients do not see.

use albedo_macros::resource;

#[resource(
    path = "/cities",
    tag = "cities",
    unique = [name, contry],
    unique = [mayor],
    owner = owner,
    default_sort = [-nme, secret],
)]
#[sea_orm::model]
struct NotThere {
    id: Uuid,
    name: String,
    #[api(hidden)]
    secret: String,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "mayor_id", to = "id")]
    mayor: BelongsTo<super::mayor::Entity>,
}

#[resource(path = "/cities", tag = "cities")]
#[sea_orm::model]
struct Bare {
    id: Uuid,
    name: String,
    created_at: DateTimeUtc,
}

fn main() {}
