//! What may hurt a database that is in use, found on operations. Pure: no database, no file.
//!
//! Each finding names its rule, the revision and the operation, why it hurts, and the safe way. `op.assured("reason")`
//! before an operation silences what is said about it. A table that the same revision makes has no rows and no readers,
//! so nothing is said about it. What SQLite does not do or does not mind is said for PostgreSQL alone, and the other way
//! round; see [`Finding::database`].

mod columns;
pub mod fix;
mod raw;
mod rule;
mod source;
mod walk;

use std::collections::BTreeMap;
use std::time::Duration;

pub use rule::{IDS, Rule};

use crate::dialect::Dialect;
use crate::history::History;
use crate::operation::Operations;
use crate::revision::{Direction, Node, NodeSet};
use crate::schema::Schema;
use crate::settings::Level;

/// What is said about one operation, or about a revision as a whole.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How loud it is.
    pub level: Level,
    /// The revision's id.
    pub revision: String,
    /// `up` or `down`.
    pub direction: Direction,
    /// The operation in a few words; none when it is about the revision.
    pub operation: Option<String>,
    /// The operation's place in its list.
    pub index: Option<usize>,
    /// The one database it is about; both when none.
    pub database: Option<Dialect>,
    /// Why it hurts.
    pub reason: String,
    /// The safe way.
    pub recipe: &'static str,
}

/// How loud each rule is, and what the runner does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    levels: BTreeMap<String, Level>,
    /// How long the runner lets a statement wait for a table; for ever when zero.
    pub lock_timeout: Duration,
}

impl Rules {
    /// The rules' own levels, but for those named here.
    #[must_use]
    pub const fn new(levels: BTreeMap<String, Level>, lock_timeout: Duration) -> Self {
        Self { levels, lock_timeout }
    }

    /// How loud a rule is.
    #[must_use]
    pub fn level(&self, rule: Rule) -> Level {
        self.levels.get(rule.id()).copied().unwrap_or_else(|| rule.level())
    }
}

/// One revision and what is there before it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'s> {
    /// The revision's id.
    pub id: &'s str,
    /// The schema it finds.
    pub before: &'s Schema,
    /// What it does.
    pub up: &'s Operations,
    /// What takes it back.
    pub down: &'s Operations,
}

/// What is to be said about one revision, in the order of its operations.
///
/// That a constraint is never validated cannot be told from one revision alone; [`history`] tells it.
#[must_use]
pub fn revision(subject: &Subject<'_>, rules: &Rules) -> Vec<Finding> {
    walk::revision(subject, rules)
}

/// What is to be said about these revisions of a history, in its order. Adopted migrations have no operations to look at.
#[must_use]
pub fn history(history: &History, nodes: &NodeSet, rules: &Rules) -> Vec<Finding> {
    let graph = history.graph();
    let mut known = Known::default();
    let mut findings = Vec::new();
    for node in graph.ordered(nodes) {
        let (Some(up), Some(down)) =
            (history.operations(node, Direction::Up), history.operations(node, Direction::Down))
        else {
            continue;
        };
        let id = graph.revision(node).id.as_str();
        let subject = Subject { id, before: known.before(history, node), up: &up, down: &down };
        let mut own = revision(&subject, rules);
        own.extend(walk::never_validated(&subject, rules, |table, name| validated_later(history, node, table, name)));
        findings.append(&mut own);
    }
    findings
}

/// Whether a revision after this one validates the constraint, or drops it.
fn validated_later(history: &History, node: Node, table: &str, name: &str) -> bool {
    let after = history.graph().with_descendants([node]);
    let later = after.iter().filter(|other| *other != node);
    later.filter_map(|other| history.operations(other, Direction::Up)).any(|up| walk::settles(&up, table, name))
}

/// The schema before a revision; along a line it is the last one, a revision further.
#[derive(Default)]
struct Known {
    set: NodeSet,
    schema: Schema,
}

impl Known {
    fn before(&mut self, history: &History, node: Node) -> &Schema {
        let mut ancestors = history.graph().with_ancestors([node]);
        ancestors.remove(node);
        if ancestors != self.set {
            let more: Vec<Node> = ancestors.iter().filter(|other| !self.set.contains(*other)).collect();
            let grows = self.set.iter().all(|other| ancestors.contains(other));
            match more.as_slice() {
                [one] if grows => history.apply(*one, &mut self.schema),
                _ => self.schema = history.schema(&ancestors),
            }
            self.set = ancestors;
        }
        &self.schema
    }
}
