//! What is asked of the rows of one scope, as statements: written once for all tables, from what a [`Description`] and the names
//! of the columns tell.

use albedo_core::database::Session;
use albedo_core::listing::ListRequest;
use albedo_entities::{Description, Resource};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{
    Alias, DeleteStatement, Expr, ExprTrait, InsertStatement, IntoCondition, IntoIden, OrderedStatement, Query,
    SelectStatement, SimpleExpr, TableRef, UpdateStatement, ValueTuple,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, StatementBuilder, Value};
use uuid::Uuid;

use crate::columns::{Assigned, Known, known};
use crate::error::RepositoryError;
use crate::keyset::{self, Key, OrderKey};
use crate::listing;
use crate::scope::Scope;

/// The new values of an update of many rows, as its statement calls them.
const NEW: &str = "new";

/// The rows of one table that a scope lets through.
#[derive(Clone)]
pub(crate) struct Table<'c> {
    pub(crate) session: Session<'c>,
    pub(crate) scope: Scope,
    pub(crate) description: &'static Description,
    pub(crate) known: Known,
    name: TableRef,
}

impl<'c> Table<'c> {
    pub(crate) fn of<R: Resource>(session: Session<'c>, scope: Scope) -> Self {
        Self { session, scope, description: R::description(), known: known::<R>(), name: R::default().table_ref() }
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.session.get_database_backend()
    }

    /// The rows of the scope.
    pub(crate) fn rows(&self) -> SelectStatement {
        (self.known.select)().cond_where(self.scope.condition(self.description)).take()
    }

    pub(crate) fn row(&self, id: Uuid) -> SelectStatement {
        self.rows().and_where(self.id_is(id)).limit(1).take()
    }

    pub(crate) fn rows_among(&self, column: &'static str, ids: &[Uuid]) -> SelectStatement {
        self.rows().and_where(Expr::col(self.qualified(column)).is_in(ids.iter().copied())).take()
    }

    /// The rows that a list asks for, in no order.
    pub(crate) fn listed(&self, request: &ListRequest) -> SelectStatement {
        self.rows().cond_where(listing::condition(self.backend(), self.description, request)).take()
    }

    pub(crate) fn keys(&self, request: &ListRequest) -> Vec<Key> {
        let order = request.order(self.description.default_sort);
        keyset::keys(self.backend(), (self.description.table)(), &order, &self.known)
    }

    /// A new row with what is set here, and its id.
    pub(crate) fn made(&self, mut row: Vec<Assigned>, now: DateTime<Utc>) -> (Uuid, Vec<Assigned>) {
        let (own, id) = (&self.known.own, Uuid::now_v7());
        let times = [own.created_at, own.updated_at].into_iter().flatten().map(|time| (time, now.into()));
        let above = own.parent.zip(self.scope.parent()).map(|(column, parent)| (column, parent.into()));
        let owner = own.owner.map(|owner| (owner, self.scope.owner().into()));
        for (column, value) in [(own.id, id.into()), (own.version, 1_i64.into())].into_iter().chain(times) {
            set(&mut row, column, value);
        }
        for (column, value) in owner.into_iter().chain(above) {
            set(&mut row, column, value);
        }
        (id, row)
    }

    /// New rows, all of which say something about the same columns.
    pub(crate) fn insert(
        &self,
        rows: impl IntoIterator<Item = Vec<Assigned>>,
    ) -> Result<InsertStatement, RepositoryError> {
        let mut insert = Query::insert().into_table(self.name.clone()).returning((self.known.returning)()).take();
        for (place, row) in rows.into_iter().enumerate() {
            if place == 0 {
                insert.columns(row.iter().map(|(column, _)| *column));
            }
            let values = row.into_iter().map(|(column, value)| (self.known.saved)(column, Expr::val(value)));
            insert.values(values).map_err(|error| DbErr::Custom(error.to_string()))?;
        }
        Ok(insert)
    }

    /// A change of rows in the scope; their versions rise by one.
    pub(crate) fn update(&self, row: Vec<Assigned>, now: DateTime<Utc>) -> UpdateStatement {
        let own = &self.known.own;
        let mut update = Query::update().table(self.name.clone()).returning((self.known.returning)()).take();
        for (column, value) in row.into_iter().filter(|(column, _)| !self.is_ours(column)) {
            update.value(column, (self.known.saved)(column, Expr::val(value)));
        }
        if let Some(updated_at) = own.updated_at {
            update.value(updated_at, now);
        }
        update.value(own.version, Expr::col(own.version).add(1)).cond_where(self.scope.condition(self.description));
        update
    }

