//! Keys of `#[api]` that nobody knows, that hold the wrong value, or that contradict each other.

use albedo_macros::resource;

#[resource(path = "/cities", tag = "cities")]
#[sea_orm::model]
struct Model {
    id: Uuid,
    #[api(creat, update, lenght = 3, filter, filter)]
    unknown: String,
    #[api(create, pattern = "^[A-Z", example = x, min_len = "one", one_of = "PT")]
    wrong_values: String,
    #[api(create, min_len = 3, max_len = 2)]
    no_length: String,
    #[api(create, min = 3, max = -2.5)]
    no_number: i64,
    #[api(hidden, create)]
    hidden_and_sent: String,
    #[api(hidden, filter, sort)]
    hidden_and_guessed: String,
    #[api(write_only)]
    neither_written_nor_read: String,
    #[api(write_only, update, search)]
    written_and_guessed: String,
    #[api(update, default = 1)]
    defaulted: i64,
    #[api(filter)]
    size: i64,
    #[api]
    empty: String,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
    #[api(filter)]
    #[sea_orm(has_many)]
    streets: HasMany<super::street::Entity>,
}

fn main() {}
