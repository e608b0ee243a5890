//! The databases the engine speaks to, and how each of them writes names and literals.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// SQLite 3.35 or newer.
    Sqlite,
    /// PostgreSQL 12 or newer.
    Postgres,
}

impl Dialect {
    /// Every dialect, for tables of tests and for replays.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// The dialect a database URL speaks.
    ///
    /// # Errors
    /// When the scheme belongs to no supported database.
    pub fn of_url(url: &str) -> Result<Self> {
        match url.split(':').next() {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            other => Err(Error::usage(format!("no database speaks `{}:`", other.unwrap_or_default()))
                .hint("use sqlite://path/to/file.db?mode=rwc or postgres://user:password@host/database")),
        }
    }

    /// A name in double quotes, always: then reserved words and capital letters need no thought.
    #[must_use]
    pub fn quote(self, name: &str) -> String {
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    /// Several quoted names with commas between them.
    #[must_use]
    pub fn quote_all<S: AsRef<str>>(self, names: &[S]) -> String {
        names.iter().map(|name| self.quote(name.as_ref())).collect::<Vec<_>>().join(", ")
    }

    /// A text literal.
    #[must_use]
    pub fn text(self, value: &str) -> String {
        let doubled = value.replace('\'', "''");
        match self {
            // With standard_conforming_strings off a plain literal would read backslashes; E'' always does.
            Self::Postgres if value.contains('\\') => format!("E'{}'", doubled.replace('\\', "\\\\")),
            _ => format!("'{doubled}'"),
        }
    }

    /// A collation as this database is told of it. By code point compare PostgreSQL's `C`, and SQLite where nothing is said: so
    /// one schema says it for both.
    #[must_use]
    pub fn collation(self, name: &str) -> Option<&str> {
        (self == Self::Postgres || !name.eq_ignore_ascii_case("C")).then_some(name)
    }

    /// A truth literal.
    #[must_use]
    pub const fn boolean(self, value: bool) -> &'static str {
        match (self, value) {
            (Self::Sqlite, true) => "1",
            (Self::Sqlite, false) => "0",
            (Self::Postgres, true) => "TRUE",
            (Self::Postgres, false) => "FALSE",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        })
    }
}

impl FromStr for Dialect {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name.to_ascii_lowercase().as_str() {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" | "postgresql" => Ok(Self::Postgres),
            _ => Err(Error::usage(format!("`{name}` is no dialect")).hint("use sqlite or postgres")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_cannot_break_out_of_their_quotes() {
        assert_eq!(Dialect::Sqlite.quote("a\"b"), "\"a\"\"b\"");
        assert_eq!(Dialect::Sqlite.text("it's"), "'it''s'");
        assert_eq!(Dialect::Postgres.text("a\\'b"), "E'a\\\\''b'");
    }

    #[test]
    fn the_url_decides_the_dialect() {
        assert_eq!(Dialect::of_url("sqlite://x.db").unwrap(), Dialect::Sqlite);
        assert_eq!(Dialect::of_url("postgresql://h/d").unwrap(), Dialect::Postgres);
        assert!(Dialect::of_url("mysql://h/d").is_err());
    }
}
