//! The schema a project wants: its entities, and what entity attributes cannot say.
//!
//! ```
//! use albedo_migrate::prelude::*;
//! use albedo_migrate::target::Target;
//!
//! # mod book {
//! #     use sea_orm::entity::prelude::*;
//! #     #[sea_orm::model]
//! #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
//! #     #[sea_orm(table_name = "books")]
//! #     pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub title: String, pub sold: bool }
//! #     impl ActiveModelBehavior for ActiveModel {}
//! # }
//! let target = Target::new().entity(book::Entity).table("books", |table| {
//!     table.check("title", "title <> ''");
//!     table.index(["title"]).filter("NOT sold");
//! });
//! assert_eq!(target.schema()?.table("books").map(|table| table.checks.len()), Some(1));
//! # albedo_migrate::Result::<()>::Ok(())
//! ```

mod entity;
mod types;

use sea_orm::EntityTrait;

use crate::diff::Rename;
use crate::error::{Error, Result};
use crate::operation::{Operation, Operations, TableBuilder};
use crate::schema::naming::{self, Naming};
use crate::schema::{EnumType, Schema, Table};

/// The schema a project wants.
#[derive(Clone, Debug, Default)]
pub struct Target {
    schema: Schema,
    renames: Vec<Rename>,
    faults: Vec<String>,
}

impl Target {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The table of an entity: columns, keys, `unique`, `unique_key`, `indexed`, `default_value`, `default_expr`, `extra`,
    /// `comment`, `renamed_from`, relations, enum types.
    ///
    /// What has no name in the entity is named by the convention, so that both databases and every machine agree.
    #[must_use]
    pub fn entity<E: EntityTrait>(mut self, entity: E) -> Self {
        let read = entity::read(entity);
        for known in read.enums {
            self = self.enum_type(known);
        }
        let name = read.table.name.clone();
        self.renames.extend(read.renames);
        self.faults.extend(read.faults);
        if self.schema.tables.insert(name.clone(), read.table).is_some() {
            self.faults.push(format!("two entities are the table {name}"));
        }
        self
    }

    /// More about a table, or a table that has no entity. A column that is said here takes the place of the entity's;
    /// so does a foreign key of the same columns.
    #[must_use]
    pub fn table(mut self, name: &str, describe: impl FnOnce(&mut TableBuilder)) -> Self {
        let operations = Operations::of(|op| op.create_table(name, describe));
        for operation in operations.list() {
            if let Operation::CreateTable(said) = operation {
                let table = self.schema.tables.entry(name.to_owned()).or_insert_with(|| Table::new(name));
                merge(table, said.clone());
            }
        }
        self
    }

    /// An enum type, in the order in which its values sort. Those of entities are known already.
    #[must_use]
    pub fn enumeration<const N: usize>(self, name: &str, values: [&str; N]) -> Self {
        self.enum_type(EnumType { name: name.to_owned(), values: values.map(str::to_owned).to_vec() })
    }

    fn enum_type(mut self, known: EnumType) -> Self {
        if let Some(other) = self.schema.enums.get(&known.name)
            && *other != known
        {
            let (one, two) = (known.values.join(", "), other.values.join(", "));
            self.faults.push(format!("the enum {} has two lists of values: {two}; {one}", known.name));
        }
        self.schema.enums.insert(known.name.clone(), known);
        self
    }

    /// A table or column that had another name, as on the command line: `old=new`, `table.old=new`. It may stay here
    /// after the rename is done.
    #[must_use]
    pub fn renamed(mut self, rename: &str) -> Self {
        match rename.parse() {
            Ok(rename) => self.renames.push(rename),
            Err(error) => self.faults.push(error.message().to_owned()),
        }
        self
    }

    /// Renames told by the entities; what is renamed already is told as well.
    #[must_use]
    pub fn renames(&self) -> &[Rename] {
        &self.renames
    }

