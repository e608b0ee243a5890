//! Commands for databases as a whole.

use super::apply::go;
use super::context::Context;
use super::print::{GOOD, Terminal, count};
use crate::error::{Error, Result};
use crate::run::{Goal, maintenance};

async fn make(context: &Context, terminal: &mut Terminal) -> Result<bool> {
    let url = context.url()?;
    let name = maintenance::database_name(&url)?;
    let made = maintenance::create(&url, &context.options).await?;
    if !context.json {
        let line =
            if made { format!("{} {name}", terminal.paint(GOOD, "made")) } else { format!("{name} is there already") };
        terminal.line(&line);
    }
    Ok(made)
}

pub(super) async fn create_database(context: &Context, terminal: &mut Terminal) -> Result<u8> {
    make(context, terminal).await?;
    Ok(0)
}

pub(super) async fn drop_database(context: &Context, confirm: Option<&str>, terminal: &mut Terminal) -> Result<u8> {
    context.confirm("drop the database", confirm, terminal)?;
    let url = context.url()?;
    let name = maintenance::database_name(&url)?;
    let dropped = maintenance::drop(&url, &context.options).await?;
    terminal.line(&if dropped { format!("dropped {name}") } else { format!("{name} is not there") });
    Ok(0)
}

async fn empty(context: &Context, terminal: &mut Terminal) -> Result<()> {
    let runner = context.runner().await?;
    let dropped = maintenance::drop_tables(runner.connection(), runner.dialect()).await?;
    if !context.json {
        terminal.line(&format!("{} dropped", count(dropped, "table")));
    }
    Ok(())
}

pub(super) async fn reset_tables(context: &Context, confirm: Option<&str>, terminal: &mut Terminal) -> Result<u8> {
    context.confirm("drop all tables", confirm, terminal)?;
    empty(context, terminal).await?;
    Ok(0)
}

pub(super) async fn setup(context: &Context, terminal: &mut Terminal) -> Result<u8> {
    // A history that cannot be run is told before a database is made for it.
    context.runnable()?;
    make(context, terminal).await?;
    go(context, Goal::latest(), false, terminal).await
}

pub(super) async fn setup_reset(context: &Context, confirm: Option<&str>, terminal: &mut Terminal) -> Result<u8> {
    context.runnable()?;
    context.confirm("drop all tables", confirm, terminal)?;
    make(context, terminal).await?;
    empty(context, terminal).await?;
    go(context, Goal::latest(), false, terminal).await
}

pub(super) async fn prepare(context: &Context, terminal: &mut Terminal) -> Result<u8> {
    context.runnable()?;
    let made = make(context, terminal).await?;
    let is_new = made || context.state().await?.rows.is_empty();
    go(context, Goal::latest(), false, terminal).await?;
    if is_new && context.project.seed.is_some() {
        return seed(context, terminal).await;
    }
    Ok(0)
}

pub(super) async fn seed(context: &Context, terminal: &mut Terminal) -> Result<u8> {
    let Some(seed) = context.project.seed else {
        return Err(Error::usage("this project has no seed").hint("pass a function to Project::seed"));
    };
    let runner = context.runner().await?;
    if !runner.plan(&Goal::latest()).await?.is_empty() {
        return Err(
            Error::drift("revisions are pending, so the rows may not fit their tables").hint("run `migrate` first")
        );
    }
    seed(runner.connection())
        .await
        .map_err(|error| Error::failed(format!("the seed failed: {error}")).because(error))?;
    if !context.json {
        terminal.line("seeded");
    }
    Ok(0)
}
