//! Cities have no rules beyond their field table.

use albedo_entities::city;

use super::Rules;

impl Rules for city::Entity {}