    /// The schema.
    ///
    /// # Errors
    /// When entities and declarations contradict each other, with all of it.
    pub fn schema(&self) -> Result<Schema> {
        let mut faults = self.faults.clone();
        for table in self.schema.tables.values() {
            faults.extend(check(table, &self.schema));
        }
        if faults.is_empty() {
            return Ok(self.schema.clone());
        }
        Err(Error::usage(format!("the entities tell no schema: {}", faults.join("; ")))
            .hint("mend the entities, or what is said beside them"))
    }

    /// The schema, its names by a project's own convention where they were the usual ones.
    ///
    /// # Errors
    /// As [`schema`](Self::schema).
    pub fn schema_named(&self, convention: &Naming) -> Result<Schema> {
        let mut schema = self.schema()?;
        if *convention != Naming::default() {
            schema.tables.values_mut().for_each(|table| rename(table, convention));
        }
        Ok(schema)
    }
}

fn merge(table: &mut Table, said: Table) {
    for column in said.columns {
        match table.columns.iter_mut().find(|own| own.name == column.name) {
            Some(own) => *own = column,
            None => table.columns.push(column),
        }
    }
    if said.primary_key.is_some() {
        table.primary_key = said.primary_key;
    }
    for unique in said.uniques {
        table.uniques.retain(|own| own.columns != unique.columns);
        table.uniques.push(unique);
    }
    for check in said.checks {
        table.checks.retain(|own| own.name != check.name);
        table.checks.push(check);
    }
    for key in said.foreign_keys {
        table.foreign_keys.retain(|own| own.columns != key.columns);
        table.foreign_keys.push(key);
    }
    for index in said.indexes {
        table.indexes.retain(|own| own.name != index.name);
        table.indexes.push(index);
    }
    table.comment = said.comment.or(table.comment.take());
    table.strict |= said.strict;
    table.without_rowid |= said.without_rowid;
}

/// What of a table names something that is not there.
fn check(table: &Table, schema: &Schema) -> Vec<String> {
    let mut faults = Vec::new();
    if table.columns.is_empty() {
        faults.push(format!("the table {} has no column", table.name));
    }
    let keys = table.primary_key.iter().map(|key| &key.columns);
    let own = keys
        .chain(table.uniques.iter().map(|unique| &unique.columns))
        .chain(table.foreign_keys.iter().map(|key| &key.columns))
        .flatten()
        .map(String::as_str);
    let indexed =
        table.indexes.iter().flat_map(|index| index.column_names().chain(index.include.iter().map(String::as_str)));
    for name in own.chain(indexed).filter(|name| table.column(name).is_none()) {
        faults.push(format!("the column {}.{name} is named and not there", table.name));
    }
    for (at, column) in table.columns.iter().enumerate() {
        let earlier = table.columns.iter().take(at).find(|other| other.name.eq_ignore_ascii_case(&column.name));
        // SQLite's names know no case.
        faults.extend(
            earlier.map(|other| format!("{}.{} and {} are one name on SQLite", table.name, other.name, column.name)),
        );
    }
    for key in &table.foreign_keys {
        match schema.table(&key.references) {
            None => faults.push(format!("{} refers to the table {}, which no entity is", table.name, key.references)),
            Some(there) => {
                let missing = key.referred.iter().find(|name| there.column(name).is_none());
                faults.extend(
                    missing.map(|name| format!("{} refers to {}.{name}, which is not there", table.name, there.name)),
                );
            }
        }
    }
    let mut names: Vec<&str> = table.indexes.iter().map(|index| index.name.as_str()).collect();
    names.sort_unstable();
    let twice = names.windows(2).find(|pair| matches!(pair, [one, other] if one == other));
    faults.extend(
        twice.and_then(|pair| pair.first()).map(|name| format!("two indexes of {} are called {name}", table.name)),
    );
    faults
}

