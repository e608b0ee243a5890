//! Commands that run revisions, or print what running them would do.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::json;

use super::arguments::SqlArguments;
use super::context::Context;
use super::print::{BAD, FAINT, GOOD, NAME, OPEN, Terminal, count, took};
use crate::error::{Error, Result};
use crate::history::History;
use crate::revision::{Direction, Range, Step, Symbol};
use crate::run::{Event, Goal, Report, Runner, Script, script};

fn symbols(texts: &[String]) -> Result<Vec<Symbol>> {
    if texts.is_empty() { Ok(vec![Symbol::heads()]) } else { texts.iter().map(|text| text.parse()).collect() }
}

pub(super) async fn migrate(
    context: &Context,
    revisions: &[String],
    dry_run: bool,
    terminal: &mut Terminal,
) -> Result<u8> {
    go(context, Goal::Upgrade(symbols(revisions)?), dry_run, terminal).await
}

/// As SeaORM's own command line has it: the next so many, in the order of the list.
pub(super) async fn up(context: &Context, num: Option<usize>, terminal: &mut Terminal) -> Result<u8> {
    let Some(num) = num else { return migrate(context, &[], false, terminal).await };
    let runner = context.runner().await?;
    let steps = runner.plan(&Goal::latest()).await?;
    let graph = context.runnable()?.graph();
    let next = steps.iter().take(num).map(|step| graph.revision(step.node).id.parse());
    let goal = Goal::Upgrade(next.collect::<Result<_>>()?);
    if steps.is_empty() || num == 0 {
        return go(context, Goal::latest(), num == 0, terminal).await;
    }
    go(context, goal, false, terminal).await
}

pub(super) async fn rollback(context: &Context, step: usize, dry_run: bool, terminal: &mut Terminal) -> Result<u8> {
    go(context, Goal::Rollback(step), dry_run, terminal).await
}

pub(super) async fn downgrade(context: &Context, revision: &str, dry_run: bool, terminal: &mut Terminal) -> Result<u8> {
    go(context, Goal::Downgrade(revision.parse()?), dry_run, terminal).await
}

pub(super) async fn redo(context: &Context, step: usize, terminal: &mut Terminal) -> Result<u8> {
    go(context, Goal::Redo(step), false, terminal).await
}

pub(super) async fn reset(context: &Context, confirm: Option<&str>, terminal: &mut Terminal) -> Result<u8> {
    context.confirm("take every revision back", confirm, terminal)?;
    go(context, Goal::Reset, false, terminal).await
}

/// Runs towards a goal, or only says what would be run.
pub(super) async fn go(context: &Context, goal: Goal, dry_run: bool, terminal: &mut Terminal) -> Result<u8> {
    let mut runner = context.runner().await?;
    let history = context.runnable()?;
    if dry_run {
        let steps = runner.plan(&goal).await?;
        tell_plan(context, history, &steps, terminal);
        return Ok(0);
    }
    let begun = Instant::now();
    let ended = stop_on_interrupt(&runner);
    let as_json = context.json;
    let report = runner
        .run(&goal, |event| {
            if !as_json {
                tell(terminal, &event)
            }
        })
        .await;
    ended.abort();
    tell_report(context, history, &report?, begun.elapsed(), terminal);
    Ok(0)
}

/// The first Ctrl-C ends the run before its next step; the second ends it at once, and the database rolls back.
fn stop_on_interrupt(runner: &Runner<'_>) -> tokio::task::JoinHandle<()> {
    let stop = runner.stop();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.store(true, Ordering::Relaxed);
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    })
}

fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "up  ",
        Direction::Down => "down",
    }
}

fn tell(terminal: &mut Terminal, event: &Event) {
    match event {
        Event::Waiting { holder } => {
            let line = terminal.paint(FAINT, &format!("waiting: {holder} is migrating"));
            terminal.complain(&line);
        }
        Event::Again { id, reason, after } => {
            let line = terminal.paint(OPEN, &format!("again in {}: {id}: {reason}", took(*after)));
            terminal.complain(&line);
        }
        Event::Started { .. } => {}
        Event::Finished { id, message, direction, took: time } => {
            let style = if *direction == Direction::Up { GOOD } else { OPEN };
            let line = format!(
                "{}  {}  {message}  {}",
                terminal.paint(style, way(*direction)),
                terminal.paint(NAME, id),
                terminal.paint(FAINT, &took(*time))
            );
            terminal.line(&line);
        }
        Event::Skipped { id } => {
            let line = terminal.paint(FAINT, &format!("      {id}  done by another runner meanwhile"));
            terminal.line(&line);
        }
    }
}

