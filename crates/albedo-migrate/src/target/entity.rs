//! One entity, as SeaORM tells it, as a table.

use sea_orm::sea_query::{ColumnDef, ForeignKeyAction, ForeignKeyCreateStatement, TableRef};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn};

use super::types;
use crate::diff::Rename;
use crate::schema::stored::Stored;
use crate::schema::{
    Action, Column, EnumType, ForeignKey, Identity, Index, IndexColumn, PrimaryKey, Table, Unique, declared, naming,
};

/// What an entity says.
pub(super) struct Read {
    pub(super) table: Table,
    pub(super) enums: Vec<EnumType>,
    pub(super) renames: Vec<Rename>,
    pub(super) faults: Vec<String>,
}

pub(super) fn read<E: EntityTrait>(entity: E) -> Read {
    // SQLite's statement keeps the types as the entity says them; for PostgreSQL an enum would be a bare name.
    let sea = sea_orm::Schema::new(DbBackend::Sqlite);
    let statement = sea.create_table_from_entity(entity);
    let name = statement.get_table_name().map(bare).unwrap_or_default();
    let mut read = Read { table: Table::new(&name), enums: Vec::new(), renames: Vec::new(), faults: Vec::new() };
    read.table.comment = statement.get_comment().filter(|comment| !comment.is_empty()).cloned();
    let key: Vec<String> = E::PrimaryKey::iter().map(|part| part.into_column().as_str().to_owned()).collect();
    for column in statement.get_columns() {
        read.column(column, &key);
    }
    for kind in E::Column::iter().map(|column| column.def().get_column_type().clone()) {
        read.enums.extend(enum_type(&kind));
    }
    for column in read.table.columns.iter_mut().filter(|column| key.contains(&column.name)) {
        column.nullable = false;
    }
    if !key.is_empty() {
        read.table.primary_key = Some(PrimaryKey { name: Some(naming::primary_key(&name)), columns: key });
    }
    for statement in sea.create_index_from_entity(entity) {
        let columns = statement.get_index_spec().get_column_names();
        if statement.is_unique_key() {
            read.unique(columns);
        } else {
            let parts = columns.iter().map(IndexColumn::column).collect();
            let index = Index { name: naming::index(&name, &columns), columns: parts, ..Index::default() };
            read.table.indexes.push(index);
        }
    }
    for key in statement.get_foreign_key_create_stmts() {
        let key = foreign_key(&name, key);
        // Two relations may go by the same columns to the same table, as to a parent and to its owner.
        if !read.table.foreign_keys.contains(&key) {
            read.table.foreign_keys.push(key);
        }
    }
    read
}

impl Read {
    fn column(&mut self, sea: &ColumnDef, key: &[String]) {
        let name = sea.get_column_name();
        let spec = sea.get_column_spec();
        let Some(column_type) = sea.get_column_type().map(types::column_type) else {
            self.faults.push(format!("the column {}.{name} has no type", self.table.name));
            return;
        };
        let mut column = Column::new(&name, column_type);
        // SeaORM says NOT NULL where a column is; what says nothing may be empty.
        column.nullable = spec.nullable.unwrap_or(true);
        column.default = spec.default.as_ref().and_then(types::default_value);
        if spec.auto_increment && key.len() == 1 && key.contains(&name) {
            column.identity = Some(Identity::ByDefault);
        }
        let (comment, renamed_from) = comment(spec.comment.as_deref());
        column.comment = comment;
        self.renames.extend(renamed_from.map(|from| Rename::within(&self.table.name, from, &name)));
        if let Some(extra) = &spec.extra {
            self.extra(&mut column, extra);
        }
        self.table.columns.push(column);
        if spec.unique {
            self.unique(vec![name]);
        }
    }

    fn unique(&mut self, columns: Vec<String>) {
        let name = Some(naming::unique(&self.table.name, &columns));
        if !self.table.uniques.iter().any(|unique| unique.columns == columns) {
            self.table.uniques.push(Unique { name, columns, deferrable: None });
        }
    }

    /// `extra` is SQL that stands behind the type: COLLATE, CHECK, GENERATED, DEFAULT.
    fn extra(&mut self, column: &mut Column, extra: &str) {
        let mut stored = Stored::default();
        stored.tables.insert("t".to_owned(), format!("CREATE TABLE t (x text {extra})"));
        let read = declared::schema(&stored).ok().and_then(|schema| schema.tables.into_values().next());
        let Some(table) = read.as_ref().filter(|table| table.columns.len() == 1) else {
            self.faults.push(format!("`extra` of {}.{} is not understood: {extra}", self.table.name, column.name));
            return;
        };
        if let Some(said) = table.columns.first() {
            column.collation = said.collation.clone().or(column.collation.take());
            column.generated = said.generated.clone().or(column.generated.take());
            column.default = said.default.clone().or(column.default.take());
        }
        for check in &table.checks {
            let mut check = check.clone();
            check.name.get_or_insert_with(|| naming::check(&self.table.name, &column.name));
            self.table.checks.push(check);
        }
    }
}

/// SeaORM hands `renamed_from` on inside the comment.
fn comment(said: Option<&str>) -> (Option<String>, Option<String>) {
    let Some(said) = said else { return (None, None) };
    let Some((before, rest)) = said.rsplit_once("renamed_from \"") else { return (Some(said.to_owned()), None) };
    let Some(from) = rest.strip_suffix('"') else { return (Some(said.to_owned()), None) };
    let comment = before.trim_end().trim_end_matches(';').to_owned();
    (Some(comment).filter(|comment| !comment.is_empty()), Some(from.to_owned()))
}

fn enum_type(kind: &sea_orm::sea_query::ColumnType) -> Option<EnumType> {
    use sea_orm::sea_query::ColumnType;
    match kind {
        ColumnType::Enum { name, variants } => {
            let values = variants.iter().map(ToString::to_string).collect();
            Some(EnumType { name: name.to_string(), values })
        }
        ColumnType::Array(element) => enum_type(element),
        _ => None,
    }
}

fn bare(table: &TableRef) -> String {
    match table {
        TableRef::Table(name, _) => name.1.to_string(),
        _ => String::new(),
    }
}

fn foreign_key(table: &str, statement: &ForeignKeyCreateStatement) -> ForeignKey {
    let key = statement.get_foreign_key();
    let columns = key.get_columns();
    let action = |said: Option<ForeignKeyAction>| match said {
        Some(ForeignKeyAction::Restrict) => Action::Restrict,
        Some(ForeignKeyAction::Cascade) => Action::Cascade,
        Some(ForeignKeyAction::SetNull) => Action::SetNull,
        Some(ForeignKeyAction::SetDefault) => Action::SetDefault,
        _ => Action::NoAction,
    };
    ForeignKey {
        name: Some(naming::foreign_key(table, &columns)),
        references: key.get_ref_table().map(bare).unwrap_or_default(),
        referred: key.get_ref_columns(),
        on_delete: action(key.get_on_delete()),
        on_update: action(key.get_on_update()),
        deferrable: None,
        columns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rename_is_taken_out_of_the_comment() {
        let both = |comment: &str, from: &str| (Some(comment.to_owned()), Some(from.to_owned()));
        assert_eq!(comment(Some("what; renamed_from \"old\"")), both("what", "old"));
        assert_eq!(comment(Some("renamed_from \"old\"")), (None, Some("old".to_owned())));
        assert_eq!(comment(Some("what it is")), (Some("what it is".to_owned()), None));
        assert_eq!(comment(None), (None, None));
    }
}
