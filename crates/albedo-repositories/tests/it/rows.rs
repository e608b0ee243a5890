//! What the tests write: owners, assistants, entities and cities, in as few words as possible.

use albedo_core::database::Database;
use albedo_entities::entity::EntityKind;
use albedo_entities::{assistant, city, entity, user};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, EntityTrait};
use uuid::Uuid;

/// The moment at which everything happens.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_769_851_800, 123_456_000).unwrap()
}

/// A user, whose id is all that matters here.
pub(crate) async fn owner(database: &Database, name: &str) -> Uuid {
    let id = Uuid::now_v7();
    let row = user::ActiveModel {
        id: Set(id),
        email: Set(format!("{name}@example.com")),
        password_hash: Set("none".to_owned()),
        full_name: Set(None),
        role: Set(Default::default()),
        is_active: Set(true),
        email_verified_at: Set(None),
        last_login_at: Set(None),
        version: Set(1),
        created_at: Set(now()),
        updated_at: Set(now()),
    };
    user::Entity::insert(row).exec_without_returning(database.write()).await.unwrap();
    id
}

pub(crate) fn assistant(name: &str) -> assistant::ActiveModel {
    assistant::ActiveModel {
        name: Set(name.to_owned()),
        language: Set("en".to_owned()),
        time_zone: Set("UTC".to_owned()),
        status: Set(Default::default()),
        metadata: Set(Default::default()),
        ..Default::default()
    }
}

pub(crate) fn entity(name: &str) -> entity::ActiveModel {
    entity::ActiveModel {
        name: Set(name.to_owned()),
        kind: Set(EntityKind::List),
        fuzzy_match: Set(false),
        case_sensitive: Set(false),
        sensitive: Set(false),
        metadata: Set(Default::default()),
        ..Default::default()
    }
}

pub(crate) fn city(name: &str) -> city::ActiveModel {
    city::ActiveModel { name: Set(name.to_owned()), country_code: Set("PT".to_owned()), ..Default::default() }
}
