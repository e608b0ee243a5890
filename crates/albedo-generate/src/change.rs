//! What becomes of files, as values: shown as a diff, placed all together, or not at all.
//!
//! Before the first file is touched, what was there is written down under `target/`. Whatever breaks a run off, a failure, a
//! signal or the plug, the next one finds that page and puts everything back before it does anything else.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use similar::TextDiff;

use crate::error::{Error, Result};

/// A file before and after; `None` is no file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// From the root of the workspace.
    pub(crate) path: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// The text of a file, or `None` where there is none.
pub(crate) fn read(root: &Path, path: &str) -> Result<Option<String>> {
    let path = root.join(path);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file(&path)(error)),
    }
}

/// All changes as one unified diff, which `patch -p1` and `git apply` read.
pub(crate) fn diff(changes: &[Change]) -> String {
    let one = |change: &Change| {
        let (before, after) = (change.before.as_deref().unwrap_or(""), change.after.as_deref().unwrap_or(""));
        let name = |text: &Option<String>, side: &str| match text {
            Some(_) => format!("{side}/{}", change.path),
            None => "/dev/null".to_owned(),
        };
        let (from, to) = (name(&change.before, "a"), name(&change.after, "b"));
        TextDiff::from_lines(before, after).unified_diff().header(&from, &to).to_string()
    };
    changes.iter().map(one).collect()
}

/// Changes that are placed and may still be undone. Dropped without [`Placed::keep`], they are.
#[derive(Debug)]
pub(crate) struct Placed {
    root: PathBuf,
    journal: PathBuf,
    changes: Vec<Change>,
}

impl Placed {
    /// Places all of them.
    pub(crate) fn new(root: &Path, target: &Path, changes: Vec<Change>) -> Result<Self> {
        let journal = journal(target);
        let placed = Self { root: root.to_owned(), journal, changes };
        placed.write_journal()?;
        for change in &placed.changes {
            put(root, &change.path, change.after.as_deref())?;
        }
        Ok(placed)
    }

    /// Remembers a file that somebody else has made meanwhile, so that it goes as well if the rest does.
    pub(crate) fn made(&mut self, path: String) -> Result<()> {
        let after = read(&self.root, &path)?;
        self.changes.push(Change { path, before: None, after });
        self.write_journal()
    }

    /// The changes stay.
    pub(crate) fn keep(mut self) -> Result<Vec<Change>> {
        fs::remove_file(&self.journal).map_err(Error::file(&self.journal))?;
        Ok(std::mem::take(&mut self.changes))
    }

    fn write_journal(&self) -> Result<()> {
        if let Some(folder) = self.journal.parent() {
            fs::create_dir_all(folder).map_err(Error::file(folder))?;
        }
        let text = serde_json::to_string(&self.changes).unwrap_or_default();
        // Renamed into its place: half a page would be worse than none.
        let draft = self.journal.with_extension("draft");
        fs::write(&draft, text).map_err(Error::file(&draft))?;
        fs::rename(&draft, &self.journal).map_err(Error::file(&self.journal))
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        if self.changes.is_empty() {
            return;
        }
        // What cannot be put back now stays in the journal, for the next run.
        if undo(&self.root, &self.changes).is_ok() {
            let _ = fs::remove_file(&self.journal);
        }
    }
}

/// Puts back what a run that was broken off has left; the paths, if there were any.
pub(crate) fn recover(root: &Path, target: &Path) -> Result<Vec<String>> {
    let journal = journal(target);
    let text = match fs::read_to_string(&journal) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::file(&journal)(error)),
    };
    let changes: Vec<Change> = serde_json::from_str(&text).map_err(|error| {
        Error::source(
            &journal.display().to_string(),
            format!("{error}; `git status` tells what a run that was broken off has left, then remove this file"),
        )
    })?;
    undo(root, &changes)?;
    fs::remove_file(&journal).map_err(Error::file(&journal))?;
    Ok(changes.into_iter().map(|change| change.path).collect())
}

fn journal(target: &Path) -> PathBuf {
    target.join("albedo-generate").join("unfinished.json")
}

fn undo(root: &Path, changes: &[Change]) -> Result<()> {
    changes.iter().try_for_each(|change| put(root, &change.path, change.before.as_deref()))
}

/// Writes a file, or removes it and the folders that are empty without it.
fn put(root: &Path, path: &str, text: Option<&str>) -> Result<()> {
    let full = root.join(path);
    if let Some(text) = text {
        if let Some(folder) = full.parent() {
            fs::create_dir_all(folder).map_err(Error::file(folder))?;
        }
        return fs::write(&full, text).map_err(Error::file(&full));
    }
    match fs::remove_file(&full) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::file(&full)(error)),
        _ => {}
    }
    for folder in full.ancestors().skip(1).take_while(|folder| *folder != root) {
        // Refused where something else is in it, and then nothing above it is empty either.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: &str, before: Option<&str>, after: Option<&str>) -> Change {
        Change { path: path.to_owned(), before: before.map(str::to_owned), after: after.map(str::to_owned) }
    }

    fn world() -> (tempfile::TempDir, PathBuf, Vec<Change>) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("list"), "one\n").unwrap();
        let target = folder.path().join("target");
        let changes = vec![change("list", Some("one\n"), Some("one\ntwo\n")), change("new/two", None, Some("2\n"))];
        (folder, target, changes)
    }

    #[test]
    fn what_is_kept_stays_and_leaves_no_journal() {
        let (folder, target, changes) = world();
        Placed::new(folder.path(), &target, changes).unwrap().keep().unwrap();
        assert_eq!(read(folder.path(), "list").unwrap().unwrap(), "one\ntwo\n");
        assert_eq!(read(folder.path(), "new/two").unwrap().unwrap(), "2\n");
        assert!(recover(folder.path(), &target).unwrap().is_empty());
    }

    #[test]
    fn what_is_not_kept_is_undone_with_what_others_have_made() {
        let (folder, target, changes) = world();
        let mut placed = Placed::new(folder.path(), &target, changes).unwrap();
        fs::write(folder.path().join("revision"), "3\n").unwrap();
        placed.made("revision".to_owned()).unwrap();
        drop(placed);
        assert_eq!(read(folder.path(), "list").unwrap().unwrap(), "one\n");
        assert_eq!((read(folder.path(), "revision").unwrap(), folder.path().join("new").exists()), (None, false));
    }

    #[test]
    fn what_a_killed_run_has_left_is_undone_by_the_next() {
        let (folder, target, changes) = world();
        std::mem::forget(Placed::new(folder.path(), &target, changes).unwrap());
        assert_eq!(recover(folder.path(), &target).unwrap(), ["list", "new/two"]);
        assert_eq!(read(folder.path(), "list").unwrap().unwrap(), "one\n");
        assert!(!folder.path().join("new").exists());
    }

    #[test]
    fn a_folder_with_something_else_in_it_stays() {
        let (folder, target, changes) = world();
        drop({
            let placed = Placed::new(folder.path(), &target, changes).unwrap();
            fs::write(folder.path().join("new/own"), "mine").unwrap();
            placed
        });
        assert!(folder.path().join("new/own").exists());
    }

    #[test]
    fn a_diff_names_both_sides() {
        let (_folder, _, changes) = world();
        insta::assert_snapshot!(diff(&changes), @r"
        --- a/list
        +++ b/list
        @@ -1 +1,2 @@
         one
        +two
        --- /dev/null
        +++ b/new/two
        @@ -0,0 +1 @@
        +2
        ");
    }
}