/// Names that nobody wrote, by the project's convention.
fn rename(table: &mut Table, convention: &Naming) {
    let name = table.name.clone();
    let swap = |own: &mut Option<String>, usual: String, wanted: String| {
        if own.as_ref() == Some(&usual) {
            *own = Some(wanted);
        }
    };
    if let Some(key) = &mut table.primary_key {
        swap(&mut key.name, naming::primary_key(&name), convention.primary_key(&name));
    }
    for unique in &mut table.uniques {
        let (usual, wanted) = (naming::unique(&name, &unique.columns), convention.unique(&name, &unique.columns));
        swap(&mut unique.name, usual, wanted);
    }
    for check in &mut table.checks {
        let short = check.name.as_ref().and_then(|own| own.strip_prefix(&format!("ck_{name}_"))).map(str::to_owned);
        if let Some(short) = short {
            swap(&mut check.name, naming::check(&name, &short), convention.check(&name, &short));
        }
    }
    for key in &mut table.foreign_keys {
        let usual = naming::foreign_key(&name, &key.columns);
        swap(&mut key.name, usual, convention.foreign_key(&name, &key.columns, &key.references));
    }
    for index in &mut table.indexes {
        let columns: Vec<String> = index.column_names().map(str::to_owned).collect();
        if index.name == naming::index(&name, &columns) {
            index.name = convention.index(&name, &columns);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;

    fn target() -> Target {
        Target::new()
            .table("teams", |table| {
                table.integer("id").primary_key();
            })
            .table("users", |table| {
                table.integer("id").primary_key();
                table.integer("team_id").references("teams", "id").indexed();
                table.string("name", 20).unique();
                table.check("name", "name <> ''");
            })
    }

    #[test]
    fn what_is_said_again_takes_the_place_of_what_was_said() {
        let schema = target()
            .table("users", |table| {
                table.text("name").collate("NOCASE");
                table
                    .foreign_key(["team_id"], "teams", ["id"])
                    .deferrable(crate::schema::Deferrable::InitiallyDeferred);
            })
            .schema()
            .unwrap();
        let users = schema.table("users").unwrap();
        assert_eq!(users.column("name").unwrap().collation.as_deref(), Some("NOCASE"));
        assert_eq!((users.columns.len(), users.foreign_keys.len(), users.uniques.len()), (3, 1, 1));
        assert!(users.foreign_keys[0].deferrable.is_some());
    }

    #[test]
    fn an_order_by_code_point_is_said_once_for_both_databases() {
        let schema = target().table("users", |table| {
            table.string("name", 20).collate("C");
            table.index(["name"]).collate("C");
        });
        let schema = schema.schema().unwrap();
        let users = schema.table("users").unwrap();
        let written = |dialect| {
            let index = crate::sql::definition::create_index(dialect, "users", &users.indexes[1], false);
            (crate::sql::definition::create_table(dialect, users).unwrap(), index)
        };
        let (sqlite, postgres) = (written(Dialect::Sqlite), written(Dialect::Postgres));
        assert!(!format!("{sqlite:?}").contains("COLLATE"), "{sqlite:?}");
        assert!(postgres.0.contains("\"name\" varchar(20) COLLATE \"C\""), "{postgres:?}");
        assert!(postgres.1.contains("COLLATE \"C\""), "{postgres:?}");
    }

    #[test]
    fn all_that_does_not_fit_is_told_at_once() {
        let error = target()
            .table("users", |table| {
                table.unique(["nobody"]);
                table.text("Name");
                table.foreign_key(["id"], "nowhere", ["id"]);
            })
            .enumeration("mood", ["sad"])
            .enumeration("mood", ["glad"])
            .renamed("odd")
            .schema()
            .unwrap_err();
        for told in ["users.nobody", "one name", "nowhere", "mood", "odd"] {
            assert!(error.report().contains(told), "{told}: {}", error.report());
        }
    }

    #[test]
    fn names_follow_the_convention_of_the_project() {
        let mut convention = Naming::default();
        for (kind, pattern) in [
            ("foreign_key", "{table}_{columns}_{referred}_fk"),
            ("check", "{table}_{name}_ck"),
            ("index", "{table}_{columns}_ix"),
        ] {
            convention.set(kind, pattern).unwrap();
        }
        let schema = target().schema_named(&convention).unwrap();
        let users = schema.table("users").unwrap();
        assert_eq!(users.foreign_keys[0].name.as_deref(), Some("users_team_id_teams_fk"));
        assert_eq!(users.checks[0].name.as_deref(), Some("users_name_ck"));
        assert_eq!(users.indexes[0].name, "users_team_id_ix");
    }
}
