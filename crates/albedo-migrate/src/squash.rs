//! A range of revisions as one. Pure: which revisions may be one, what the one does, and what of the many it does not.
//!
//! Where everything in the range is made in the range, the one makes what was left at its end. Otherwise it does what
//! the many did, in their order: a column that was renamed in a table with rows is not the same as one that was dropped
//! and one that was added. The command proves on real databases that both ways lead to the same schema, and only then
//! writes a file.

use std::collections::BTreeSet;

use crate::diff::{Hints, Unfilled, diff};
use crate::error::{Error, Result};
use crate::history::{Body, History};
use crate::operation::{Operation, Operations};
use crate::revision::{Direction, Graph, Node, NodeSet, Replaced, Revision};

/// What becomes of raw SQL in the range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RawSteps {
    /// There must be none.
    #[default]
    Refuse,
    /// It is run as it was, in its order.
    Keep,
    /// It is left out: what it did to rows is of no use to a new database.
    Drop,
}

/// Something in the range that is no operation on the schema.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RawStep {
    /// The revision it stands in.
    pub revision: String,
    /// What it is, in a few words.
    pub what: String,
    /// Whether it is a function, which cannot be written down.
    pub function: bool,
}

/// Several revisions as one.
#[derive(Clone, Debug)]
pub struct Squash {
    /// The one. Its id is that of the last of the many, so what comes after still does; it has no stem yet.
    pub revision: Revision,
    /// The many, each after all it needs.
    pub nodes: Vec<Node>,
    /// What it does.
    pub up: Operations,
    /// What takes it back.
    pub down: Operations,
    /// Whether it makes what was left at the end, instead of doing what the many did.
    pub folded: bool,
    /// What of the many is left out.
    pub left_out: Vec<RawStep>,
}

/// What the revisions of a range are as one.
///
/// # Errors
/// When they cannot be one, with the revision that stands in the way and what to do.
pub fn squash(history: &History, nodes: &[Node], raw: RawSteps) -> Result<Squash> {
    let graph = history.graph();
    let set: NodeSet = nodes.iter().copied().collect();
    let nodes = graph.ordered(&set);
    let Some((last, rest)) = nodes.split_last().filter(|(_, rest)| !rest.is_empty()) else {
        return Err(Error::usage("a squash makes one revision of several").hint("name a range: squash FIRST:LAST"));
    };
    for node in &nodes {
        check(history, *node)?;
    }
    for node in rest {
        let next = graph.children(*node).iter().chain(graph.dependents(*node));
        if let Some(outside) = next.into_iter().find(|next| !set.contains(**next)) {
            return Err(Error::usage(format!(
                "{} comes after {}, which is not the last of the range",
                graph.describe(*outside),
                graph.describe(*node)
            ))
            .hint("end the range there, or take the other branch into it by a merge first"));
        }
    }
    let steps = raw_steps(history, &nodes);
    let functions: Vec<&RawStep> = steps.iter().filter(|step| step.function).collect();
    match (raw, functions.as_slice()) {
        (RawSteps::Refuse, _) if !steps.is_empty() => return Err(undecided(&steps)),
        (RawSteps::Keep, [first, ..]) => {
            return Err(Error::usage(format!(
                "`{}` in {} is a function, which cannot be written into a new file",
                first.what, first.revision
            ))
            .on_revision(&first.revision)
            .hint("leave it out with --without-data, or end the range before it and begin another after it"));
        }
        _ => {}
    }
    let (before, whole) = around(graph, &set);
    let keeps = raw == RawSteps::Keep && !steps.is_empty();
    let folded = !keeps && makes_all_it_touches(history, &nodes);
    let (up, down) = if folded {
        fold(history, &nodes, &before, &whole)?
    } else {
        (in_order(history, &nodes, Direction::Up, raw), in_order(history, &nodes, Direction::Down, raw))
    };
    let revision = one(graph, &nodes, *last);
    Ok(Squash { revision, nodes, up, down, folded, left_out: if keeps { Vec::new() } else { steps } })
}

/// What a revision is that cannot be part of a squash.
fn check(history: &History, node: Node) -> Result<()> {
    let graph = history.graph();
    if matches!(history.body(node)?, Body::Old(_)) {
        return Err(Error::usage(format!("{} is a migration written for SeaORM's runner", graph.describe(node)))
            .hint("those have no operations to be put together: begin the range after them"));
    }
    if !graph.revision(node).replaces.is_empty() {
        let id = &graph.revision(node).id;
        return Err(Error::usage(format!("{} replaces others itself", graph.describe(node)))
            .on_revision(id)
            .hint("once every database has been stamped anew (`stamp --purge heads`), take REPLACES out of its file; then it may be squashed"));
    }
    Ok(())
}

fn undecided(steps: &[RawStep]) -> Error {
    let list: Vec<String> = steps.iter().map(|step| format!("{}: {}", step.revision, step.what)).collect();
    Error::usage(format!("the range holds steps that are no operations on the schema:\n    {}", list.join("\n    ")))
        .hint("--keep-data keeps them in their order, --without-data leaves them out, as is right where they only changed rows that a new database does not have")
}

