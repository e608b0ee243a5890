//! What the rows of a version table stand for: revisions of today, and those that were squashed into one of them.

use super::{Graph, Node, NodeSet};

/// Ids of this length are made up, and are no word of a message.
const MADE_UP: usize = 12;

/// What a version table says, told in revisions of today.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recognized {
    /// What is applied.
    pub applied: NodeSet,
    /// Rows that no revision is stored as.
    pub unknown: Vec<String>,
    /// Squashed revisions of which the database has a part.
    pub partial: Vec<Partial>,
}

/// A squashed revision that is neither applied nor pending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial {
    /// The one that replaces them.
    pub node: Node,
    /// The stems of what is applied of it.
    pub applied: Vec<String>,
    /// The stems of what is missing.
    pub missing: Vec<String>,
}

impl Graph {
    /// The revision a version row stands for: itself, or one that replaces it. A file may get another message after it
    /// was applied; its id still stands in the old stem.
    #[must_use]
    pub fn stored_as(&self, version: &str) -> Option<Node> {
        self.find_stem(version)
            .or_else(|| self.replacing(version))
            .or_else(|| ids(version).find_map(|id| self.find(id)))
    }

    /// The revision into which the one of this row or id was squashed.
    #[must_use]
    pub fn replacing(&self, version: &str) -> Option<Node> {
        let of = |name: &str| self.by_replaced.get(name).copied();
        of(version).or_else(|| ids(version).find_map(of))
    }

    /// Tells the rows of a version table apart.
    #[must_use]
    pub fn recognize<'v>(&self, versions: impl IntoIterator<Item = &'v str>) -> Recognized {
        let mut found = Recognized::default();
        let mut parts: Vec<(Node, &str)> = Vec::new();
        for version in versions {
            match (self.find_stem(version), self.replacing(version), self.stored_as(version)) {
                (None, Some(node), _) => parts.push((node, version)),
                (_, _, Some(node)) => {
                    found.applied.insert(node);
                }
                (.., None) => found.unknown.push(version.to_owned()),
            }
        }
        let nodes: NodeSet = parts.iter().map(|(node, _)| *node).collect();
        for node in nodes.iter().filter(|node| !found.applied.contains(*node)).collect::<Vec<_>>() {
            let mine = || parts.iter().filter(|(of, _)| *of == node).map(|(_, version)| *version);
            let missing: Vec<String> = self
                .revision(node)
                .replaces
                .iter()
                .filter(|part| !mine().any(|version| version == part.stem || ids(version).any(|id| id == part.id)))
                .map(|part| part.stem.clone())
                .collect();
            if missing.is_empty() {
                found.applied.insert(node);
            } else {
                found.partial.push(Partial { node, applied: mine().map(str::to_owned).collect(), missing });
            }
        }
        found
    }
}

fn ids(version: &str) -> impl Iterator<Item = &str> {
    version.split('_').filter(|part| part.len() >= MADE_UP)
}

#[cfg(test)]
mod tests {
    use super::super::{Replaced, Revision};
    use super::*;

    const A: &str = "1_aaaaaaaaaaaa_one";
    const B: &str = "2_bbbbbbbbbbbb_two";
    const C: &str = "3_cccccccccccc_three";

    /// One revision that replaces A, B and C, under the id of C, and one after it.
    fn graph() -> Graph {
        let part = |stem: &str| Replaced { id: stem.split('_').nth(1).unwrap().into(), stem: stem.into() };
        let whole = Revision {
            id: "cccccccccccc".into(),
            stem: "9_cccccccccccc_all".into(),
            replaces: vec![part(A), part(B), part(C)],
            ..Revision::default()
        };
        let next = Revision {
            id: "dddd".into(),
            stem: "dddd".into(),
            parents: vec!["cccccccccccc".into()],
            ..Revision::default()
        };
        Graph::new(vec![whole, next]).unwrap()
    }

    #[test]
    fn all_parts_make_the_whole_and_some_do_not() {
        let graph = graph();
        let whole = graph.find("cccccccccccc").unwrap();
        assert!(graph.recognize([A, B, C]).applied.contains(whole));
        assert!(graph.recognize(["9_cccccccccccc_all"]).applied.contains(whole));
        assert_eq!(graph.recognize([A, B, C, "dddd"]).applied.len(), 2);
        for (rows, missing) in [(vec![A], vec![B, C]), (vec![C], vec![A, B]), (vec![A, B], vec![C])] {
            let found = graph.recognize(rows.iter().copied());
            assert!(found.applied.is_empty() && found.unknown.is_empty(), "{rows:?}");
            assert_eq!(
                (found.partial[0].applied.clone(), found.partial[0].missing.clone()),
                (
                    rows.iter().map(|row| (*row).to_owned()).collect(),
                    missing.iter().map(|row| (*row).to_owned()).collect()
                )
            );
        }
    }

    #[test]
    fn a_part_whose_file_was_renamed_before_is_still_a_part() {
        let graph = graph();
        assert_eq!(graph.recognize(["1_aaaaaaaaaaaa_won", B, C]).applied.len(), 1);
        assert_eq!(graph.recognize(["1_eeeeeeeeeeee_one"]).unknown, ["1_eeeeeeeeeeee_one"]);
        // The whole, renamed: its id is that of its last part, and it is no part.
        assert_eq!(graph.recognize(["9_cccccccccccc_everything"]).applied.len(), 1);
    }
}
