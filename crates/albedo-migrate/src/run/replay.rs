//! A history replayed in a scratch database: all of it up, each revision down and up again, and what came of it held
//! against what there was before, or against a live database.

use super::session::Session;
use super::shadow::Shadow;
use super::step::Job;
use super::verify::Finding;
use super::version_table;
use crate::error::{Error, Result};
use crate::history::{Body, History};
use crate::inspect::{Difference, Objects, objects};
use crate::operation::Operation;
use crate::revision::{Direction, Node, NodeSet, Step};
use crate::settings::Excluded;

/// How many differences of one revision are told; whoever mends those sees the rest.
const TOLD: usize = 10;

/// Whoever walks through a history in a scratch database.
pub struct Replay<'r> {
    shadow: &'r Shadow,
    history: &'r History,
    excluded: &'r Excluded,
    session: Session<'static>,
    applied: NodeSet,
}

impl<'r> Replay<'r> {
    /// Begins with nothing applied.
    ///
    /// # Errors
    /// When the version tables cannot be made.
    pub async fn begin(shadow: &'r Shadow, history: &'r History, excluded: &'r Excluded) -> Result<Self> {
        let mut session = Session::online(shadow.connection.clone(), shadow.dialect, shadow.limits());
        for sql in version_table::install(shadow.dialect) {
            session.execute(&sql).await?;
        }
        Ok(Self { shadow, history, excluded, session, applied: NodeSet::new() })
    }

    /// Runs one revision one way.
    ///
    /// # Errors
    /// When it fails; nothing of it is left then, unless it runs without a transaction.
    pub async fn step(&mut self, node: Node, direction: Direction) -> Result<()> {
        let revision = self.history.graph().revision(node);
        let job = Job {
            history: self.history,
            step: Step { node, direction },
            rows: vec![revision.stem.clone()],
            applied: &self.applied,
            writes_row: true,
        };
        job.run(&mut self.session).await.map_err(|error| error.on_revision(&revision.id))?;
        match direction {
            Direction::Up => {
                self.applied.insert(node);
            }
            Direction::Down => self.applied.remove(node),
        }
        Ok(())
    }

    /// Applies these revisions, each after all it needs.
    ///
    /// # Errors
    /// When one fails.
    pub async fn up(&mut self, nodes: &NodeSet) -> Result<()> {
        for node in self.history.graph().ordered(nodes) {
            self.step(node, Direction::Up).await?;
        }
        Ok(())
    }

    /// What the scratch database holds now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn objects(&self) -> Result<Objects> {
        objects(&self.shadow.connection, self.shadow.dialect, self.excluded).await
    }

    /// Applies all revisions, and takes each back and applies it again before the next: what was there before it has to
    /// be there again, and what it made has to be made again. Stops where it cannot go on.
    ///
    /// # Errors
    /// When the scratch database cannot be read.
    pub async fn up_down_up(&mut self, severe: bool) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        let mut before = self.objects().await?;
        for node in self.history.graph().order().to_vec() {
            let stands = self.once(node, &mut before, severe, &mut findings).await?;
            if !stands {
                let rest = "so no revision after it was taken back here".to_owned();
                findings.push(self.finding("downgrade", false, node, format!("{}: {rest}", self.told(node))));
                break;
            }
        }
        Ok(findings)
    }

    /// Whether the next revision can be looked at.
    async fn once(
        &mut self,
        node: Node,
        before: &mut Objects,
        severe: bool,
        findings: &mut Vec<Finding>,
    ) -> Result<bool> {
        if let Err(error) = self.step(node, Direction::Up).await {
            findings.push(self.failed("replay", severe, node, "cannot be applied", &error));
            return Ok(false);
        }
        let after = self.objects().await?;
        if let Some(reason) = self.irreversible(node) {
            findings.push(self.finding(
                "irreversible",
                false,
                node,
                format!("{} cannot be taken back: {reason}", self.told(node)),
            ));
            *before = after;
            return Ok(true);
        }
        if let Err(error) = self.step(node, Direction::Down).await {
            // Migrations written for SeaORM's runner need no `down`.
            let adopted = matches!(self.history.body(node), Ok(Body::Old(_)));
            findings.push(self.failed("downgrade", severe && !adopted, node, "cannot be taken back", &error));
            let whole = self.history.operations(node, Direction::Down).is_none_or(|list| list.is_transactional());
            *before = after;
            return Ok(whole);
        }
        let restored = self.objects().await?;
        // A column that was dropped and made again stands at the end, on every database.
        let lost = before.clone().without_column_order().differences(&restored.without_column_order());
        self.tell(node, severe, "taken back, it leaves", &lost, findings);
        if let Err(error) = self.step(node, Direction::Up).await {
            findings.push(self.failed(
                "downgrade",
                severe,
                node,
                "cannot be applied again after it was taken back",
                &error,
            ));
            return Ok(false);
        }
        let again = self.objects().await?;
        if lost.is_empty() {
            let odd = after.clone().without_column_order().differences(&again.clone().without_column_order());
            self.tell(node, severe, "applied again, it makes", &odd, findings);
        }
        *before = again;
        Ok(true)
    }

    fn irreversible(&self, node: Node) -> Option<String> {
        let operations = self.history.operations(node, Direction::Down)?;
        operations.list().iter().find_map(|operation| match operation {
            Operation::Irreversible { reason } => Some(reason.clone()),
            _ => None,
        })
    }

    fn told(&self, node: Node) -> String {
        self.history.graph().describe(node)
    }

    fn finding(&self, rule: &'static str, severe: bool, node: Node, message: String) -> Finding {
        let id = &self.history.graph().revision(node).id;
        Finding::new(rule, severe, message).on_revision(Some(id)).on_dialect(self.shadow.dialect)
    }

    fn failed(&self, rule: &'static str, severe: bool, node: Node, what: &str, error: &Error) -> Finding {
        let operation = error.operation().map_or_else(String::new, |operation| format!(", at {operation}"));
        self.finding(rule, severe, node, format!("{} {what}{operation}: {}", self.told(node), error.message()))
    }

    fn tell(&self, node: Node, severe: bool, what: &str, differences: &[Difference], findings: &mut Vec<Finding>) {
        for difference in differences.iter().take(TOLD) {
            let message = format!("{} {what} a difference: {difference}", self.told(node));
            let finding = self.finding("downgrade", severe, node, message);
            findings.push(Finding { difference: Some(difference.clone()), ..finding });
        }
    }
}

impl Shadow {
    /// What these revisions make, each after all it needs.
    ///
    /// # Errors
    /// When one of them fails.
    pub async fn made_by(&self, history: &History, nodes: &NodeSet, excluded: &Excluded) -> Result<Objects> {
        let mut replay = Replay::begin(self, history, excluded).await?;
        replay.up(nodes).await?;
        replay.objects().await
    }
}

/// What a live database holds besides or against what its revisions make. The order of columns is left out: no program
/// that names its columns can tell.
#[must_use]
pub fn drift(made: Objects, live: Objects, dialect: crate::dialect::Dialect) -> Vec<Finding> {
    let differences = made.without_column_order().differences(&live.without_column_order());
    let finding = |difference: Difference| {
        let message = format!("in the database {difference}");
        Finding { difference: Some(difference), ..Finding::new("drift", true, message).on_dialect(dialect) }
    };
    differences.into_iter().map(finding).collect()
}
