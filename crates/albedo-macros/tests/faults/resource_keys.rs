//! Keys of `#[resource]` that nobody knows, that are missing, or that say what cannot be.

use albedo_macros::resource;

#[resource(path = "/cities", tag = "cities", pth = "/towns", owned_by = [a, b], tag = "towns", a::b = 1)]
#[sea_orm::model]
struct Unknown {
    id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
}

#[resource]
#[sea_orm::model]
struct Nothing {
    id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
}

#[resource(path = "/cities", tag = "cities", read = guest, write = root, methods = [list, get, put])]
#[sea_orm::model]
struct RolesAndMethods {
    id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
}

#[resource(path = 1, tag = cities, unique = name, default_sort = name, require_if_match = true)]
#[sea_orm::model]
struct Values {
    id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
}

#[resource(path = "/cities", tag = "cities", cache_ttl = 86_401)]
#[sea_orm::model]
struct Forever {
    id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
}

fn main() {}