/// Raw SQL and functions of the range.
fn raw_steps(history: &History, nodes: &[Node]) -> Vec<RawStep> {
    let mut steps = Vec::new();
    for node in nodes {
        let operations = history.operations(*node, Direction::Up).unwrap_or_default();
        for operation in operations.list().iter().filter(|operation| is_raw(operation)) {
            let what = match operation {
                Operation::Online(function) => function.name.clone(),
                other => other.to_string(),
            };
            let function = matches!(operation, Operation::Online(_));
            steps.push(RawStep { revision: history.graph().revision(*node).id.clone(), what, function });
        }
    }
    steps
}

const fn is_raw(operation: &Operation) -> bool {
    matches!(operation, Operation::Execute(_) | Operation::Online(_))
}

/// What is there before the range, and what is there at its end.
fn around(graph: &Graph, set: &NodeSet) -> (NodeSet, NodeSet) {
    let whole = graph.with_ancestors(set.iter());
    let mut before = whole.clone();
    before.subtract(set);
    (before, whole)
}

/// The one revision, without its stem.
fn one(graph: &Graph, nodes: &[Node], last: Node) -> Revision {
    let inside: BTreeSet<Node> = nodes.iter().copied().collect();
    let outside = |arrows: fn(&Graph, Node) -> &[Node]| {
        let all: BTreeSet<Node> = nodes
            .iter()
            .flat_map(|node| arrows(graph, *node).iter().copied())
            .filter(|node| !inside.contains(node))
            .collect();
        all
    };
    let parents = outside(Graph::parents);
    // What another parent comes after anyway needs no arrow of its own.
    let above = |node: Node, others: &BTreeSet<Node>| {
        others.iter().any(|other| *other != node && graph.with_ancestors([*other]).contains(node))
    };
    let ids = |set: &BTreeSet<Node>, others: &BTreeSet<Node>| -> Vec<String> {
        let kept = graph.order().iter().filter(|node| set.contains(node) && !above(**node, others));
        kept.map(|node| graph.revision(*node).id.clone()).collect()
    };
    let dependencies: BTreeSet<Node> = outside(Graph::dependencies).difference(&parents).copied().collect();
    let of = |node: &Node| graph.revision(*node);
    Revision {
        id: of(&last).id.clone(),
        stem: String::new(),
        message: String::new(),
        parents: ids(&parents, &parents),
        depends_on: ids(&dependencies, &parents),
        labels: nodes.iter().flat_map(|node| of(node).labels.clone()).collect(),
        replaces: nodes.iter().map(|node| Replaced { id: of(node).id.clone(), stem: of(node).stem.clone() }).collect(),
    }
}

/// Whether every table and enum type that the range changes is made in it: then no row was there before.
fn makes_all_it_touches(history: &History, nodes: &[Node]) -> bool {
    let mut made: BTreeSet<String> = BTreeSet::new();
    for node in nodes {
        let operations = history.operations(*node, Direction::Up).unwrap_or_default();
        for operation in operations.list() {
            let (touched, makes) = touches(operation);
            if let Some(touched) = touched
                && !made.contains(touched)
            {
                return false;
            }
            made.extend(makes.map(str::to_owned));
        }
    }
    true
}

/// The table or enum type that has to be there, and the one that is there afterwards.
fn touches(operation: &Operation) -> (Option<&str>, Option<&str>) {
    match operation {
        Operation::CreateTable(table) => (None, Some(&table.name)),
        Operation::CreateEnum { name, .. } => (None, Some(name)),
        Operation::RenameTable { from, to } | Operation::RenameEnum { from, to } => (Some(from), Some(to)),
        Operation::DropTable { name } | Operation::DropEnum { name } => (Some(name), None),
        Operation::AddEnumValue { name, .. } | Operation::RenameEnumValue { name, .. } => (Some(name), None),
        other => (other.changed_table(), None),
    }
}

fn fold(history: &History, nodes: &[Node], before: &NodeSet, whole: &NodeSet) -> Result<(Operations, Operations)> {
    let (first, last) = (history.schema(before), history.schema(whole));
    let hints = Hints { unfilled: Unfilled::Neutral, ..Hints::default() };
    let up = diff(&first, &last, &hints)?.operations;
    let mut down = diff(&last, &first, &hints)?.operations;
    if let Some(reason) = irreversible(history, nodes) {
        down.insert(0, reason);
    }
    Ok((listed(up, true), listed(down, true)))
}

fn irreversible(history: &History, nodes: &[Node]) -> Option<Operation> {
    let downs = nodes.iter().filter_map(|node| history.operations(*node, Direction::Down));
    downs.flat_map(|down| down.list().to_vec()).find(|operation| matches!(operation, Operation::Irreversible { .. }))
}

/// What the many do, one after the other.
fn in_order(history: &History, nodes: &[Node], direction: Direction, raw: RawSteps) -> Operations {
    let mut nodes = nodes.to_vec();
    if direction == Direction::Down {
        nodes.reverse();
    }
    let lists: Vec<Operations> = nodes.iter().filter_map(|node| history.operations(*node, direction)).collect();
    let whole = lists.iter().all(Operations::is_transactional);
    let all = lists.iter().flat_map(|operations| operations.list().iter().cloned());
    // Taking back needs the raw steps as well, where the way there has them.
    listed(all.filter(|operation| raw == RawSteps::Keep || !is_raw(operation)).collect(), whole)
}

fn listed(list: Vec<Operation>, transactional: bool) -> Operations {
    Operations::of(|op| {
        op.transactional(transactional);
        list.into_iter().for_each(|operation| op.push(operation));
    })
}
