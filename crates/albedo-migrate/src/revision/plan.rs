//! From what is applied to where one wants to be: the list of steps, computed, never guessed at while running.

use super::{Graph, Node, NodeSet, Target};
use crate::error::{Error, Result};

/// Which way a revision is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "engine", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Direction {
    /// Apply it.
    Up,
    /// Take it back.
    Down,
}

impl Direction {
    /// `up` or `down`, as it stands in the version table's mark.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// One revision, one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which revision.
    pub node: Node,
    /// Which way.
    pub direction: Direction,
}

impl Graph {
    /// What to apply so that the target is there: its ancestors and itself, less what is applied, parents first.
    ///
    /// # Errors
    /// When the target is the base, which is reached by going down.
    pub fn upgrade(&self, applied: &NodeSet, target: &Target) -> Result<Vec<Step>> {
        if target.nodes.is_empty() && !self.is_empty() {
            return Err(Error::usage("there is nothing to migrate up to: the target is the base")
                .hint("`downgrade base` takes every revision back"));
        }
        let mut wanted = self.with_ancestors(target.nodes.iter().copied());
        wanted.subtract(applied);
        Ok(self.ordered(&wanted).into_iter().map(|node| Step { node, direction: Direction::Up }).collect())
    }

    /// What to take back so that nothing applied comes after the target: all applied descendants of its children.
    ///
    /// # Errors
    /// When the target is several revisions, or is not applied itself.
    pub fn downgrade(&self, applied: &NodeSet, target: &Target) -> Result<Vec<Step>> {
        let mut gone = match target.nodes.as_slice() {
            [] => self.below_base(applied, target.branch),
            [node] => {
                if !applied.contains(*node) {
                    return Err(Error::usage(format!(
                        "{} is not applied, so nothing can be taken back to it",
                        self.describe(*node)
                    ))
                    .hint("`status` shows what is applied; `migrate` goes up"));
                }
                let branch = target.branch.map(|branch| self.lineage(branch));
                let keeps = |child: &&Node| branch.as_ref().is_none_or(|branch| branch.contains(**child));
                self.with_descendants(self.children(*node).iter().filter(keeps).copied())
            }
            several => {
                return Err(Error::usage(format!(
                    "a downgrade goes to one revision, and these are {}: {}",
                    several.len(),
                    self.describe_all(several)
                ))
                .hint("name one of them, or keep to a branch with label@..."));
            }
        };
        gone.intersect(applied);
        Ok(self.backwards(&gone))
    }

    /// Everything, or with a branch all that belongs to it alone: what another branch still needs stays.
    fn below_base(&self, applied: &NodeSet, branch: Option<Node>) -> NodeSet {
        let Some(branch) = branch else { return applied.clone() };
        let mut gone = self.with_descendants([branch]);
        gone.intersect(applied);
        let mut lineage = self.lineage(branch);
        lineage.intersect(applied);
        for node in self.ordered(&lineage).into_iter().rev() {
            let needed = self
                .children(node)
                .iter()
                .chain(self.dependents(node))
                .any(|next| applied.contains(*next) && !gone.contains(*next));
            if !needed {
                gone.insert(node);
            }
        }
        gone
    }

    /// Takes back the last `count` revisions, `history` being what is applied, the oldest first.
    ///
    /// # Errors
    /// When one of them is still needed by a revision that was applied before it.
    pub fn rollback(&self, history: &[Node], count: usize) -> Result<Vec<Step>> {
        let gone: NodeSet = history.iter().rev().take(count).copied().collect();
        let applied: NodeSet = history.iter().copied().collect();
        let mut needing = self.with_descendants(gone.iter());
        needing.intersect(&applied);
        needing.subtract(&gone);
        if let Some(node) = needing.iter().next() {
            return Err(Error::failed(format!("{} needs one of the revisions to be taken back", self.describe(node)))
                .hint("it was applied earlier than what it needs; use `downgrade REVISION`, which follows the graph"));
        }
        Ok(self.backwards(&gone))
    }

