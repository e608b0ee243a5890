//! The words that say what of a column changes: `.column_type(ColumnType::Text).null()`.

use super::ColumnChange;
use crate::dialect::Dialect;
use crate::schema::{ColumnType, DefaultValue, Identity};

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

    /// As [`auto_increment`](Self::auto_increment), and the database takes no number of anybody's (PostgreSQL).
    pub fn auto_increment_always(self) -> Self {
        self.edit(|change| change.identity = Some(Some(Identity::Always)))
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

    /// The moment of the INSERT when nothing is said.
    pub fn default_now(self) -> Self {
        self.edit(|change| change.default = Some(Some(DefaultValue::Now)))
    }

    /// An SQL expression when nothing is said.
    pub fn default_expression(self, expression: &str) -> Self {
        self.edit(|change| change.default = Some(Some(DefaultValue::Expression(expression.to_owned()))))
    }

    /// It has no default any more.
    pub fn drop_default(self) -> Self {
        self.edit(|change| change.default = Some(None))
    }

    /// A remark kept in the database (PostgreSQL).
    pub fn comment(self, comment: &str) -> Self {
        self.edit(|change| change.comment = Some(Some(comment.to_owned())))
    }
    /// It has no remark any more.
    pub fn drop_comment(self) -> Self {
        self.edit(|change| change.comment = Some(None))
    }
}
