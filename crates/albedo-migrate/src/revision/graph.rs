//! The graph itself, as it is read. How it is built, and what is refused, stands in `construct`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Revision;

/// A revision's place in its graph. It means nothing in another graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node(u32);

impl Node {
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    pub(crate) fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// All revisions and the arrows between them.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub(super) revisions: Vec<Revision>,
    pub(super) by_id: HashMap<String, Node>,
    pub(super) by_stem: HashMap<String, Node>,
    pub(super) by_label: BTreeMap<String, Node>,
    /// The ids and stems of what was squashed.
    pub(super) by_replaced: HashMap<String, Node>,
    pub(super) sorted_ids: BTreeSet<String>,
    pub(super) parents: Vec<Vec<Node>>,
    pub(super) children: Vec<Vec<Node>>,
    pub(super) dependencies: Vec<Vec<Node>>,
    pub(super) dependents: Vec<Vec<Node>>,
    pub(super) order: Vec<Node>,
}

fn list(lists: &[Vec<Node>], node: Node) -> &[Node] {
    lists.get(node.index()).map_or(&[], Vec::as_slice)
}

impl Graph {
    /// How many revisions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.revisions.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.revisions.is_empty()
    }

    /// Every revision, in the order it was given.
    pub fn nodes(&self) -> impl Iterator<Item = Node> + use<> {
        (0..self.parents.len()).map(Node::from_index)
    }

    /// Every revision, each after all it needs.
    #[must_use]
    pub fn order(&self) -> &[Node] {
        &self.order
    }

    /// The revision at a place.
    #[must_use]
    pub fn revision(&self, node: Node) -> &Revision {
        static NONE: Revision = Revision {
            id: String::new(),
            stem: String::new(),
            message: String::new(),
            parents: Vec::new(),
            depends_on: Vec::new(),
            labels: Vec::new(),
            replaces: Vec::new(),
        };
        self.revisions.get(node.index()).unwrap_or(&NONE)
    }

    /// The revision with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Node> {
        self.by_id.get(id).copied()
    }

    /// The revision whose version row reads so.
    #[must_use]
    pub fn find_stem(&self, stem: &str) -> Option<Node> {
        self.by_stem.get(stem).copied()
    }

    /// The revision that carries this label.
    #[must_use]
    pub fn find_label(&self, label: &str) -> Option<Node> {
        self.by_label.get(label).copied()
    }

    /// Every label and the revision that carries it.
    pub fn labels(&self) -> impl Iterator<Item = (&str, Node)> {
        self.by_label.iter().map(|(label, node)| (label.as_str(), *node))
    }

    /// The revisions whose id begins so.
    #[must_use]
    pub fn with_prefix(&self, prefix: &str) -> Vec<Node> {
        self.sorted_ids
            .range(prefix.to_owned()..)
            .take_while(|id| id.starts_with(prefix))
            .filter_map(|id| self.find(id))
            .collect()
    }

    /// What this revision comes after.
    #[must_use]
    pub fn parents(&self, node: Node) -> &[Node] {
        list(&self.parents, node)
    }

    /// What comes after this revision.
    #[must_use]
    pub fn children(&self, node: Node) -> &[Node] {
        list(&self.children, node)
    }

    /// What this revision needs from other lineages.
    #[must_use]
    pub fn dependencies(&self, node: Node) -> &[Node] {
        list(&self.dependencies, node)
    }

    /// What of other lineages needs this revision.
    #[must_use]
    pub fn dependents(&self, node: Node) -> &[Node] {
        list(&self.dependents, node)
    }

    /// The revisions nothing comes after.
    #[must_use]
    pub fn heads(&self) -> Vec<Node> {
        self.order.iter().copied().filter(|node| self.children(*node).is_empty()).collect()
    }

    /// The revisions that come after nothing.
    #[must_use]
    pub fn bases(&self) -> Vec<Node> {
        self.order.iter().copied().filter(|node| self.parents(*node).is_empty()).collect()
    }

    /// The revisions where the history divides.
    #[must_use]
    pub fn branch_points(&self) -> Vec<Node> {
        self.order.iter().copied().filter(|node| self.children(*node).len() > 1).collect()
    }

    /// `id (message)`, for messages that list choices.
    #[must_use]
    pub fn describe(&self, node: Node) -> String {
        let revision = self.revision(node);
        if revision.message.is_empty() {
            revision.id.clone()
        } else {
            format!("{} ({})", revision.id, revision.message)
        }
    }

    /// Several of those with commas between them.
    #[must_use]
    pub fn describe_all(&self, nodes: &[Node]) -> String {
        nodes.iter().map(|node| self.describe(*node)).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{graph, revision};
    use super::*;

    fn refused(lines: &[&str]) -> String {
        Graph::new(lines.iter().map(|line| revision(line)).collect()).unwrap_err().report()
    }

    #[test]
    fn an_empty_graph_has_no_heads() {
        assert!(graph(&[]).heads().is_empty());
    }

    #[test]
    fn a_diamond_has_one_head_one_base_and_one_branch_point() {
        let graph = graph(&["a", "b<a", "c<a", "d<b c"]);
        let ids = |nodes: Vec<Node>| nodes.into_iter().map(|node| graph.revision(node).id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(graph.heads()), ["d"]);
        assert_eq!(ids(graph.bases()), ["a"]);
        assert_eq!(ids(graph.branch_points()), ["a"]);
        assert_eq!(ids(graph.order().to_vec()), ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_cycle_is_told_with_its_path() {
        let told = refused(&["a<c", "b<a", "c<b", "d<c"]);
        assert!(told.contains("a -> c -> b -> a"), "{told}");
        assert!(refused(&["a<a"]).contains("a -> a"));
        assert!(refused(&["a<^b", "b<a"]).contains("->"));
    }

    #[test]
    fn a_missing_parent_is_told_with_the_file_that_names_it() {
        let told = refused(&["aaaa1", "b<aaaa2"]);
        assert!(told.contains("b_stem") && told.contains("`aaaa2`") && told.contains("is `aaaa1` meant"), "{told}");
    }

    #[test]
    fn duplicate_ids_and_labels_name_both_files() {
        let told = refused(&["a", "a"]);
        assert!(told.contains("two revisions have the id `a`"), "{told}");
        let told = refused(&["a<#x", "b<a #x"]);
        assert!(told.contains("a_stem") && told.contains("b_stem"), "{told}");
        assert!(refused(&["a", "b<a #a"]).contains("taken by a_stem"));
    }

    #[test]
    fn names_with_a_meaning_of_their_own_are_refused() {
        assert!(refused(&["head"]).contains("word of the command line"));
        assert!(refused(&["a-b"]).contains("contains `-`"));
    }

    #[test]
    fn a_dependency_may_be_named_by_its_label() {
        let graph = graph(&["a<#core", "b<^core"]);
        assert_eq!(graph.dependencies(graph.find("b").unwrap()), [graph.find("a").unwrap()]);
    }
}
