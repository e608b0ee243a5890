//! Keys that a type cannot have.

use albedo_macros::resource;

#[resource(path = "/cities", tag = "cities")]
#[sea_orm::model]
struct Model {
    id: Uuid,
    #[api(create, search, min_len = 1, max_len = 3)]
    number: i64,
    #[api(create, pattern = "^a$", one_of = ["a"])]
    maybe_a_number: Option<f64>,
    #[api(create, min = 1, max_items = 3)]
    text: Option<String>,
    #[api(create, email)]
    truth: bool,
    #[api(create, search)]
    time: DateTimeUtc,
    #[api(create, filter, max_items = 3)]
    texts: Vec<String>,
    #[api(create, sort, item_max_len = 3)]
    object: serde_json::Map<String, serde_json::Value>,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
}

fn main() {}
