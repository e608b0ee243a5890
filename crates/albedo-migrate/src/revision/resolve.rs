//! What a symbol stands for in one graph, given what the database has.

use super::symbol::{Anchor, Range, Symbol};
use super::{Graph, Node, NodeSet};
use crate::error::{Error, Result};

/// The shortest beginning of an id that may stand for it.
pub const SHORTEST_PREFIX: usize = 4;

/// A resolved symbol: where to go, and which branch to keep to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The revisions meant; none is the base.
    pub nodes: Vec<Node>,
    /// The labelled revision of `label@...`.
    pub branch: Option<Node>,
}

impl Graph {
    /// The revision a person means by this id, beginning of an id, file stem or label.
    ///
    /// # Errors
    /// When no revision or more than one is meant.
    pub fn named(&self, name: &str) -> Result<Node> {
        if let Some(node) = self.find(name).or_else(|| self.find_stem(name)).or_else(|| self.find_label(name)) {
            return Ok(node);
        }
        if let Some(node) = self.replacing(name) {
            return Err(Error::usage(format!("`{name}` was squashed into {}", self.describe(node)))
                .hint(format!("say {} instead", self.revision(node).id)));
        }
        let matches = if name.len() >= SHORTEST_PREFIX { self.with_prefix(name) } else { Vec::new() };
        match matches.as_slice() {
            [node] => Ok(*node),
            [] if name.len() < SHORTEST_PREFIX => Err(Error::usage(format!("no revision is called `{name}`"))
                .hint("the beginning of an id needs at least 4 characters; `history` lists all")),
            [] => Err(Error::usage(format!("no revision is called `{name}`")).hint("`history` lists all revisions")),
            several => Err(Error::usage(format!("`{name}` may be {}", self.describe_all(several)))
                .hint("write more characters of the id")),
        }
    }

    /// What the symbol stands for, the database having `applied`.
    ///
    /// # Errors
    /// When it stands for nothing, or for more than one thing; the choices are named.
    pub fn resolve(&self, symbol: &Symbol, applied: &NodeSet) -> Result<Target> {
        let branch = symbol.branch.as_deref().map(|name| self.named(name)).transpose()?;
        let scope = branch.map(|node| self.lineage(node));
        let within = |node: &Node| scope.as_ref().is_none_or(|scope| scope.contains(*node));
        let nodes = match &symbol.anchor {
            Anchor::Base => Vec::new(),
            Anchor::Current => {
                let mut set = applied.clone();
                if let Some(scope) = &scope {
                    set.intersect(scope);
                }
                self.tips(&set)
            }
            Anchor::Heads => self.heads().into_iter().filter(within).collect(),
            Anchor::Head => {
                let heads: Vec<Node> = self.heads().into_iter().filter(within).collect();
                if heads.len() > 1 {
                    return Err(Error::usage(format!(
                        "there are {} heads: {}",
                        heads.len(),
                        self.describe_all(&heads)
                    ))
                    .hint("name one of them, write label@head, say `heads` for all, or join them with `merge`"));
                }
                heads
            }
            Anchor::Name(name) => {
                let node = self.named(name)?;
                if !within(&node) {
                    let label = symbol.branch.as_deref().unwrap_or_default();
                    return Err(Error::usage(format!("{} is not on the branch `{label}`", self.describe(node))));
                }
                vec![node]
            }
        };
        let nodes = match symbol.offset {
            0 => nodes,
            offset => self.move_by(symbol, &nodes, offset, &within)?.into_iter().collect(),
        };
        Ok(Target { nodes, branch })
    }

    fn move_by(
        &self,
        symbol: &Symbol,
        from: &[Node],
        offset: i64,
        within: &dyn Fn(&Node) -> bool,
    ) -> Result<Option<Node>> {
        let ambiguous = |choices: &[Node]| {
            Error::usage(format!("`{symbol}` is ambiguous: it may be {}", self.describe_all(choices)))
                .hint("count from one of them by its id, or keep to a branch with label@...")
        };
        let mut at = match from {
            [] => None,
            [node] => Some(*node),
            several => {
                return Err(Error::usage(format!(
                    "`{symbol}` is ambiguous: it may count from {}",
                    self.describe_all(several)
                ))
                .hint("count from one of them by its id, or keep to a branch with label@..."));
            }
        };
        for step in 0..offset.unsigned_abs() {
            let choices: Vec<Node> = match (at, offset > 0) {
                (None, true) => self.bases().into_iter().filter(within).collect(),
                (Some(node), true) => self.children(node).iter().copied().filter(within).collect(),
                (Some(node), false) => self.parents(node).iter().copied().filter(within).collect(),
                (None, false) => {
                    return Err(Error::usage(format!(
                        "`{symbol}` goes {} steps back, and there are only {step}",
                        -offset
                    )));
                }
            };
            at = match choices.as_slice() {
                [node] => Some(*node),
                [] if offset < 0 => None,
                [] => {
                    return Err(Error::usage(format!("`{symbol}` goes {offset} steps on, and there are only {step}")));
                }
                several => return Err(ambiguous(several)),
            };
        }
        Ok(at)
    }

