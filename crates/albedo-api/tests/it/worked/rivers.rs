//! What only the rivers' table is asked; in a project, `crates/albedo-repositories/src/rivers.rs`.

use albedo_repositories::RepositoryError;
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::river::{Column, Entity};

/// The rivers, whoever asks.
pub struct Rivers<'c, C> {
    connection: &'c C,
}

impl<'c, C: ConnectionTrait> Rivers<'c, C> {
    /// On a connection or a transaction.
    pub const fn on(connection: &'c C) -> Self {
        Self { connection }
    }

    /// How many flow through a city, and how many kilometres they have together.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn measured(&self, city: Uuid) -> Result<(i64, i64), RepositoryError> {
        // PostgreSQL's sum of bigints is a numeric, which nobody asked for.
        let length = Func::coalesce([Expr::col(Column::Length).sum(), Expr::val(0)]);
        let rivers = Entity::find().filter(Column::CityId.eq(city)).select_only();
        let rivers = rivers.expr_as(Expr::col(Column::Id).count(), "rivers");
        let rivers = rivers.expr_as(Expr::from(length).cast_as("bigint"), "length");
        Ok(rivers.into_tuple().one(self.connection).await?.unwrap_or_default())
    }
}
