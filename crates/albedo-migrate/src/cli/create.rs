//! Commands that make revision files.

use std::path::Path;

use serde_json::json;

use super::arguments::{MergeArguments, NewArguments};
use super::context::Context;
use super::print::{FAINT, GOOD, Terminal};
use crate::error::{Error, Result};
use crate::generate::NewRevision;
use crate::generate::template::Bodies;
use crate::revision::{Graph, NodeSet, Revision, Symbol};

pub(super) fn new_revision(arguments: &NewArguments) -> NewRevision {
    NewRevision {
        message: arguments.name.clone(),
        parents: arguments.parent.clone(),
        splice: arguments.splice,
        depends_on: arguments.depends_on.clone(),
        labels: arguments.label.clone(),
        id: arguments.id.clone(),
    }
}

pub(super) fn create_empty(context: &Context, arguments: &NewArguments, terminal: &mut Terminal) -> Result<u8> {
    write(context, &new_revision(arguments), terminal)
}

pub(super) fn create_branch(context: &Context, arguments: &NewArguments, terminal: &mut Terminal) -> Result<u8> {
    if arguments.parent.is_empty() {
        return Err(Error::usage("a branch begins at a revision")
            .hint("say which with --parent; `--parent base` begins a lineage of its own"));
    }
    write(context, &NewRevision { splice: true, ..new_revision(arguments) }, terminal)
}

pub(super) fn merge(context: &Context, arguments: &MergeArguments, terminal: &mut Terminal) -> Result<u8> {
    let mut revisions = context.adopted();
    revisions.extend(context.directory()?.revisions);
    let graph = Graph::new(revisions)?;
    let mut nodes = Vec::new();
    if arguments.revisions.is_empty() {
        nodes = graph.heads();
    }
    for name in &arguments.revisions {
        let symbol: Symbol = name.parse()?;
        nodes.extend(graph.resolve(&symbol, &NodeSet::new())?.nodes);
    }
    nodes.dedup();
    if nodes.len() < 2 {
        return Err(Error::usage("a merge joins two revisions or more").hint(format!(
            "there {}: {}",
            if graph.heads().len() == 1 { "is one head" } else { "are these heads" },
            graph.describe_all(&graph.heads())
        )));
    }
    for node in &nodes {
        let above = graph.with_ancestors([*node]);
        if let Some(other) = nodes.iter().find(|other| *other != node && above.contains(**other)) {
            return Err(Error::usage(format!(
                "{} already comes before {}",
                graph.describe(*other),
                graph.describe(*node)
            ))
            .hint("leave it out"));
        }
    }
    let parents: Vec<String> = nodes.iter().map(|node| graph.revision(*node).id.clone()).collect();
    let message = arguments.message.clone().unwrap_or_else(|| format!("merge {}", parents.join(" and ")));
    let splice = nodes.iter().any(|node| !graph.children(*node).is_empty());
    if splice {
        return Err(Error::usage("only heads can be merged")
            .hint(format!("the heads are {}", graph.describe_all(&graph.heads()))));
    }
    write(
        context,
        &NewRevision {
            message,
            parents,
            labels: arguments.label.clone(),
            id: arguments.id.clone(),
            ..NewRevision::default()
        },
        terminal,
    )
}

fn write(context: &Context, new: &NewRevision, terminal: &mut Terminal) -> Result<u8> {
    let directory = context.directory()?;
    let (path, revision) = directory.create(&context.adopted(), new, Bodies::default(), &context.settings.style)?;
    tell(context, &path, &revision, terminal);
    Ok(0)
}

/// Says which file was made, and where it stands.
pub(super) fn tell(context: &Context, path: &Path, revision: &Revision, terminal: &mut Terminal) {
    if context.json {
        terminal.json(&json!({
            "id": revision.id,
            "stem": revision.stem,
            "message": revision.message,
            "parents": revision.parents,
            "depends_on": revision.depends_on,
            "labels": revision.labels,
            "path": path,
        }));
        return;
    }
    let line = format!("{} {}", terminal.paint(GOOD, "made"), path.display());
    terminal.line(&line);
    let after = if revision.parents.is_empty() {
        "it is a base".to_owned()
    } else {
        format!("it comes after {}", revision.parents.join(" and "))
    };
    let line = terminal.paint(FAINT, &after);
    terminal.line(&line);
}
