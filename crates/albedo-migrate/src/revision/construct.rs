//! How a graph is built from a list of revisions, and why a faulty one is refused.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::graph::{Graph, Node};
use super::{Revision, check_name};
use crate::error::{Error, Result};

impl Graph {
    /// Builds the graph.
    ///
    /// # Errors
    /// A duplicate id, stem or label, a name that may not be one, a missing parent or dependency, a revision that names
    /// one parent twice, or a cycle, each told with its path.
    pub fn new(revisions: Vec<Revision>) -> Result<Self> {
        let count = revisions.len();
        let mut graph = Self {
            parents: vec![Vec::new(); count],
            children: vec![Vec::new(); count],
            dependencies: vec![Vec::new(); count],
            dependents: vec![Vec::new(); count],
            ..Self::default()
        };
        graph.index_names(&revisions)?;
        for (index, revision) in revisions.iter().enumerate() {
            let node = Node::from_index(index);
            for parent in graph.targets(revision, &revision.parents, "parent")? {
                graph.connect(parent, node, false);
            }
            for dependency in graph.targets(revision, &revision.depends_on, "dependency")? {
                graph.connect(dependency, node, true);
            }
        }
        graph.revisions = revisions;
        graph.order = graph.sort()?;
        Ok(graph)
    }

    fn index_names(&mut self, revisions: &[Revision]) -> Result<()> {
        for (index, revision) in revisions.iter().enumerate() {
            let node = Node::from_index(index);
            check_name("id", &revision.id).map_err(|error| error.on_revision(&revision.stem))?;
            if let Some(first) = self.by_id.insert(revision.id.clone(), node) {
                let first = revisions.get(first.index()).map_or("", |other| other.stem.as_str());
                return Err(Error::usage(format!(
                    "two revisions have the id `{}`: {first} and {}",
                    revision.id, revision.stem
                ))
                .hint("give one of the two files another id, and mend the `after` of the files that follow it"));
            }
            if self.by_stem.insert(revision.stem.clone(), node).is_some() {
                return Err(Error::usage(format!("two revisions are stored as `{}`", revision.stem)));
            }
            self.sorted_ids.insert(revision.id.clone());
        }
        self.index_replaced(revisions)?;
        for (index, revision) in revisions.iter().enumerate() {
            for label in &revision.labels {
                check_name("label", label).map_err(|error| error.on_revision(&revision.stem))?;
                let taken = self.by_id.get(label).copied().or_else(|| self.by_label.get(label).copied());
                if let Some(other) = taken {
                    let other = revisions.get(other.index()).map_or("", |other| other.stem.as_str());
                    return Err(Error::usage(format!("the label `{label}` of {} is taken by {other}", revision.stem))
                        .hint("labels and ids share one set of names: choose another label"));
                }
                self.by_label.insert(label.clone(), Node::from_index(index));
            }
        }
        Ok(())
    }

    /// What was squashed must not be there again, or the database would have it twice.
    fn index_replaced(&mut self, revisions: &[Revision]) -> Result<()> {
        for (index, revision) in revisions.iter().enumerate() {
            for part in &revision.replaces {
                let by_id = self.by_id.get(&part.id).filter(|node| node.index() != index);
                let there = by_id.or_else(|| self.by_stem.get(&part.stem).filter(|node| node.index() != index));
                if let Some(other) = there.and_then(|node| revisions.get(node.index())) {
                    return Err(Error::usage(format!(
                        "{} replaces {}, which is still there",
                        revision.stem, other.stem
                    ))
                    .on_revision(&revision.id)
                    .hint(format!("take {}.rs away, or the entry out of REPLACES", other.stem)));
                }
                // The last of them may have left its id to the one that replaces it.
                let names = [Some(&part.stem), Some(&part.id).filter(|id| **id != revision.id && **id != part.stem)];
                for name in names.into_iter().flatten() {
                    let first = self.by_replaced.insert(name.clone(), Node::from_index(index));
                    if let Some(first) = first.and_then(|node| revisions.get(node.index())) {
                        return Err(Error::usage(format!(
                            "`{name}` is replaced by {} and by {}",
                            first.stem, revision.stem
                        ))
                        .on_revision(&revision.id));
                    }
                }
            }
        }
        Ok(())
    }

