//! `verify`: everything that can be looked at, in one report.

use serde_json::json;

use super::check::against_entities;
use super::context::Context;
use super::print::{BAD, FAINT, GOOD, OPEN, Terminal, count};
use crate::dialect::Dialect;
use crate::diff::{Change, Hints, Lens, diff};
use crate::error::Result;
use crate::history::History;
use crate::inspect::{objects, schema};
use crate::operation::Operation;
use crate::revision::{Direction, NodeSet, Range};
use crate::run::replay::{Replay, drift};
use crate::run::verify::{Finding, Outcome, Verdict, verify as look};
use crate::run::{Runner, Script, script};
use crate::schema::Schema;

pub(super) async fn verify(context: &Context, terminal: &mut Terminal) -> Result<u8> {
    let history = context.runnable()?;
    let mut verdict = Verdict::default();
    verdict.add("graph", None, None, look(history, None));
    for dialect in Dialect::ALL {
        script_of(context, history, dialect, &mut verdict).await;
        replay(context, history, dialect, &mut verdict).await?;
    }
    entities(context, history, &mut verdict, terminal).await?;
    let reached = live(context, history, &mut verdict).await?;
    let ok = verdict.is_ok();
    if context.json {
        terminal.json(&json!({
            "ok": ok,
            "revisions": history.graph().len(),
            "database": reached,
            "checks": verdict.checks,
            "findings": verdict.findings,
        }));
    } else {
        tell(context, history, &verdict, terminal);
    }
    Ok(if ok { 0 } else { 3 })
}

fn tell(context: &Context, history: &History, verdict: &Verdict, terminal: &mut Terminal) {
    for check in &verdict.checks {
        let (style, word) = match check.outcome {
            Outcome::Ok => (GOOD, "ok     "),
            Outcome::Failed => (BAD, "wrong  "),
            Outcome::Skipped => (OPEN, "skipped"),
        };
        let place = check.dialect.map_or_else(String::new, |dialect| format!(" on {dialect}"));
        let remark = check.remark.as_ref().map_or_else(String::new, |remark| format!(": {remark}"));
        let line = format!("{}  {}{place}{}", terminal.paint(style, word), check.check, terminal.paint(FAINT, &remark));
        terminal.line(&line);
    }
    for finding in
        verdict.findings.iter().filter(|finding| finding.severe || context.verbose || finding.rule != "irreversible")
    {
        let (style, word) = if finding.severe { (BAD, "wrong") } else { (OPEN, "note ") };
        let place = finding.dialect.map_or_else(String::new, |dialect| format!("{dialect}: "));
        let line = format!("{}  {place}{}", terminal.paint(style, word), finding.message);
        terminal.line(&line);
    }
    let skipped = verdict.checks.iter().filter(|check| check.outcome == Outcome::Skipped).count();
    let skipped = if skipped == 0 { String::new() } else { format!("; {} left out", count(skipped, "check")) };
    let (style, word) = if verdict.is_ok() { (GOOD, "fit") } else { (BAD, "do not fit") };
    let line = format!(
        "{}: {} of what was looked at {}{skipped}",
        count(history.graph().len(), "revision"),
        if verdict.is_ok() { "all" } else { "some" },
        terminal.paint(style, word)
    );
    terminal.line(&line);
}

/// Whether what fails on this database is a fault of the project: it may well be written for the other one.
fn counts(context: &Context, dialect: Dialect) -> bool {
    let Ok(own) = context.url().and_then(|url| Dialect::of_url(&url)) else { return true };
    dialect == own || (dialect == Dialect::Postgres && context.settings.shadow.is_some())
}

async fn script_of(context: &Context, history: &History, dialect: Dialect, verdict: &mut Verdict) {
    let range = Range { from: None, to: None };
    let wanted = Script { dialect, range, down: false, limits: context.options.limits() };
    let Err(error) = script(history, &wanted).await else {
        return verdict.add("script", Some(dialect), None, Vec::new());
    };
    // An adopted migration may ask the database something, which a script has none for.
    let adopted = context.adopted().iter().any(|old| error.revision() == Some(old.id.as_str()));
    let finding =
        Finding::new("no_sql", counts(context, dialect) && !adopted, format!("no script can be written: {error}"))
            .on_revision(error.revision())
            .on_dialect(dialect);
    verdict.add("script", Some(dialect), None, vec![finding]);
}

