//! What the command line has to know of a project.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

use sea_orm::{DatabaseConnection, DbErr};

use crate::error::{Error, Result};
use crate::history::History;
use crate::target::Target;

/// What a seed function returns.
pub type SeedFuture<'c> = Pin<Box<dyn Future<Output = Result<(), DbErr>> + Send + 'c>>;

type EntitySource = Box<dyn Fn() -> Target + Send + Sync>;
type UrlSource = Box<dyn Fn() -> Result<String, Box<dyn StdError + Send + Sync>> + Send + Sync>;

/// A project: its migrations, and where things are.
pub struct Project {
    pub(super) history: Result<History>,
    pub(super) versions: Option<PathBuf>,
    pub(super) settings: Option<PathBuf>,
    pub(super) entities: Option<EntitySource>,
    pub(super) url: Option<UrlSource>,
    pub(super) seed: Option<for<'c> fn(&'c DatabaseConnection) -> SeedFuture<'c>>,
    pub(super) production: bool,
}

impl fmt::Debug for Project {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Project")
            .field("versions", &self.versions)
            .field("production", &self.production)
            .finish_non_exhaustive()
    }
}

impl Project {
    /// A project with these migrations. A faulty history is told by the first command that needs it.
    #[must_use]
    pub fn new(history: Result<History>) -> Self {
        Self { history, versions: None, settings: None, entities: None, url: None, seed: None, production: false }
    }

    /// The folder of the revision files. With it, commands that make or list revisions need no rebuild.
    #[must_use]
    pub fn versions(mut self, folder: impl Into<PathBuf>) -> Self {
        self.versions = Some(folder.into());
        self
    }

    /// The file of the settings, when it is not `migrate.toml` in the folder of the revisions or beside it. It has to be
    /// there; see [`Settings`](crate::settings::Settings).
    #[must_use]
    pub fn settings(mut self, file: impl Into<PathBuf>) -> Self {
        self.settings = Some(file.into());
        self
    }

    /// The schema that is wanted: the entities, and what is declared beside them. With it, `create` fills new revisions
    /// in.
    #[must_use]
    pub fn entities(mut self, entities: impl Fn() -> Target + Send + Sync + 'static) -> Self {
        self.entities = Some(Box::new(entities));
        self
    }

    /// Where the database is, asked only by commands that need one. `--database-url` and `DATABASE_URL` come first.
    #[must_use]
    pub fn database_url<F, E>(mut self, source: F) -> Self
    where
        F: Fn() -> Result<String, E> + Send + Sync + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.url = Some(Box::new(move || source().map_err(Into::into)));
        self
    }

    /// What `seed` and `prepare` fill a new database with.
    #[must_use]
    pub fn seed(mut self, seed: for<'c> fn(&'c DatabaseConnection) -> SeedFuture<'c>) -> Self {
        self.seed = Some(seed);
        self
    }

    /// In production whatever destroys rows asks for the database's name.
    #[must_use]
    pub const fn production(mut self, production: bool) -> Self {
        self.production = production;
        self
    }

    pub(super) fn url(&self) -> Result<String> {
        let Some(source) = &self.url else {
            return Err(Error::usage("no database is named").hint("pass --database-url, or set DATABASE_URL"));
        };
        source().map_err(|error| Error::usage(format!("the database URL cannot be told: {error}")))
    }
}
