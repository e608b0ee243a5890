//! Assistants: languages and time zones that exist.

use albedo_core::body::Purpose;
use albedo_core::fault::Faults;
use albedo_entities::assistant;
use serde_json::{Map, Value};

use super::{Rules, text};
use crate::Services;

impl Rules for assistant::Entity {
    fn check(_: &Services, _: Purpose, body: &Map<String, Value>, faults: &mut Faults) {
        text::check_language(body, faults);
        text::check_time_zone(body, faults);
    }
}
