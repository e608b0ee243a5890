//! Deleted rows that stay: the column that says so, and the keys that have to leave them out.

use albedo_macros::resource;

#[resource(path = "/cities", tag = "cities", soft_delete)]
#[sea_orm::model]
struct NoColumn {
    id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
}

#[resource(path = "/cities", tag = "cities", soft_delete)]
#[sea_orm::model]
struct NotATime {
    id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
    deleted_at: Option<bool>,
}

#[resource(path = "/cities", tag = "cities", soft_delete)]
#[sea_orm::model]
struct NeverEmpty {
    id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
    deleted_at: DateTimeUtc,
}

#[resource(path = "/cities", tag = "cities", unique = [name], soft_delete)]
#[sea_orm::model]
struct UniqueForEver {
    id: Uuid,
    #[sea_orm(unique)]
    name: String,
    #[sea_orm(unique_key = "name_mayor")]
    mayor: String,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
    #[api(update)]
    deleted_at: Option<DateTimeUtc>,
}

fn main() {}
