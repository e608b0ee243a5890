//! What rivers want beyond their field table; in a project, `crates/albedo-services/src/rules/river/mod.rs`.

mod dam;

use albedo_core::body::Purpose;
use albedo_core::database::Session;
use albedo_core::fault::{Code, Fault, Faults};
use albedo_core::field::{Field, Kind};
use albedo_entities::{Description, Resource, city};
use albedo_repositories::{Repository, Scope};
use albedo_services::{Context, Rules, ServiceError, Services, Verb, Work};
use sea_orm::ActiveValue::Set;
use sea_orm::IntoActiveModel;
use serde_json::{Map, Value};

use self::dam::Dam;
use super::{gauge, river};

impl Rules for river::Entity {
    const ATOMIC: bool = true;
    const VERBS: &'static [Verb<Self>] = &[Verb::of::<Dam>()];
    const COMPUTED: &'static [Field] =
        &[Field { example: Some("1"), ..Field::shown("gauges_count", Kind::Integer64, "How many gauges it has.") }];
    const COMPUTED_FROM: &'static [fn() -> &'static Description] = &[gauge::Entity::description];

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
            let city = Repository::<city::Entity>::on(work.reader(), scope).find(city).await?;
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
        Repository::<gauge::Entity>::on(transaction, scope).insert(gauge, context.now).await?;
        work.touches::<gauge::Entity>();
        Ok(())
    }

    async fn compute(
        context: Context<'_>,
        session: &Session<'_>,
        rows: &[river::Model],
    ) -> Result<Vec<Vec<Value>>, ServiceError> {
        let rivers: Vec<_> = rows.iter().map(|row| row.id).collect();
        let gauges = Repository::<gauge::Entity>::on(session, Scope::anywhere(context.caller.user));
        let counts = gauges.count_below(&rivers).await?;
        Ok(rivers.iter().map(|id| vec![counts.get(id).copied().unwrap_or_default().into()]).collect())
    }
}
