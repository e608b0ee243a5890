//! Rows that were deleted and stay, of every resource that can restore them: how they go for good.
//!
//! Not inside anybody's scope: an operator asks by age, and an account takes along what is its own.

use albedo_entities::{Description, registry};
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use uuid::Uuid;

use crate::error::RepositoryError;

/// Rows of one statement: what hangs below them goes along, and the database gives a statement four seconds.
const AT_ONCE: u64 = 500;

/// What a purge has come to for one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purged {
    /// The table.
    pub table: &'static str,
    /// How many rows are gone for good.
    pub gone: u64,
    /// How many stay, since others refer to them.
    pub in_use: u64,
}

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

    /// Deletes those that were deleted before `time` for good, and says how many of each table. One that others refer to stays,
    /// and holds nobody else back.
    ///
    /// # Errors
    /// When the database does not answer. What is gone by then is gone.
    pub async fn purge_before(&self, time: DateTime<Utc>) -> Result<Vec<Purged>, RepositoryError> {
        let mut purged = Vec::new();
        for (description, deleted_at) in kept() {
            let mut of_table = Purged { table: (description.table)(), gone: 0, in_use: 0 };
            let old = Expr::col(deleted_at).lt(time);
            let mut behind = None;
            loop {
                let some = self.some(of_table.table, old.clone(), behind).await?;
                let Some(last) = some.last() else { break };
                behind = Some(*last);
                self.purge(&mut of_table, &old, &some).await?;
            }
            purged.push(of_table);
        }
        Ok(purged)
    }

    /// The next rows by id.
    async fn some(&self, table: &'static str, old: Expr, behind: Option<Uuid>) -> Result<Vec<Uuid>, RepositoryError> {
        let next = Query::select()
            .column("id")
            .from(table)
            .and_where(old)
            .and_where_option(behind.map(|id| Expr::col("id").gt(id)))
            .order_by("id", Order::Asc)
            .limit(AT_ONCE)
            .take();
        let found = self.connection.query_all(&next).await?;
        found.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
    }

    /// All of these by one statement, or where one of them is referred to, each by its own.
    async fn purge(&self, of_table: &mut Purged, old: &Expr, ids: &[Uuid]) -> Result<(), RepositoryError> {
        match self.delete(of_table.table, old, ids).await {
            Ok(gone) => of_table.gone += gone,
            Err(RepositoryError::InUse) => {
                for id in ids {
                    match self.delete(of_table.table, old, std::slice::from_ref(id)).await {
                        Ok(gone) => of_table.gone += gone,
                        Err(RepositoryError::InUse) => of_table.in_use += 1,
                        Err(error) => return Err(error),
                    }
                }
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Those of them that are old still: one may have been restored since it was looked at.
    async fn delete(&self, table: &'static str, old: &Expr, ids: &[Uuid]) -> Result<u64, RepositoryError> {
        let these = Expr::col("id").is_in(ids.iter().copied());
        let delete = Query::delete().from_table(table).and_where(these).and_where(old.clone()).take();
        Ok(self.connection.execute(&delete).await?.rows_affected())
    }
}

/// The resources whose deleted rows stay, with the column that says when.
fn kept() -> impl Iterator<Item = (&'static Description, &'static str)> {
    registry::resources().into_iter().filter_map(|known| Some((known, known.deleted_at?)))
}
