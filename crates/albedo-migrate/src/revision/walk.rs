//! Sets of revisions and the walks that make them.

use super::graph::{Graph, Node};

/// A set of revisions of one graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeSet {
    words: Vec<u64>,
}

impl NodeSet {
    /// The empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self { words: Vec::new() }
    }

    /// Adds a revision; says whether it was new.
    pub fn insert(&mut self, node: Node) -> bool {
        let (word, bit) = (node.index() / 64, 1_u64 << (node.index() % 64));
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        let Some(slot) = self.words.get_mut(word) else { return false };
        let new = *slot & bit == 0;
        *slot |= bit;
        new
    }

    /// Takes a revision out.
    pub fn remove(&mut self, node: Node) {
        if let Some(slot) = self.words.get_mut(node.index() / 64) {
            *slot &= !(1_u64 << (node.index() % 64));
        }
    }

    /// Whether the revision is in the set.
    #[must_use]
    pub fn contains(&self, node: Node) -> bool {
        self.words.get(node.index() / 64).is_some_and(|word| word & (1_u64 << (node.index() % 64)) != 0)
    }

    /// How many revisions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The revisions in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = Node> + '_ {
        self.words.iter().enumerate().flat_map(|(word, bits)| {
            (0..64).filter(move |bit| bits & (1_u64 << bit) != 0).map(move |bit| Node::from_index(word * 64 + bit))
        })
    }

    /// Adds everything of the other set.
    pub fn extend_from(&mut self, other: &Self) {
        for node in other.iter() {
            self.insert(node);
        }
    }

    /// Takes everything of the other set out.
    pub fn subtract(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= !theirs;
        }
    }

    /// Keeps what is in both.
    pub fn intersect(&mut self, other: &Self) {
        for (index, mine) in self.words.iter_mut().enumerate() {
            *mine &= other.words.get(index).copied().unwrap_or(0);
        }
    }
}

impl FromIterator<Node> for NodeSet {
    fn from_iter<I: IntoIterator<Item = Node>>(nodes: I) -> Self {
        let mut set = Self::new();
        for node in nodes {
            set.insert(node);
        }
        set
    }
}

impl Graph {
    /// These revisions and all that must be there before them, by parents and by dependencies.
    #[must_use]
    pub fn with_ancestors(&self, from: impl IntoIterator<Item = Node>) -> NodeSet {
        self.closure(from, |graph, node| graph.parents(node).iter().chain(graph.dependencies(node)))
    }

    /// These revisions and all that cannot be there without them, by parents and by dependencies.
    #[must_use]
    pub fn with_descendants(&self, from: impl IntoIterator<Item = Node>) -> NodeSet {
        self.closure(from, |graph, node| graph.children(node).iter().chain(graph.dependents(node)))
    }

    /// The branch a labelled revision stands for: it, what comes after it and what comes before it, by parents alone.
    #[must_use]
    pub fn lineage(&self, node: Node) -> NodeSet {
        let mut set = self.closure([node], |graph, node| graph.parents(node).iter());
        set.extend_from(&self.closure([node], |graph, node| graph.children(node).iter()));
        set
    }

    /// What comes after this revision by parents alone, and itself.
    #[must_use]
    pub fn offspring(&self, node: Node) -> NodeSet {
        self.closure([node], |graph, node| graph.children(node).iter())
    }

    /// The revisions of the set that no other one of the set comes after, by parents alone.
    #[must_use]
    pub fn tips(&self, set: &NodeSet) -> Vec<Node> {
        self.ordered(set)
            .into_iter()
            .filter(|node| !self.children(*node).iter().any(|child| set.contains(*child)))
            .collect()
    }

    /// The set in the graph's order, each revision after all it needs.
    #[must_use]
    pub fn ordered(&self, set: &NodeSet) -> Vec<Node> {
        self.order().iter().copied().filter(|node| set.contains(*node)).collect()
    }

    fn closure<'g, I, F>(&'g self, from: impl IntoIterator<Item = Node>, next: F) -> NodeSet
    where
        I: Iterator<Item = &'g Node>,
        F: Fn(&'g Self, Node) -> I,
    {
        let mut seen = NodeSet::new();
        let mut queue: Vec<Node> = from.into_iter().collect();
        while let Some(node) = queue.pop() {
            if seen.insert(node) {
                queue.extend(next(self, node).copied());
            }
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use crate::revision::samples::graph;

    #[test]
    fn ancestors_follow_dependencies_and_lineages_do_not() {
        let graph = graph(&["a", "b<a", "x", "y<x ^b"]);
        let y = graph.find("y").unwrap();
        assert_eq!(graph.with_ancestors([y]).len(), 4);
        assert_eq!(graph.lineage(y).len(), 2);
        let a = graph.find("a").unwrap();
        assert!(graph.with_descendants([a]).contains(y));
        assert!(!graph.offspring(a).contains(y));
    }
}
