//! The rows that other rows lead to: all that a whole page leads to by one statement, however many rows it has.

use std::collections::HashMap;

use albedo_core::listing::ListRequest;
use albedo_entities::Resource;
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, Order, Query, WindowStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, FromQueryResult, IdenStatic, Iterable, ModelTrait, QueryFilter, QuerySelect,
    QueryTrait, Value,
};
use uuid::Uuid;

use crate::error::RepositoryError;
use crate::repository::Repository;

/// The rows below one parent.
#[derive(Clone, Debug)]
pub struct Below<M> {
    /// The first of them, in the order of their list.
    pub rows: Vec<M>,
    /// How many there are.
    pub total: u64,
}

/// What the statement adds to the columns of a row.
const PLACE: &str = "place_below";
const TOTAL: &str = "total_below";

impl<R: Resource, C: ConnectionTrait> Repository<'_, R, C> {
    /// The rows with these ids that are in scope, in no order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn those(&self, ids: &[Uuid]) -> Result<Vec<R::Model>, RepositoryError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.rows().filter(R::COLUMNS.id.is_in(ids.iter().copied())).all(self.connection).await?)
    }

    /// How many rows in scope each of these parents has; those that have none are missing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_below(&self, parents: &[Uuid]) -> Result<HashMap<Uuid, u64>, RepositoryError> {
        let Some(column) = R::COLUMNS.parent.filter(|_| !parents.is_empty()) else { return Ok(HashMap::new()) };
        let counted = self
            .rows()
            .filter(column.is_in(parents.iter().copied()))
            .select_only()
            .column(column)
            .expr_as(Func::count(Expr::col(Asterisk)), TOTAL)
            .group_by(column)
            .into_tuple::<(Uuid, i64)>();
        let counted = counted.all(self.connection).await?;
        Ok(counted.into_iter().map(|(parent, total)| (parent, total.unsigned_abs())).collect())
    }

    /// The first rows in scope below each of these parents, at most `most` of each, and how many there are; parents that have
    /// none are missing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn below(&self, parents: &[Uuid], most: u64) -> Result<HashMap<Uuid, Below<R::Model>>, RepositoryError> {
        let Some(column) = R::COLUMNS.parent.filter(|_| !parents.is_empty()) else { return Ok(HashMap::new()) };
        let keys = self.keys(&ListRequest::default());
        let among = || WindowStatement::partition_by(column);
        let mut placed = among();
        for key in crate::keyset::order(&keys) {
            match key.nulls {
                Some(nulls) => placed.order_by_expr_with_nulls(key.expression, key.order, nulls),
                None => placed.order_by_expr(key.expression, key.order),
            };
        }
        let mut ranked = self.rows().filter(column.is_in(parents.iter().copied())).into_query();
        ranked.expr_window_as(Expr::cust("ROW_NUMBER()"), placed, PLACE);
        ranked.expr_window_as(Func::count(Expr::col(Asterisk)), among(), TOTAL);
        let first = Query::select()
            .expr(Expr::col(Asterisk))
            .from_subquery(ranked, Alias::new("ranked"))
            .and_where(Expr::col(PLACE).lte(most))
            .order_by(PLACE, Order::Asc)
            .take();
        let mut below: HashMap<Uuid, Below<R::Model>> = HashMap::new();
        for found in self.connection.query_all(&first).await? {
            let row = R::Model::from_query_result(&found, "")?;
            let total: i64 = found.try_get("", TOTAL)?;
            let Value::Uuid(Some(parent)) = row.get(column) else { continue };
            let rows = below.entry(parent).or_insert_with(|| Below { rows: Vec::new(), total: total.unsigned_abs() });
            rows.rows.push(row);
        }
        Ok(below)
    }
}

/// The row that the column of this name refers to; `None` where it refers to none, or is no reference.
pub fn referred<R: Resource>(row: &R::Model, column: &str) -> Option<Uuid> {
    let column = R::Column::iter().find(|known| IdenStatic::as_str(known) == column)?;
    if let Value::Uuid(id) = row.get(column) { id } else { None }
}
