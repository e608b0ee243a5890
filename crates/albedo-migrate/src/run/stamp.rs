//! Writing down what a database holds, without running anything.

use super::options::Event;
use super::runner::{Runner, Work};
use super::session::Session;
use super::version_table;
use crate::error::{Error, Result};
use crate::revision::{Node, NodeSet, Symbol};

impl Runner<'_> {
    /// Writes down what the database holds without running anything: what would be applied if the targets had been
    /// migrated to. With `purge`, whatever the tables say now is forgotten first.
    ///
    /// # Errors
    /// When a target makes no sense, or the tables cannot be written.
    pub async fn stamp(&mut self, targets: &[Symbol], purge: bool) -> Result<(Vec<Node>, Vec<Node>)> {
        let mut quiet = |_: Event| {};
        let lock = self.lock(&mut quiet).await?;
        let stamped = self.stamp_locked(targets, purge, &mut quiet).await;
        if let Some(lock) = lock {
            lock.release().await;
        }
        stamped
    }

    async fn stamp_locked(
        &mut self,
        targets: &[Symbol],
        purge: bool,
        tell: &mut (dyn FnMut(Event) + Send),
    ) -> Result<(Vec<Node>, Vec<Node>)> {
        let graph = self.history.graph();
        let state = self.state().await?;
        let versions = state.rows.iter().map(|row| row.version.as_str());
        let before = if purge { self.history.applied(versions).0 } else { state.applied(self.history)? };
        let mut after = if purge { NodeSet::new() } else { before.clone() };
        let mut named: Vec<Node> = Vec::new();
        for target in targets {
            let target = graph.resolve(target, &before)?;
            // Two targets of which one comes before the other would not say which of them is meant.
            let overlap = named.iter().find(|other| {
                target.nodes.iter().any(|node| {
                    node != *other
                        && (graph.with_ancestors([*node]).contains(**other)
                            || graph.with_descendants([*node]).contains(**other))
                })
            });
            if let Some(other) = overlap {
                return Err(Error::usage(format!(
                    "{} comes before or after another revision that is to be stamped",
                    graph.describe(*other)
                ))
                .hint("name only the later of the two: its ancestors are stamped with it"));
            }
            named.extend(&target.nodes);
            after = graph.stamp(&after, &target);
        }
        let mut session = Session::online(self.connection.clone(), self.dialect, self.options.limits());
        self.install(&mut session, tell).await?;
        let gone: Vec<Node> = graph.ordered(&before).into_iter().filter(|node| !after.contains(*node)).rev().collect();
        let new: Vec<Node> = graph.ordered(&after).into_iter().filter(|node| !before.contains(*node)).collect();
        let mut statements = Vec::new();
        if purge {
            statements
                .extend([version_table::VERSIONS, version_table::DETAILS].map(|table| format!("DELETE FROM {table}")));
        } else {
            let marks = state.unfinished.iter().map(|unfinished| &unfinished.version);
            let names = state.names(graph);
            let rows = gone.iter().filter_map(|node| names.get(node)).flatten();
            statements.extend(rows.flat_map(|version| version_table::delete(self.dialect, version)));
            statements.extend(marks.map(|version| {
                format!(
                    "UPDATE {} SET dirty = NULL WHERE version = {}",
                    version_table::DETAILS,
                    self.dialect.text(version)
                )
            }));
        }
        let rows = if purge { graph.ordered(&after) } else { new.clone() };
        for node in rows {
            let stem = &graph.revision(node).stem;
            statements.extend(version_table::insert(self.dialect, stem, &self.history.checksum(node), None));
        }
        self.patiently(&mut session, "stamp", tell, Work::Statements(&statements)).await?;
        Ok((new, gone))
    }
}
