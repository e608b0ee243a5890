//! The operation that takes another one back, where there is exactly one.

use super::apply::names_column;
use super::{ColumnChange, Constraint, Operation};
use crate::error::{Error, Result};
use crate::lexer::mentions;
use crate::schema::{Schema, Table};

/// What undoes the operation, `before` being the schema it was applied onto.
///
/// What comes back is the structure; rows that are gone stay gone.
///
/// # Errors
/// When nothing undoes it: raw SQL, online functions, a new enum value.
pub fn invert(operation: &Operation, before: &Schema) -> Result<Vec<Operation>> {
    let no_inverse = |why: &str| {
        Error::failed(format!("nothing takes back `{operation}`: {why}"))
            .hint("write `down` by hand, or op.irreversible(\"why\")")
    };
    let table_before = |name: &str| before.table(name).ok_or_else(|| no_inverse("the table is not known"));
    let inverse = match operation {
        Operation::CreateTable(table) => Operation::DropTable { name: table.name.clone() },
        Operation::DropTable { name } => Operation::CreateTable(table_before(name)?.clone()),
        Operation::RenameTable { from, to } => Operation::RenameTable { from: to.clone(), to: from.clone() },
        Operation::CommentTable { table, .. } => {
            Operation::CommentTable { table: table.clone(), comment: table_before(table)?.comment.clone() }
        }
        Operation::AddColumn { table, column, .. } => {
            Operation::DropColumn { table: table.clone(), column: column.name.clone() }
        }
        Operation::DropColumn { table, column } => {
            return undrop(table_before(table)?, column).ok_or_else(|| no_inverse("the column is not known"));
        }
        Operation::RenameColumn { table, from, to } => {
            Operation::RenameColumn { table: table.clone(), from: to.clone(), to: from.clone() }
        }
        Operation::AlterColumn { table, column, change } => {
            let was = table_before(table)?.column(column).ok_or_else(|| no_inverse("the column is not known"))?;
            let change = ColumnChange {
                column_type: change.column_type.as_ref().map(|_| was.column_type.clone()),
                nullable: change.nullable.map(|_| was.nullable),
                default: change.default.as_ref().map(|_| was.default.clone()),
                comment: change.comment.as_ref().map(|_| was.comment.clone()),
                collation: change.collation.as_ref().map(|_| was.collation.clone()),
                identity: change.identity.map(|_| was.identity),
                ..ColumnChange::default()
            };
            Operation::AlterColumn { table: table.clone(), column: column.clone(), change }
        }
        Operation::AddConstraint { table, constraint, .. } => {
            let name = constraint.name().ok_or_else(|| no_inverse("the constraint has no name"))?;
            Operation::DropConstraint { table: table.clone(), name: name.to_owned() }
        }
        Operation::ValidateConstraint { .. } => return Ok(Vec::new()),
        Operation::DropConstraint { table, name } => {
            let constraint =
                constraint(table_before(table)?, name).ok_or_else(|| no_inverse("the constraint is not known"))?;
            Operation::AddConstraint { table: table.clone(), constraint, not_valid: false }
        }
        Operation::RenameConstraint { table, from, to } => {
            Operation::RenameConstraint { table: table.clone(), from: to.clone(), to: from.clone() }
        }
        Operation::CreateIndex { table, index, concurrently } => {
            Operation::DropIndex { table: table.clone(), name: index.name.clone(), concurrently: *concurrently }
        }
        Operation::DropIndex { table, name, concurrently } => {
            let index = table_before(table)?.index(name).ok_or_else(|| no_inverse("the index is not known"))?;
            Operation::CreateIndex { table: table.clone(), index: index.clone(), concurrently: *concurrently }
        }
        Operation::RenameIndex { table, from, to } => {
            Operation::RenameIndex { table: table.clone(), from: to.clone(), to: from.clone() }
        }
        Operation::CreateEnum { name, .. } => Operation::DropEnum { name: name.clone() },
        Operation::DropEnum { name } => {
            let was = before.enums.get(name).ok_or_else(|| no_inverse("the enum is not known"))?;
            Operation::CreateEnum { name: name.clone(), values: was.values.clone() }
        }
        Operation::RenameEnum { from, to } => Operation::RenameEnum { from: to.clone(), to: from.clone() },
        Operation::AddEnumValue { .. } => {
            return Err(no_inverse("an enum value cannot be taken out while rows may hold it"));
        }
        Operation::RenameEnumValue { name, from, to } => {
            Operation::RenameEnumValue { name: name.clone(), from: to.clone(), to: from.clone() }
        }
        Operation::Execute(_) => return Err(no_inverse("what the SQL does is not known")),
        Operation::Online(_) => return Err(no_inverse("what the function does is not known")),
        Operation::Irreversible { .. } => return Err(no_inverse("it says so itself")),
    };
    Ok(vec![inverse])
}

/// The whole list backwards, each operation inverted against the schema it found.
///
/// # Errors
/// When one of them has no inverse, or does not fit the schema.
pub fn invert_all(operations: &[Operation], before: &Schema) -> Result<Vec<Operation>> {
    let mut schema = before.clone();
    let mut groups = Vec::with_capacity(operations.len());
    for operation in operations {
        groups.push(invert(operation, &schema)?);
        schema.apply(operation)?;
    }
    Ok(groups.into_iter().rev().flatten().collect())
}