    /// What applied would be if the target had been migrated to: for each of its revisions, what comes after it is
    /// taken out, and it and its ancestors are put in.
    #[must_use]
    pub fn stamp(&self, applied: &NodeSet, target: &Target) -> NodeSet {
        if target.nodes.is_empty() {
            let mut rest = applied.clone();
            rest.subtract(&self.below_base(applied, target.branch));
            return rest;
        }
        let mut set = applied.clone();
        set.subtract(&self.with_descendants(target.nodes.iter().copied()));
        set.extend_from(&self.with_ancestors(target.nodes.iter().copied()));
        set
    }

    /// The applied revisions that lack an ancestor, each with what it lacks.
    #[must_use]
    pub fn unclosed(&self, applied: &NodeSet) -> Vec<(Node, Node)> {
        let lacks = |node: Node| {
            self.parents(node)
                .iter()
                .chain(self.dependencies(node))
                .find(|other| !applied.contains(**other))
                .map(|other| (node, *other))
        };
        applied.iter().filter_map(lacks).collect()
    }

    fn backwards(&self, set: &NodeSet) -> Vec<Step> {
        self.ordered(set).into_iter().rev().map(|node| Step { node, direction: Direction::Down }).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::graph;
    use super::super::{Revision, Symbol};
    use super::*;

    fn target(graph: &Graph, applied: &NodeSet, text: &str) -> Target {
        graph.resolve(&text.parse::<Symbol>().unwrap(), applied).unwrap()
    }

    fn names(graph: &Graph, steps: &[Step]) -> Vec<String> {
        steps.iter().map(|step| graph.revision(step.node).id.clone()).collect()
    }

    #[test]
    fn upgrading_one_branch_brings_what_it_depends_on_and_nothing_else() {
        let graph = graph(&["a1", "b1<a1", "c1<a1", "x1", "y1<x1 ^b1"]);
        let none = NodeSet::new();
        let steps = graph.upgrade(&none, &target(&graph, &none, "y1")).unwrap();
        assert_eq!(names(&graph, &steps), ["a1", "b1", "x1", "y1"]);
    }

    #[test]
    fn downgrading_takes_dependents_back_too() {
        let graph = graph(&["a1", "b1<a1", "x1", "y1<x1 ^b1"]);
        let all: NodeSet = graph.nodes().collect();
        assert_eq!(names(&graph, &graph.downgrade(&all, &target(&graph, &all, "a1")).unwrap()), ["y1", "b1"]);
    }

    #[test]
    fn a_label_keeps_a_downgrade_on_its_branch() {
        let graph = graph(&["a1", "b1<a1 #left", "c1<a1 #right", "c2<c1"]);
        let all: NodeSet = graph.nodes().collect();
        assert_eq!(names(&graph, &graph.downgrade(&all, &target(&graph, &all, "right@a1")).unwrap()), ["c2", "c1"]);
        assert_eq!(names(&graph, &graph.downgrade(&all, &target(&graph, &all, "right@base")).unwrap()), ["c2", "c1"]);
        assert_eq!(names(&graph, &graph.downgrade(&all, &target(&graph, &all, "a1")).unwrap()).len(), 3);
    }

    #[test]
    fn a_rollback_follows_the_order_of_application() {
        let graph = graph(&["a1", "b1<a1", "x1"]);
        let order: Vec<Node> = ["x1", "a1", "b1"].iter().map(|id| graph.find(id).unwrap()).collect();
        assert_eq!(names(&graph, &graph.rollback(&order, 2).unwrap()), ["b1", "a1"]);
    }

    #[test]
    fn going_down_to_what_is_not_applied_is_refused() {
        let graph = graph(&["a1", "b1<a1"]);
        let none = NodeSet::new();
        assert!(graph.downgrade(&none, &Target { nodes: vec![graph.find("a1").unwrap()], branch: None }).is_err());
    }

    prop_compose! {
        /// Revision `i` has up to three parents and up to two dependencies among the earlier ones.
        fn graphs()(arrows in prop::collection::vec((prop::collection::vec(any::<prop::sample::Index>(), 0..3), prop::collection::vec(any::<prop::sample::Index>(), 0..2)), 1..40)) -> Graph {
            let revisions = arrows.iter().enumerate().map(|(index, (parents, dependencies))| {
                let pick = |choices: &Vec<prop::sample::Index>| {
                    let mut ids: Vec<String> = if index == 0 { vec![] } else { choices.iter().map(|choice| format!("r{}", choice.index(index))).collect() };
                    ids.sort();
                    ids.dedup();
                    ids
                };
                // Stems sort against the order of writing, so that the tie-break cannot help by chance.
                Revision { id: format!("r{index}"), stem: format!("{:03}", 999 - index), parents: pick(parents), depends_on: pick(dependencies), ..Revision::default() }
            });
            Graph::new(revisions.collect()).unwrap()
        }
    }

    fn run(graph: &Graph, applied: &mut NodeSet, steps: &[Step]) {
        for step in steps {
            match step.direction {
                Direction::Up => {
                    assert!(applied.insert(step.node), "applied twice");
                }
                Direction::Down => applied.remove(step.node),
            }
            assert!(graph.unclosed(applied).is_empty(), "after {step:?} an ancestor is missing");
        }
    }

    proptest! {
        #[test]
        fn every_upgrade_is_topological_and_deterministic(graph in graphs(), picks in prop::collection::vec(any::<prop::sample::Index>(), 1..5)) {
            let mut applied = NodeSet::new();
            for pick in picks {
                let goal = Target { nodes: vec![Node::from_index(pick.index(graph.len()))], branch: None };
                let steps = graph.upgrade(&applied, &goal).unwrap();
                prop_assert_eq!(&steps, &graph.upgrade(&applied, &goal).unwrap());
                run(&graph, &mut applied, &steps);
                prop_assert!(applied.contains(goal.nodes[0]));
            }
        }

        #[test]
        fn the_plan_does_not_depend_on_the_order_of_the_list(graph in graphs(), seed in any::<u64>()) {
            let mut revisions: Vec<Revision> = graph.nodes().map(|node| graph.revision(node).clone()).collect();
            revisions.sort_by_key(|revision| revision.id.bytes().fold(seed, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into())));
            let other = Graph::new(revisions).unwrap();
            let ids = |graph: &Graph| graph.order().iter().map(|node| graph.revision(*node).id.clone()).collect::<Vec<_>>();
            prop_assert_eq!(ids(&graph), ids(&other));
        }

        #[test]
        fn downgrade_undoes_upgrade(graph in graphs(), first in any::<prop::sample::Index>(), second in any::<prop::sample::Index>()) {
            let goal = |pick: prop::sample::Index| Target { nodes: vec![Node::from_index(pick.index(graph.len()))], branch: None };
            let mut applied = NodeSet::new();
            let steps = graph.upgrade(&applied, &goal(first)).unwrap();
            run(&graph, &mut applied, &steps);
            let before = applied.clone();
            let up = graph.upgrade(&applied, &goal(second)).unwrap();
            run(&graph, &mut applied, &up);
            let order: Vec<Node> = steps.iter().chain(&up).map(|step| step.node).collect();
            let down = graph.rollback(&order, up.len()).unwrap();
            run(&graph, &mut applied, &down);
            prop_assert_eq!(applied.iter().collect::<Vec<_>>(), before.iter().collect::<Vec<_>>());
            let base = graph.downgrade(&applied, &Target::default()).unwrap();
            run(&graph, &mut applied, &base);
            prop_assert!(applied.is_empty());
        }

        #[test]
        fn stamp_agrees_with_migrate(graph in graphs(), first in any::<prop::sample::Index>(), second in any::<prop::sample::Index>()) {
            let goal = |pick: prop::sample::Index| Target { nodes: vec![Node::from_index(pick.index(graph.len()))], branch: None };
            let mut applied = NodeSet::new();
            let steps = graph.upgrade(&applied, &goal(first)).unwrap();
            run(&graph, &mut applied, &steps);
            let stamped = graph.stamp(&applied, &goal(second));
            prop_assert!(graph.unclosed(&stamped).is_empty());
            // Migrating there means going up when it is missing, and down when more than it is there.
            let up = graph.upgrade(&applied, &goal(second)).unwrap();
            run(&graph, &mut applied, &up);
            let down = graph.downgrade(&applied, &goal(second)).unwrap();
            run(&graph, &mut applied, &down);
            // Descendants by dependency alone are not below a child, and stay in a downgrade; a stamp leaves them out.
            let mut extra = graph.with_descendants([goal(second).nodes[0]]);
            extra.remove(goal(second).nodes[0]);
            applied.subtract(&extra);
            prop_assert_eq!(stamped.iter().collect::<Vec<_>>(), applied.iter().collect::<Vec<_>>());
        }
    }
}