fn tell_report(context: &Context, history: &History, report: &Report, time: Duration, terminal: &mut Terminal) {
    let graph = history.graph();
    if context.json {
        let rows = report.done.iter().map(|(node, direction, time)| {
            json!({"id": graph.revision(*node).id, "stem": graph.revision(*node).stem, "direction": direction, "duration_ms": time.as_millis()})
        });
        return terminal.json(&json!(rows.collect::<Vec<_>>()));
    }
    if report.done.is_empty() {
        let line = terminal.paint(GOOD, "nothing to do");
        return terminal.line(&line);
    }
    let ups = report.done.iter().filter(|(_, direction, _)| *direction == Direction::Up).count();
    let downs = report.done.len() - ups;
    let mut parts = Vec::new();
    if downs > 0 {
        parts.push(format!("{} taken back", count(downs, "revision")));
    }
    if ups > 0 {
        parts.push(format!("{} applied", count(ups, "revision")));
    }
    terminal.line(&format!("{} in {}", parts.join(", "), took(time)));
}

fn tell_plan(context: &Context, history: &History, steps: &[Step], terminal: &mut Terminal) {
    let graph = history.graph();
    if context.json {
        let rows = steps.iter().map(|step| json!({"id": graph.revision(step.node).id, "stem": graph.revision(step.node).stem, "direction": step.direction}));
        return terminal.json(&json!(rows.collect::<Vec<_>>()));
    }
    for step in steps {
        let revision = graph.revision(step.node);
        let line = format!("{}  {}  {}", way(step.direction), terminal.paint(NAME, &revision.id), revision.message);
        terminal.line(&line);
    }
    terminal.line(&format!("{} would be run; nothing was changed", count(steps.len(), "step")));
}

pub(super) async fn stamp(context: &Context, revisions: &[String], purge: bool, terminal: &mut Terminal) -> Result<u8> {
    let targets = symbols(revisions)?;
    let mut runner = context.runner().await?;
    let graph = context.runnable()?.graph();
    let (new, gone) = runner.stamp(&targets, purge).await?;
    if context.json {
        let ids = |nodes: &[crate::revision::Node]| {
            nodes.iter().map(|node| graph.revision(*node).id.clone()).collect::<Vec<_>>()
        };
        terminal.json(&json!({"stamped": ids(&new), "struck_out": ids(&gone)}));
        return Ok(0);
    }
    for (nodes, sign, style) in [(&gone, "-", BAD), (&new, "+", GOOD)] {
        for node in nodes {
            let line = format!("{} {}", terminal.paint(style, sign), graph.describe(*node));
            terminal.line(&line);
        }
    }
    terminal.line(&format!("{} stamped, {} struck out; nothing was run", count(new.len(), "revision"), gone.len()));
    Ok(0)
}

pub(super) async fn sql(context: &Context, wanted: &SqlArguments, terminal: &mut Terminal) -> Result<u8> {
    let history = context.runnable()?;
    let mut range: Range = wanted.range.as_deref().unwrap_or_default().parse()?;
    if wanted.down && wanted.range.as_deref().is_some_and(|text| !text.contains(':')) {
        // A lone symbol says where to come down to.
        range = Range { from: range.to.take(), to: None };
    }
    for symbol in [&mut range.from, &mut range.to].into_iter().flatten() {
        *symbol = pinned(context, history, symbol).await?;
    }
    let wanted_script = Script {
        dialect: wanted.dialect.unwrap_or_else(|| context.dialect()),
        range,
        down: wanted.down,
        limits: context.options.limits(),
    };
    let text = script(history, &wanted_script).await?;
    match &wanted.output {
        None => terminal.raw(&text),
        Some(path) => {
            Context::write_file(path, &text)?;
            terminal.line(&format!("{} lines written to {}", text.lines().count(), path.display()));
        }
    }
    Ok(0)
}

/// A symbol that counts from what is applied, as the revision it means; others stay as they are.
async fn pinned(context: &Context, history: &History, symbol: &Symbol) -> Result<Symbol> {
    if symbol.anchor != crate::revision::Anchor::Current {
        return Ok(symbol.clone());
    }
    let applied = context.state().await?.applied(history)?;
    match history.graph().resolve(symbol, &applied)?.nodes.as_slice() {
        [] => Ok(Symbol::base()),
        [node] => history.graph().revision(*node).id.parse(),
        several => Err(Error::usage(format!("the database is at {}", history.graph().describe_all(several)))
            .hint("name one of them in the range")),
    }
}
