//! The rows that other rows lead to: all that a whole page leads to by one statement, however many rows it has.

use std::collections::HashMap;

use albedo_core::listing::ListRequest;
use albedo_entities::Resource;
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, Order, Query, WindowStatement};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use crate::columns;
use crate::error::RepositoryError;
use crate::keyset;
use crate::repository::Repository;
use crate::table::{Table, in_order};

/// The rows below one parent.
#[derive(Clone, Debug)]
pub struct Below<M> {
    /// The parent.
    pub parent: Uuid,
    /// The first of them, in the order of their list.
    pub rows: Vec<M>,
    /// How many there are.
    pub total: u64,
}

/// What the statement adds to the columns of a row.
const PLACE: &str = "place_below";
const TOTAL: &str = "total_below";

impl<R: Resource> Repository<'_, R> {
    /// The rows with these ids that are in scope, in no order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn those(&self, ids: &[Uuid]) -> Result<Vec<R::Model>, RepositoryError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.read(&self.table.rows_among(self.table.known.own.id, ids)).await
    }

    /// How many rows in scope each of these parents has; those that have none are missing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_below(&self, parents: &[Uuid]) -> Result<HashMap<Uuid, u64>, RepositoryError> {
        self.table.count_below(parents).await
    }

    /// The first rows in scope below each of these parents, at most `most` of each, and how many there are; parents that have
    /// none are missing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn below(&self, parents: &[Uuid], most: u64) -> Result<Vec<Below<R::Model>>, RepositoryError> {
        let mut below = Vec::with_capacity(parents.len());
        for Below { parent, rows, total } in self.table.below(parents, most).await? {
            below.push(Below { parent, rows: columns::rows::<R>(&rows)?, total });
        }
        Ok(below)
    }
}

impl Table<'_> {
    async fn count_below(&self, parents: &[Uuid]) -> Result<HashMap<Uuid, u64>, RepositoryError> {
        let Some(column) = self.known.own.parent.filter(|_| !parents.is_empty()) else { return Ok(HashMap::new()) };
        let mut rows = self.rows_among(column, parents);
        let counted = rows
            .clear_selects()
            .column(self.qualified(column))
            .expr_as(Func::count(Expr::col(Asterisk)), TOTAL)
            .group_by_col(self.qualified(column));
        let mut totals = HashMap::new();
        for counted in self.session.query_all(counted).await? {
            let total: i64 = counted.try_get("", TOTAL)?;
            totals.insert(counted.try_get("", column)?, total.unsigned_abs());
        }
        Ok(totals)
    }

    async fn below(&self, parents: &[Uuid], most: u64) -> Result<Vec<Below<QueryResult>>, RepositoryError> {
        let Some(column) = self.known.own.parent.filter(|_| !parents.is_empty()) else { return Ok(Vec::new()) };
        let among = || WindowStatement::partition_by(self.qualified(column));
        let placed = in_order(among(), keyset::order(&self.keys(&ListRequest::default())));
        let mut ranked = self.rows_among(column, parents);
        ranked.expr_window_as(Expr::cust("ROW_NUMBER()"), placed, PLACE);
        ranked.expr_window_as(Func::count(Expr::col(Asterisk)), among(), TOTAL);
        let first = Query::select()
            .expr(Expr::col(Asterisk))
            .from_subquery(ranked, Alias::new("ranked"))
            .and_where(Expr::col(PLACE).lte(most))
            .order_by(PLACE, Order::Asc)
            .take();
        let mut below: HashMap<Uuid, Below<QueryResult>> = HashMap::new();
        for row in self.session.query_all(&first).await? {
            let (parent, total): (Uuid, i64) = (row.try_get("", column)?, row.try_get("", TOTAL)?);
            let stretch = below.entry(parent);
            let stretch = stretch.or_insert_with(|| Below { parent, rows: Vec::new(), total: total.unsigned_abs() });
            stretch.rows.push(row);
        }
        Ok(below.into_values().collect())
    }
}
