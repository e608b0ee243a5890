//! What becomes of files, as values: shown as a diff, placed all together, or not at all.
//!
//! Before the first file is touched, what was there is written down under `target/`. Whatever breaks a run off, a failure, a
//! signal or the plug, the next one finds that page and puts back what is still as that run has left it. A file that somebody has
//! written to since is theirs: it stays, and is named.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
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

/// What became of the files of a run that did not come to its end.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Put back as they were before it.
    pub back: Vec<String>,
    /// Written to by somebody since, and therefore left alone.
    pub left: Vec<String>,
    /// Revisions that were not there before it. Nobody can tell whether it made them, or somebody since.
    pub revisions: Vec<String>,
}

/// What is written down for the run after a broken one.
#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    /// Several checkouts may build into one folder.
    root: PathBuf,
    changes: Vec<Change>,
    /// The revisions that were there before, where the run makes one.
    revisions: Option<BTreeSet<String>>,
}

/// Changes that are placed and may still be undone. Dropped without [`Placed::keep`], they are.
#[derive(Debug)]
pub(crate) struct Placed {
    path: PathBuf,
    journal: Journal,
}

impl Placed {
    /// Places all of them. `revisions` are those that are there before the run makes its own.
    pub(crate) fn new(
        root: &Path,
        target: &Path,
        changes: Vec<Change>,
        revisions: Option<BTreeSet<String>>,
    ) -> Result<Self> {
        let journal = Journal { root: root.to_owned(), changes, revisions };
        let placed = Self { path: path_of(root, target), journal };
        placed.write_journal()?;
        for change in &placed.journal.changes {
            put(root, &change.path, change.after.as_deref())?;
        }
        Ok(placed)
    }

    /// Remembers a file that somebody else has made meanwhile, so that it goes as well if the rest does.
    pub(crate) fn made(&mut self, path: String) -> Result<()> {
        let after = read(&self.journal.root, &path)?;
        self.journal.changes.push(Change { path, before: None, after });
        self.write_journal()
    }

    /// What is placed and made until now.
    pub(crate) fn changes(&self) -> &[Change] {
        &self.journal.changes
    }

    /// The changes stay.
    pub(crate) fn keep(mut self) -> Result<Vec<Change>> {
        fs::remove_file(&self.path).map_err(Error::file(&self.path))?;
        Ok(std::mem::take(&mut self.journal.changes))
    }

    /// The changes go, but for files that somebody has written to meanwhile; those are named.
    pub(crate) fn undo(mut self) -> Result<Vec<String>> {
        let undone = undo(&self.journal, false)?;
        fs::remove_file(&self.path).map_err(Error::file(&self.path))?;
        self.journal.changes.clear();
        Ok(undone.left)
    }

    fn write_journal(&self) -> Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(Error::file(folder))?;
        }
        let text = serde_json::to_string(&self.journal)
            .map_err(|error| Error::source(&self.path.display().to_string(), error.to_string()))?;
        // Renamed into its place: half a page would be worse than none.
        let draft = self.path.with_extension("draft");
        fs::write(&draft, text).map_err(Error::file(&draft))?;
        fs::rename(&draft, &self.path).map_err(Error::file(&self.path))
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        if self.journal.changes.is_empty() {
            return;
        }
        // What cannot be put back now stays in the journal, and so does what nobody was told of: the next run sees to it.
        if undo(&self.journal, false).is_ok_and(|undone| undone.left.is_empty()) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Puts back what a run that was broken off has left; with `only_look` nothing is touched, and what would be is told.
pub(crate) fn recover(root: &Path, target: &Path, only_look: bool) -> Result<Undone> {
    let path = path_of(root, target);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Undone::default()),
        Err(error) => return Err(Error::file(&path)(error)),
    };
    let journal: Journal = serde_json::from_str(&text).map_err(|error| {
        Error::source(
            &path.display().to_string(),
            format!("{error}; `git status` tells what a run that was broken off has left, then remove this file"),
        )
    })?;
    if journal.root != root {
        return Ok(Undone::default());
    }
    let mut undone = undo(&journal, only_look)?;
    if let Some(before) = &journal.revisions {
        let known = |path: &String| before.contains(path) || journal.changes.iter().any(|change| change.path == *path);
        undone.revisions = crate::make::versions(root)?.into_iter().filter(|path| !known(path)).collect();
    }
    if !only_look {
        fs::remove_file(&path).map_err(Error::file(&path))?;
    }
    Ok(undone)
}

/// Each checkout has a page of its own, also where they share the folder of their builds.
fn path_of(root: &Path, target: &Path) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    target.join("albedo-generate").join(format!("unfinished-{:016x}.json", hasher.finish()))
}

