//! The folder `versions/`: reading all headers, adding a file.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::template::{self, Bodies};
use super::{Style, Widths, header};
use crate::error::{Error, Result};
use crate::revision::{Graph, NodeSet, Revision, Symbol, check_name};

/// The files of a folder and the revisions in them.
#[derive(Clone, Debug)]
pub struct Directory {
    /// The folder.
    pub path: PathBuf,
    /// What its files say, in the order of their names.
    pub revisions: Vec<Revision>,
}

/// What a new revision is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRevision {
    /// One line for people.
    pub message: String,
    /// What it comes after; the one head when nothing is said.
    pub parents: Vec<String>,
    /// Whether it may come after a revision something comes after already.
    pub splice: bool,
    /// Revisions of other lineages that must be there first.
    pub depends_on: Vec<String>,
    /// Names for the branch that begins here.
    pub labels: Vec<String>,
    /// Its id; made up when nothing is said.
    pub id: Option<String>,
}

impl Directory {
    /// Reads the headers of all files.
    ///
    /// # Errors
    /// When the folder cannot be read, or a header is faulty.
    pub fn read(path: &Path) -> Result<Self> {
        let unreadable = |error: std::io::Error| {
            Error::failed(format!("{} cannot be read: {error}", path.display()))
                .hint("is this the project's folder?")
                .because(error)
        };
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(path).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            if file.extension().is_some_and(|extension| extension == "rs") {
                files.push(file);
            }
        }
        files.sort();
        let mut revisions = Vec::with_capacity(files.len());
        for file in files {
            let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            revisions.push(header::parse(&stem, &fs::read_to_string(&file).map_err(unreadable)?)?);
        }
        Ok(Self { path: path.to_owned(), revisions })
    }

    /// The new revision as it would be, checked against the graph it joins. `others` are revisions that live elsewhere,
    /// as adopted ones do.
    ///
    /// # Errors
    /// When the graph with the new revision would be faulty.
    pub fn plan(&self, others: &[Revision], new: &NewRevision, style: &Style) -> Result<Revision> {
        let all: Vec<Revision> = others.iter().chain(&self.revisions).cloned().collect();
        plan(&all, new, style)
    }

    /// The text of the file that [`create`](Self::create) would write.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn preview(&self, others: &[Revision], new: &NewRevision, bodies: Bodies<'_>, style: &Style) -> Result<String> {
        self.rendered(&self.plan(others, new, style)?, bodies, style)
    }

    /// Adds a file and returns its path and revision.
    ///
    /// # Errors
    /// When the graph with the new revision would be faulty, or the file cannot be written. Nothing is left then.
    pub fn create(
        &self,
        others: &[Revision],
        new: &NewRevision,
        bodies: Bodies<'_>,
        style: &Style,
    ) -> Result<(PathBuf, Revision)> {
        let revision = self.plan(others, new, style)?;
        let path = self.path.join(format!("{}.rs", revision.stem));
        write_whole(&path, &self.rendered(&revision, bodies, style)?)?;
        Ok((path, revision))
    }

    fn rendered(&self, revision: &Revision, bodies: Bodies<'_>, style: &Style) -> Result<String> {
        style.template.render(revision, bodies, &Widths::beside(&self.path))
    }
}

impl Directory {
    /// The text of a revision's file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn text(&self, revision: &Revision) -> Result<String> {
        let path = self.path.join(format!("{}.rs", revision.stem));
        fs::read_to_string(&path)
            .map_err(|error| Error::failed(format!("{} cannot be read: {error}", path.display())).because(error))
    }

    /// Gives a revision's file another text: the old one stays whole until the new one is.
    ///
    /// # Errors
    /// When the text does not read back as the same revision, or cannot be written.
    pub fn rewrite(&self, revision: &Revision, text: &str) -> Result<()> {
        let path = self.path.join(format!("{}.rs", revision.stem));
        if header::parse(&revision.stem, text)? != *revision {
            return Err(Error::failed(format!("{} would become another revision", path.display())));
        }
        replace(&path, text)
            .map_err(|error| Error::failed(format!("{} cannot be written: {error}", path.display())).because(error))
    }

    /// Puts one file in the place of those that it replaces. They are removed when it is there; where one of them cannot
    /// be removed, everything is put back as it was.
    ///
    /// # Errors
    /// When the graph would be faulty, or a file cannot be written or removed.
    pub fn replace(&self, others: &[Revision], revision: &Revision, text: &str) -> Result<PathBuf> {
        let goes = |stem: &str| revision.replaces.iter().any(|part| part.stem == stem);
        let kept = others.iter().chain(&self.revisions).filter(|known| !goes(&known.stem));
        Graph::new(kept.cloned().chain([revision.clone()]).collect())?;
        let file = |stem: &str| self.path.join(format!("{stem}.rs"));
        let mut old = Vec::new();
        for part in &revision.replaces {
            let path = file(&part.stem);
            let text = fs::read_to_string(&path)
                .map_err(|error| Error::failed(format!("{} cannot be read: {error}", path.display())).because(error))?;
            old.push((path, text));
        }
        let new = file(&revision.stem);
        write_whole(&new, text)?;
        for (done, (path, _)) in old.iter().enumerate() {
            if let Err(error) = fs::remove_file(path) {
                for (path, text) in old.iter().take(done) {
                    write_whole(path, text)?;
                }
                fs::remove_file(&new).map_err(|error| not_removed(&new, error))?;
                return Err(not_removed(path, error));
            }
        }
        Ok(new)
    }
}

