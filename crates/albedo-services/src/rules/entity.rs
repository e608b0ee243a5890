//! Entities have no rules beyond their field table.

use albedo_entities::entity;

use super::Rules;

impl Rules for entity::Entity {}
