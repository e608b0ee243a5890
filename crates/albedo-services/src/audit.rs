//! The audit trail: what a write has done to a row, as a row of its own, written by the same transaction.
//!
//! Values are those that clients see. A column that is shown to nobody, such as the hash of a password, is named where it has
//! changed, and no more is said of it.

use std::collections::BTreeMap;

use albedo_entities::Resource;
use albedo_entities::audit_event::{self, AuditAction};
use albedo_entities::json::Changes;
use albedo_repositories::AuditEvents;
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, IdenStatic, Iterable, ModelTrait};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::caller::Caller;
use crate::error::ServiceError;
use crate::work::unavailable;

/// Columns that the event tells of itself.
const TOLD: [&str; 4] = ["id", "version", "created_at", "updated_at"];

/// What became of a row.
#[derive(Debug)]
pub(crate) struct Deed<'d, R: Resource> {
    pub(crate) action: AuditAction,
    /// The resource's own verb, where it was one.
    pub(crate) verb: Option<&'static str>,
    pub(crate) before: Option<&'d R::Model>,
    pub(crate) after: Option<&'d R::Model>,
}

/// Who did it, and when; nobody where an operator did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Actor<'a> {
    pub(crate) caller: Option<&'a Caller>,
    pub(crate) at: DateTime<Utc>,
}

/// Writes down what was done, by one statement.
pub(crate) async fn record<R: Resource>(
    connection: &impl ConnectionTrait,
    actor: Actor<'_>,
    deeds: impl IntoIterator<Item = Deed<'_, R>>,
) -> Result<(), ServiceError> {
    let events = deeds.into_iter().map(|deed| event(actor, &deed)).collect::<Result<Vec<_>, _>>()?;
    AuditEvents::on(connection).insert(events).await.map_err(unavailable)
}

fn event<R: Resource>(
    Actor { caller, at }: Actor<'_>,
    deed: &Deed<'_, R>,
) -> Result<audit_event::ActiveModel, ServiceError> {
    let identity = deed.after.or(deed.before).map(R::identity);
    let identity = identity.ok_or_else(|| ServiceError::internal("an audit event tells of a row"))?;
    let session = caller.map(|caller| caller.session).filter(|session| !session.is_nil());
    Ok(audit_event::ActiveModel {
        id: Set(Uuid::now_v7()),
        at: Set(at),
        actor_id: Set(caller.map(|caller| caller.user)),
        session_id: Set(session),
        action: Set(deed.action),
        verb: Set(deed.verb.map(ToOwned::to_owned)),
        table: Set((R::description().table)().to_owned()),
        row_id: Set(identity.id),
        version: Set(identity.version),
        diff: Set(changes(deed)?),
        request_id: Set(caller.and_then(|caller| caller.request.text()).map(ToOwned::to_owned)),
    })
}

/// The fields that differ, with what clients see of them.
fn changes<R: Resource>(deed: &Deed<'_, R>) -> Result<Changes, ServiceError> {
    let (mut before, mut after) = (seen::<R>(deed.before)?, seen::<R>(deed.after)?);
    let mut changes = BTreeMap::new();
    let shown = |name: &str| R::description().fields.iter().any(|field| field.uses.view && field.name == name);
    for column in R::Column::iter() {
        let name = IdenStatic::as_str(&column);
        if TOLD.contains(&name) {
            continue;
        }
        if shown(name) {
            let values = [&mut before, &mut after].map(|row| row.remove(name).unwrap_or_default());
            let [old, new] = &values;
            if old != new {
                changes.insert(name.to_owned(), Some(values));
            }
        } else {
            let kept =
                |row: Option<&R::Model>| row.map(|row| row.get(column)).filter(|value| *value != value.as_null());
            if kept(deed.before) != kept(deed.after) {
                changes.insert(name.to_owned(), None);
            }
        }
    }
    Ok(Changes(changes))
}

/// The row as clients see it; no fields at all where there is none.
fn seen<R: Resource>(row: Option<&R::Model>) -> Result<Map<String, Value>, ServiceError> {
    let Some(row) = row else { return Ok(Map::new()) };
    match serde_json::to_value(R::View::from(row.clone())).map_err(ServiceError::internal)? {
        Value::Object(fields) => Ok(fields),
        _ => Ok(Map::new()),
    }
}
