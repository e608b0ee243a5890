//! Operations for SQLite: native statements where it has them, otherwise an edit of the stored table.

use super::definition::{self, irreversible, trimmed};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::operation::{ColumnChange, Constraint, Operation};
use crate::schema::{Column, ColumnType, DefaultValue, Schema};

const LITE: Dialect = Dialect::Sqlite;

/// What SQLite needs for an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// These statements, perhaps none.
    Statements(Vec<String>),
    /// The table is rebuilt with this edit; edits of one table are made together.
    Edit {
        /// The table.
        table: String,
        /// What changes in it.
        edit: Edit,
    },
    /// The stored text of an index, under another name.
    RenameIndex {
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
}

/// A change of a table that SQLite has no statement for.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A new column, and what the rows that are there get.
    AddColumn(Column, Option<String>),
    /// A column goes.
    DropColumn(String),
    /// A column changes.
    AlterColumn(String, ColumnChange),
    /// A new constraint.
    AddConstraint(Constraint),
    /// A constraint goes.
    DropConstraint(String),
    /// A constraint gets another name.
    RenameConstraint(String, String),
}

/// What the operation needs, one thing after the other, `schema` being what the history knows of the tables.
///
/// # Errors
/// When the operation contradicts itself or cannot be done.
pub fn needs(operation: &Operation, schema: &Schema) -> Result<Vec<Need>> {
    if let Operation::RenameEnumValue { name, from, to } = operation {
        return Ok(rename_enum_value(schema, name, from, to));
    }
    need(operation).map(|need| vec![need])
}

fn need(operation: &Operation) -> Result<Need> {
    let alter = |table: &str, what: String| vec![format!("ALTER TABLE {} {what}", LITE.quote(table))];
    let edit = |table: &str, edit: Edit| Ok(Need::Edit { table: table.to_owned(), edit });
    Ok(Need::Statements(match operation {
        Operation::CreateTable(table) => {
            let mut list = vec![definition::create_table(LITE, table)?];
            list.extend(table.indexes.iter().map(|index| definition::create_index(LITE, &table.name, index, false)));
            list
        }
        Operation::DropTable { name } => vec![format!("DROP TABLE {}", LITE.quote(name))],
        Operation::RenameTable { from, to } => alter(from, format!("RENAME TO {}", LITE.quote(to))),
        Operation::AddColumn { table, column, fill: None } if is_addable(column) => {
            alter(table, format!("ADD COLUMN {}", definition::column(LITE, column)?))
        }
        Operation::AddColumn { table, column, fill } => {
            if column.identity.is_some() {
                return Err(Error::usage(format!(
                    "SQLite cannot number rows in the added column {table}.{}",
                    column.name
                ))
                .hint("make the table anew with the column as its primary key"));
            }
            return edit(table, Edit::AddColumn(column.clone(), fill.clone()));
        }
        Operation::DropColumn { table, column } => return edit(table, Edit::DropColumn(column.clone())),
        Operation::RenameColumn { table, from, to } => {
            alter(table, format!("RENAME COLUMN {} TO {}", LITE.quote(from), LITE.quote(to)))
        }
        Operation::AlterColumn { change, .. }
            if *change == (ColumnChange { comment: change.comment.clone(), ..ColumnChange::default() }) =>
        {
            Vec::new()
        }
        Operation::AlterColumn { table, column, change } => {
            return edit(table, Edit::AlterColumn(column.clone(), change.clone()));
        }
        Operation::AddConstraint { table, constraint, .. } => {
            return edit(table, Edit::AddConstraint(constraint.clone()));
        }
        Operation::DropConstraint { table, name } => return edit(table, Edit::DropConstraint(name.clone())),
        Operation::RenameConstraint { table, from, to } => {
            return edit(table, Edit::RenameConstraint(from.clone(), to.clone()));
        }
        Operation::CreateIndex { table, index, .. } => vec![definition::create_index(LITE, table, index, false)],
        Operation::DropIndex { name, .. } => vec![format!("DROP INDEX {}", LITE.quote(name))],
        Operation::RenameIndex { from, to, .. } => return Ok(Need::RenameIndex { from: from.clone(), to: to.clone() }),
        Operation::Execute(raw) if raw.only.is_none_or(|only| only == LITE) => vec![trimmed(&raw.text)],
        Operation::CommentTable { .. }
        | Operation::ValidateConstraint { .. }
        | Operation::CreateEnum { .. }
        | Operation::DropEnum { .. }
        | Operation::RenameEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. }
        | Operation::Execute(_)
        | Operation::Online(_) => Vec::new(),
        Operation::Irreversible { reason } => return Err(irreversible(reason)),
    }))
}

/// Whether the operation rebuilds a table, so that foreign keys must be off before the transaction begins.
#[must_use]
pub fn rebuilds(operation: &Operation) -> bool {
    // A renamed enum value may be somebody's default, which only a look at the schema tells.
    matches!(operation, Operation::RenameEnumValue { .. }) || matches!(need(operation), Ok(Need::Edit { .. }))
}

/// What ADD COLUMN takes: a constant default, and one that is not NULL when the column may not be.
fn is_addable(column: &Column) -> bool {
    let default_fits = column.default.as_ref().is_none_or(DefaultValue::is_constant);
    let filled = column.nullable || column.default.as_ref().is_some_and(|default| *default != DefaultValue::Null);
    let computed = column.generated.as_ref().is_some_and(|generated| generated.stored || !column.nullable);
    default_fits && filled && !computed && column.identity.is_none()
}

/// Enum values are texts in the rows here, so a new name goes into every row and every default of that type.
fn rename_enum_value(schema: &Schema, name: &str, from: &str, to: &str) -> Vec<Need> {
    let columns = schema.tables.values().flat_map(|table| {
        let is = move |column: &&Column| column.column_type == ColumnType::Enum(name.to_owned());
        table.columns.iter().filter(is).map(move |column| (table, column))
    });
    let mut list = Vec::new();
    for (table, column) in columns {
        let (quoted, place) = (LITE.quote(&column.name), LITE.quote(&table.name));
        let update = format!("UPDATE {place} SET {quoted} = {} WHERE {quoted} = {}", LITE.text(to), LITE.text(from));
        list.insert(0, Need::Statements(vec![update]));
        if column.default == Some(DefaultValue::Text(from.to_owned())) {
            let change =
                ColumnChange { default: Some(Some(DefaultValue::Text(to.to_owned()))), ..ColumnChange::default() };
            list.push(Need::Edit { table: table.name.clone(), edit: Edit::AlterColumn(column.name.clone(), change) });
        }
    }
    list
}