fn undo(journal: &Journal, only_look: bool) -> Result<Undone> {
    let mut undone = Undone::default();
    for Change { path, before, after } in &journal.changes {
        let now = read(&journal.root, path)?;
        if now == *before {
            continue;
        }
        if now != *after {
            undone.left.push(path.clone());
            continue;
        }
        if !only_look {
            put(&journal.root, path, before.as_deref())?;
        }
        undone.back.push(path.clone());
    }
    Ok(undone)
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
        Placed::new(folder.path(), &target, changes, None).unwrap().keep().unwrap();
        assert_eq!(read(folder.path(), "list").unwrap().unwrap(), "one\ntwo\n");
        assert_eq!(read(folder.path(), "new/two").unwrap().unwrap(), "2\n");
        assert!(recover(folder.path(), &target, false).unwrap() == Undone::default());
    }

    #[test]
    fn what_is_not_kept_is_undone_with_what_others_have_made() {
        let (folder, target, changes) = world();
        let mut placed = Placed::new(folder.path(), &target, changes, None).unwrap();
        fs::write(folder.path().join("revision"), "3\n").unwrap();
        placed.made("revision".to_owned()).unwrap();
        drop(placed);
        assert_eq!(read(folder.path(), "list").unwrap().unwrap(), "one\n");
        assert_eq!((read(folder.path(), "revision").unwrap(), folder.path().join("new").exists()), (None, false));
    }

    #[test]
    fn what_a_killed_run_has_left_is_undone_by_the_next() {
        let (folder, target, changes) = world();
        std::mem::forget(Placed::new(folder.path(), &target, changes, None).unwrap());
        let told = recover(folder.path(), &target, true).unwrap();
        assert_eq!(read(folder.path(), "new/two").unwrap().unwrap(), "2\n", "who only looks touches nothing");
        assert_eq!(told.back, ["list", "new/two"]);
        assert_eq!(recover(folder.path(), &target, false).unwrap(), told);
        assert_eq!(read(folder.path(), "list").unwrap().unwrap(), "one\n");
        assert!(!folder.path().join("new").exists());
    }

    #[test]
    fn what_somebody_has_written_since_a_killed_run_stays_and_is_named() {
        let (folder, target, changes) = world();
        std::mem::forget(Placed::new(folder.path(), &target, changes, None).unwrap());
        // The one was put back by hand and worked on, the other is as it was left.
        fs::write(folder.path().join("list"), "one\nthree\n").unwrap();
        let told = recover(folder.path(), &target, false).unwrap();
        assert_eq!((told.back, told.left), (vec!["new/two".to_owned()], vec!["list".to_owned()]));
        assert_eq!(read(folder.path(), "list").unwrap().unwrap(), "one\nthree\n");
        assert_eq!(recover(folder.path(), &target, false).unwrap(), Undone::default(), "it is told once");
    }

    #[test]
    fn what_somebody_writes_while_a_run_waits_stays_and_is_named() {
        let (folder, target, changes) = world();
        let placed = Placed::new(folder.path(), &target, changes, None).unwrap();
        fs::write(folder.path().join("new/two"), "mine\n").unwrap();
        assert_eq!(placed.undo().unwrap(), ["new/two"]);
        assert_eq!(read(folder.path(), "list").unwrap().unwrap(), "one\n");
        assert_eq!(read(folder.path(), "new/two").unwrap().unwrap(), "mine\n");
    }

    #[test]
    fn a_run_that_was_broken_off_elsewhere_is_undone_there_alone() {
        let (folder, target, changes) = world();
        std::mem::forget(Placed::new(folder.path(), &target, changes.clone(), None).unwrap());
        let other = tempfile::tempdir().unwrap();
        for change in &changes {
            put(other.path(), &change.path, change.after.as_deref()).unwrap();
        }
        assert_eq!(recover(other.path(), &target, false).unwrap(), Undone::default());
        assert_eq!(read(other.path(), "new/two").unwrap().unwrap(), "2\n");
        assert_eq!(recover(folder.path(), &target, false).unwrap().back.len(), 2);
    }

    #[test]
    fn a_revision_that_is_there_since_a_killed_run_is_named() {
        let (folder, target, changes) = world();
        let revision = |name: &str| put(folder.path(), &format!("migration/versions/{name}"), Some("")).unwrap();
        revision("old.rs");
        let before = crate::make::versions(folder.path()).unwrap();
        std::mem::forget(Placed::new(folder.path(), &target, changes, Some(before)).unwrap());
        revision("new.rs");
        assert_eq!(recover(folder.path(), &target, false).unwrap().revisions, ["migration/versions/new.rs"]);
        assert!(folder.path().join("migration/versions/new.rs").exists());
    }

    #[test]
    fn a_folder_with_something_else_in_it_stays() {
        let (folder, target, changes) = world();
        drop({
            let placed = Placed::new(folder.path(), &target, changes, None).unwrap();
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
