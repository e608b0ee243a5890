//! An operation applied onto a schema value: what a database would look like after it.
//!
//! Raw SQL and online functions change nothing here; what they do to a schema is not declared.

use super::{ColumnChange, Constraint, Operation};
use crate::error::{Error, Result};
use crate::lexer::{mentions, renamed};
use crate::schema::{Column, ColumnType, DefaultValue, EnumType, Index, IndexColumn, IndexKey, Schema, Table};

impl Schema {
    /// Applies the operation.
    ///
    /// # Errors
    /// When what it changes is not there, or what it makes already is.
    pub fn apply(&mut self, operation: &Operation) -> Result<()> {
        self.try_apply(operation).map_err(|error| error.on_operation(operation.to_string()))
    }

    fn try_apply(&mut self, operation: &Operation) -> Result<()> {
        match operation {
            Operation::CreateTable(table) => {
                if self.tables.contains_key(&table.name) {
                    return Err(Error::failed(format!("the table {} is already there", table.name)));
                }
                for index in &table.indexes {
                    self.free_index(&index.name)?;
                }
                self.tables.insert(table.name.clone(), table.clone());
            }
            Operation::DropTable { name } => {
                self.tables.remove(name).ok_or_else(|| missing("table", name))?;
            }
            Operation::RenameTable { from, to } => self.rename_table(from, to)?,
            Operation::CommentTable { table, comment } => self.at(table)?.comment.clone_from(comment),
            Operation::AddColumn { table, column, .. } => {
                let table = self.at(table)?;
                if table.column(&column.name).is_some() {
                    return Err(Error::failed(format!("the column {}.{} is already there", table.name, column.name)));
                }
                table.columns.push(column.clone());
            }
            Operation::DropColumn { table, column } => drop_column(self.at(table)?, column)?,
            Operation::RenameColumn { table, from, to } => self.rename_column(table, from, to)?,
            Operation::AlterColumn { table, column, change } => {
                let table = self.at(table)?;
                let name = format!("{}.{column}", table.name);
                alter(table.column_mut(column).ok_or_else(|| missing("column", &name))?, change);
            }
            Operation::AddConstraint { table, constraint, .. } => add_constraint(self.at(table)?, constraint)?,
            Operation::ValidateConstraint { table, name } => {
                let table = self.at(table)?;
                if !table.has_constraint(name) {
                    return Err(missing("constraint", name));
                }
            }
            Operation::DropConstraint { table, name } => drop_constraint(self.at(table)?, name)?,
            Operation::RenameConstraint { table, from, to } => rename_constraint(self.at(table)?, from, to)?,
            Operation::CreateIndex { table, index, .. } => {
                self.free_index(&index.name)?;
                self.at(table)?.indexes.push(index.clone());
            }
            Operation::DropIndex { table, name, .. } => {
                let table = self.at(table)?;
                let before = table.indexes.len();
                table.indexes.retain(|index| index.name != *name);
                if table.indexes.len() == before {
                    return Err(missing("index", name));
                }
            }
            Operation::RenameIndex { table, from, to } => {
                self.free_index(to)?;
                let index = self.at(table)?.indexes.iter_mut().find(|index| index.name == *from);
                index.ok_or_else(|| missing("index", from))?.name.clone_from(to);
            }
            Operation::CreateEnum { name, values } => {
                let new = EnumType { name: name.clone(), values: values.clone() };
                if self.enums.insert(name.clone(), new).is_some() {
                    return Err(Error::failed(format!("the enum {name} is already there")));
                }
            }
            Operation::DropEnum { name } => {
                self.enums.remove(name).ok_or_else(|| missing("enum", name))?;
            }
            Operation::RenameEnum { from, to } => self.rename_enum(from, to)?,
            Operation::AddEnumValue { name, value, before } => {
                let values = &mut self.enums.get_mut(name).ok_or_else(|| missing("enum", name))?.values;
                if values.contains(value) {
                    return Err(Error::failed(format!("the enum {name} already has the value {value}")));
                }
                let at = before.as_ref().and_then(|before| values.iter().position(|value| value == before));
                values.insert(at.unwrap_or(values.len()), value.clone());
            }
            Operation::RenameEnumValue { name, from, to } => self.rename_enum_value(name, from, to)?,
            Operation::Execute(_) | Operation::Online(_) => {}
            Operation::Irreversible { reason } => {
                return Err(Error::failed(format!("this cannot be taken back: {reason}")));
            }
        }
        Ok(())
    }