    fn targets(&self, revision: &Revision, names: &[String], what: &str) -> Result<Vec<Node>> {
        let mut nodes = Vec::with_capacity(names.len());
        for name in names {
            // A dependency may be named by a label; a parent may not, since labels can move to another file.
            let by_label = (what == "dependency").then(|| self.by_label.get(name)).flatten();
            let Some(node) = self.by_id.get(name).or(by_label).copied() else {
                if let Some(whole) = self.replacing(name).and_then(|node| self.id_of(node)) {
                    return Err(Error::usage(format!(
                        "{} has the {what} `{name}`, which was squashed into {whole}",
                        revision.stem
                    ))
                    .on_revision(&revision.id)
                    .hint(format!("let it come after `{whole}`, and look whether it still fits")));
                }
                return Err(Error::usage(format!(
                    "{} has the {what} `{name}`, and no revision has that id",
                    revision.stem
                ))
                .on_revision(&revision.id)
                .hint(self.nearest(name).map_or_else(
                    || format!("restore the file of `{name}`, or correct the header of {}", revision.stem),
                    |near| format!("is `{near}` meant? otherwise restore the file of `{name}`"),
                )));
            };
            if nodes.contains(&node) {
                return Err(Error::usage(format!("{} names the {what} `{name}` twice", revision.stem))
                    .on_revision(&revision.id));
            }
            nodes.push(node);
        }
        Ok(nodes)
    }

    fn id_of(&self, node: Node) -> Option<&str> {
        self.by_id.iter().find(|(_, other)| **other == node).map(|(id, _)| id.as_str())
    }

    /// The id that shares the longest beginning with the name, if they share at least four characters.
    fn nearest(&self, name: &str) -> Option<&str> {
        let common = |id: &str| id.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
        self.sorted_ids
            .iter()
            .map(|id| (common(id), id.as_str()))
            .max()
            .filter(|(shared, _)| *shared >= 4)
            .map(|(_, id)| id)
    }

    fn connect(&mut self, from: Node, to: Node, dependency: bool) {
        let (up, down) = if dependency {
            (&mut self.dependencies, &mut self.dependents)
        } else {
            (&mut self.parents, &mut self.children)
        };
        if let Some(list) = up.get_mut(to.index()) {
            list.push(from);
        }
        if let Some(list) = down.get_mut(from.index()) {
            list.push(to);
        }
    }

    /// Parents first; of those that are free at once, the one whose stem sorts first. Stems begin with their date, so
    /// ties fall in the order in which people wrote them.
    fn sort(&self) -> Result<Vec<Node>> {
        let mut waiting: Vec<usize> =
            self.nodes().map(|node| self.parents(node).len() + self.dependencies(node).len()).collect();
        let key = |node: Node| (self.revision(node).stem.as_str(), node);
        let mut free: BinaryHeap<Reverse<(&str, Node)>> =
            self.nodes().filter(|node| waiting.get(node.index()) == Some(&0)).map(|node| Reverse(key(node))).collect();
        let mut order = Vec::with_capacity(self.revisions.len());
        while let Some(Reverse((_, node))) = free.pop() {
            order.push(node);
            for next in self.children(node).iter().chain(self.dependents(node)) {
                let Some(left) = waiting.get_mut(next.index()) else { continue };
                *left -= 1;
                if *left == 0 {
                    free.push(Reverse(key(*next)));
                }
            }
        }
        if order.len() < self.revisions.len() {
            return Err(self.cycle(&waiting));
        }
        Ok(order)
    }

    /// Walks back along what is still waited for until a revision comes up twice; that loop is the cycle.
    fn cycle(&self, waiting: &[usize]) -> Error {
        let stuck = |node: &Node| waiting.get(node.index()).is_some_and(|left| *left > 0);
        let mut path: Vec<Node> = Vec::new();
        let mut at = self.nodes().find(|node| stuck(node));
        while let Some(node) = at {
            if let Some(start) = path.iter().position(|seen| *seen == node) {
                path.drain(..start);
                path.push(node);
                break;
            }
            path.push(node);
            at = self.parents(node).iter().chain(self.dependencies(node)).copied().find(|node| stuck(node));
        }
        let names: Vec<&str> = path.iter().map(|node| self.revision(*node).id.as_str()).collect();
        Error::usage(format!("the revisions go in a circle: {}", names.join(" -> ")))
            .hint("each arrow reads `comes after`: correct the `after` or `depends_on` of one of these files")
    }
}
