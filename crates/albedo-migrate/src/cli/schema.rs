//! Commands that write a schema down, and make a database of what was written.

use std::path::Path;

use serde_json::json;

use super::arguments::DumpArguments;
use super::context::Context;
use super::print::{GOOD, Terminal, count};
use crate::dialect::Dialect;
use crate::dump::{Dump, dump};
use crate::error::{Error, Result};
use crate::revision::{Direction, NodeSet, Symbol};
use crate::run::{Goal, maintenance};

pub(super) async fn write_down(context: &Context, wanted: &DumpArguments, terminal: &mut Terminal) -> Result<u8> {
    let from_history = wanted.history || wanted.revision.is_some();
    if wanted.dialect.is_some() && !from_history {
        return Err(Error::usage("a database has the dialect it has")
            .hint("say --history to write down what the revisions make in another one"));
    }
    let dump = if from_history { of_history(context, wanted).await? } else { of_database(context).await? };
    let text = dump.text();
    match &wanted.output {
        None if context.json => {
            terminal.json(&json!({"dialect": dump.dialect, "revisions": dump.revisions, "sql": text}))
        }
        None => terminal.raw(&text),
        Some(path) => {
            Context::write_file(path, &text)?;
            if context.json {
                terminal.json(&json!({"dialect": dump.dialect, "revisions": dump.revisions, "path": path}));
            } else {
                let what = count(dump.revisions.len(), "revision");
                terminal.line(&format!("the schema of {what} written to {}", path.display()));
            }
        }
    }
    Ok(0)
}

async fn of_database(context: &Context) -> Result<Dump> {
    let runner = context.runner().await?;
    let state = runner.state().await?;
    if let Some(unfinished) = state.unfinished.first() {
        return Err(Error::drift(format!("{} was begun and did not come to its end", unfinished.version))
            .hint("run `migrate` first: it goes on with it"));
    }
    let history = context.runnable()?;
    let applied = state.applied(history)?;
    dump(runner.connection(), runner.dialect(), history, &applied, &context.settings.excluded).await
}

async fn of_history(context: &Context, wanted: &DumpArguments) -> Result<Dump> {
    let history = context.runnable()?;
    let graph = history.graph();
    let symbol: Symbol = match &wanted.revision {
        Some(text) => text.parse()?,
        None => Symbol::heads(),
    };
    let none = NodeSet::new();
    let target = graph.resolve(&symbol, &none)?;
    let applied = graph.with_ancestors(target.nodes.iter().copied());
    let dialect = wanted.dialect.unwrap_or_else(|| context.dialect());
    context
        .shadows()
        .within(dialect, async |shadow| {
            if !graph.upgrade(&none, &target)?.iter().any(|step| step.direction == Direction::Up) {
                return Err(Error::usage("there is nothing to write down: the target is the base"));
            }
            shadow.replay(history, &Goal::Upgrade(vec![symbol.clone()])).await?;
            dump(&shadow.connection, dialect, history, &applied, &context.settings.excluded).await
        })
        .await
}

pub(super) async fn load(context: &Context, file: &Path, terminal: &mut Terminal) -> Result<u8> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Error::usage(format!("{} cannot be read: {error}", file.display()))
            .hint("`schema-dump --output FILE` writes one")
    })?;
    let dump = Dump::parse(&text).map_err(|error| error.on_operation(format!("read {}", file.display())))?;
    let url = context.url()?;
    if Dialect::of_url(&url)? != dump.dialect {
        return Err(Error::usage(format!("the dump is for {}, and the database is not", dump.dialect))
            .hint("write one for it with `schema-dump --history`"));
    }
    // A history that does not know the dump is told before a database is made for it.
    context.runnable()?;
    let made = maintenance::create(&url, &context.options).await?;
    let loaded = async { context.runner().await?.load(&dump).await }.await;
    if loaded.is_err() && made {
        // What was made for this is taken away with it; the error that led here is the one to tell.
        let _ = maintenance::drop(&url, &context.options).await;
    }
    let revisions = loaded?;
    if context.json {
        terminal.json(&json!({"made": made, "stamped": dump.revisions}));
        return Ok(0);
    }
    let name = maintenance::database_name(&url)?;
    let line =
        format!("{} {name}: {} stamped, nothing was run", terminal.paint(GOOD, "loaded"), count(revisions, "revision"));
    terminal.line(&line);
    Ok(0)
}
