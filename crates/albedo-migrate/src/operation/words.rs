//! The words that follow when a column, a key or an index has been named: `.not_null().default(0)`.

use super::tables::{TableBuilder, foreign_key, index};
use crate::schema::{Action, Column, DefaultValue, ForeignKey, Generated, Identity, PrimaryKey, Unique, naming};

/// Describes a column, word after word.
#[derive(Debug)]
pub struct ColumnBuilder<'t> {
    pub(super) name: String,
    pub(super) builder: &'t mut TableBuilder,
}

impl ColumnBuilder<'_> {
    fn edit(self, change: impl FnOnce(&mut Column)) -> Self {
        if let Some(column) = self.builder.table.column_mut(&self.name) {
            change(column);
        }
        self
    }

    /// It may not be empty.
    pub fn not_null(self) -> Self {
        self.edit(|column| column.nullable = false)
    }

    /// It may be empty, which it may unless something else is said.
    pub fn null(self) -> Self {
        self.edit(|column| column.nullable = true)
    }

    /// It is the primary key.
    pub fn primary_key(self) -> Self {
        let name = Some(naming::primary_key(&self.builder.table.name));
        self.builder.table.primary_key = Some(PrimaryKey { name, columns: vec![self.name.clone()] });
        self.not_null()
    }

    /// The database numbers the rows: identity on PostgreSQL, AUTOINCREMENT on SQLite.
    pub fn auto_increment(self) -> Self {
        self.edit(|column| column.identity = Some(Identity::ByDefault))
    }

    /// The database always numbers the rows and takes no number of anybody's (PostgreSQL); on SQLite as
    /// [`auto_increment`](Self::auto_increment).
    pub fn auto_increment_always(self) -> Self {
        self.edit(|column| column.identity = Some(Identity::Always))
    }

    /// What it holds when nothing is said: a text, a number, true or false.
    pub fn default(self, value: impl Into<DefaultValue>) -> Self {
        let value = value.into();
        self.edit(|column| column.default = Some(value))
    }

    /// The moment of the INSERT when nothing is said.
    pub fn default_now(self) -> Self {
        self.edit(|column| column.default = Some(DefaultValue::Now))
    }

    /// An SQL expression when nothing is said.
    pub fn default_expression(self, expression: &str) -> Self {
        self.edit(|column| column.default = Some(DefaultValue::Expression(expression.to_owned())))
    }

    /// No two rows are alike in it.
    pub fn unique(self) -> Self {
        let name = naming::unique(&self.builder.table.name, &[&self.name]);
        self.builder.table.uniques.push(Unique {
            name: Some(name),
            columns: vec![self.name.clone()],
            deferrable: None,
        });
        self
    }

    /// It has an index of its own.
    pub fn indexed(self) -> Self {
        let index = index(&self.builder.table.name, &[&self.name]);
        self.builder.table.indexes.push(index);
        self
    }

    /// It names a row of another table.
    pub fn references(self, table: &str, column: &str) -> Self {
        let key = foreign_key(&self.builder.table.name, &[&self.name], table, &[column]);
        self.builder.table.foreign_keys.push(key);
        self
    }

    /// What happens here when the row there goes; stands after [`references`](Self::references).
    pub fn on_delete(self, action: Action) -> Self {
        self.edit_key(|key| key.on_delete = action)
    }

    /// What happens here when the key there changes; stands after [`references`](Self::references).
    pub fn on_update(self, action: Action) -> Self {
        self.edit_key(|key| key.on_update = action)
    }

    fn edit_key(self, change: impl FnOnce(&mut ForeignKey)) -> Self {
        let name = &self.name;
        let mine = |key: &&mut ForeignKey| key.columns.iter().eq([name]);
        if let Some(key) = self.builder.table.foreign_keys.iter_mut().rev().find(mine) {
            change(key);
        }
        self
    }

    /// Computed from other columns and kept on disk.
    pub fn generated(self, expression: &str) -> Self {
        self.edit(|column| column.generated = Some(Generated { expression: expression.to_owned(), stored: true }))
    }

    /// Computed from other columns on reading (SQLite; PostgreSQL 18).
    pub fn generated_virtual(self, expression: &str) -> Self {
        self.edit(|column| column.generated = Some(Generated { expression: expression.to_owned(), stored: false }))
    }

    /// How its texts compare.
    pub fn collate(self, collation: &str) -> Self {
        self.edit(|column| column.collation = Some(collation.to_owned()))
    }

    /// A remark kept in the database (PostgreSQL).
    pub fn comment(self, comment: &str) -> Self {
        self.edit(|column| column.comment = Some(comment.to_owned()))
    }

    /// What rows that are there get in a column that is added: an SQL expression.
    pub fn fill(self, expression: &str) -> Self {
        self.builder.fills.push((self.name.clone(), expression.to_owned()));
        self
    }
}
