//! Entities: how many values they have.

use albedo_core::database::Session;
use albedo_core::field::{Field, Kind};
use albedo_entities::{Description, Resource, entity, value};
use albedo_repositories::{Repository, Scope};
use serde_json::Value;

use super::Rules;
use crate::{Context, ServiceError, unavailable};

impl Rules for entity::Entity {
    const COMPUTED: &'static [Field] =
        &[Field { example: Some("2"), ..Field::shown("values_count", Kind::Integer64, "How many values it has.") }];

    const COMPUTED_FROM: &'static [fn() -> &'static Description] = &[value::Entity::description];

    async fn compute(
        context: Context<'_>,
        session: &Session<'_>,
        rows: &[entity::Model],
    ) -> Result<Vec<Vec<Value>>, ServiceError> {
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let values = Repository::<value::Entity>::on(session, Scope::anywhere(context.caller.user));
        let counts = values.count_below(&ids).await.map_err(unavailable)?;
        Ok(ids.iter().map(|id| vec![counts.get(id).copied().unwrap_or_default().into()]).collect())
    }
}
