//! The audit trail: what a write has done to a row, as a row of its own, written by the same transaction.
//!
//! Values are those that clients see. A column that is shown to nobody, such as the hash of a password, is named where it has
//! changed, and no more is said of it.

use std::collections::BTreeMap;

use albedo_core::database::Session;
use albedo_entities::audit_event::{self, AuditAction};
use albedo_entities::json::Changes;
use albedo_entities::{Description, Identity, Resource};
use albedo_repositories::{Assigned, AuditEvents, values};
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::caller::Caller;
use crate::error::ServiceError;
use crate::showing::view;
use crate::work::unavailable;

/// Columns that the event tells of itself.
const TOLD: [&str; 4] = ["id", "version", "created_at", "updated_at"];

/// What became of a row.
#[derive(Debug)]
pub struct Deed {
    /// What was done.
    pub action: AuditAction,
    /// The resource's own verb, where it was one.
    pub verb: Option<&'static str>,
    /// The row before it, if it was there.
    pub before: Option<Snapshot>,
    /// The row after it, if it is there.
    pub after: Option<Snapshot>,
}

/// A row at one time.
#[derive(Debug)]
pub struct Snapshot {
    identity: Identity,
    /// As clients see it.
    seen: Map<String, Value>,
    /// As it is stored.
    stored: Vec<Assigned>,
}

/// Who did it, and when; nobody where an operator did.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// Who.
    pub caller: Option<&'a Caller>,
    /// When.
    pub at: DateTime<Utc>,
}

/// The row as it is.
///
/// # Errors
/// When its view cannot be written.
pub fn snapshot<R: Resource>(row: Option<&R::Model>) -> Result<Option<Snapshot>, ServiceError> {
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Snapshot { identity: R::identity(row), seen: view::<R>(row)?, stored: values::<R>(row) }))
}

/// Writes down what was done, by one statement.
///
/// # Errors
/// When the database does not answer.
pub async fn record(
    session: Session<'_>,
    actor: Actor<'_>,
    description: &Description,
    deeds: Vec<Deed>,
) -> Result<(), ServiceError> {
    let events = deeds.into_iter().map(|deed| event(actor, description, deed)).collect::<Result<Vec<_>, _>>()?;
    AuditEvents::on(&session).insert(events).await.map_err(unavailable)
}

fn event(
    Actor { caller, at }: Actor<'_>,
    description: &Description,
    deed: Deed,
) -> Result<audit_event::ActiveModel, ServiceError> {
    let identity = deed.after.as_ref().or(deed.before.as_ref()).map(|row| row.identity);
    let identity = identity.ok_or_else(|| ServiceError::internal("an audit event tells of a row"))?;
    let session = caller.map(|caller| caller.session).filter(|session| !session.is_nil());
    Ok(audit_event::ActiveModel {
        id: Set(Uuid::now_v7()),
        at: Set(at),
        actor_id: Set(caller.map(|caller| caller.user)),
        session_id: Set(session),
        action: Set(deed.action),
        verb: Set(deed.verb.map(ToOwned::to_owned)),
        table: Set((description.table)().to_owned()),
        row_id: Set(identity.id),
        version: Set(identity.version),
        diff: Set(changes(description, deed.before, deed.after)),
        request_id: Set(caller.and_then(|caller| caller.request.text()).map(ToOwned::to_owned)),
    })
}

/// The fields that differ, with what clients see of them.
fn changes(description: &Description, mut before: Option<Snapshot>, mut after: Option<Snapshot>) -> Changes {
    let columns: Vec<&str> =
        after.iter().chain(&before).take(1).flat_map(|row| row.stored.iter().map(|(column, _)| *column)).collect();
    let shown = |name: &str| description.fields.iter().any(|field| field.uses.view && field.name == name);
    let mut changes = BTreeMap::new();
    for name in columns.into_iter().filter(|name| !TOLD.contains(name)) {
        if shown(name) {
            let values = [&mut before, &mut after].map(|row| {
                let value = row.as_mut().and_then(|row| row.seen.remove(name));
                value.unwrap_or_default()
            });
            let [old, new] = &values;
            if old != new {
                changes.insert(name.to_owned(), Some(values));
            }
        } else if stored(before.as_ref(), name) != stored(after.as_ref(), name) {
            changes.insert(name.to_owned(), None);
        }
    }
    Changes(changes)
}

/// What a column holds, if it holds something.
fn stored<'s>(row: Option<&'s Snapshot>, column: &str) -> Option<&'s sea_orm::Value> {
    let (_, value) = row?.stored.iter().find(|(known, _)| *known == column)?;
    (*value != value.as_null()).then_some(value)
}