    fn at(&mut self, name: &str) -> Result<&mut Table> {
        self.tables.get_mut(name).ok_or_else(|| missing("table", name))
    }

    fn free_index(&self, name: &str) -> Result<()> {
        match self.index(name) {
            None => Ok(()),
            Some((table, _)) => {
                Err(Error::failed(format!("the index name {name} is taken by the table {}", table.name)))
            }
        }
    }

    fn rename_table(&mut self, from: &str, to: &str) -> Result<()> {
        if self.tables.contains_key(to) {
            return Err(Error::failed(format!("the table {to} is already there")));
        }
        let mut table = self.tables.remove(from).ok_or_else(|| missing("table", from))?;
        to.clone_into(&mut table.name);
        self.tables.insert(to.to_owned(), table);
        for key in self.tables.values_mut().flat_map(|table| &mut table.foreign_keys) {
            if key.references == from {
                to.clone_into(&mut key.references);
            }
        }
        Ok(())
    }

    /// The type, and the type of every column that is of it.
    fn rename_enum(&mut self, from: &str, to: &str) -> Result<()> {
        if self.enums.contains_key(to) {
            return Err(Error::failed(format!("the enum {to} is already there")));
        }
        let known = self.enums.remove(from).ok_or_else(|| missing("enum", from))?;
        self.enums.insert(to.to_owned(), EnumType { name: to.to_owned(), ..known });
        for column in self.tables.values_mut().flat_map(|table| &mut table.columns) {
            let mut inner = &mut column.column_type;
            while let ColumnType::Array(element) = inner {
                inner = element;
            }
            if *inner == ColumnType::Enum(from.to_owned()) {
                *inner = ColumnType::Enum(to.to_owned());
            }
        }
        Ok(())
    }

    /// The value and every default that is this value.
    fn rename_enum_value(&mut self, name: &str, from: &str, to: &str) -> Result<()> {
        let values = &mut self.enums.get_mut(name).ok_or_else(|| missing("enum", name))?.values;
        to.clone_into(values.iter_mut().find(|value| *value == from).ok_or_else(|| missing("enum value", from))?);
        for column in self.tables.values_mut().flat_map(|table| &mut table.columns) {
            let is = column.column_type == ColumnType::Enum(name.to_owned());
            if is && column.default == Some(DefaultValue::Text(from.to_owned())) {
                column.default = Some(DefaultValue::Text(to.to_owned()));
            }
        }
        Ok(())
    }

    fn rename_column(&mut self, table_name: &str, from: &str, to: &str) -> Result<()> {
        let table = self.at(table_name)?;
        if table.column(to).is_some() {
            return Err(Error::failed(format!("the column {table_name}.{to} is already there")));
        }
        let column = table.column_mut(from).ok_or_else(|| missing("column", &format!("{table_name}.{from}")))?;
        to.clone_into(&mut column.name);
        let swap = |names: &mut Vec<String>| {
            for name in names.iter_mut().filter(|name| *name == from) {
                to.clone_into(name);
            }
        };
        if let Some(key) = &mut table.primary_key {
            swap(&mut key.columns);
        }
        table.uniques.iter_mut().for_each(|unique| swap(&mut unique.columns));
        table.foreign_keys.iter_mut().for_each(|key| swap(&mut key.columns));
        table.checks.iter_mut().for_each(|check| check.expression = renamed(&check.expression, from, to));
        for generated in table.columns.iter_mut().filter_map(|column| column.generated.as_mut()) {
            generated.expression = renamed(&generated.expression, from, to);
        }
        for index in &mut table.indexes {
            index.predicate = index.predicate.take().map(|predicate| renamed(&predicate, from, to));
            swap(&mut index.include);
            for part in &mut index.columns {
                match &mut part.key {
                    IndexKey::Column(name) if name == from => to.clone_into(name),
                    IndexKey::Column(_) => {}
                    IndexKey::Expression(text) => *text = renamed(text, from, to),
                }
            }
        }
        for key in self.tables.values_mut().flat_map(|table| &mut table.foreign_keys) {
            if key.references == table_name {
                swap(&mut key.referred);
            }
        }
        Ok(())
    }
}

