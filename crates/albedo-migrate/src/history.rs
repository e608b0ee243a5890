//! A history: every migration of a project, with the graph between them.
//!
//! A [`Migration`] is a constant. A project's `build.rs` collects them from `versions/*.rs`; a library or a test may as
//! well list them by hand. Migrations written for SeaORM's own runner join through [`HistoryBuilder::adopt`].

use std::fmt;
use std::sync::Arc;

use sea_orm_migration::MigrationTrait;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::lexer::tokens;
use crate::operation::Operations;
use crate::revision::{Direction, Graph, Node, NodeSet, Replaced, Revision, check_name};
use crate::schema::Schema;
use crate::squash::Squash;

/// A migration as a value: its place in the graph, and what it does in each direction.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its name in the graph: letters, digits and underscores, at most 64.
    pub id: &'static str,
    /// What it comes after; several make it a merge, none a base.
    pub after: &'static [&'static str],
    /// Revisions of other lineages that must be there first.
    pub depends_on: &'static [&'static str],
    /// Names for the branch that begins here.
    pub labels: &'static [&'static str],
    /// One line for people.
    pub message: &'static str,
    /// What it does.
    pub up: fn(&mut Operations),
    /// What takes it back.
    pub down: fn(&mut Operations),
}

/// A migration with the file it came from, as `build.rs` collects it.
#[derive(Clone, Copy, Debug)]
pub struct Collected {
    /// The file's name without `.rs`: what the version table stores.
    pub stem: &'static str,
    /// The file's text, from which its checksum is computed.
    pub source: &'static str,
    /// The migration.
    pub migration: Migration,
    /// The ids and stems of the revisions that were squashed into it: `REPLACES` of its file.
    pub replaces: &'static [(&'static str, &'static str)],
}

/// What runs when a revision is applied.
#[derive(Clone)]
pub enum Body {
    /// Operations.
    Value(Migration),
    /// Operations that no function makes: up, and down.
    Listed(Arc<(Operations, Operations)>),
    /// A migration written for SeaORM's own runner.
    Old(Arc<dyn MigrationTrait>),
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(migration) => formatter.debug_tuple("Value").field(&migration.id).finish(),
            Self::Listed(lists) => formatter.debug_tuple("Listed").field(lists).finish(),
            Self::Old(migration) => formatter.debug_tuple("Old").field(&migration.name()).finish(),
        }
    }
}

#[derive(Clone, Debug)]
struct Entry {
    revision: Revision,
    source: Option<&'static str>,
    body: Body,
}

/// Every migration of a project.
#[derive(Clone, Debug, Default)]
pub struct History {
    graph: Graph,
    entries: Vec<Entry>,
}

/// Puts a history together.
#[derive(Clone, Debug, Default)]
pub struct HistoryBuilder {
    entries: Vec<Entry>,
}

impl HistoryBuilder {
    /// The migrations of `versions/*.rs`.
    #[must_use]
    pub fn collected(mut self, list: &[Collected]) -> Self {
        self.entries.extend(list.iter().map(|item| Entry {
            revision: Revision { replaces: replaced(item.replaces), ..revision(&item.migration, item.stem) },
            source: Some(item.source),
            body: Body::Value(item.migration),
        }));
        self
    }

    /// Migrations without files; the version table stores their ids.
    #[must_use]
    pub fn migrations(mut self, list: impl IntoIterator<Item = Migration>) -> Self {
        self.entries.extend(list.into_iter().map(|migration| Entry {
            revision: revision(&migration, migration.id),
            source: None,
            body: Body::Value(migration),
        }));
        self
    }

    /// Says what was squashed into a migration without a file: ids and version rows, in their order. A database that has
    /// all of these rows has the migration.
    #[must_use]
    pub fn replacing(mut self, id: &str, parts: &[(&str, &str)]) -> Self {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.revision.id == id) {
            entry.revision.replaces = replaced(parts);
        }
        self
    }

    /// A revision whose operations are lists, as they are made from a comparison; the version table stores its stem.
    #[must_use]
    pub fn listed(mut self, revision: Revision, up: Operations, down: Operations) -> Self {
        self.entries.push(Entry { revision, source: None, body: Body::Listed(Arc::new((up, down))) });
        self
    }

    /// Migrations written for SeaORM's own runner, in their order, as one line from a base of their own. Their rows in
    /// the version table count as they are; a new migration follows the last of them by naming it in `after`.
    #[must_use]
    pub fn adopt(mut self, list: impl IntoIterator<Item = Box<dyn MigrationTrait>>) -> Self {
        let mut last: Option<String> = None;
        for migration in list {
            let stem = migration.name().to_owned();
            let id = id_of(&stem);
            let revision = Revision {
                id: id.clone(),
                stem: stem.clone(),
                message: message_of(&stem),
                parents: last.replace(id).into_iter().collect(),
                ..Revision::default()
            };
            self.entries.push(Entry { revision, source: None, body: Body::Old(Arc::from(migration)) });
        }
        self
    }

    /// The history, its graph checked.
    ///
    /// # Errors
    /// When the graph is faulty; see [`Graph::new`].
    pub fn build(self) -> Result<History> {
        let graph = Graph::new(self.entries.iter().map(|entry| entry.revision.clone()).collect())?;
        Ok(History { graph, entries: self.entries })
    }
}

