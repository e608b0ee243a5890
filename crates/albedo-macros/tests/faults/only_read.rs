//! Times may be missing where nothing is written by a request, and nowhere else.

use albedo_macros::resource;

#[resource(path = "/events", tag = "events", methods = [list, get, delete], audit = true)]
#[sea_orm::model]
struct Deleted {
    id: Uuid,
    version: i64,
}

#[resource(path = "/events", tag = "events", methods = [list, get])]
#[sea_orm::model]
struct OnlyRead {
    id: Uuid,
}

fn main() {}
