//! A verb of rivers' own; in a project, `crates/albedo-services/src/rules/river/dam.rs`.

use albedo_core::fault::{Code, Fault};
use albedo_core::field::{Bounds, Field, Kind};
use albedo_entities::Shape;
use albedo_services::{Act, Context, ServiceError, VerbDescription, Work};
use sea_orm::ActiveValue::Set;
use serde::Deserialize;

use crate::worked::river;

/// Builds a dam across a river.
#[derive(Deserialize)]
pub(super) struct Dam {
    height: i32,
}

impl Shape for Dam {
    fn fields() -> &'static [Field] {
        static FIELDS: [Field; 1] = [Field {
            bounds: Bounds { min: Some(1.0), max: Some(300.0), ..Bounds::NONE },
            example: Some("63"),
            ..Field::sent("height", Kind::Integer32, "Height in metres.")
        }];
        &FIELDS
    }
}

impl Act<river::Entity> for Dam {
    const VERB: VerbDescription = VerbDescription::new("dam", "Dam a river", "It has one dam more.");

    async fn act(
        self,
        _: Context<'_>,
        _: &mut Work<'_>,
        current: &river::Model,
    ) -> Result<river::ActiveModel, ServiceError> {
        let dammed = current.dammed + self.height;
        if dammed > 500 {
            let fault = Fault::in_parameter("river_id", Code::TooMany, "500 metres of dams are enough for a river.");
            return Err(ServiceError::Conflict(fault.with("max", 500).into()));
        }
        Ok(river::ActiveModel { dammed: Set(dammed), ..Default::default() })
    }
}