    /// One statement for changes of many rows: the values of `columns`, by id.
    pub(crate) fn update_each(
        &self,
        columns: &[&'static str],
        rows: Vec<(Uuid, Vec<Value>)>,
        now: DateTime<Utc>,
    ) -> UpdateStatement {
        // Both databases call the columns of such a list column1, column2 and so on.
        let new = |place: usize| Expr::col((Alias::new(NEW), Alias::new(format!("column{place}"))));
        let mut update = self.update(Vec::new(), now);
        for (index, column) in columns.iter().enumerate() {
            update.value(*column, (self.known.saved)(column, new(index + 2)));
        }
        let tuple = |(id, values)| ValueTuple::Many(std::iter::once(Value::from(id)).chain::<Vec<_>>(values).collect());
        let values = TableRef::ValuesList(rows.into_iter().map(tuple).collect(), Alias::new(NEW).into_iden());
        update.from(values).and_where(Expr::col(self.qualified(self.known.own.id)).eq(new(1)));
        update
    }

    /// A delete of rows in the scope.
    pub(crate) fn delete(&self) -> DeleteStatement {
        Query::delete().from_table(self.name.clone()).cond_where(self.scope.condition(self.description)).take()
    }

    /// Whether the column is one that a change of a row gets from the server.
    pub(crate) fn is_ours(&self, column: &str) -> bool {
        let own = &self.known.own;
        column == own.version || own.updated_at == Some(column)
    }

    pub(crate) fn id_is(&self, id: Uuid) -> SimpleExpr {
        Expr::col(self.qualified(self.known.own.id)).eq(id)
    }

    pub(crate) fn version_is(&self, version: i64) -> SimpleExpr {
        Expr::col(self.known.own.version).eq(version)
    }

    pub(crate) fn qualified(&self, column: &'static str) -> (&'static str, &'static str) {
        ((self.description.table)(), column)
    }

    /// What a statement of a write has written, or why it was refused.
    pub(crate) async fn write(&self, statement: &impl StatementBuilder) -> Result<Vec<QueryResult>, RepositoryError> {
        self.told(self.session.query_all(statement).await)
    }

    pub(crate) fn told<T>(&self, outcome: Result<T, DbErr>) -> Result<T, RepositoryError> {
        outcome.map_err(|error| RepositoryError::read(error, Some(self.description)))
    }
}

/// Whether the parent that a scope names exists and is in scope itself; true where there is no parent.
///
/// # Errors
/// When the database does not answer.
pub async fn parent_exists(
    session: &Session<'_>,
    scope: &Scope,
    description: &Description,
) -> Result<bool, RepositoryError> {
    match scope.parent_condition(description) {
        Some((table, condition)) => Ok(exists(session, table, condition).await?),
        None => Ok(true),
    }
}

/// Whether the row with this id exists and is in scope.
///
/// # Errors
/// When the database does not answer.
pub async fn row_exists(
    session: &Session<'_>,
    scope: &Scope,
    description: &Description,
    id: Uuid,
) -> Result<bool, RepositoryError> {
    let table = (description.table)();
    let this = scope.condition(description).add(Expr::col((table, "id")).eq(id));
    Ok(exists(session, table, this).await?)
}

/// Whether the table has such a row.
pub(crate) async fn exists(
    session: &Session<'_>,
    table: &'static str,
    condition: impl IntoCondition,
) -> Result<bool, DbErr> {
    let query = Query::select().expr(Expr::val(1)).from(table).cond_where(condition).limit(1).take();
    Ok(session.query_one(&query).await?.is_some())
}

/// Puts `order` behind what a statement has already.
pub(crate) fn in_order<S: OrderedStatement>(mut rows: S, order: Vec<OrderKey>) -> S {
    for key in order {
        match key.nulls {
            Some(nulls) => rows.order_by_expr_with_nulls(key.expression, key.order, nulls),
            None => rows.order_by_expr(key.expression, key.order),
        };
    }
    rows
}

fn set(row: &mut Vec<Assigned>, column: &'static str, value: Value) {
    match row.iter_mut().find(|(known, _)| *known == column) {
        Some(known) => known.1 = value,
        None => row.push((column, value)),
    }
}
