//! The one list of tables.

use crate::resource::{Description, Resource};
use crate::{assistant, audit_event, city, entity, user, value};

/// Every resource, as values.
#[must_use]
pub fn resources() -> impl IntoIterator<Item = &'static Description> {
    [
        user::Entity::description(),
        assistant::Entity::description(),
        entity::Entity::description(),
        value::Entity::description(),
        city::Entity::description(),
        audit_event::Entity::description(),
    ]
}
