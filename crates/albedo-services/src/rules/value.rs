//! Values: unique in any case, and of the kind that their entity is.

use albedo_core::body::Purpose;
use albedo_core::fault::{Code, Fault, Faults};
use albedo_entities::entity::EntityKind;
use albedo_entities::json::Texts;
use albedo_entities::{entity, value};
use albedo_repositories::{Repository, Scope};
use sea_orm::{ActiveValue, IntoActiveModel};
use serde_json::{Map, Value};

use super::{Rules, text};
use crate::{Context, ServiceError, Services, Work, unavailable};

impl Rules for value::Entity {
    fn check(_: &Services, _: Purpose, body: &Map<String, Value>, faults: &mut Faults) {
        text::check_language(body, faults);
        text::check_patterns(body, faults);
    }

    async fn before_create(
        context: Context<'_>,
        work: &mut Work<'_>,
        input: value::CreateValue,
    ) -> Result<value::ActiveModel, ServiceError> {
        fits_entity(context, work, Some(&input.synonyms), Some(&input.patterns)).await?;
        let key = text::key_of(&input.value);
        let mut row = input.into_active_model();
        row.value_key = ActiveValue::Set(key);
        Ok(row)
    }

    async fn before_update(
        context: Context<'_>,
        work: &mut Work<'_>,
        _current: &value::Model,
        input: value::UpdateValue,
    ) -> Result<value::ActiveModel, ServiceError> {
        fits_entity(context, work, input.synonyms.as_ref(), input.patterns.as_ref()).await?;
        let key = input.value.as_deref().map(text::key_of);
        let mut row = input.into_active_model();
        if let Some(key) = key {
            row.value_key = ActiveValue::Set(key);
        }
        Ok(row)
    }
}

/// A list entity has synonyms, a pattern entity has patterns.
async fn fits_entity(
    context: Context<'_>,
    work: &mut Work<'_>,
    synonyms: Option<&Texts>,
    patterns: Option<&Texts>,
) -> Result<(), ServiceError> {
    let filled = |texts: Option<&Texts>| texts.is_some_and(|texts| !texts.0.is_empty());
    let (synonyms, patterns) = (filled(synonyms), filled(patterns));
    if !synonyms && !patterns {
        return Ok(());
    }
    let Some((entity, above)) = context.parents.split_last() else { return Ok(()) };
    let kind = if let Some(kind) = work.recalled(*entity) {
        kind
    } else {
        let scope = Scope::of(context.caller.user, above.to_vec());
        let found = Repository::<entity::Entity>::on(work.reader(), scope).find(*entity).await.map_err(unavailable)?;
        let kind = found.ok_or(ServiceError::NotFound("entity"))?.kind;
        work.recall(*entity, kind);
        kind
    };
    let mut faults = Faults::none();
    if patterns && kind == EntityKind::List {
        faults.add(Fault::in_field(
            "patterns",
            Code::Contradiction,
            "A value of a list entity has synonyms, no patterns.",
        ));
    }
    if synonyms && kind == EntityKind::Pattern {
        faults.add(Fault::in_field(
            "synonyms",
            Code::Contradiction,
            "A value of a pattern entity has patterns, no synonyms.",
        ));
    }
    faults.none_or(()).map_err(ServiceError::Invalid)
}
