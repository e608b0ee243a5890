//! `squash`: one revision in the place of a range, proven before anything is written.

use std::time::SystemTime;

use serde_json::json;

use super::arguments::SquashArguments;
use super::context::Context;
use super::print::{FAINT, GOOD, OPEN, Terminal, count};
use crate::dialect::Dialect;
use crate::diff::Difference;
use crate::error::{Error, Result};
use crate::generate::Widths;
use crate::generate::render::{Way, body};
use crate::generate::template::{Bodies, slug};
use crate::operation::Operations;
use crate::revision::{NodeSet, Range};
use crate::run::replay::prove;
use crate::squash::{RawSteps, Squash, squash as one_of};

pub(super) async fn squash(context: &Context, wanted: &SquashArguments, terminal: &mut Terminal) -> Result<u8> {
    let history = context.runnable()?;
    let graph = history.graph();
    let directory = context.directory()?;
    let range: Range = wanted.range.parse()?;
    if range.from.is_none() || range.to.is_none() {
        return Err(Error::usage(format!("`{}` does not say from where to where", wanted.range))
            .hint("name the first and the last revision: squash FIRST:LAST"));
    }
    let nodes = graph.between(&range, &NodeSet::new())?;
    let raw = match (wanted.keep_data, wanted.without_data) {
        (true, _) => RawSteps::Keep,
        (_, true) => RawSteps::Drop,
        _ => RawSteps::Refuse,
    };
    let mut squash = one_of(history, &nodes, raw)?;
    let ends: Vec<&str> = [squash.nodes.first(), squash.nodes.last()]
        .into_iter()
        .flatten()
        .map(|node| graph.revision(*node).id.as_str())
        .collect();
    let message = wanted.message.clone().unwrap_or_else(|| format!("squash {}", ends.join(" to ")));
    squash.revision.stem =
        context.settings.style.file_name.stem(SystemTime::now(), &squash.revision.id, &slug(&message));
    squash.revision.message = message;
    if graph.find_stem(&squash.revision.stem).is_some() {
        return Err(Error::usage(format!("the new file would be called {} as one of the old", squash.revision.stem))
            .hint("choose another message with -m"));
    }
    let text = source(context, &squash, &Widths::beside(&directory.path))?;
    let new = history.with_squash(&squash)?;
    let dialects = wanted.dialect.map_or_else(|| Dialect::ALL.to_vec(), |dialect| vec![dialect]);
    let shadows = context.shadows();
    for dialect in &dialects {
        // A missing server is told before the first replay.
        shadows.available(*dialect).map_err(|error| {
            let hint = error.hint_text().unwrap_or_default().to_owned();
            error.hint(format!("{hint}; or prove it on SQLite alone with --dialect sqlite"))
        })?;
    }
    for dialect in &dialects {
        prove(&shadows, *dialect, (history, &new), &squash, &context.settings.excluded).await?;
    }
    if wanted.dry_run {
        terminal.raw(&text);
        return Ok(0);
    }
    let path = directory.replace(&context.adopted(), &squash.revision, &text)?;
    let stems: Vec<&str> = squash.revision.replaces.iter().map(|part| part.stem.as_str()).collect();
    if context.json {
        terminal.json(&json!({
            "id": squash.revision.id,
            "stem": squash.revision.stem,
            "message": squash.revision.message,
            "parents": squash.revision.parents,
            "depends_on": squash.revision.depends_on,
            "labels": squash.revision.labels,
            "replaces": stems,
            "path": path,
            "proven": dialects,
            "folded": squash.folded,
            "left_out": squash.left_out,
        }));
        return Ok(0);
    }
    let line = format!("{} {}", terminal.paint(GOOD, "made"), path.display());
    terminal.line(&line);
    let proven: Vec<String> = dialects.iter().map(ToString::to_string).collect();
    terminal.line(&format!(
        "it replaces {}, whose files are gone; proven to make the same on {}",
        count(stems.len(), "revision"),
        proven.join(" and ")
    ));
    if !squash.folded {
        let line = terminal.paint(
            FAINT,
            "it does what they did, in their order: they changed tables that were there before, or hold raw SQL",
        );
        terminal.line(&line);
    }
    for step in &squash.left_out {
        let line = format!("{} {} of {}", terminal.paint(OPEN, "left out:"), step.what, step.revision);
        terminal.line(&line);
    }
    terminal.line("databases that have all of them go on as they are; one that has a part is refused until it has the rest, so migrate it first");
    Ok(0)
}

/// The file's text. What is left out stands in it, since a reviewer sees the file and not this terminal.
fn source(context: &Context, squash: &Squash, widths: &Widths) -> Result<String> {
    let mut up = lines(&squash.up, Way::Up, widths)?;
    let remarks = squash
        .left_out
        .iter()
        .map(|step| format!("// Left out: {} of {}.", step.what.replace('\n', " "), step.revision));
    up.splice(0..0, remarks);
    let down = lines(&squash.down, Way::Down, widths)?;
    context.settings.style.template.render(&squash.revision, Bodies { up: &up, down: &down }, widths)
}

fn lines(operations: &Operations, way: Way, widths: &Widths) -> Result<Vec<String>> {
    let difference = Difference { operations: operations.list().to_vec(), ..Difference::default() };
    let mut lines = body(&difference, way, widths)?;
    if !operations.is_transactional() {
        lines.insert(0, "op.transactional(false);".to_owned());
    }
    Ok(lines)
}
