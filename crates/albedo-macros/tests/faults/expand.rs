//! What is shown with a row stands at the end of a relation that leads to one row or to those below it.

use albedo_macros::resource;

#[resource(path = "/ships", tag = "ships", expand = [harbour, name, harbour, crew])]
#[sea_orm::model]
struct Related {
    id: Uuid,
    name: String,
    harbour_id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "harbour_id", to = "id")]
    harbour: BelongsTo<Harbour>,
}

#[resource(path = "/ships", tag = "ships", expand = [harbour])]
#[sea_orm::model]
struct Alone {
    id: Uuid,
    #[api(filter)]
    expand: String,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
}

fn main() {}