/// A column that comes back brings the constraints and indexes that went with it.
fn undrop(table: &Table, name: &str) -> Option<Vec<Operation>> {
    let column = table.column(name)?;
    let named = |columns: &[String]| columns.iter().any(|column| column == name);
    let constraints = table
        .primary_key
        .iter()
        .filter(|key| named(&key.columns))
        .cloned()
        .map(Constraint::PrimaryKey)
        .chain(table.uniques.iter().filter(|unique| named(&unique.columns)).cloned().map(Constraint::Unique))
        .chain(table.checks.iter().filter(|check| mentions(&check.expression, name)).cloned().map(Constraint::Check))
        .chain(table.foreign_keys.iter().filter(|key| named(&key.columns)).cloned().map(Constraint::ForeignKey));
    let indexes = table.indexes.iter().filter(|index| names_column(index, name) || named(&index.include));
    let mut list = vec![Operation::AddColumn { table: table.name.clone(), column: column.clone(), fill: None }];
    list.extend(constraints.map(|constraint| Operation::AddConstraint {
        table: table.name.clone(),
        constraint,
        not_valid: false,
    }));
    list.extend(indexes.map(|index| Operation::CreateIndex {
        table: table.name.clone(),
        index: index.clone(),
        concurrently: false,
    }));
    Some(list)
}

fn constraint(table: &Table, name: &str) -> Option<Constraint> {
    let is = |candidate: &Option<String>| candidate.as_deref() == Some(name);
    let key = table.primary_key.iter().find(|key| is(&key.name)).cloned().map(Constraint::PrimaryKey);
    key.or_else(|| table.uniques.iter().find(|unique| is(&unique.name)).cloned().map(Constraint::Unique))
        .or_else(|| table.checks.iter().find(|check| is(&check.name)).cloned().map(Constraint::Check))
        .or_else(|| table.foreign_keys.iter().find(|key| is(&key.name)).cloned().map(Constraint::ForeignKey))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Operations;
    use crate::schema::{Action, ColumnType};

    fn schema() -> Schema {
        let mut schema = Schema::new();
        let operations = Operations::of(|op| {
            op.create_enum("mood", ["sad", "glad"]);
            op.create_table("teams", |table| {
                table.integer("id").primary_key().auto_increment();
            });
            op.create_table("users", |table| {
                table.uuid("id").primary_key();
                table.integer("team_id").references("teams", "id").on_delete(Action::Cascade);
                table.string("name", 20).not_null().default("x").indexed();
                table.text("note");
                table.check("name_given", "name <> ''");
                table.unique(["team_id", "name"]);
            });
        });
        for operation in operations.list() {
            schema.apply(operation).unwrap();
        }
        schema
    }

    #[test]
    fn what_is_inverted_and_applied_leaves_the_schema_as_it_was() {
        let cases = Operations::of(|op| {
            op.drop_table("users");
            op.rename_table("users", "people");
            op.rename_table("teams", "groups");
            op.comment_on_table("users", "who");
            op.add_column("users", |table| {
                table.boolean("admin").not_null().default(false);
            });
            op.rename_column("users", "name", "title");
            op.rename_column("teams", "id", "key");
            op.alter_column("users", "name").column_type(ColumnType::Text).null().drop_default();
            op.add_check("users", "short", "length(note) < 9");
            op.drop_constraint("users", "ck_users_name_given");
            op.drop_constraint("users", "uq_users_team_id_name");
            op.drop_constraint("users", "pk_users");
            op.rename_constraint("users", "pk_users", "pk_people");
            op.create_index("users", ["note"]).unique().filter("note IS NOT NULL");
            op.drop_index("users", "ix_users_name");
            op.rename_index("users", "ix_users_name", "ix_other");
            op.create_enum("size", ["s", "m"]);
            op.drop_enum("mood");
            op.rename_enum_value("mood", "sad", "blue");
        });
        for operation in cases.list() {
            let before = schema();
            let mut schema = before.clone();
            schema.apply(operation).unwrap();
            assert_ne!(schema, before, "{operation} changes nothing");
            for inverse in invert(operation, &before).unwrap() {
                schema.apply(&inverse).unwrap();
            }
            // A name that went and came back stands in quotes.
            let told = |schema: &Schema| format!("{schema:?}").replace("\\\"", "");
            assert_eq!(told(&schema), told(&before), "{operation} is not undone");
        }
    }

    #[test]
    fn a_dropped_column_brings_its_constraints_back() {
        let before = schema();
        let operation = Operation::DropColumn { table: "users".into(), column: "name".into() };
        let inverse = invert(&operation, &before).unwrap();
        let told: Vec<String> = inverse.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "add column users.name",
                "add constraint uq_users_team_id_name to users",
                "add constraint ck_users_name_given to users",
                "create index ix_users_name on users"
            ]
        );
    }

    #[test]
    fn a_whole_list_is_undone_backwards() {
        let operations = Operations::of(|op| {
            op.create_table("a", |table| {
                table.integer("x");
            });
            op.rename_table("a", "b");
            op.drop_column("b", "x");
        });
        let mut schema = Schema::new();
        let inverse = invert_all(operations.list(), &schema).unwrap();
        for operation in operations.list().iter().chain(&inverse) {
            schema.apply(operation).unwrap();
        }
        assert_eq!(schema, Schema::new());
    }

    #[test]
    fn raw_sql_has_no_inverse_and_says_what_to_do() {
        let operations = Operations::of(|op| op.execute("VACUUM"));
        assert!(invert(&operations.list()[0], &Schema::new()).unwrap_err().report().contains("by hand"));
    }

    #[test]
    fn operations_that_do_not_fit_are_refused() {
        let bad = Operations::of(|op| {
            op.drop_table("nobody");
            op.create_table("users", |_| {});
            op.drop_column("users", "nothing");
            op.add_check("users", "name_given", "1");
            op.create_index("teams", ["id"]).name("ix_users_name");
        });
        for operation in bad.list() {
            assert!(schema().apply(operation).is_err(), "{operation} was accepted");
        }
    }
}
