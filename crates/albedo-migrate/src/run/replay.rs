//! A history replayed in a scratch database: all of it up, each revision down and up again, and what came of it held
//! against what there was before, or against a live database.

use super::session::Session;
use super::shadow::{Shadow, Shadows};
use super::step::Job;
use super::verify::Finding;
use super::version_table;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::history::{Body, History};
use crate::inspect::{Difference, Objects, objects};
use crate::operation::Operation;
use crate::revision::{Direction, Node, NodeSet, Step};
use crate::settings::Excluded;
use crate::squash::Squash;

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

/// Whether a history with several revisions as one makes what the history made: at the end of the range, when the one is
/// taken back, and at the end of everything.
///
/// # Errors
/// When a scratch database cannot be read, a revision fails, or the ways lead to different schemas.
pub async fn prove(
    shadows: &Shadows,
    dialect: Dialect,
    histories: (&History, &History),
    squash: &Squash,
    excluded: &Excluded,
) -> Result<()> {
    let (old, new) = histories;
    let set: NodeSet = squash.nodes.iter().copied().collect();
    let whole = old.graph().with_ancestors(set.iter());
    let mut before = whole.clone();
    before.subtract(&set);
    let stays = |node: &Node| !set.contains(*node);
    let was = shadows
        .within(dialect, async |shadow| {
            let mut replay = Replay::begin(shadow, old, excluded).await?;
            replay.up(&before).await?;
            let first = replay.objects().await?;
            replay.up(&set).await?;
            let second = replay.objects().await?;
            let mut rest: NodeSet = old.graph().nodes().collect();
            rest.subtract(&whole);
            replay.up(&rest).await?;
            Ok([first, second, replay.objects().await?])
        })
        .await
        .map_err(|error| {
            error.hint("the history itself does not run here; mend it first, or leave this database out with --dialect")
        })?;
    // The new history has other places for the same revisions.
    let place = |node: Node| new.graph().find(&old.graph().revision(node).id);
    let one =
        new.graph().find(&squash.revision.id).ok_or_else(|| Error::failed("the squashed revision is not there"))?;
    let first: NodeSet = before.iter().filter_map(place).collect();
    let rest: NodeSet =
        old.graph().nodes().filter(stays).filter(|node| !before.contains(*node)).filter_map(place).collect();
    let reversible = !squash.down.list().iter().any(|operation| matches!(operation, Operation::Irreversible { .. }));
    let is = shadows
        .within(dialect, async |shadow| {
            let mut replay = Replay::begin(shadow, new, excluded).await?;
            replay.up(&first).await?;
            replay.step(one, Direction::Up).await?;
            let second = replay.objects().await?;
            let first = if reversible {
                replay.step(one, Direction::Down).await?;
                let first = replay.objects().await?;
                replay.step(one, Direction::Up).await?;
                Some(first)
            } else {
                None
            };
            replay.up(&rest).await?;
            Ok([first, Some(second), Some(replay.objects().await?)])
        })
        .await
        .map_err(|error| error.hint("nothing was written; what is left out may be needed: --keep-data keeps it"))?;
    let places = ["when it is taken back", "at the end of the range", "at the end of all revisions"];
    for ((was, is), place) in was.into_iter().zip(is).zip(places) {
        let Some(is) = is else { continue };
        let same_order = place == "at the end of the range";
        let (was, is) = if same_order { (was, is) } else { (was.without_column_order(), is.without_column_order()) };
        let differences = was.differences(&is);
        if !differences.is_empty() {
            let list: Vec<String> =
                differences.iter().take(TOLD).map(|difference| format!("\n    {difference}")).collect();
            return Err(Error::failed(format!(
                "on {dialect} the one revision does not make what the many make, {place}:{}",
                list.concat()
            ))
            .hint("nothing was written; --keep-data keeps raw SQL, which may have made what is missing"));
        }
    }
    Ok(())
}

/// What a live database holds besides or against what its revisions make. The order of columns is left out: no program
/// that names its columns can tell.
#[must_use]
pub fn drift(made: Objects, live: Objects, dialect: Dialect) -> Vec<Finding> {
    let differences = made.without_column_order().differences(&live.without_column_order());
    let finding = |difference: Difference| {
        let message = format!("in the database {difference}");
        Finding { difference: Some(difference), ..Finding::new("drift", true, message).on_dialect(dialect) }
    };
    differences.into_iter().map(finding).collect()
}
