//! Rows that were deleted and stay, of every resource that can restore them: how they go for good.
//!
//! Not inside anybody's scope: an operator asks by age, and an account takes along what is its own.

use albedo_entities::{Description, registry};
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use uuid::Uuid;

use crate::error::RepositoryError;

/// Rows of one statement: what hangs below them goes along, and the database gives a statement four seconds.
const AT_ONCE: u64 = 500;

/// The deleted rows, whoever's they are.
pub struct DeletedRows<'c, C> {
    connection: &'c C,
}

impl<'c, C: ConnectionTrait> DeletedRows<'c, C> {
    /// On a connection or a transaction.
    pub const fn on(connection: &'c C) -> Self {
        Self { connection }
    }

    /// Deletes those of one owner for good.
    ///
    /// # Errors
    /// [`RepositoryError::InUse`] while others refer to one of them, and when the database does not answer.
    pub async fn purge_of(&self, owner: Uuid) -> Result<(), RepositoryError> {
        for (description, deleted_at) in kept() {
            let Some(column) = description.owner else { continue };
            let theirs = Expr::col(column).eq(owner).and(Expr::col(deleted_at).is_not_null());
            let delete = Query::delete().from_table((description.table)()).and_where(theirs).take();
            self.connection.execute(&delete).await?;
        }
        Ok(())
    }

    /// Deletes those that were deleted before `time` for good, and says how many of each table.
    ///
    /// # Errors
    /// [`RepositoryError::InUse`] while others refer to one of them, and when the database does not answer. What is gone by
    /// then is gone.
    pub async fn purge_before(&self, time: DateTime<Utc>) -> Result<Vec<(&'static str, u64)>, RepositoryError> {
        let mut gone = Vec::new();
        for (description, deleted_at) in kept() {
            let table = (description.table)();
            let old = || Condition::all().add(Expr::col(deleted_at).lt(time));
            let some = Query::select().column("id").from(table).cond_where(old()).limit(AT_ONCE).take();
            // Looked at once more: one that was restored since the first look is not old any longer.
            let some = Expr::col("id").in_subquery(some);
            let delete = Query::delete().from_table(table).and_where(some).cond_where(old()).take();
            let mut rows = 0;
            loop {
                let deleted = self.connection.execute(&delete).await?.rows_affected();
                rows += deleted;
                if deleted < AT_ONCE {
                    break;
                }
            }
            gone.push((table, rows));
        }
        Ok(gone)
    }
}

/// The resources whose deleted rows stay, with the column that says when.
fn kept() -> impl Iterator<Item = (&'static Description, &'static str)> {
    registry::resources().into_iter().filter_map(|known| Some((known, known.deleted_at?)))
}
