//! Where a run goes, and which steps lead there. Pure: the state is a value that was read before.

use super::version_table::State;
use crate::error::Result;
use crate::history::History;
use crate::revision::{Direction, Node, NodeSet, Step, Symbol, Target};

/// Where to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Up to these revisions.
    Upgrade(Vec<Symbol>),
    /// Down to this revision.
    Downgrade(Symbol),
    /// So many revisions back, in the order in which they were applied.
    Rollback(usize),
    /// So many revisions back, and forward again.
    Redo(usize),
    /// Down to the base, and up to all heads.
    Reset,
}

impl Goal {
    /// Up to all heads.
    #[must_use]
    pub fn latest() -> Self {
        Self::Upgrade(vec![Symbol::heads()])
    }
}

/// The steps to a goal. What was begun without a transaction comes first: it is brought to its end before anything else.
pub(super) fn plan(history: &History, state: &State, goal: &Goal) -> Result<Vec<Step>> {
    let graph = history.graph();
    let mut applied = state.applied(history)?;
    let mut steps = Vec::new();
    for unfinished in &state.unfinished {
        if let Some(node) = graph.stored_as(&unfinished.version) {
            match unfinished.direction {
                Direction::Up => {
                    applied.insert(node);
                }
                Direction::Down => applied.remove(node),
            }
            steps.push(Step { node, direction: unfinished.direction });
        }
    }
    let finished: Vec<Node> = steps.iter().map(|step| step.node).collect();
    let mut order = state.in_order(history);
    order.retain(|node| !finished.contains(node));
    order.extend(steps.iter().filter(|step| step.direction == Direction::Up).map(|step| step.node));
    match goal {
        Goal::Upgrade(symbols) => {
            let mut target = Target::default();
            for symbol in symbols {
                target.nodes.extend(graph.resolve(symbol, &applied)?.nodes);
            }
            steps.extend(graph.upgrade(&applied, &target)?);
        }
        Goal::Downgrade(symbol) => steps.extend(graph.downgrade(&applied, &graph.resolve(symbol, &applied)?)?),
        Goal::Rollback(count) => steps.extend(graph.rollback(&order, *count)?),
        Goal::Redo(count) => {
            let down = graph.rollback(&order, *count)?;
            steps.extend(&down);
            steps.extend(down.iter().rev().map(|step| Step { node: step.node, direction: Direction::Up }));
        }
        Goal::Reset => {
            steps.extend(graph.downgrade(&applied, &Target::default())?);
            let target = Target { nodes: graph.heads(), branch: None };
            steps.extend(graph.upgrade(&NodeSet::new(), &target)?);
        }
    }
    Ok(steps)
}
