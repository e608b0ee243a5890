//! Whether history and database fit each other, without changing either.

use super::version_table::State;
use crate::history::History;
use crate::revision::{Direction, Recognized};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Which rule found it: `missing_file`, `changed`, `unclosed`, `unfinished`, `several_heads`, `partly`, `pending`.
    pub rule: &'static str,
    /// Whether it makes `verify` fail.
    pub severe: bool,
    /// The revision it is about.
    pub revision: Option<String>,
    /// What is wrong.
    pub message: String,
}

/// What the graph and the version table say; without a state, the graph alone.
#[must_use]
pub fn verify(history: &History, state: Option<&State>) -> Vec<Finding> {
    let graph = history.graph();
    let mut findings = Vec::new();
    let mut find = |rule, severe, revision: Option<&str>, message: String| {
        findings.push(Finding { rule, severe, revision: revision.map(str::to_owned), message });
    };
    let heads = graph.heads();
    if heads.len() > 1 {
        find("several_heads", false, None, format!("there are {} heads: {}", heads.len(), graph.describe_all(&heads)));
    }
    let Some(state) = state else { return findings };
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
