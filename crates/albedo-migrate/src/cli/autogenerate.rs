//! `create`: a revision that is filled in from what differs between the history and the entities.
//!
//! Nothing is asked of any database, unless a step has done what no operation tells; then the history is replayed in a
//! scratch database. The file is written last, whole or not at all. A program without entities makes an empty revision.

use serde_json::json;

use super::arguments::CreateArguments;
use super::context::Context;
use super::create::{new_revision, tell};
use super::print::{FAINT, OPEN, Terminal};
use super::{ask, lint, print};
use crate::dialect::Dialect;
use crate::diff::{Difference, Fill, Hints, Lens, Remark};
use crate::error::{Error, Result};
use crate::generate::proposal::{is_declared, open_renames, with_undeclared};
use crate::generate::render::{Way, body};
use crate::generate::template::Bodies;
use crate::generate::{NewRevision, Widths};
use crate::history::{Body, History};
use crate::revision::{Direction, NodeSet, Symbol};
use crate::run::Replay;
use crate::schema::Schema;

pub(super) async fn create(context: &Context, wanted: &CreateArguments, terminal: &mut Terminal) -> Result<u8> {
    let Some(entities) = &context.project.entities else {
        let code = super::create::create_empty(context, &wanted.new, terminal)?;
        if !context.json {
            terminal.line(
                "this program knows no entities (Project::entities), so its `up` and `down` are empty: fill them in",
            );
        }
        return Ok(code);
    };
    let new = new_revision(&wanted.new);
    let directory = context.directory()?;
    // A bad id or label is told before anybody is asked anything.
    directory.plan(&context.adopted(), &new, &context.settings.style)?;
    let target = entities();
    let mut after = target.schema_named(&context.settings.naming)?;
    let mut before = schema_before(context, &new, wanted.offline, &after, terminal).await?;
    context.settings.excluded.take_out(&mut before);
    context.settings.excluded.take_out(&mut after);
    let mut renames = wanted.rename.clone();
    renames.extend(
        open_renames(target.renames(), &before, &after).into_iter().filter(|told| !wanted.rename.contains(told)),
    );
    let fills = wanted.fill.iter().map(|fill| known_fill(fill, &before, &after)).collect::<Result<Vec<_>>>()?;
    let hints = Hints { renames, fills, ..Hints::default() };
    let proposal = ask::proposal(&before, &after, hints, wanted.allow_destructive, terminal)?;
    for remark in &proposal.up.remarks {
        if let Remark::Beyond { message } = remark {
            let line = format!("{} {message}", terminal.paint(OPEN, "left:"));
            terminal.complain(&line);
        }
    }
    if proposal.up.operations.is_empty() {
        if context.json {
            terminal.json(&json!({ "path": null, "changes": [] }));
        } else {
            terminal.line("the entities are what the history makes; nothing was written");
        }
        return Ok(0);
    }
    let widths = Widths::beside(&directory.path);
    let (up, down) = (body(&proposal.up, Way::Up, &widths)?, body(&proposal.down, Way::Down, &widths)?);
    let bodies = Bodies { up: &up, down: &down };
    if wanted.dry_run {
        terminal.raw(&directory.preview(&context.adopted(), &new, bodies, &context.settings.style)?);
        return Ok(0);
    }
    let (path, revision) = directory.create(&context.adopted(), &new, bodies, &context.settings.style)?;
    if !context.json {
        summary(&proposal.up, terminal);
    }
    tell(context, &path, &revision, terminal);
    if !context.json {
        let operations = [proposal.up.operations.as_slice(), proposal.down.operations.as_slice()];
        lint::of_new(context, &revision.id, &before, operations, terminal);
        let line = terminal.paint(FAINT, "read it, then run `migrate`");
        terminal.line(&line);
    }
    Ok(0)
}

fn summary(difference: &Difference, terminal: &mut Terminal) {
    for change in &difference.changes {
        terminal.line(&change.to_string());
    }
    let lost = difference.destructive().count();
    if lost > 0 {
        let text = format!("{} marked DESTRUCTIVE", print::count(lost, "operation"));
        let line = terminal.paint(OPEN, &text);
        terminal.line(&line);
    }
}

/// A fill that fits nothing is a mistype, which would otherwise be told as a missing one.
fn known_fill(fill: &Fill, before: &Schema, after: &Schema) -> Result<Fill> {
    let is_column = after.table(&fill.table).is_some_and(|table| table.column(&fill.column).is_some());
    let is_value = before.enums.get(&fill.table).is_some_and(|known| known.values.contains(&fill.column));
    if is_column || is_value {
        return Ok(ask::literal(fill.clone(), after));
    }
    Err(Error::usage(format!("--fill {}.{}: there is no such column", fill.table, fill.column))
        .hint("name the table and the column as the entities call them now"))
}

/// The schema that the new revision will find: what all revisions before it make, on its own branch.
async fn schema_before(
    context: &Context,
    new: &NewRevision,
    offline: bool,
    after: &Schema,
    terminal: &mut Terminal,
) -> Result<Schema> {
    let applied = before(context.runnable()?, new)?;
    made_by(context, &applied, offline, after, terminal).await
}

/// The schema that these revisions make, as far as operations tell it; what raw SQL and older migrations do is looked at
/// in a scratch database.
pub(super) async fn made_by(
    context: &Context,
    applied: &NodeSet,
    offline: bool,
    after: &Schema,
    terminal: &mut Terminal,
) -> Result<Schema> {
    let history = context.runnable()?;
    let declared = history.schema(applied);
    if offline || !has_undeclared(history, applied) {
        return Ok(declared);
    }
    let shadows = context.shadows();
    let dialect = if shadows.postgres.is_some() { Dialect::Postgres } else { Dialect::Sqlite };
    if dialect == Dialect::Sqlite && !context.json {
        let text =
            "raw SQL or older migrations come before it: replayed on SQLite; --shadow-url lets PostgreSQL be looked at";
        let line = terminal.paint(FAINT, text);
        terminal.complain(&line);
    }
    let seen = shadows
        .within(dialect, async |shadow| {
            Replay::begin(shadow, history, &context.settings.excluded).await?.up(applied).await?;
            crate::inspect::schema(&shadow.connection, dialect).await
        })
        .await
        .map_err(|error| {
            error.hint(
                "--offline leaves out what raw SQL and older migrations do; --shadow-url replays them on PostgreSQL",
            )
        })?;
    let mut seen = seen;
    context.settings.excluded.take_out(&mut seen);
    let mut declared = declared;
    context.settings.excluded.take_out(&mut declared);
    with_undeclared(&declared, &seen, after, Lens::One(dialect))
}

/// The revisions that come before the new one.
fn before(history: &History, new: &NewRevision) -> Result<NodeSet> {
    let graph = history.graph();
    let none = NodeSet::new();
    let symbols = if new.parents.is_empty() { vec!["head".to_owned()] } else { new.parents.clone() };
    let mut nodes = Vec::new();
    for symbol in symbols.iter().chain(&new.depends_on) {
        let symbol: Symbol = symbol.parse()?;
        nodes.extend(graph.resolve(&symbol, &none)?.nodes);
    }
    Ok(graph.with_ancestors(nodes))
}

fn has_undeclared(history: &History, applied: &NodeSet) -> bool {
    history.graph().ordered(applied).into_iter().any(|node| match history.body(node) {
        Ok(Body::Old(_)) => true,
        _ => history.operations(node, Direction::Up).is_some_and(|operations| !is_declared(operations.list())),
    })
}