/// What stands in the way of a file.
fn not_removed(path: &Path, error: std::io::Error) -> Error {
    Error::failed(format!("{} cannot be removed: {error}", path.display()))
        .hint("everything is as it was; see who owns the folder, and run the command again")
        .because(error)
}

/// The new revision, checked against the graph it joins.
fn plan(all: &[Revision], new: &NewRevision, style: &Style) -> Result<Revision> {
    let graph = Graph::new(all.to_vec())?;
    let message = new.message.trim();
    if message.is_empty() {
        return Err(Error::usage("a revision needs a message").hint("say what it does: create \"add users\""));
    }
    let id = new.id.clone().unwrap_or_else(fresh_id);
    check_name("id", &id)?;
    if graph.find(&id).is_some() {
        return Err(Error::usage(format!("the id `{id}` is taken")).hint("leave --id out, and one is made up"));
    }
    let none = NodeSet::new();
    let symbols = if new.parents.is_empty() { vec!["head".to_owned()] } else { new.parents.clone() };
    let mut parents = Vec::new();
    for symbol in symbols {
        let symbol: Symbol = symbol.parse()?;
        for node in graph.resolve(&symbol, &none)?.nodes {
            if !graph.children(node).is_empty() && !new.splice {
                return Err(Error::usage(format!(
                    "{} is no head: {} comes after it",
                    graph.describe(node),
                    graph.describe_all(graph.children(node))
                ))
                .hint("to begin a branch there say --splice, or use `create-branch`"));
            }
            let parent = graph.revision(node).id.clone();
            if !parents.contains(&parent) {
                parents.push(parent);
            }
        }
    }
    let mut depends_on = Vec::new();
    for name in &new.depends_on {
        depends_on.push(graph.revision(graph.named(name)?).id.clone());
    }
    let stem = style.file_name.stem(SystemTime::now(), &id, &template::slug(message));
    let revision = Revision {
        id,
        stem,
        message: message.to_owned(),
        parents,
        depends_on,
        labels: new.labels.clone(),
        replaces: Vec::new(),
    };
    let mut with_new = all.to_vec();
    with_new.push(revision.clone());
    Graph::new(with_new)?;
    Ok(revision)
}

/// A file that is there whole or not at all.
fn write_whole(path: &Path, text: &str) -> Result<()> {
    let failed =
        |error: std::io::Error| Error::failed(format!("{} cannot be written: {error}", path.display())).because(error);
    if path.exists() {
        return Err(Error::failed(format!("{} is already there", path.display())));
    }
    replace(path, text).map_err(failed)
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let draft = path.with_extension("rs.draft");
    let written = fs::File::create(&draft).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&draft, path));
    if done.is_err() {
        // The draft may not exist; the first error is the one to tell.
        let _ = fs::remove_file(&draft);
    }
    done
}

/// Twelve hexadecimal digits. The hasher's keys come from the system's source of randomness.
fn fresh_id() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u128(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos()));
    format!("{:012x}", hasher.finish() & 0xffff_ffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(message: &str) -> NewRevision {
        NewRevision { message: message.into(), ..NewRevision::default() }
    }

    fn directory() -> (tempfile::TempDir, Directory) {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::read(folder.path()).unwrap();
        (folder, directory)
    }

    #[test]
    fn each_new_file_follows_the_head() {
        let (folder, mut directory) = directory();
        let mut last: Option<String> = None;
        for message in ["one", "two", "three"] {
            let (_, revision) = directory.create(&[], &new(message), Bodies::default(), &Style::default()).unwrap();
            assert_eq!(revision.parents, last.into_iter().collect::<Vec<_>>());
            last = Some(revision.id);
            directory = Directory::read(folder.path()).unwrap();
        }
        assert_eq!(directory.revisions.len(), 3);
    }

    #[test]
    fn a_refused_revision_leaves_no_file() {
        let (folder, directory) = directory();
        directory
            .create(&[], &NewRevision { id: Some("aaaa1".into()), ..new("one") }, Bodies::default(), &Style::default())
            .unwrap();
        let directory = Directory::read(&directory.path).unwrap();
        let bad = [
            NewRevision { id: Some("bad-id".into()), ..new("x") },
            NewRevision { id: Some("aaaa1".into()), ..new("x") },
            NewRevision { labels: vec!["aaaa1".into()], ..new("x") },
            NewRevision { labels: vec!["bad label".into()], ..new("x") },
            NewRevision { parents: vec!["nobody".into()], ..new("x") },
            NewRevision { depends_on: vec!["nobody".into()], ..new("x") },
            new("  "),
        ];
        for new in bad {
            assert!(directory.create(&[], &new, Bodies::default(), &Style::default()).is_err(), "{new:?} was accepted");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_branch_off_the_middle_is_asked_for_by_name() {
        let (_folder, directory) = directory();
        for id in ["aaaa1", "bbbb1"] {
            Directory::read(&directory.path)
                .unwrap()
                .create(&[], &NewRevision { id: Some(id.into()), ..new(id) }, Bodies::default(), &Style::default())
                .unwrap();
        }
        let directory = Directory::read(&directory.path).unwrap();
        let branch = NewRevision { parents: vec!["aaaa".into()], ..new("fix") };
        assert!(
            directory
                .create(&[], &branch, Bodies::default(), &Style::default())
                .unwrap_err()
                .report()
                .contains("--splice")
        );
        directory.create(&[], &NewRevision { splice: true, ..branch }, Bodies::default(), &Style::default()).unwrap();
        let directory = Directory::read(&directory.path).unwrap();
        assert!(
            directory
                .create(&[], &new("next"), Bodies::default(), &Style::default())
                .unwrap_err()
                .report()
                .contains("2 heads")
        );
    }
}