/// The whole history in a scratch database, every revision down and up again.
async fn replay(context: &Context, history: &History, dialect: Dialect, verdict: &mut Verdict) -> Result<()> {
    let shadows = context.shadows();
    if let Err(error) = shadows.available(dialect) {
        let hint = error.hint_text().unwrap_or_default();
        verdict.skip("replay", Some(dialect), format!("{}; {hint}", error.message()));
        return Ok(());
    }
    let severe = counts(context, dialect);
    let excluded = &context.settings.excluded;
    let found = shadows
        .within(dialect, async |shadow| Replay::begin(shadow, history, excluded).await?.up_down_up(severe).await)
        .await?;
    verdict.add("replay", Some(dialect), Some("every revision up, down and up".to_owned()), found);
    Ok(())
}

/// What the revisions make, held against the entities.
async fn entities(context: &Context, history: &History, verdict: &mut Verdict, terminal: &mut Terminal) -> Result<()> {
    let Some(changes) = against_entities(context, terminal).await? else {
        verdict.skip("entities", None, "this program knows none; name them with Project::entities");
        return Ok(());
    };
    let told =
        |change: &Change| Finding::new("entities", true, format!("the entities want what no revision makes: {change}"));
    let remark = format!("held against {}", count(history.graph().len(), "revision"));
    verdict.add("entities", None, Some(remark), changes.iter().map(told).collect());
    Ok(())
}

/// The version table and the schema of the live database. Says whether it was reached.
async fn live(context: &Context, history: &History, verdict: &mut Verdict) -> Result<bool> {
    let url = match context.url() {
        Ok(url) => url,
        Err(error) => {
            verdict.skip("database", None, error.message());
            return Ok(false);
        }
    };
    let dialect = Dialect::of_url(&url)?;
    let runner = match Runner::connect(history, &url, context.options.clone()).await {
        Ok(runner) => runner,
        // A project's default may not be there, as on a machine that only builds. What was named has to be.
        Err(error) if !context.url_is_given() => {
            verdict.skip("database", Some(dialect), error.message());
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    let state = runner.state().await?;
    verdict.add("versions", Some(dialect), None, look(history, Some(&state)));
    let applied = match state.applied(history) {
        Ok(applied) if state.unfinished.is_empty() => applied,
        _ => {
            verdict.skip("database", Some(dialect), "its version table has to be put right first");
            return Ok(true);
        }
    };
    held_against_history(context, &runner, &applied, verdict).await?;
    Ok(true)
}

async fn held_against_history(
    context: &Context,
    runner: &Runner<'_>,
    applied: &NodeSet,
    verdict: &mut Verdict,
) -> Result<()> {
    let (dialect, excluded) = (runner.dialect(), &context.settings.excluded);
    let shadows = context.shadows();
    let history = context.runnable()?;
    if shadows.available(dialect).is_err() {
        let mut found = schema(runner.connection(), dialect).await?;
        excluded.take_out(&mut found);
        let remark = "held against what its operations declare, since no server is named for scratch databases";
        verdict.add("database", Some(dialect), Some(remark.to_owned()), declared(history, applied, &found, dialect)?);
        return Ok(());
    }
    let found = objects(runner.connection(), dialect, excluded).await?;
    let made = shadows.within(dialect, async |shadow| shadow.made_by(history, applied, excluded).await).await;
    let remark = format!("held against its {}", count(applied.len(), "applied revision"));
    match made {
        Ok(made) => verdict.add("database", Some(dialect), Some(remark), drift(made, found, dialect)),
        Err(error) => verdict.skip("database", Some(dialect), format!("its revisions cannot be replayed: {error}")),
    }
    Ok(())
}

/// Without a scratch database only what operations declare can be compared. Where raw SQL was run too, a difference may
/// come from that, and is only noted.
fn declared(history: &History, applied: &NodeSet, found: &Schema, dialect: Dialect) -> Result<Vec<Finding>> {
    let said = |operation: &Operation| !matches!(operation, Operation::Execute(_) | Operation::Online(_));
    let all_said = applied.iter().all(|node| {
        let operations = history.operations(node, Direction::Up);
        operations.is_some_and(|operations| operations.list().iter().all(said))
    });
    let hints = Hints { lens: Lens::One(dialect), ..Hints::default() };
    let changes = diff(&history.schema(applied), found, &hints)?.changes;
    let unknown = if all_said { "" } else { ", unless raw SQL has done so" };
    let finding = |change: &Change| {
        Finding::new("drift", all_said, format!("in the database {change}{unknown}")).on_dialect(dialect)
    };
    Ok(changes.iter().map(finding).collect())
}
