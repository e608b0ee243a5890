//! Whether history and database fit each other: what is found, and what can be found without running anything.

use super::version_table::State;
use crate::dialect::Dialect;
use crate::history::History;
use crate::inspect::Difference;
use crate::revision::{Direction, Recognized};

/// One thing that is wrong, or worth knowing.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Which rule found it: `missing_file`, `changed`, `unclosed`, `unfinished`, `several_heads`, `partly`, `pending`,
    /// `no_sql`, `replay`, `downgrade`, `irreversible`, `entities`, `drift`.
    pub rule: &'static str,
    /// Whether it makes `verify` fail.
    pub severe: bool,
    /// The revision it is about.
    pub revision: Option<String>,
    /// The database on which it was found, where that matters.
    pub dialect: Option<Dialect>,
    /// What differs, where something does.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// What is wrong.
    pub message: String,
}

impl Finding {
    /// A finding about nothing in particular.
    #[must_use]
    pub fn new(rule: &'static str, severe: bool, message: impl Into<String>) -> Self {
        Self { rule, severe, message: message.into(), ..Self::default() }
    }

    /// The revision it is about.
    #[must_use]
    pub fn on_revision(mut self, revision: Option<&str>) -> Self {
        self.revision = revision.map(str::to_owned);
        self
    }

    /// The database on which it was found.
    #[must_use]
    pub const fn on_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = Some(dialect);
        self
    }
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Check {
    /// What.
    pub check: &'static str,
    /// On which database.
    pub dialect: Option<Dialect>,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it was left out, or what it was held against.
    pub remark: Option<String>,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing is wrong.
    Ok,
    /// Something is.
    Failed,
    /// It was left out.
    Skipped,
}

/// All that was looked at, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    /// What was looked at, in order.
    pub checks: Vec<Check>,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl Verdict {
    /// Takes note of a check and what it found.
    pub fn add(&mut self, check: &'static str, dialect: Option<Dialect>, remark: Option<String>, found: Vec<Finding>) {
        let outcome = if found.iter().any(|finding| finding.severe) { Outcome::Failed } else { Outcome::Ok };
        self.checks.push(Check { check, dialect, outcome, remark });
        self.findings.extend(found);
    }

    /// Takes note of a check that was left out.
    pub fn skip(&mut self, check: &'static str, dialect: Option<Dialect>, why: impl Into<String>) {
        self.checks.push(Check { check, dialect, outcome: Outcome::Skipped, remark: Some(why.into()) });
    }

    /// Whether nothing severe was found.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        !self.findings.iter().any(|finding| finding.severe)
    }
}

/// What the graph and the version table say; without a state, the graph alone.
#[must_use]
pub fn verify(history: &History, state: Option<&State>) -> Vec<Finding> {
    let graph = history.graph();
    let mut findings = Vec::new();
    let mut find = |rule, severe, revision: Option<&str>, message: String| {
        findings.push(Finding::new(rule, severe, message).on_revision(revision));
    };
    let Some(state) = state else {
        let heads = graph.heads();
        if heads.len() > 1 {
            let message = format!("there are {} heads: {}", heads.len(), graph.describe_all(&heads));
            find("several_heads", false, None, message);
        }
        return findings;
    };
    let Recognized { applied, unknown, partial } = graph.recognize(state.rows.iter().map(|row| row.version.as_str()));
    for part in &partial {
        let message = format!(
            "{} replaces revisions of which {} are applied and not {}",
            graph.describe(part.node),
            part.applied.join(", "),
            part.missing.join(", ")
        );
        find("partly", true, Some(&graph.revision(part.node).id), message);
    }
    for version in &unknown {
        find("missing_file", true, Some(version), format!("{version} is applied, and there is no such file"));
    }
    for (node, lacks) in graph.unclosed(&applied) {
        let message = format!("{} is applied without {}, which it needs", graph.describe(node), graph.describe(lacks));
        find("unclosed", true, Some(&graph.revision(node).id), message);
    }
    for row in &state.rows {
        // What was squashed has no file any more to be held against.
        if graph.find_stem(&row.version).is_none() && graph.replacing(&row.version).is_some() {
            continue;
        }
        let Some(node) = graph.stored_as(&row.version) else { continue };
        let now = history.checksum(node);
        let kind = |sum: &str| sum.split(':').next().map(str::to_owned);
        let was = row.checksum.as_deref().filter(|was| kind(was) == kind(&now));
        if was.is_some_and(|was| was != now) {
            let message = format!("{} was changed after it was applied", graph.describe(node));
            find("changed", true, Some(&graph.revision(node).id), message);
        }
    }
    for unfinished in &state.unfinished {
        let way = if unfinished.direction == Direction::Up { "applied" } else { "taken back" };
        let message = format!(
            "{} was begun to be {way} and did not come to its end; the next run goes on with it",
            unfinished.version
        );
        find("unfinished", true, Some(&unfinished.version), message);
    }
    let pending = graph.len().saturating_sub(applied.len());
    if pending > 0 {
        find("pending", false, None, format!("{pending} of {} revisions are not applied", graph.len()));
    }
    findings
}
