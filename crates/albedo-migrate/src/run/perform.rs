//! Operations carried out one after the other; the edits of one SQLite table are gathered and made together.

use super::session::Session;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::lexer::tokens;
use crate::operation::Operation;
use crate::schema::Schema;
use crate::sql::sqlite::{Edit, Need};
use crate::sql::{postgres, rebuild, sqlite};

/// Runs operations one after the other, and gathers the edits of a SQLite table so that it is rebuilt once.
pub(super) struct Performer {
    pub(super) schema: Schema,
    pub(super) pending: Vec<Pending>,
}

pub(super) struct Pending {
    table: String,
    edits: Vec<Edit>,
    told: Vec<String>,
}

impl Performer {
    pub(super) async fn perform(&mut self, session: &mut Session<'_>, operation: &Operation) -> Result<()> {
        let done = self.try_perform(session, operation).await;
        self.skip(operation);
        done.map_err(|error| error.on_operation(operation.to_string()))
    }

    /// Takes note of an operation that was done before.
    pub(super) fn skip(&mut self, operation: &Operation) {
        // What undeclared steps have made is not in this value; the database has the last word.
        let _ = self.schema.apply(operation);
    }

    async fn try_perform(&mut self, session: &mut Session<'_>, operation: &Operation) -> Result<()> {
        if let Operation::Online(function) = operation {
            self.flush(session).await?;
            return session.online_function(function).await;
        }
        if session.dialect == Dialect::Postgres {
            for sql in postgres::statements(operation)? {
                session.execute(&sql).await?;
            }
            return Ok(());
        }
        for need in sqlite::needs(operation, &self.schema)? {
            self.meet(session, need, operation).await?;
        }
        Ok(())
    }

    async fn meet(&mut self, session: &mut Session<'_>, need: Need, operation: &Operation) -> Result<()> {
        match (need, operation) {
            (Need::Edit { table, edit }, _) => self.gather(table, edit, operation),
            (Need::Statements(_), Operation::AddColumn { table, column, fill }) if self.is_pending(table) => {
                self.gather(table.clone(), Edit::AddColumn(column.clone(), fill.clone()), operation);
            }
            (Need::Statements(list), _) => {
                if !list.is_empty() && !self.is_apart(operation) {
                    self.flush(session).await?;
                }
                for sql in list {
                    session.execute(&sql).await?;
                }
            }
            (Need::RenameIndex { from, to }, _) => {
                self.flush(session).await?;
                rename_index(session, &from, &to).await?;
            }
        }
        Ok(())
    }

    fn gather(&mut self, table: String, edit: Edit, operation: &Operation) {
        let told = operation.to_string();
        match self.pending.iter_mut().find(|pending| pending.table == table) {
            Some(pending) => {
                pending.edits.push(edit);
                pending.told.push(told);
            }
            None => self.pending.push(Pending { table, edits: vec![edit], told: vec![told] }),
        }
    }

    fn is_pending(&self, table: &str) -> bool {
        self.pending.iter().any(|pending| pending.table == table)
    }

    /// Whether the operation has nothing to do with the tables that wait to be rebuilt.
    fn is_apart(&self, operation: &Operation) -> bool {
        match operation {
            Operation::CreateTable(_) => true,
            Operation::CreateIndex { table, .. }
            | Operation::DropIndex { table, .. }
            | Operation::AddColumn { table, .. } => !self.is_pending(table),
            _ => false,
        }
    }

    /// Rebuilds what waits to be rebuilt.
    pub(super) async fn flush(&mut self, session: &mut Session<'_>) -> Result<()> {
        for pending in std::mem::take(&mut self.pending) {
            let rebuilt = async {
                let stored = session.stored().await?;
                for sql in rebuild::statements(&stored, &pending.table, &pending.edits)? {
                    session.execute(&sql).await?;
                }
                Ok(())
            };
            rebuilt.await.map_err(|error: Error| error.on_operation(pending.told.join(", ")))?;
        }
        Ok(())
    }
}

