//! The columns of a resource's table by their names.
//!
//! What is asked of a table is written once for all tables ([`crate::table`]); here is the little that needs a resource's types,
//! and that the compiler makes anew for each.

use albedo_entities::{Columns, Resource};
use sea_orm::sea_query::{Expr, Query, ReturningClause, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ColumnType, DbErr, FromQueryResult, IdenStatic, Iterable, ModelTrait,
    QueryResult, QueryTrait, Value,
};
use uuid::Uuid;

/// A column, and what it is to hold.
pub type Assigned = (&'static str, Value);

/// What a table's columns are, without their types.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    /// Those that the server writes itself.
    pub(crate) own: Columns<&'static str>,
    /// A value as it is stored: PostgreSQL wants some to be cast.
    pub(crate) saved: fn(&'static str, Expr) -> Expr,
    /// The type of the column of this name, if there is one.
    pub(crate) kind: fn(&str) -> Option<ColumnType>,
    /// All of them, as a row is read.
    pub(crate) select: fn() -> SelectStatement,
    /// The same of rows that were just written.
    pub(crate) returning: fn() -> ReturningClause,
}

pub(crate) fn known<R: Resource>() -> Known {
    Known { own: own::<R>(), saved: saved::<R>, kind: kind::<R>, select: select::<R>, returning: returning::<R> }
}

/// The columns that a row says something about, in the order of the table.
#[must_use]
pub fn assigned<R: Resource>(row: &R::ActiveModel) -> Vec<Assigned> {
    let mut assigned = Vec::new();
    for column in R::Column::iter() {
        if let ActiveValue::Set(value) | ActiveValue::Unchanged(value) = row.get(column) {
            assigned.push((column.as_str(), value));
        }
    }
    assigned
}

/// Those of them that it changes.
pub(crate) fn changed<R: Resource>(row: &R::ActiveModel) -> Vec<Assigned> {
    let mut changed = Vec::new();
    for column in R::Column::iter() {
        if let ActiveValue::Set(value) = row.get(column) {
            changed.push((column.as_str(), value));
        }
    }
    changed
}

/// What all the columns of a row hold.
#[must_use]
pub fn values<R: Resource>(row: &R::Model) -> Vec<Assigned> {
    let mut values = Vec::new();
    for column in R::Column::iter() {
        values.push((column.as_str(), row.get(column)));
    }
    values
}

/// What the column of this name holds; `None` where there is no such column.
#[must_use]
pub fn value_of<R: Resource>(row: &R::Model, column: &str) -> Option<Value> {
    Some(row.get(named::<R>(column)?))
}

/// The row that the column of this name refers to; `None` where it refers to none, or is no reference.
#[must_use]
pub fn referred<R: Resource>(row: &R::Model, column: &str) -> Option<Uuid> {
    if let Value::Uuid(id) = value_of::<R>(row, column)? { id } else { None }
}

/// The rows of an answer.
pub(crate) fn rows<R: Resource>(found: &[QueryResult]) -> Result<Vec<R::Model>, DbErr> {
    let mut rows = Vec::with_capacity(found.len());
    for found in found {
        rows.push(R::Model::from_query_result(found, "")?);
    }
    Ok(rows)
}

fn own<R: Resource>() -> Columns<&'static str> {
    let Columns { id, version, created_at, updated_at, owner, parent, deleted_at } = R::COLUMNS;
    let name = |column: Option<R::Column>| column.map(|column| column.as_str());
    Columns {
        id: id.as_str(),
        version: version.as_str(),
        created_at: name(created_at),
        updated_at: name(updated_at),
        owner: name(owner),
        parent: name(parent),
        deleted_at: name(deleted_at),
    }
}

fn named<R: Resource>(name: &str) -> Option<R::Column> {
    R::Column::iter().find(|column| column.as_str() == name)
}

fn saved<R: Resource>(name: &'static str, value: Expr) -> Expr {
    match named::<R>(name) {
        Some(column) => column.save_as(value),
        None => value,
    }
}

fn kind<R: Resource>(name: &str) -> Option<ColumnType> {
    named::<R>(name).map(|column| column.def().get_column_type().clone())
}

fn select<R: Resource>() -> SelectStatement {
    R::find().into_query()
}

fn returning<R: Resource>() -> ReturningClause {
    let mut columns = Vec::new();
    for column in R::Column::iter() {
        columns.push(column.select_as(Expr::col(column)));
    }
    Query::returning().exprs(columns)
}
