//! What every command starts from: the project, the graph, the way to the database.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use super::arguments::Arguments;
use super::no_versions;
use super::print::Terminal;
use super::project::Project;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::generate::Directory;
use crate::history::{Body, History};
use crate::revision::{Graph, NodeSet, Revision};
use crate::run::version_table::State;
use crate::run::{Options, Runner, Shadows, maintenance};
use crate::settings::Settings;

/// The lint rules that settings may name.
const RULES: Option<&[&str]> = Some(crate::lint::IDS);

/// What every command starts from.
pub(super) struct Context {
    pub(super) project: Project,
    pub(super) settings: Settings,
    pub(super) options: Options,
    pub(super) json: bool,
    pub(super) verbose: bool,
    url: Option<String>,
    schema: Option<String>,
    versions: Option<PathBuf>,
}

impl Context {
    pub(super) fn new(project: Project, arguments: &Arguments) -> Result<Self> {
        let versions = arguments.versions.clone().or_else(|| project.versions.clone());
        let mut settings = match (arguments.settings.as_ref().or(project.settings.as_ref()), &versions) {
            (Some(file), _) => Settings::read(file, RULES)?,
            (None, Some(folder)) => Settings::beside(folder, RULES)?,
            (None, None) => Settings::default(),
        };
        if let Some(url) = &arguments.shadow_url {
            settings.shadow = Some(url.clone());
        }
        let mut options = settings.timeouts.options();
        let flags = [
            (arguments.connect_wait, &mut options.connect_wait),
            (arguments.lock_wait, &mut options.lock_wait),
            (arguments.lock_timeout, &mut options.lock_timeout),
        ];
        for (flag, option) in flags {
            *option = flag.map_or(*option, Duration::from_secs);
        }
        if let Some(seconds) = arguments.statement_timeout {
            options.statement_timeout = Some(Duration::from_secs(seconds)).filter(|length| !length.is_zero());
        }
        Ok(Self {
            project,
            settings,
            options,
            json: arguments.json,
            verbose: arguments.verbose,
            url: arguments.database_url.clone(),
            schema: arguments.database_schema.clone().filter(|schema| !schema.is_empty()),
            versions,
        })
    }

    /// The migrations that were compiled in.
    pub(super) fn history(&self) -> Result<&History> {
        match &self.project.history {
            Ok(history) => Ok(history),
            Err(error) => Err(again(error)),
        }
    }

    /// The folder of the revisions.
    pub(super) fn directory(&self) -> Result<Directory> {
        Directory::read(self.versions.as_ref().ok_or_else(no_versions)?)
    }

    /// Adopted migrations, which have no file in the folder.
    pub(super) fn adopted(&self) -> Vec<Revision> {
        let Ok(history) = self.history() else { return Vec::new() };
        let graph = history.graph();
        let adopted = graph.nodes().filter(|node| matches!(history.body(*node), Ok(Body::Old(_))));
        adopted.map(|node| graph.revision(node).clone()).collect()
    }

    /// The graph as the files tell it now, which may be newer than this program; without a folder, the compiled one.
    pub(super) fn graph(&self) -> Result<Graph> {
        match &self.versions {
            Some(folder) if folder.is_dir() => {
                let mut revisions = self.adopted();
                revisions.extend(Directory::read(folder)?.revisions);
                Graph::new(revisions)
            }
            _ => Ok(self.history()?.graph().clone()),
        }
    }

    /// The migrations, to be run: refused when a file is newer than the program.
    pub(super) fn runnable(&self) -> Result<&History> {
        let history = self.history()?;
        let Some(folder) = self.versions.as_ref().filter(|folder| folder.is_dir()) else { return Ok(history) };
        for revision in Directory::read(folder)?.revisions {
            let compiled = history.graph().find(&revision.id).map(|node| history.graph().revision(node));
            if compiled.is_none_or(|compiled| {
                compiled.parents != revision.parents || compiled.depends_on != revision.depends_on
            }) {
                return Err(Error::failed(format!("{}.rs is newer than this program", revision.stem))
                    .hint("build it again: cargo run does so by itself"));
            }
        }
        Ok(history)
    }