fn revision(migration: &Migration, stem: &str) -> Revision {
    let owned = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
    Revision {
        id: migration.id.to_owned(),
        stem: stem.to_owned(),
        message: migration.message.to_owned(),
        parents: owned(migration.after),
        depends_on: owned(migration.depends_on),
        labels: owned(migration.labels),
        replaces: Vec::new(),
    }
}

fn replaced(parts: &[(&str, &str)]) -> Vec<Replaced> {
    parts.iter().map(|(id, stem)| Replaced { id: (*id).to_owned(), stem: (*stem).to_owned() }).collect()
}

/// The name itself where it may be an id, otherwise its beginning and a few digits of its hash.
fn id_of(name: &str) -> String {
    if check_name("id", name).is_ok() {
        return name.to_owned();
    }
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(50).collect();
    format!("{plain}_{}", digest(name).get(..8).unwrap_or_default())
}

/// `m20220101_000001_create_posts` reads as `create posts`.
fn message_of(stem: &str) -> String {
    let words = stem.split('_').skip_while(|word| word.trim_start_matches('m').chars().all(|c| c.is_ascii_digit()));
    words.collect::<Vec<_>>().join(" ")
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl History {
    /// A history of migrations without files.
    ///
    /// # Errors
    /// When the graph is faulty; see [`Graph::new`].
    pub fn new(list: impl IntoIterator<Item = Migration>) -> Result<Self> {
        Self::builder().migrations(list).build()
    }

    /// Puts a history together from several sources.
    #[must_use]
    pub fn builder() -> HistoryBuilder {
        HistoryBuilder::default()
    }

    /// The graph between the migrations.
    #[must_use]
    pub const fn graph(&self) -> &Graph {
        &self.graph
    }

    /// What runs for a revision.
    ///
    /// # Errors
    /// When the node belongs to another graph.
    pub fn body(&self, node: Node) -> Result<&Body> {
        let entry = self.entries.get(node.index());
        entry.map(|entry| &entry.body).ok_or_else(|| Error::failed("the revision belongs to another history"))
    }

    /// The operations of a revision in one direction; none for an adopted one, which has no such list.
    #[must_use]
    pub fn operations(&self, node: Node, direction: Direction) -> Option<Operations> {
        match (&self.entries.get(node.index())?.body, direction) {
            (Body::Value(migration), Direction::Up) => Some(Operations::of(migration.up)),
            (Body::Value(migration), Direction::Down) => Some(Operations::of(migration.down)),
            (Body::Listed(lists), Direction::Up) => Some(lists.0.clone()),
            (Body::Listed(lists), Direction::Down) => Some(lists.1.clone()),
            (Body::Old(_), _) => None,
        }
    }

    /// A number for what the revision does. It comes from the words of the file, so a comment or a line break changes
    /// nothing; without a file, from the operations; for an adopted migration there is nothing to compute it from.
    #[must_use]
    pub fn checksum(&self, node: Node) -> String {
        let Some(entry) = self.entries.get(node.index()) else { return String::new() };
        let (kind, text) = match (&entry.body, entry.source) {
            (Body::Value(_), Some(source)) => ("file", rust_words(source)),
            (Body::Value(migration), None) => {
                ("list", format!("{}{}", told(&Operations::of(migration.up)), told(&Operations::of(migration.down))))
            }
            (Body::Listed(lists), _) => ("list", format!("{}{}", told(&lists.0), told(&lists.1))),
            (Body::Old(_), _) => return "old".to_owned(),
        };
        format!("{kind}:{}", digest(&text).get(..16).unwrap_or_default())
    }

    /// The schema that the applied revisions declare. Raw SQL and adopted migrations declare nothing, so an operation
    /// that builds on them is left out rather than refused.
    #[must_use]
    pub fn schema(&self, applied: &NodeSet) -> Schema {
        let mut schema = Schema::new();
        for node in self.graph.ordered(applied) {
            self.apply(node, &mut schema);
        }
        schema
    }

    /// Takes the schema one revision further.
    pub(crate) fn apply(&self, node: Node, schema: &mut Schema) {
        for operation in self.operations(node, Direction::Up).iter().flat_map(|operations| operations.list()) {
            // A refusal here means that something undeclared stands below; the database itself has the last word.
            let _ = schema.apply(operation);
        }
    }

    /// The history with several revisions as one.
    ///
    /// # Errors
    /// When the graph would be faulty.
    pub fn with_squash(&self, squash: &Squash) -> Result<Self> {
        let kept = self.graph.nodes().zip(&self.entries).filter(|(node, _)| !squash.nodes.contains(node));
        let entries = kept.map(|(_, entry)| entry.clone()).collect();
        HistoryBuilder { entries }.listed(squash.revision.clone(), squash.up.clone(), squash.down.clone()).build()
    }

    /// The revisions of these version rows, and the rows no revision is stored as.
    #[must_use]
    pub fn applied<'v>(&self, versions: impl IntoIterator<Item = &'v str>) -> (NodeSet, Vec<String>) {
        let found = self.graph.recognize(versions);
        (found.applied, found.unknown)
    }
}

