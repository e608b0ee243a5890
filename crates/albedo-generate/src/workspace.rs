//! Where the workspace is, and the commands of it that the generator needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;

use crate::error::{Error, Result};

/// A checkout of the project.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Its top folder.
    pub root: PathBuf,
    /// Where builds go.
    pub target: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

impl Workspace {
    /// The one that a folder belongs to.
    ///
    /// # Errors
    /// When cargo finds none.
    pub fn around(folder: &Path) -> Result<Self> {
        let arguments = ["metadata", "--no-deps", "--offline", "--format-version=1"];
        let output = run("cargo", &arguments, folder)?;
        let found: Metadata = serde_json::from_slice(&output.stdout)
            .map_err(|error| Error::Command { command: "cargo metadata".to_owned(), said: error.to_string() })?;
        Ok(Self { root: found.workspace_root, target: found.target_directory })
    }

    /// Runs the `db` command, which compiles the entities first. What it says.
    pub(crate) fn db(&self, arguments: &[&str]) -> Result<String> {
        let arguments = [&["run", "--quiet", "--package", "migration", "--bin", "db", "--"], arguments].concat();
        let output = run("cargo", &arguments, &self.root)?;
        Ok(said(&output))
    }

    /// What git knows of a path: `None` without git, or where the path is in no commit.
    pub(crate) fn is_committed(&self, path: &str) -> bool {
        let object = format!("HEAD:./{path}");
        run("git", &["cat-file", "-e", &object], &self.root).is_ok()
    }
}

/// Writes a file whose folder may be new.
pub(crate) fn write(root: &Path, path: &str, text: &str) -> Result<()> {
    let path = root.join(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::file(folder))?;
    }
    fs::write(&path, text).map_err(Error::file(&path))
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> Result<Output> {
    let failed = |said: String| Error::Command { command: format!("{program} {}", arguments.join(" ")), said };
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.map_err(|error| failed(error.to_string()))?;
    if output.status.success() { Ok(output) } else { Err(failed(said(&output))) }
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat().trim().to_owned()
}