async fn rename_index(session: &mut Session<'_>, from: &str, to: &str) -> Result<()> {
    let stored = session.stored().await?;
    let index = stored.indexes.iter().find(|index| index.name.eq_ignore_ascii_case(from));
    let index = index.ok_or_else(|| Error::failed(format!("the index {from} is not there")))?;
    let words = tokens(&index.sql);
    let name = words
        .iter()
        .find(|token| token.names(from) || token.name().is_some_and(|name| name.eq_ignore_ascii_case(from)));
    let name = name.ok_or_else(|| Error::failed(format!("the stored text of the index {from} is not understood")))?;
    let head = index.sql.get(..name.start).unwrap_or_default();
    let tail = index.sql.get(name.end..).unwrap_or_default();
    let quoted = session.dialect.quote(to);
    session.execute(&format!("DROP INDEX {}", session.dialect.quote(&index.name))).await?;
    session.execute(&format!("{head}{quoted}{tail}")).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::operation::{ColumnChange, Operations};
    use crate::schema::{Action, ColumnType, DefaultValue, IndexKey, Table, declared};

    /// An operation that fits the schema; the numbers choose which.
    fn fitting(schema: &Schema, number: usize, [what, which, other]: [usize; 3]) -> Vec<Operation> {
        let tables: Vec<&Table> = schema.tables.values().collect();
        let Some(table) = (!tables.is_empty()).then(|| tables[which % tables.len()]) else { return create(number) };
        let free: Vec<&str> =
            table.columns.iter().map(|column| column.name.as_str()).filter(|name| *name != "id").collect();
        let column = free[other % free.len()].to_owned();
        let name = table.name.clone();
        let named: Vec<String> = table
            .uniques
            .iter()
            .filter_map(|unique| unique.name.clone())
            .chain(table.checks.iter().filter_map(|check| check.name.clone()))
            .chain(table.foreign_keys.iter().filter_map(|key| key.name.clone()))
            .collect();
        let target = tables[other % tables.len()].name.clone();
        let fresh = format!("c{number}");
        let operations = Operations::of(|op| match what % 15 {
            0 => create(number).into_iter().for_each(|one| op.push(one)),
            1 => op.add_column(&name, |table| {
                table.integer(&fresh).references(&target, "id").on_delete(Action::SetNull);
            }),
            2 => op.add_column(&name, |table| {
                table.string(&fresh, 9).not_null().default("it's");
            }),
            3 => op.add_column(&name, |table| {
                table.text(&fresh).not_null().fill("'f' || id").unique();
            }),
            4 if free.len() > 2 => op.drop_column(&name, &column),
            5 => op.rename_column(&name, &column, &format!("Odd {fresh}")),
            6 => op.rename_table(&name, &format!("T {number}")),
            7 => op.push(Operation::AlterColumn {
                table: name,
                column,
                change: ColumnChange {
                    column_type: Some(ColumnType::Text),
                    default: Some(Some(DefaultValue::Now)),
                    ..ColumnChange::default()
                },
            }),
            8 => {
                op.alter_column(&name, &column).null().drop_default();
            }
            9 => {
                op.alter_column(&name, &column).not_null().fill("1");
            }
            10 => op.add_check(&name, &fresh, &format!("\"{column}\" IS NOT 'never, (ever)'")),
            11 => {
                op.create_index(&name, [])
                    .name(&format!("ix {number}"))
                    .descending(&column)
                    .filter(&format!("\"{column}\" IS NOT NULL"));
            }
            12 if !named.is_empty() => op.drop_constraint(&name, &named[other % named.len()]),
            13 if !named.is_empty() => op.rename_constraint(&name, &named[other % named.len()], &format!("k {number}")),
            14 if !table.indexes.is_empty() => {
                op.rename_index(&name, &table.indexes[other % table.indexes.len()].name, &format!("i{number}"))
            }
            _ => op.comment_on_table(&name, "nothing for SQLite"),
        });
        operations.list().to_vec()
    }

    fn create(number: usize) -> Vec<Operation> {
        let name = format!("t{number}");
        let operations = Operations::of(|op| {
            op.create_table(&name, |table| {
                table.integer("id").primary_key().auto_increment();
                table.text("a");
                table.integer("b").default(number as i64);
            });
            op.execute(&format!("INSERT INTO {name} (a) VALUES ('x'), (NULL)"));
        });
        operations.list().to_vec()
    }

    /// Quotes around a name tell nothing, and neither does the order in which constraints were made.
    fn told(schema: &Schema) -> Vec<String> {
        let mut lines = Vec::new();
        for table in schema.tables.values() {
            let name = &table.name;
            for column in &table.columns {
                let default = column.default.as_ref().map(|default| default.sql(Dialect::Sqlite));
                lines.push(format!(
                    "{name}.{} {} {} {default:?}",
                    column.name,
                    column.column_type.sql(Dialect::Sqlite),
                    column.nullable
                ));
            }
            lines.push(format!("{name} {:?}", table.primary_key.as_ref().map(|key| &key.columns)));
            lines.extend(table.uniques.iter().map(|one| format!("{name} {one:?}")));
            lines.extend(
                table.checks.iter().map(|one| format!("{name} {:?} {}", one.name, one.expression.replace('"', ""))),
            );
            lines.extend(table.foreign_keys.iter().map(|one| format!("{name} {one:?}")));
            for index in &table.indexes {
                let keys: Vec<&IndexKey> = index.columns.iter().map(|part| &part.key).collect();
                lines.push(format!(
                    "{name} {} {keys:?} {}",
                    index.name,
                    index.predicate.clone().unwrap_or_default().replace('"', "")
                ));
            }
        }
        lines.sort();
        lines
    }

    async fn carry_out(choices: &[[usize; 3]], together: usize) {
        let mut session = Session::script(Dialect::Sqlite, crate::run::Options::default().limits()).await.unwrap();
        let (mut schema, mut rows, mut number) = (Schema::new(), 0, 0);
        for group in choices.chunks(together) {
            session.begin(true).await.unwrap();
            let mut performer = Performer { schema: schema.clone(), pending: Vec::new() };
            for choice in group {
                number += 1;
                for operation in fitting(&schema, number, *choice) {
                    schema.apply(&operation).unwrap();
                    rows += if matches!(operation, Operation::Execute(_)) { 2 } else { 0 };
                    performer.perform(&mut session, &operation).await.unwrap();
                }
            }
            performer.flush(&mut session).await.unwrap();
            session.commit().await.unwrap();
        }
        let live = declared::schema(&session.stored().await.unwrap()).unwrap();
        assert_eq!(told(&live), told(&schema));
        let mut counted = 0;
        for name in schema.tables.keys() {
            let sql = format!("SELECT count(*) FROM {}", Dialect::Sqlite.quote(name));
            counted += session.query(&sql).await.unwrap()[0].try_get_by_index::<i64>(0).unwrap();
        }
        assert_eq!(counted, rows, "rows were lost");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn what_sqlite_holds_after_any_operations_is_what_they_say(choices in prop::collection::vec(any::<[u8; 3]>(), 1..30), together in 1_usize..6) {
            let choices: Vec<[usize; 3]> = choices.into_iter().map(|numbers| numbers.map(usize::from)).collect();
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(carry_out(&choices, together));
        }
    }
}