/// What runs, as text; a word given to `lint` is not part of it.
fn told(operations: &Operations) -> String {
    format!("Operations {{ list: {:?}, transactional: {} }}", operations.list(), operations.is_transactional())
}

/// The words of a Rust file without comments and spaces. The SQL lexer does not know `//`, so those go first. A word
/// given to `lint` changes nothing that runs, so it is left out too and may be given later.
fn rust_words(source: &str) -> String {
    let code: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let tokens = tokens(&code);
    let mut words: Vec<&str> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let [first, after @ ..] = rest {
        rest = match rest {
            [dot, name, open, reason, close, after @ ..]
                if dot.is_sign('.')
                    && name.is("assured")
                    && open.is_sign('(')
                    && reason.text.starts_with('"')
                    && close.is_sign(')') =>
            {
                match after {
                    // A statement of its own, `op.assured("...");`, goes with its `op`.
                    [end, after @ ..] if end.is_sign(';') => {
                        words.pop();
                        after
                    }
                    _ => after,
                }
            }
            _ => {
                words.push(first.text);
                after
            }
        };
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &mut Operations) {}

    const BASE: Migration = Migration {
        id: "aaaa1111bbbb",
        after: &[],
        depends_on: &[],
        labels: &[],
        message: "first",
        up: nothing,
        down: nothing,
    };

    #[test]
    fn a_comment_or_a_line_break_does_not_change_the_checksum() {
        let history = |source: &'static str| {
            History::builder()
                .collected(&[Collected { stem: "s", source, migration: BASE, replaces: &[] }])
                .build()
                .unwrap()
        };
        let sum = |source| history(source).checksum(history(source).graph().nodes().next().unwrap());
        assert_eq!(sum("//! a\nfn up() { a(\"x\"); }"), sum("//! b\nfn up() {\n    a(\"x\");\n}"));
        assert_ne!(sum("fn up() { a(\"x\"); }"), sum("fn up() { a(\"y\"); }"));
        let plain = sum("fn up() { op.drop_table(\"x\"); }");
        assert_eq!(plain, sum("fn up() { op.assured(\"empty\").drop_table(\"x\"); }"));
        assert_eq!(plain, sum("fn up() { op.assured(\"it's\"); op.drop_table(\"x\"); }"));
    }

    #[test]
    fn a_renamed_file_is_still_known_by_its_id() {
        let history = History::builder()
            .collected(&[Collected {
                stem: "20260101_000000_aaaa1111bbbb_first",
                source: "",
                migration: BASE,
                replaces: &[],
            }])
            .build()
            .unwrap();
        let (applied, unknown) = history.applied(["20260101_000000_aaaa1111bbbb_frist", "gone"]);
        assert_eq!((applied.len(), unknown), (1, vec!["gone".to_owned()]));
    }

    #[test]
    fn an_old_name_reads_as_a_message() {
        assert_eq!(message_of("m20220101_000001_create_posts"), "create posts");
    }
}