fn missing(what: &str, name: &str) -> Error {
    Error::failed(format!("the {what} {name} is not there"))
}

fn alter(column: &mut Column, change: &ColumnChange) {
    if let Some(column_type) = &change.column_type {
        column.column_type.clone_from(column_type);
    }
    if let Some(nullable) = change.nullable {
        column.nullable = nullable;
    }
    if let Some(default) = &change.default {
        column.default.clone_from(default);
    }
    if let Some(collation) = &change.collation {
        column.collation.clone_from(collation);
    }
    if let Some(identity) = change.identity {
        column.identity = identity;
    }
    if let Some(comment) = &change.comment {
        column.comment.clone_from(comment);
    }
}

/// As both databases do it: constraints and indexes that name the column go with it.
fn drop_column(table: &mut Table, name: &str) -> Result<()> {
    if table.column(name).is_none() {
        return Err(missing("column", &format!("{}.{name}", table.name)));
    }
    table.columns.retain(|column| column.name != name);
    let named = |columns: &[String]| columns.iter().any(|column| column == name);
    if table.primary_key.as_ref().is_some_and(|key| named(&key.columns)) {
        table.primary_key = None;
    }
    table.uniques.retain(|unique| !named(&unique.columns));
    table.foreign_keys.retain(|key| !named(&key.columns));
    table.checks.retain(|check| !mentions(&check.expression, name));
    table.indexes.retain(|index| !names_column(index, name) && !named(&index.include));
    Ok(())
}

/// Whether the index sorts by the column, computes with it, or asks for it.
pub(super) fn names_column(index: &Index, name: &str) -> bool {
    let in_part = |part: &IndexColumn| match &part.key {
        IndexKey::Column(column) => column == name,
        IndexKey::Expression(text) => mentions(text, name),
    };
    index.columns.iter().any(in_part) || index.predicate.as_ref().is_some_and(|predicate| mentions(predicate, name))
}

fn add_constraint(table: &mut Table, constraint: &Constraint) -> Result<()> {
    if let Some(name) = constraint.name()
        && table.has_constraint(name)
    {
        return Err(Error::failed(format!("the constraint {name} of {} is already there", table.name)));
    }
    match constraint {
        Constraint::PrimaryKey(key) => {
            if table.primary_key.is_some() {
                return Err(Error::failed(format!("the table {} already has a primary key", table.name)));
            }
            for column in table.columns.iter_mut().filter(|column| key.columns.contains(&column.name)) {
                column.nullable = false;
            }
            table.primary_key = Some(key.clone());
        }
        Constraint::Unique(unique) => table.uniques.push(unique.clone()),
        Constraint::Check(check) => table.checks.push(check.clone()),
        Constraint::ForeignKey(key) => table.foreign_keys.push(key.clone()),
    }
    Ok(())
}

fn drop_constraint(table: &mut Table, name: &str) -> Result<()> {
    if !table.has_constraint(name) {
        return Err(missing("constraint", name));
    }
    let other = |candidate: &Option<String>| candidate.as_deref() != Some(name);
    table.primary_key.take_if(|key| !other(&key.name));
    table.uniques.retain(|unique| other(&unique.name));
    table.checks.retain(|check| other(&check.name));
    table.foreign_keys.retain(|key| other(&key.name));
    Ok(())
}

fn rename_constraint(table: &mut Table, from: &str, to: &str) -> Result<()> {
    if !table.has_constraint(from) {
        return Err(missing("constraint", from));
    }
    let names = table
        .primary_key
        .iter_mut()
        .map(|key| &mut key.name)
        .chain(table.uniques.iter_mut().map(|unique| &mut unique.name))
        .chain(table.checks.iter_mut().map(|check| &mut check.name))
        .chain(table.foreign_keys.iter_mut().map(|key| &mut key.name));
    for name in names.filter(|name| name.as_deref() == Some(from)) {
        *name = Some(to.to_owned());
    }
    Ok(())
}
