//! Operations for PostgreSQL. It alters everything in place, so each operation is its own statements.

use super::definition;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::operation::{ColumnChange, Operation};
use crate::schema::{Column, ColumnType};

const PG: Dialect = Dialect::Postgres;

/// The statements of one operation; none when it is for another database.
///
/// # Errors
/// When the operation contradicts itself or cannot be done.
pub fn statements(operation: &Operation) -> Result<Vec<String>> {
    let alter = |table: &str, what: String| vec![format!("ALTER TABLE {} {what}", PG.quote(table))];
    Ok(match operation {
        Operation::CreateTable(table) => {
            let mut list = vec![definition::create_table(PG, table)?];
            list.extend(table.indexes.iter().map(|index| definition::create_index(PG, &table.name, index, false)));
            if table.comment.is_some() {
                list.push(comment("TABLE", &PG.quote(&table.name), table.comment.as_deref()));
            }
            list.extend(table.columns.iter().filter_map(|column| column_comment(&table.name, column)));
            list
        }
        Operation::DropTable { name } => vec![format!("DROP TABLE {}", PG.quote(name))],
        Operation::RenameTable { from, to } => alter(from, format!("RENAME TO {}", PG.quote(to))),
        Operation::CommentTable { table, comment: text } => vec![comment("TABLE", &PG.quote(table), text.as_deref())],
        Operation::AddColumn { table, column, fill } => add_column(table, column, fill.as_deref())?,
        Operation::DropColumn { table, column } => alter(table, format!("DROP COLUMN {}", PG.quote(column))),
        Operation::RenameColumn { table, from, to } => {
            alter(table, format!("RENAME COLUMN {} TO {}", PG.quote(from), PG.quote(to)))
        }
        Operation::AlterColumn { table, column, change } => alter_column(table, column, change),
        Operation::AddConstraint { table, constraint, not_valid } => {
            let suffix = if *not_valid { " NOT VALID" } else { "" };
            alter(table, format!("ADD {}{suffix}", definition::constraint(PG, constraint)))
        }
        Operation::ValidateConstraint { table, name } => {
            alter(table, format!("VALIDATE CONSTRAINT {}", PG.quote(name)))
        }
        Operation::DropConstraint { table, name } => alter(table, format!("DROP CONSTRAINT {}", PG.quote(name))),
        Operation::RenameConstraint { table, from, to } => {
            alter(table, format!("RENAME CONSTRAINT {} TO {}", PG.quote(from), PG.quote(to)))
        }
        Operation::CreateIndex { table, index, concurrently } => {
            vec![definition::create_index(PG, table, index, *concurrently)]
        }
        Operation::DropIndex { name, concurrently, .. } => {
            vec![format!("DROP INDEX {}{}", if *concurrently { "CONCURRENTLY " } else { "" }, PG.quote(name))]
        }
        Operation::RenameIndex { from, to, .. } => {
            vec![format!("ALTER INDEX {} RENAME TO {}", PG.quote(from), PG.quote(to))]
        }
        Operation::CreateEnum { name, values } => {
            let values: Vec<String> = values.iter().map(|value| PG.text(value)).collect();
            vec![format!("CREATE TYPE {} AS ENUM ({})", PG.quote(name), values.join(", "))]
        }
        Operation::DropEnum { name } => vec![format!("DROP TYPE {}", PG.quote(name))],
        Operation::RenameEnum { from, to } => {
            vec![format!("ALTER TYPE {} RENAME TO {}", PG.quote(from), PG.quote(to))]
        }
        Operation::AddEnumValue { name, value, before } => {
            let place = before.as_ref().map_or_else(String::new, |before| format!(" BEFORE {}", PG.text(before)));
            vec![format!("ALTER TYPE {} ADD VALUE {}{place}", PG.quote(name), PG.text(value))]
        }
        Operation::RenameEnumValue { name, from, to } => {
            vec![format!("ALTER TYPE {} RENAME VALUE {} TO {}", PG.quote(name), PG.text(from), PG.text(to))]
        }
        Operation::Execute(raw) if raw.only.is_none_or(|only| only == PG) => vec![definition::trimmed(&raw.text)],
        Operation::Execute(_) | Operation::Online(_) => Vec::new(),
        Operation::Irreversible { reason } => return Err(definition::irreversible(reason)),
    })
}

