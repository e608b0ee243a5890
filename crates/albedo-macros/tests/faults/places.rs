//! Where the attributes stand.

use albedo_macros::{choice, resource};

#[resource(path = "/cities", tag = "cities")]
struct WithoutModel {
    id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
}

#[resource(path = "/cities", tag = "cities")]
#[sea_orm::model]
struct Tuple(Uuid, i64);

#[resource(path = "/cities", tag = "cities")]
enum NoStruct {
    One,
}

#[choice]
struct NoEnum;

fn main() {}
