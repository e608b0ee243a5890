//! A project's settings: `migrate.toml`, beside the folder of its revisions.
//!
//! Every setting has a default, so the file may be missing or empty. All faults of a file are told at once, each with
//! its line, its key and what to type instead. Nothing here reads a database or an environment variable; the command
//! line lets its own flags come first.

mod duration;
mod read;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::generate::Style;
use crate::run::Options;
use crate::schema::Schema;
use crate::schema::naming::Naming;

/// How the file is called.
pub const FILE: &str = "migrate.toml";

/// The settings of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// How the generator names constraints and indexes.
    pub naming: Naming,
    /// How new revision files are called, and what stands in them.
    pub style: Style,
    /// A server on which scratch databases may be made: a PostgreSQL URL; its database is only connected to.
    pub shadow: Option<String>,
    /// Tables that belong to somebody else.
    pub excluded: Excluded,
    /// Levels of lint rules that differ from what the rules have of their own.
    pub lint: BTreeMap<String, Level>,
    /// How patient a run is.
    pub timeouts: Timeouts,
}

/// How loud a lint rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It says nothing.
    Off,
    /// It tells, and nothing fails.
    Warn,
    /// It tells, and the command fails.
    Error,
}

/// How patient a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// How long to wait for another runner.
    pub lock_wait: Duration,
    /// How long one statement may wait for a table in use (PostgreSQL).
    pub lock: Duration,
    /// How long one statement may take in all (PostgreSQL); without bounds when none.
    pub statement: Option<Duration>,
    /// How long a server that does not answer yet is tried again.
    pub connect: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let options = Options::default();
        Self {
            lock_wait: options.lock_wait,
            lock: options.lock_timeout,
            statement: options.statement_timeout,
            connect: options.connect_wait,
        }
    }
}

impl Timeouts {
    /// The same for a runner.
    #[must_use]
    pub fn options(&self) -> Options {
        Options {
            connect_wait: self.connect,
            lock_wait: self.lock_wait,
            lock_timeout: self.lock,
            statement_timeout: self.statement,
            ..Options::default()
        }
    }
}

/// Tables that belong to somebody else: an extension, another program. They are neither generated, nor compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excluded(Vec<String>);

impl Excluded {
    /// Tables by name; a `*` at the end of a name stands for anything.
    #[must_use]
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    /// Whether the table is one of them. The engine's own version tables always are.
    #[must_use]
    pub fn contains(&self, table: &str) -> bool {
        use crate::run::version_table::{DETAILS, VERSIONS};
        let fits = |name: &String| match name.strip_suffix('*') {
            Some(beginning) => table.starts_with(beginning),
            None => table == name,
        };
        table == VERSIONS || table == DETAILS || self.0.iter().any(fits)
    }

    /// Takes them out of a schema, and the version tables with them.
    pub fn take_out(&self, schema: &mut Schema) {
        schema.tables.retain(|name, _| !self.contains(name));
    }
}

impl Settings {
    /// Reads a file. `rules` are the lint rules there are; without them their names are not looked at.
    ///
    /// # Errors
    /// When it cannot be read, or with all that is wrong in it.
    pub fn read(path: &Path, rules: Option<&[&str]>) -> Result<Self> {
        let unreadable = |error: std::io::Error| {
            Error::usage(format!("the settings {} cannot be read: {error}", path.display())).because(error)
        };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        Self::parse(&text, path, rules, &mut |name| std::fs::read_to_string(folder.join(name)))
    }

    /// The settings of the project whose revisions are in this folder: `migrate.toml` in it, or beside it. Without one,
    /// the defaults.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn beside(versions: &Path, rules: Option<&[&str]>) -> Result<Self> {
        let places = [Some(versions), versions.parent()].into_iter().flatten().map(|folder| folder.join(FILE));
        match places.into_iter().find(|path| path.is_file()) {
            Some(path) => Self::read(&path, rules),
            None => Ok(Self::default()),
        }
    }

    /// Settings from a text; `path` is what faults are told with. A template is asked of `template` by the name that
    /// stands in the text.
    ///
    /// # Errors
    /// With all that is wrong in it.
    pub fn parse(
        text: &str,
        path: &Path,
        rules: Option<&[&str]>,
        template: &mut dyn FnMut(&Path) -> std::io::Result<String>,
    ) -> Result<Self> {
        read::settings(text, path, rules, template)
    }

    /// Where a file of settings may be, for messages.
    #[must_use]
    pub fn usual_place(versions: &Path) -> PathBuf {
        versions.parent().unwrap_or(versions).join(FILE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Table;

    #[test]
    fn excluded_tables_are_named_or_begin_alike() {
        let excluded = Excluded::new(["spatial_ref_sys", "audit_*"]);
        for (table, is) in
            [("spatial_ref_sys", true), ("audit_log", true), ("audits", false), ("seaql_migrations", true)]
        {
            assert_eq!(excluded.contains(table), is, "{table}");
        }
        let mut schema = Schema::new();
        for name in ["books", "audit_log", "albedo_migrations"] {
            schema.tables.insert(name.to_owned(), Table::new(name));
        }
        excluded.take_out(&mut schema);
        assert_eq!(schema.tables.len(), 1);
    }

    #[test]
    fn a_project_without_a_file_has_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Settings::beside(folder.path(), None).unwrap(), Settings::default());
        assert!(Settings::read(&folder.path().join(FILE), None).unwrap_err().report().contains("cannot be read"));
        std::fs::write(folder.path().join(FILE), "[timeouts]\nlock_wait = 1\n").unwrap();
        let settings = Settings::beside(&folder.path().join("versions"), None).unwrap();
        assert_eq!(settings.timeouts.options().lock_wait, Duration::from_secs(1));
    }
}
