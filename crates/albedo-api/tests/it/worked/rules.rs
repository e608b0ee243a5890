//! What rivers want beyond their field table; in a project, `crates/albedo-services/src/rules/river.rs`.

use albedo_core::body::Purpose;
use albedo_core::fault::{Code, Fault, Faults};
use albedo_entities::city;
use albedo_repositories::{Repository, Scope};
use albedo_services::{Context, Rules, ServiceError, Services, Verb, Work};
use sea_orm::ActiveValue::Set;
use sea_orm::IntoActiveModel;
use serde_json::{Map, Value};

use super::dam::Dam;
use super::{gauge, river};

impl Rules for river::Entity {
    const ATOMIC: bool = true;
    const VERBS: &'static [Verb<Self>] = &[Verb::of::<Dam>()];

    fn check(_: &Services, _: Purpose, body: &Map<String, Value>, faults: &mut Faults) {
        if body.get("name").and_then(Value::as_str) == Some("Styx") {
            faults.add(Fault::in_field("name", Code::Contradiction, "Nobody comes back from there."));
        }
    }

    async fn before_create(
        context: Context<'_>,
        work: &mut Work<'_>,
        input: river::CreateRiver,
    ) -> Result<river::ActiveModel, ServiceError> {
        if let Some(city) = input.city_id {
            let scope = Scope::of(context.caller.user, Vec::new());
            let city = Repository::<city::Entity, _>::on(&work.reader(), scope).find(city).await?;
            if city.is_some_and(|city| city.name == input.name) {
                let detail = "The city that it flows through has this name.";
                return Err(ServiceError::invalid(Fault::in_field("name", Code::Contradiction, detail)));
            }
        }
        Ok(input.into_active_model())
    }

    async fn after_create(context: Context<'_>, work: &mut Work<'_>, row: &river::Model) -> Result<(), ServiceError> {
        let scope = Scope::of(context.caller.user, vec![row.id]);
        let gauge = gauge::ActiveModel { place: Set("mouth".to_owned()), ..Default::default() };
        let transaction = work.transaction().await?;
        Repository::<gauge::Entity, _>::on(&transaction, scope).insert(gauge, context.now).await?;
        work.touches::<gauge::Entity>();
        Ok(())
    }
}
