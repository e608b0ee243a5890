//! What a new revision would do: the way from one schema to another, and the way back.

use crate::diff::{Difference, Hints, Lens, Remark, Rename, Unfilled, diff};
use crate::error::{Error, Result};
use crate::operation::Operation;
use crate::schema::{Column, Schema};

/// Both ways between two schemas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    /// From the first to the second.
    pub up: Difference,
    /// From the second to the first.
    pub down: Difference,
}

impl Proposal {
    /// Compares both ways. Coming back, columns whose values are gone get neutral ones.
    ///
    /// # Errors
    /// When a hint fits neither schema, or the schemas contradict themselves.
    pub fn new(before: &Schema, after: &Schema, hints: &Hints) -> Result<Self> {
        let up = diff(before, after, hints)?;
        let back = Hints {
            lens: hints.lens,
            renames: reversed(&hints.renames),
            fills: Vec::new(),
            unfilled: Unfilled::Neutral,
        };
        let down = diff(after, before, &back)?;
        let mut reached = before.clone();
        for operation in up.operations.iter().chain(&down.operations) {
            reached.apply(operation)?;
        }
        let lens = Hints { lens: hints.lens, ..Hints::default() };
        if up.operations.is_empty() || diff(&reached, before, &lens)?.operations.is_empty() {
            return Ok(Self { up, down });
        }
        Err(Error::failed("the way back would not lead to where it began")
            .hint("please report this with both schemas; `create-empty` makes a revision to be written by hand"))
    }

    /// What has to be said before the revision can be written: values for rows that are there.
    pub fn needs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.up.remarks.iter().filter_map(|remark| match remark {
            Remark::NeedsFill { table, column } => Some((table.as_str(), column.as_str())),
            _ => None,
        })
    }

    /// What may be one thing under two names.
    pub fn suspicions(&self) -> impl Iterator<Item = &Rename> {
        self.up.remarks.iter().filter_map(|remark| match remark {
            Remark::PossibleRename(rename) => Some(rename),
            _ => None,
        })
    }
}

/// The same renames on the way back, where a column's table has its old name again.
fn reversed(renames: &[Rename]) -> Vec<Rename> {
    let old = |name: &String| {
        let table = renames.iter().find(|rename| rename.of.is_none() && rename.to == *name);
        table.map_or_else(|| name.clone(), |rename| rename.from.clone())
    };
    renames
        .iter()
        .map(|rename| Rename { of: rename.of.as_ref().map(old), from: rename.to.clone(), to: rename.from.clone() })
        .collect()
}

/// The renames that entities tell and that are still to be done: the old name is there, the new one is not.
#[must_use]
pub fn open_renames(told: &[Rename], before: &Schema, after: &Schema) -> Vec<Rename> {
    let is_open = |rename: &&Rename| match &rename.of {
        None => {
            before.table(&rename.from).is_some()
                && before.table(&rename.to).is_none()
                && after.table(&rename.to).is_some()
                && after.table(&rename.from).is_none()
        }
        Some(of) => {
            let table = told.iter().find(|other| other.of.is_none() && other.to == *of);
            let was = before.table(of).or_else(|| before.table(&table?.from));
            let (Some(was), Some(is)) = (was, after.table(of)) else { return false };
            was.column(&rename.from).is_some()
                && was.column(&rename.to).is_none()
                && is.column(&rename.to).is_some()
                && is.column(&rename.from).is_none()
        }
    };
    told.iter().filter(is_open).cloned().collect()
}

/// Whether what the operations do to a schema is told by them. Raw SQL that only touches rows does nothing to it.
#[must_use]
pub fn is_declared(operations: &[Operation]) -> bool {
    operations.iter().all(|operation| match operation {
        Operation::Execute(raw) => only_rows(&raw.text),
        _ => true,
    })
}

