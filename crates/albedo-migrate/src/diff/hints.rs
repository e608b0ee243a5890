//! What two schemas alone do not tell: which new name is an old thing, and what rows get in a column they lack.

use std::fmt;
use std::str::FromStr;

use super::lens::Lens;
use crate::error::{Error, Result};

/// What a comparison is told besides the two schemas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// For which databases a difference counts.
    pub lens: Lens,
    /// What has another name now.
    pub renames: Vec<Rename>,
    /// What rows get that are there already.
    pub fills: Vec<Fill>,
    /// What is done about rows nobody has said a value for.
    pub unfilled: Unfilled,
}

impl Hints {
    pub(super) fn fill(&self, table: &str, column: &str) -> Option<&str> {
        let found = self.fills.iter().find(|fill| fill.table == table && fill.column == column);
        found.map(|fill| fill.expression.as_str())
    }
}

/// What is done about a column that may not be empty, where nobody has said what rows get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unfilled {
    /// It is remarked.
    #[default]
    Remark,
    /// Rows get a neutral value of the type: `down` brings columns back whose values are gone.
    Neutral,
}

/// A thing that has another name now. Written `old=new` for a table, `owner.old=new` for a column, where `owner` is
/// the table as it is called now, and likewise for a value of an enum type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Rename {
    /// The table of a column, or the type of an enum value; none for a table.
    pub of: Option<String>,
    /// The name it had.
    pub from: String,
    /// The name it has.
    pub to: String,
}

impl Rename {
    /// A table has another name.
    #[must_use]
    pub fn table(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self { of: None, from: from.into(), to: to.into() }
    }

    /// A column, or a value of an enum type, has another name.
    #[must_use]
    pub fn within(of: impl Into<String>, from: impl Into<String>, to: impl Into<String>) -> Self {
        Self { of: Some(of.into()), from: from.into(), to: to.into() }
    }
}

impl fmt::Display for Rename {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.of {
            Some(of) => write!(formatter, "{of}.{}={}", self.from, self.to),
            None => write!(formatter, "{}={}", self.from, self.to),
        }
    }
}

impl FromStr for Rename {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let odd = || {
            Error::usage(format!("`{text}` tells no rename"))
                .hint("say --rename old_table=new_table, or --rename table.old_column=new_column")
        };
        let (old, new) = text.split_once('=').ok_or_else(odd)?;
        let (of, from) = match old.split_once('.') {
            Some((of, from)) => (Some(of), from),
            None => (None, old),
        };
        // The new name may be written with its table, as people do.
        let to = of.and_then(|of| new.strip_prefix(of)?.strip_prefix('.')).unwrap_or(new);
        if from.is_empty() || to.is_empty() || of.is_some_and(str::is_empty) {
            return Err(odd());
        }
        Ok(Self { of: of.map(str::to_owned), from: from.to_owned(), to: to.to_owned() })
    }
}

/// What rows that are there get in a column. For an enum type: what rows get that hold a value that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The table, as it is called now; or the enum type.
    pub table: String,
    /// The column, as it is called now; or the value that goes.
    pub column: String,
    /// An SQL expression over the row; or the value that stays.
    pub expression: String,
}

impl FromStr for Fill {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let odd = || {
            Error::usage(format!("`{text}` tells no fill"))
                .hint("say --fill table.column=value, such as --fill users.age=0")
        };
        let (place, expression) = text.split_once('=').ok_or_else(odd)?;
        let (table, column) = place.split_once('.').ok_or_else(odd)?;
        if table.is_empty() || column.is_empty() {
            return Err(odd());
        }
        Ok(Self { table: table.to_owned(), column: column.to_owned(), expression: expression.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rename_is_written_with_an_equals_sign() {
        assert_eq!("users=people".parse::<Rename>().unwrap(), Rename::table("users", "people"));
        assert_eq!("users.nick=alias".parse::<Rename>().unwrap(), Rename::within("users", "nick", "alias"));
        assert_eq!("users.nick=users.alias".parse::<Rename>().unwrap(), Rename::within("users", "nick", "alias"));
        for odd in ["users", "users.=x", ".a=b", "a=", "=b"] {
            assert!(odd.parse::<Rename>().is_err(), "{odd} was accepted");
        }
    }

    #[test]
    fn a_fill_may_hold_equals_signs_and_dots() {
        let fill: Fill = "users.note=a.b = 'c'".parse().unwrap();
        assert_eq!(
            (fill.table.as_str(), fill.column.as_str(), fill.expression.as_str()),
            ("users", "note", "a.b = 'c'")
        );
        assert!("users=1".parse::<Fill>().is_err());
    }
}
