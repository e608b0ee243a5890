//! Relations are read by `#[resource]` itself, and their keys with them.

use albedo_macros::resource;

#[resource(path = "/ships", tag = "ships")]
#[sea_orm::model]
struct Ship {
    id: Uuid,
    harbour_id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, form = "harbour_id", to = "id")]
    harbour: BelongsTo<super::harbour::Entity>,
    #[sea_orm(belongs_to, from = "()", to = "id", on_delete = "set null")]
    port: HasMany<super::harbour::Entity>,
    #[sea_orm(has_one)]
    light: BelongsTo<super::light::Entity>,
    #[sea_orm(has_many, via = "a::b::c")]
    sailors: HasOne<super::sailor::Entity>,
    #[sea_orm(self_ref, from = "flagship_id", to = "id")]
    flagship: BelongsTo<Option<Entity>>,
    #[sea_orm(self_ref, via = "friend", from = "One", to = "Other")]
    friend: HasOne<Entity>,
    #[sea_orm(belongs_to, has_one, from = "harbour_id", to = "id")]
    both: HasOne<super::harbour::Entity>,
}

#[resource(path = "/ships", tag = "ships")]
#[sea_orm::model]
#[sea_orm(table_name = "ships", model_attrs(derive(Hash)))]
struct Two {
    id: Uuid,
    version: i64,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
}

fn main() {}