fn only_rows(sql: &str) -> bool {
    let words = crate::lexer::tokens(sql);
    let mut statements = words.split(|token| token.is_sign(';')).filter(|statement| !statement.is_empty());
    let rows = ["INSERT", "UPDATE", "DELETE", "SELECT", "VALUES", "ANALYZE", "VACUUM", "SET", "PRAGMA", "REINDEX"];
    statements.all(|statement| statement.first().is_some_and(|first| rows.iter().any(|word| first.is(word))))
}

/// What undeclared steps have made, seen in a scratch database: `declared` with the differences put in. What the
/// database could not tell from what the entities say is taken from them.
///
/// # Errors
/// When the schemas contradict themselves.
pub fn with_undeclared(declared: &Schema, seen: &Schema, after: &Schema, lens: Lens) -> Result<Schema> {
    let hints = Hints { lens, unfilled: Unfilled::Neutral, ..Hints::default() };
    let undeclared = diff(declared, seen, &hints)?;
    let mut schema = declared.clone();
    for operation in &undeclared.operations {
        schema.apply(operation)?;
    }
    let touched: Vec<String> = undeclared.changes.iter().map(|change| change.of.clone()).collect();
    for name in touched {
        let Some(wanted) = after.table(&name).cloned() else { continue };
        let Some(now) = schema.table(&name).cloned() else { continue };
        let alone = |table: &crate::schema::Table| {
            let mut one = Schema { enums: after.enums.clone(), ..Schema::default() };
            one.tables.insert(name.clone(), table.clone());
            one
        };
        let left = diff(&alone(&now), &alone(&wanted), &hints)?;
        if left.is_empty() {
            schema.tables.insert(
                name.clone(),
                crate::schema::Table { columns: ordered(&now.columns, &wanted.columns), ..wanted },
            );
            continue;
        }
        // Column by column: what differs is left as it was seen.
        if let Some(table) = schema.tables.get_mut(&name) {
            for column in &mut table.columns {
                let differs = left.changes.iter().any(|change| change.object.as_ref() == Some(&column.name));
                if let (false, Some(wanted)) = (differs, wanted.column(&column.name)) {
                    *column = wanted.clone();
                }
            }
        }
    }
    Ok(schema)
}

/// The columns that are wanted, in the order that is there.
fn ordered(now: &[Column], wanted: &[Column]) -> Vec<Column> {
    let mut list: Vec<Column> = wanted.to_vec();
    let place = |column: &Column| now.iter().position(|own| own.name == column.name).unwrap_or(now.len());
    list.sort_by_key(place);
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Operations;

    #[test]
    fn raw_sql_that_touches_only_rows_declares_all_it_does() {
        let declared = |sql: &'static str| is_declared(Operations::of(|op| op.execute(sql)).list());
        assert!(declared("UPDATE a SET b = 'CREATE TABLE'; DELETE FROM c;"));
        assert!(declared("-- CREATE TABLE x\nINSERT INTO a VALUES (1)"));
        for sql in ["CREATE TABLE a (b int)", "UPDATE a SET b = 1; DROP TABLE a", "DO $$ BEGIN END $$"] {
            assert!(!declared(sql), "{sql}");
        }
    }

    #[test]
    fn a_rename_that_is_done_is_not_done_again() {
        let schema = |table: &'static str, column: &'static str| {
            let mut schema = Schema::new();
            let operations = Operations::of(|op| {
                op.create_table(table, |table| {
                    table.text(column);
                });
            });
            operations.list().iter().for_each(|operation| schema.apply(operation).unwrap());
            schema
        };
        let told = [Rename::table("users", "people"), Rename::within("people", "nick", "alias")];
        assert_eq!(open_renames(&told, &schema("users", "nick"), &schema("people", "alias")), told);
        assert_eq!(open_renames(&told, &schema("people", "nick"), &schema("people", "alias")), told[1..]);
        assert_eq!(open_renames(&told, &schema("people", "alias"), &schema("people", "alias")), []);
        assert_eq!(reversed(&told), [Rename::table("people", "users"), Rename::within("users", "alias", "nick")]);
    }
}
