//! The words that follow when a column, a key or an index has been named: `.not_null().default(0)`.

use super::ColumnChange;
use super::tables::{TableBuilder, foreign_key, index};
use crate::dialect::Dialect;
use crate::schema::{
    Action, Column, ColumnType, DefaultValue, Deferrable, ForeignKey, Generated, Identity, Index, IndexColumn,
    PrimaryKey, Unique, naming,
};

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

/// Describes a foreign key.
#[derive(Debug)]
pub struct ForeignKeyBuilder<'t> {
    pub(super) key: Option<&'t mut ForeignKey>,
    pub(super) not_valid: Option<&'t mut bool>,
}

impl ForeignKeyBuilder<'_> {
    fn edit(mut self, change: impl FnOnce(&mut ForeignKey)) -> Self {
        if let Some(key) = self.key.as_deref_mut() {
            change(key);
        }
        self
    }

    /// A name of your own.
    pub fn name(self, name: &str) -> Self {
        self.edit(|key| key.name = Some(name.to_owned()))
    }

    /// What happens here when the row there goes.
    pub fn on_delete(self, action: Action) -> Self {
        self.edit(|key| key.on_delete = action)
    }

    /// What happens here when the key there changes.
    pub fn on_update(self, action: Action) -> Self {
        self.edit(|key| key.on_update = action)
    }

    /// It may wait until the end of the transaction.
    pub fn deferrable(self, when: Deferrable) -> Self {
        self.edit(|key| key.deferrable = Some(when))
    }

    /// The rows that are there are left unread until `op.validate_constraint` (PostgreSQL); inside `create_table` it has
    /// no effect, since a new table has none.
    pub fn not_valid(mut self) -> Self {
        if let Some(flag) = self.not_valid.as_deref_mut() {
            *flag = true;
        }
        self
    }
}

/// Describes an index.
#[derive(Debug)]
pub struct IndexBuilder<'t> {
    pub(super) index: Option<&'t mut Index>,
    pub(super) concurrently: Option<&'t mut bool>,
}

impl IndexBuilder<'_> {
    fn edit(mut self, change: impl FnOnce(&mut Index)) -> Self {
        if let Some(index) = self.index.as_deref_mut() {
            change(index);
        }
        self
    }

    /// A name of your own.
    pub fn name(self, name: &str) -> Self {
        self.edit(|index| index.name = name.to_owned())
    }

    /// No two rows are alike in it.
    pub fn unique(self) -> Self {
        self.edit(|index| index.unique = true)
    }

    /// Only the rows for which this holds.
    pub fn filter(self, predicate: &str) -> Self {
        self.edit(|index| index.predicate = Some(predicate.to_owned()))
    }

    /// One more part: an SQL expression.
    pub fn expression(self, text: &str) -> Self {
        self.edit(|index| index.columns.push(IndexColumn::expression(text)))
    }

    /// One more part: a column, the largest first.
    pub fn descending(self, column: &str) -> Self {
        self.edit(|index| index.columns.push(IndexColumn { descending: true, ..IndexColumn::column(column) }))
    }

    /// Columns carried along without being sorted by (PostgreSQL).
    pub fn include<const N: usize>(self, columns: [&str; N]) -> Self {
        self.edit(|index| index.include = columns.map(str::to_owned).to_vec())
    }

    /// How it is built: gin, gist, brin, hash (PostgreSQL).
    pub fn using(self, method: &str) -> Self {
        self.edit(|index| index.method = Some(method.to_owned()))
    }

    /// Without stopping writes (PostgreSQL). It needs `op.transactional(false)`; inside `create_table` it has no effect,
    /// since nobody writes to a table that is not there yet.
    pub fn concurrently(mut self) -> Self {
        if let Some(flag) = self.concurrently.as_deref_mut() {
            *flag = true;
        }
        self
    }
}

/// Says what of a column changes.
#[derive(Debug)]
pub struct AlterColumnBuilder<'o> {
    pub(super) change: Option<&'o mut ColumnChange>,
}

impl AlterColumnBuilder<'_> {
    fn edit(mut self, edit: impl FnOnce(&mut ColumnChange)) -> Self {
        if let Some(change) = self.change.as_deref_mut() {
            edit(change);
        }
        self
    }

    /// The new type.
    pub fn column_type(self, column_type: ColumnType) -> Self {
        self.edit(|change| change.column_type = Some(column_type))
    }

    /// How the old value becomes the new one: an SQL expression.
    pub fn using(self, expression: &str) -> Self {
        self.edit(|change| change.using = Some(expression.to_owned()))
    }

    /// As [`using`](Self::using), for one database alone.
    pub fn using_on(self, dialect: Dialect, expression: &str) -> Self {
        self.edit(|change| change.using_on.push((dialect, expression.to_owned())))
    }

    /// How its texts compare from now on.
    pub fn collate(self, collation: &str) -> Self {
        self.edit(|change| change.collation = Some(Some(collation.to_owned())))
    }

    /// Its texts compare as its type does.
    pub fn drop_collation(self) -> Self {
        self.edit(|change| change.collation = Some(None))
    }

    /// The database numbers the rows from now on, after the largest number there is.
    pub fn auto_increment(self) -> Self {
        self.edit(|change| change.identity = Some(Some(Identity::ByDefault)))
    }

    /// The database numbers the rows no more.
    pub fn drop_auto_increment(self) -> Self {
        self.edit(|change| change.identity = Some(None))
    }

    /// It may not be empty from now on.
    pub fn not_null(self) -> Self {
        self.edit(|change| change.nullable = Some(false))
    }

    /// What empty rows get before it may no longer be empty: an SQL expression.
    pub fn fill(self, expression: &str) -> Self {
        self.edit(|change| change.fill = Some(expression.to_owned()))
    }

    /// It may be empty from now on.
    pub fn null(self) -> Self {
        self.edit(|change| change.nullable = Some(true))
    }

    /// What it holds when nothing is said.
    pub fn default(self, value: impl Into<DefaultValue>) -> Self {
        let value = value.into();
        self.edit(|change| change.default = Some(Some(value)))
    }

    /// It has no default any more.
    pub fn drop_default(self) -> Self {
        self.edit(|change| change.default = Some(None))
    }

    /// A remark kept in the database (PostgreSQL).
    pub fn comment(self, comment: &str) -> Self {
        self.edit(|change| change.comment = Some(Some(comment.to_owned())))
    }
}