/// Whether PostgreSQL refuses the operation inside a transaction.
#[must_use]
pub const fn refuses_transaction(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::CreateIndex { concurrently: true, .. } | Operation::DropIndex { concurrently: true, .. }
    )
}

fn comment(what: &str, name: &str, text: Option<&str>) -> String {
    format!("COMMENT ON {what} {name} IS {}", text.map_or_else(|| "NULL".to_owned(), |text| PG.text(text)))
}

fn column_comment(table: &str, column: &Column) -> Option<String> {
    let name = format!("{}.{}", PG.quote(table), PG.quote(&column.name));
    column.comment.as_deref().map(|text| comment("COLUMN", &name, Some(text)))
}

fn add_column(table: &str, column: &Column, fill: Option<&str>) -> Result<Vec<String>> {
    let (table_name, name) = (PG.quote(table), PG.quote(&column.name));
    let mut list = Vec::new();
    match fill {
        // The rows that are there cannot be NOT NULL before they are filled.
        Some(fill) if column.generated.is_none() => {
            let open = Column { nullable: true, ..column.clone() };
            list.push(format!("ALTER TABLE {table_name} ADD COLUMN {}", definition::column(PG, &open)?));
            list.push(format!("UPDATE {table_name} SET {name} = {fill}"));
            if !column.nullable {
                list.push(format!("ALTER TABLE {table_name} ALTER COLUMN {name} SET NOT NULL"));
            }
        }
        _ => list.push(format!("ALTER TABLE {table_name} ADD COLUMN {}", definition::column(PG, column)?)),
    }
    list.extend(column_comment(table, column));
    Ok(list)
}

/// One enum type becomes another only by way of text.
fn cast(name: &str, column_type: &ColumnType) -> String {
    let way = match column_type {
        ColumnType::Enum(_) => "::text",
        ColumnType::Array(element) if matches!(**element, ColumnType::Enum(_)) => "::text[]",
        _ => "",
    };
    format!("{name}{way}::{}", column_type.sql(PG))
}

fn alter_column(table: &str, column: &str, change: &ColumnChange) -> Vec<String> {
    let (table_name, name) = (PG.quote(table), PG.quote(column));
    let alter = |what: String| format!("ALTER TABLE {table_name} ALTER COLUMN {name} {what}");
    let mut list = Vec::new();
    if change.identity.is_some() {
        // Before the type, which may be none that numbers.
        list.push(alter("DROP IDENTITY IF EXISTS".to_owned()));
    }
    if let Some(column_type) = &change.column_type {
        // A default of the old type may not cast by itself; it is put back below when there is to be one.
        if change.default.is_some() {
            list.push(alter("DROP DEFAULT".to_owned()));
        }
        let using = change.using_in(PG).map_or_else(|| cast(&name, column_type), str::to_owned);
        let collate = match &change.collation {
            Some(Some(collation)) => format!(" COLLATE {}", PG.quote(collation)),
            _ => String::new(),
        };
        list.push(alter(format!("TYPE {}{collate} USING {using}", column_type.sql(PG))));
    }
    match &change.default {
        Some(Some(default)) => list.push(alter(format!("SET DEFAULT {}", default.sql(PG)))),
        Some(None) if change.column_type.is_none() => list.push(alter("DROP DEFAULT".to_owned())),
        _ => {}
    }
    if let Some(fill) = &change.fill {
        list.push(format!("UPDATE {table_name} SET {name} = {fill} WHERE {name} IS NULL"));
    }
    match change.nullable {
        Some(true) => list.push(alter("DROP NOT NULL".to_owned())),
        Some(false) => list.push(alter("SET NOT NULL".to_owned())),
        None => {}
    }
    if let Some(Some(identity)) = change.identity {
        list.push(alter(format!("ADD {}", definition::identity(identity))));
        let (place, column) = (PG.text(&table_name), PG.text(column));
        list.push(format!(
            "SELECT setval(pg_get_serial_sequence({place}, {column}), coalesce(max({name}), 0) + 1, false) FROM {table_name}"
        ));
    }
    if let Some(text) = &change.comment {
        list.push(comment("COLUMN", &format!("{table_name}.{name}"), text.as_deref()));
    }
    list
}
