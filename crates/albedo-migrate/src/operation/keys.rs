//! The words that follow a key or an index: `.name("uq_x").on_delete(Action::Cascade)`.

use crate::schema::{Action, Deferrable, ForeignKey, Index, IndexColumn, Unique};

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

/// Describes a unique constraint.
#[derive(Debug)]
pub struct UniqueBuilder<'t> {
    pub(super) unique: Option<&'t mut Unique>,
}

impl UniqueBuilder<'_> {
    /// A name of your own.
    pub fn name(self, name: &str) -> Self {
        if let Some(unique) = self.unique {
            unique.name = Some(name.to_owned());
            return Self { unique: Some(unique) };
        }
        self
    }

    /// It may wait until the end of the transaction (PostgreSQL).
    pub fn deferrable(self, when: Deferrable) -> Self {
        if let Some(unique) = self.unique {
            unique.deferrable = Some(when);
            return Self { unique: Some(unique) };
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

    /// One more part: a column, the smallest first.
    pub fn column(self, column: &str) -> Self {
        self.edit(|index| index.columns.push(IndexColumn::column(column)))
    }

    /// How texts compare in the part said last.
    pub fn collate(self, collation: &str) -> Self {
        self.edit(|index| {
            if let Some(part) = index.columns.last_mut() {
                part.collation = Some(collation.to_owned());
            }
        })
    }

    /// The operator class of the part said last (PostgreSQL).
    pub fn operator_class(self, class: &str) -> Self {
        self.edit(|index| {
            if let Some(part) = index.columns.last_mut() {
                part.operator_class = Some(class.to_owned());
            }
        })
    }

    /// The part said last is an expression or column of which the largest comes first.
    pub fn reversed(self) -> Self {
        self.edit(|index| {
            if let Some(part) = index.columns.last_mut() {
                part.descending = true;
            }
        })
    }

    /// Two NULLs are alike in it (PostgreSQL 15).
    pub fn nulls_not_distinct(self) -> Self {
        self.edit(|index| index.nulls_not_distinct = true)
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
