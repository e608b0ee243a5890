//! The revisions, oldest first.

#![expect(elided_lifetimes_in_paths, reason = "async_trait wants the trait's signature letter by letter")]

mod m20260123_090000_create_users;
mod m20260123_090100_create_refresh_tokens;
mod m20260123_090200_create_assistants;
mod m20260123_090300_create_entities;
mod m20260123_090400_create_entity_values;
mod m20260123_090500_create_cities;

use sea_orm_migration::prelude::MigrationTrait;

/// All of them, in the order in which they are applied.
pub(crate) fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20260123_090000_create_users::Migration),
        Box::new(m20260123_090100_create_refresh_tokens::Migration),
        Box::new(m20260123_090200_create_assistants::Migration),
        Box::new(m20260123_090300_create_entities::Migration),
        Box::new(m20260123_090400_create_entity_values::Migration),
        Box::new(m20260123_090500_create_cities::Migration),
    ]
}
