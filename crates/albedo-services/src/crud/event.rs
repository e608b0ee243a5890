//! What a write has done to a row, and the one place where all of it passes by: inside the transaction where there is one,
//! after the statement and before the commit. What every written row shall bring about belongs here.

use albedo_entities::Resource;
use sea_orm::ModelTrait;

use super::CrudService;
use crate::error::ServiceError;
use crate::rules::{Context, Rules};
use crate::work::Work;

/// What was done to a row.
#[derive(Debug)]
pub(crate) enum Event<R: Resource> {
    Created(R::Model),
    Updated { before: R::Model, after: R::Model },
    Unchanged(R::Model),
    Deleted(R::Model),
    Restored(R::Model),
}

impl<R: Resource> Event<R> {
    pub(super) const fn is_change(&self) -> bool {
        !matches!(self, Self::Unchanged(_))
    }

    /// The row as it is now, or was at its end.
    pub(super) const fn row(&self) -> &R::Model {
        let (Self::Created(row)
        | Self::Updated { after: row, .. }
        | Self::Unchanged(row)
        | Self::Deleted(row)
        | Self::Restored(row)) = self;
        row
    }

    pub(super) fn into_row(self) -> R::Model {
        let (Self::Created(row)
        | Self::Updated { after: row, .. }
        | Self::Unchanged(row)
        | Self::Deleted(row)
        | Self::Restored(row)) = self;
        row
    }
}

impl<R: Rules> CrudService<'_, R> {
    /// Every written row passes by here.
    pub(super) async fn pass(
        &self,
        context: Context<'_>,
        work: &mut Work<'_>,
        events: &[Event<R>],
    ) -> Result<(), ServiceError> {
        for event in events {
            match event {
                Event::Created(row) => R::after_create(context, work, row).await?,
                Event::Updated { before, after } => {
                    if is_moved::<R>(before, after) {
                        work.touches::<R>();
                    }
                    R::after_update(context, work, before, after).await?;
                }
                Event::Unchanged(_) => {}
                Event::Deleted(row) => R::after_delete(context, work, row).await?,
                Event::Restored(row) => R::after_restore(context, work, row).await?,
            }
        }
        Ok(())
    }
}

/// Whether the row belongs to somebody else now, or stands elsewhere, and all beneath it with it.
fn is_moved<R: Rules>(before: &R::Model, after: &R::Model) -> bool {
    let columns = R::COLUMNS;
    [columns.owner, columns.parent].into_iter().flatten().any(|column| before.get(column) != after.get(column))
}
