//! A schema as one SQL text, with the revisions it stands for.
//!
//! The same database gives the same bytes; the text loads in `sqlite3` and `psql` as it is, in one transaction, and
//! leaves a database that is stamped. Whoever adds a kind of object to the engine adds it here.

pub mod foreign;
mod postgres;
mod sqlite;

use sea_orm::ConnectionTrait;

use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::history::History;
use crate::inspect::catalogue::catalogue;
use crate::inspect::sqlite::whole;
use crate::revision::NodeSet;
use crate::run::version_table;
use crate::settings::Excluded;

const TITLE: &str =
    "-- A schema, written down by albedo-migrate. `schema-load` makes a new database of it, and so does";
const SPEAKS: &str = "-- dialect: ";
const HOLDS: &str = "-- revision: ";

/// A schema as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dump {
    /// What it speaks.
    pub dialect: Dialect,
    /// The version rows it stands for, each after all it needs.
    pub revisions: Vec<String>,
    /// What makes it, the version tables and their rows included.
    body: String,
}

/// Writes down what a database holds. `applied` are the revisions it stands for.
///
/// # Errors
/// When the database cannot be read, or holds something that cannot be written down.
pub async fn dump<C: ConnectionTrait>(
    connection: &C,
    dialect: Dialect,
    history: &History,
    applied: &NodeSet,
    excluded: &Excluded,
) -> Result<Dump> {
    let mut statements = match dialect {
        Dialect::Sqlite => sqlite::statements(&whole(connection).await?, excluded),
        Dialect::Postgres => postgres::statements(&catalogue(connection).await?, excluded)?,
    };
    let graph = history.graph();
    let nodes = graph.ordered(applied);
    let revisions: Vec<String> = nodes.iter().map(|node| graph.revision(*node).stem.clone()).collect();
    let rows: Vec<(String, String)> =
        nodes.iter().map(|node| (graph.revision(*node).stem.clone(), history.checksum(*node))).collect();
    statements.extend(version_table::install(dialect));
    statements.extend(version_table::insert_all(dialect, &rows));
    let mut body = String::new();
    for sql in &statements {
        // A remark at the end of a stored text would swallow a semicolon on the same line.
        let end = if sql.lines().last().is_some_and(|line| line.contains("--")) { "\n;" } else { ";" };
        body.push_str(&format!("{}{end}\n\n", sql.trim()));
    }
    Ok(Dump { dialect, revisions, body })
}

impl Dump {
    /// The whole text.
    #[must_use]
    pub fn text(&self) -> String {
        let (shell, stop, begin) = match self.dialect {
            Dialect::Sqlite => ("sqlite3", ".bail on", "BEGIN IMMEDIATE;"),
            Dialect::Postgres => ("psql", "\\set ON_ERROR_STOP on", "BEGIN;"),
        };
        let mut text = format!(
            "{TITLE}\n-- `{shell}`. Do not edit it: change the revisions, and write it anew.\n--\n{SPEAKS}{}\n",
            self.dialect
        );
        for revision in &self.revisions {
            text.push_str(&format!("{HOLDS}{revision}\n"));
        }
        text.push_str(&format!("\n{stop}\n{begin}\n\n{}COMMIT;\n", self.body));
        text
    }

    /// Reads such a text.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self> {
        let foreign = || {
            Error::usage("this is no text that `schema-dump` has written")
                .hint("load it with sqlite3 or psql, then say with `stamp` what it holds")
        };
        if !text.starts_with(TITLE) {
            return Err(foreign());
        }
        let head = || text.lines().take_while(|line| line.starts_with("--"));
        let dialect = head().find_map(|line| line.strip_prefix(SPEAKS)).ok_or_else(foreign)?.parse()?;
        let revisions = head().filter_map(|line| line.strip_prefix(HOLDS)).map(str::to_owned).collect();
        let begin = if dialect == Dialect::Sqlite { "\nBEGIN IMMEDIATE;\n" } else { "\nBEGIN;\n" };
        let (_, rest) = text.split_once(begin).ok_or_else(foreign)?;
        // Without its end a text was cut off, and would load half of a schema.
        let (body, _) = rest.rsplit_once("\nCOMMIT;").ok_or_else(|| {
            Error::usage("this text was cut off: its COMMIT is missing").hint("write it anew with `schema-dump`")
        })?;
        Ok(Self { dialect, revisions, body: body.trim_start().to_owned() })
    }

    /// What makes the schema, without the transaction around it.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_reads_back_as_it_was_written() {
        for dialect in Dialect::ALL {
            let dump = Dump { dialect, revisions: vec!["one".into(), "two".into()], body: "SELECT 1;\n\n".into() };
            let read = Dump::parse(&dump.text()).unwrap();
            assert_eq!((read.dialect, read.revisions.as_slice()), (dialect, dump.revisions.as_slice()));
            assert_eq!(read.body.trim(), dump.body.trim());
        }
    }

    #[test]
    fn what_is_none_or_was_cut_off_is_refused() {
        assert!(Dump::parse("CREATE TABLE t (a int);").unwrap_err().report().contains("psql"));
        let whole = Dump { dialect: Dialect::Sqlite, revisions: vec![], body: "SELECT 1;\n".into() }.text();
        let cut = whole.split_once("COMMIT").unwrap().0;
        assert!(Dump::parse(cut).unwrap_err().report().contains("cut off"));
    }
}
