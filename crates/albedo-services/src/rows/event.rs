//! What a write has done to a row, and the one place where all of it passes by: inside the transaction where there is one,
//! after the statement and before the commit. What every written row shall bring about belongs here.

use albedo_engine::audit::{self, Actor, Deed};
use albedo_engine::crud::Committed;
use albedo_engine::{Context, ServiceError, Work};
use albedo_entities::Resource;
use albedo_entities::audit_event::AuditAction;
use chrono::{DateTime, Utc};
use sea_orm::ModelTrait;

use super::Rows;
use crate::rules::Rules;

/// What was done to a row.
#[derive(Debug)]
pub(crate) enum Event<R: Resource> {
    Created(R::Model),
    Updated {
        before: R::Model,
        after: R::Model,
    },
    Unchanged(R::Model),
    Deleted(R::Model),
    Restored {
        before: R::Model,
        after: R::Model,
    },
    /// Changed by one of the resource's own verbs.
    Acted {
        verb: &'static str,
        before: R::Model,
        after: R::Model,
    },
}

impl<R: Resource> Event<R> {
    const fn is_change(&self) -> bool {
        !matches!(self, Self::Unchanged(_))
    }

    /// The row as it is now, or was at its end.
    pub(super) const fn row(&self) -> &R::Model {
        let (Self::Created(row)
        | Self::Updated { after: row, .. }
        | Self::Unchanged(row)
        | Self::Deleted(row)
        | Self::Restored { after: row, .. }
        | Self::Acted { after: row, .. }) = self;
        row
    }
}

impl<R: Rules> Event<R> {
    /// What the rules want to hear of it when it is committed.
    pub(super) fn committed(self) -> Option<Committed> {
        if !self.is_change() {
            return None;
        }
        Some(Box::new(move |context| R::committed(context, self.row())))
    }
}

impl<R: Rules> Rows<'_, R> {
    /// Every written row passes by here.
    pub(super) async fn pass(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        events: &[Event<R>],
    ) -> Result<(), ServiceError> {
        if R::description().audit {
            write_down(context, work, events).await?;
        }
        for event in events {
            match event {
                Event::Created(row) => R::after_create(context, work, row).await?,
                Event::Updated { before, after } | Event::Acted { before, after, .. } => {
                    if is_moved::<R>(before, after) {
                        work.touches::<R>();
                    }
                    R::after_update(context, work, before, after).await?;
                }
                Event::Unchanged(_) => {}
                Event::Deleted(row) => R::after_delete(context, work, row).await?,
                Event::Restored { after, .. } => R::after_restore(context, work, after).await?,
            }
        }
        Ok(())
    }
}

/// The audit events of a resource that wants them, in the transaction of what they tell.
async fn write_down<R: Rules>(
    context: Context<'_>,
    work: &mut Work<'_>,
    events: &[Event<R>],
) -> Result<(), ServiceError> {
    let mut deeds = Vec::with_capacity(events.len());
    for event in events {
        let marked = marked::<R>(event, context.now);
        let (action, before, after) = match event {
            Event::Created(row) => (AuditAction::Create, None, Some(row)),
            Event::Updated { before, after } | Event::Acted { before, after, .. } => {
                (AuditAction::Update, Some(before), Some(after))
            }
            Event::Unchanged(_) => continue,
            Event::Deleted(row) => (AuditAction::Delete, Some(row), marked.as_ref()),
            Event::Restored { before, after } => (AuditAction::Restore, Some(before), Some(after)),
        };
        let verb = if let Event::Acted { verb, .. } = event { Some(*verb) } else { None };
        let (before, after) = (audit::snapshot::<R>(before)?, audit::snapshot::<R>(after)?);
        deeds.push(Deed { action, verb, before, after });
    }
    let actor = Actor { caller: Some(context.caller), at: context.now };
    audit::record(work.transaction().await?, actor, R::description(), deeds).await
}

/// What a delete has left behind, where rows can be restored.
fn marked<R: Rules>(event: &Event<R>, now: DateTime<Utc>) -> Option<R::Model> {
    let (Event::Deleted(row), Some(deleted_at)) = (event, R::COLUMNS.deleted_at) else { return None };
    let mut row = row.clone();
    let version = R::identity(&row).version + 1;
    row.set(deleted_at, Some(now).into());
    row.set(R::COLUMNS.version, version.into());
    Some(row)
}

/// Whether the row belongs to somebody else now, or stands elsewhere, and all beneath it with it.
fn is_moved<R: Rules>(before: &R::Model, after: &R::Model) -> bool {
    let columns = R::COLUMNS;
    [columns.owner, columns.parent].into_iter().flatten().any(|column| before.get(column) != after.get(column))
}
