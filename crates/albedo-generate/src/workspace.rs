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
        let arguments = [&["run", "--quiet", "--bin", "db", "--"], arguments].concat();
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
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_told_by_cargo(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() { Ok(output) } else { Err(failed(said(&output))) }
}

/// Whether `cargo run` has set it for the program that it runs. A cargo below that one would hand it on to build scripts, and some of
/// them (ring's) count as changed then: SQLx and all that stands on it would be built anew, here and once more by the next `make`.
fn is_told_by_cargo(name: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].into_iter().any(|prefix| name.starts_with(prefix))
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_tells_this_program_is_not_told_to_the_next_cargo() {
        assert!(["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR"].into_iter().all(is_told_by_cargo));
        assert!(!["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_INCREMENTAL", "PATH"].into_iter().any(is_told_by_cargo));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let told = said(&run("env", &[], folder).unwrap());
        assert!(told.contains("PATH=") && !told.contains("CARGO_MANIFEST_DIR="), "{told}");
    }
}