    /// The revisions between the two ends of a range, both included, each after all it needs.
    ///
    /// # Errors
    /// When an end stands for nothing, or the ends do not lie on one line.
    pub fn between(&self, range: &Range, applied: &NodeSet) -> Result<Vec<Node>> {
        let to = match &range.to {
            Some(symbol) => self.resolve(symbol, applied)?.nodes,
            None => self.heads(),
        };
        let mut set = self.with_ancestors(to.iter().copied());
        let Some(from) = &range.from else { return Ok(self.ordered(&set)) };
        let from_nodes = self.resolve(from, applied)?.nodes;
        if from_nodes.is_empty() {
            return Ok(self.ordered(&set));
        }
        set.intersect(&self.with_descendants(from_nodes.iter().copied()));
        if set.is_empty() {
            return Err(Error::usage(format!(
                "{} does not come before {}",
                self.describe_all(&from_nodes),
                if to.is_empty() { "base".to_owned() } else { self.describe_all(&to) }
            ))
            .hint("write the older revision first: OLDER:NEWER"));
        }
        Ok(self.ordered(&set))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::graph;
    use super::*;

    fn ids(graph: &Graph, text: &str, applied: &[&str]) -> Result<Vec<String>> {
        let applied = graph.with_ancestors(applied.iter().map(|id| graph.find(id).unwrap()));
        let target = graph.resolve(&text.parse().unwrap(), &applied)?;
        Ok(target.nodes.into_iter().map(|node| graph.revision(node).id.clone()).collect())
    }

    fn sample() -> Graph {
        graph(&[
            "aaaa1",
            "bbbb1<aaaa1",
            "cccc1<bbbb1 #left",
            "cccc2<bbbb1 #right",
            "dddd1<cccc1",
            "mmmm1<dddd1 cccc2",
            "xxxx1<#other",
            "xxxx2<xxxx1",
        ])
    }

    #[test]
    fn symbols_count_along_parents() {
        let graph = sample();
        assert_eq!(ids(&graph, "base+2", &[]).unwrap_err().message(), "`base+2` is ambiguous: it may be aaaa1, xxxx1");
        assert_eq!(ids(&graph, "right@base+3", &[]).unwrap(), ["cccc2"]);
        assert_eq!(ids(&graph, "+1", &["aaaa1"]).unwrap(), ["bbbb1"]);
        assert_eq!(ids(&graph, "-1", &["dddd1"]).unwrap(), ["cccc1"]);
        assert_eq!(ids(&graph, "aaaa1-1", &[]).unwrap(), Vec::<String>::new());
        assert_eq!(ids(&graph, "other@head", &[]).unwrap(), ["xxxx2"]);
        assert_eq!(ids(&graph, "other@-1", &["dddd1", "xxxx2"]).unwrap(), ["xxxx1"]);
        assert_eq!(ids(&graph, "left@+1", &["bbbb1", "cccc1", "xxxx1"]).unwrap(), ["dddd1"]);
    }

    #[test]
    fn an_ambiguous_step_names_the_choices() {
        let graph = sample();
        let told = ids(&graph, "+1", &["bbbb1"]).unwrap_err().report();
        assert!(told.contains("cccc1") && told.contains("cccc2"), "{told}");
        let told = ids(&graph, "-1", &["dddd1", "cccc2"]).unwrap_err().report();
        assert!(told.contains("dddd1") && told.contains("cccc2"), "{told}");
        let told = ids(&graph, "head", &[]).unwrap_err().report();
        assert!(told.contains("2 heads") && told.contains("mmmm1"), "{told}");
        assert!(ids(&graph, "aaaa1-2", &[]).is_err());
        assert!(ids(&graph, "mmmm1+1", &[]).is_err());
    }

    #[test]
    fn four_characters_of_an_id_are_enough_and_three_are_not() {
        let graph = sample();
        assert_eq!(ids(&graph, "mmmm", &[]).unwrap(), ["mmmm1"]);
        assert!(ids(&graph, "mmm", &[]).unwrap_err().report().contains("at least 4"));
        assert!(ids(&graph, "cccc", &[]).unwrap_err().report().contains("cccc2"));
        assert_eq!(ids(&graph, "left", &[]).unwrap(), ["cccc1"]);
    }

    #[test]
    fn a_range_keeps_to_the_lines_between_its_ends() {
        let graph = sample();
        let all = |text: &str| {
            graph
                .between(&text.parse().unwrap(), &NodeSet::new())
                .map(|nodes| nodes.into_iter().map(|node| graph.revision(node).id.clone()).collect::<Vec<_>>())
        };
        assert_eq!(all("cccc1:mmmm1").unwrap(), ["cccc1", "dddd1", "mmmm1"]);
        assert_eq!(all(":bbbb1").unwrap(), ["aaaa1", "bbbb1"]);
        assert!(all("mmmm1:aaaa1").unwrap_err().report().contains("OLDER:NEWER"));
    }
}