    pub(super) fn url(&self) -> Result<String> {
        let url = self.url.clone().map_or_else(|| self.project.url(), Ok)?;
        self.schema.as_deref().map_or_else(|| Ok(url.clone()), |schema| maintenance::in_schema(&url, schema))
    }

    /// Whether the database was named aloud, by flag or environment, and is no default of the project's.
    pub(super) const fn url_is_given(&self) -> bool {
        self.url.is_some()
    }

    /// The dialect scripts are written in when nothing is said.
    pub(super) fn dialect(&self) -> Dialect {
        self.url().and_then(|url| Dialect::of_url(&url)).unwrap_or(Dialect::Postgres)
    }

    pub(super) async fn runner(&self) -> Result<Runner<'_>> {
        Runner::connect(self.runnable()?, &self.url()?, self.options.clone()).await
    }

    /// Where scratch databases are made.
    pub(super) fn shadows(&self) -> Shadows {
        Shadows { postgres: self.settings.shadow.clone(), options: self.options.clone() }
    }

    /// What the database remembers, for commands that need it.
    pub(super) async fn state(&self) -> Result<State> {
        let connection = crate::run::connect(&self.url()?, &self.options).await?;
        State::read(&connection, Dialect::of_url(&self.url()?)?).await
    }

    /// What is applied, for commands that can do without: nobody waits for a database just to list files.
    pub(super) async fn applied_if_known(&self, graph: &Graph) -> Option<NodeSet> {
        let url = self.url().ok()?;
        let hurry = Options { connect_wait: Duration::ZERO, ..self.options.clone() };
        let ask = async {
            let connection = crate::run::connect(&url, &hurry).await.ok()?;
            State::read(&connection, Dialect::of_url(&url).ok()?).await.ok()
        };
        let state = tokio::time::timeout(Duration::from_secs(1), ask).await.ok()??;
        Some(applied(graph, &state).0)
    }

    /// In production whatever destroys rows needs the database's name, typed or passed.
    pub(super) fn confirm(&self, what: &str, given: Option<&str>, terminal: &mut Terminal) -> Result<()> {
        if !self.project.production {
            return Ok(());
        }
        let name = maintenance::database_name(&self.url()?)?;
        let typed = match given {
            Some(given) => given.to_owned(),
            None if std::io::stdin().is_terminal() => {
                terminal
                    .prompt(&format!("This will {what} in production. Type the database's name ({name}) to go on: "));
                let mut line = String::new();
                std::io::stdin().read_line(&mut line)?;
                line.trim().to_owned()
            }
            None => {
                return Err(
                    Error::usage(format!("this would {what} in production")).hint(format!("say --confirm {name}"))
                );
            }
        };
        if typed == name {
            Ok(())
        } else {
            Err(Error::usage(format!("`{typed}` is not the database's name; nothing was done")))
        }
    }

    /// Writes a file the user asked for.
    pub(super) fn write_file(path: &std::path::Path, text: &str) -> Result<()> {
        let failed = |error: std::io::Error| {
            Error::failed(format!("{} cannot be written: {error}", path.display())).because(error)
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = std::fs::File::create(path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)
    }
}

/// The applied revisions of a graph read from files, and the rows that have none.
pub(super) fn applied(graph: &Graph, state: &State) -> (NodeSet, Vec<String>) {
    let found = graph.recognize(state.rows.iter().map(|row| row.version.as_str()));
    (found.applied, found.unknown)
}

/// The same error once more: an error has one owner, and a faulty history may be asked for twice.
fn again(error: &Error) -> Error {
    let mut copy = Error::new(error.kind(), error.message());
    if let Some(revision) = error.revision() {
        copy = copy.on_revision(revision);
    }
    match error.hint_text() {
        Some(hint) => copy.hint(hint),
        None => copy,
    }
}
