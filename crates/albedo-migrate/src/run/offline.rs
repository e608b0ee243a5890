//! A script instead of a run: the same steps, written down.

use super::options::Limits;
use super::session::Session;
use super::step::Job;
use super::version_table;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::history::History;
use crate::revision::{Direction, NodeSet, Range, Step, Target};

/// What a script goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// For which database.
    pub dialect: Dialect,
    /// From where to where. Without a beginning it starts from an empty database, without an end it goes to all heads.
    pub range: Range,
    /// Down from the end of the range to its beginning, instead of up.
    pub down: bool,
    /// How long a statement may take (PostgreSQL).
    pub limits: Limits,
}

/// The script, ready for `sqlite3` or `psql`: every revision in its transaction with its version row, stopping at the
/// first statement that is refused.
///
/// # Errors
/// When the range makes no sense, or a SQLite table is to be rebuilt that no revision before it makes.
pub async fn script(history: &History, wanted: &Script) -> Result<String> {
    let graph = history.graph();
    let none = NodeSet::new();
    let from = match &wanted.range.from {
        Some(symbol) => graph.resolve(symbol, &none)?,
        None => Target::default(),
    };
    let to = match &wanted.range.to {
        Some(symbol) => graph.resolve(symbol, &graph.with_ancestors(from.nodes.iter().copied()))?,
        None => Target { nodes: graph.heads(), branch: None },
    };
    let (before, steps) = if wanted.down {
        let before = graph.with_ancestors(to.nodes.iter().copied());
        let steps = graph.downgrade(&before, &from)?;
        (before, steps)
    } else {
        let before = graph.with_ancestors(from.nodes.iter().copied());
        let steps = graph.upgrade(&before, &to)?;
        (before, steps)
    };
    let mut session = Session::script(wanted.dialect, wanted.limits).await?;
    let mut applied = NodeSet::new();
    if wanted.dialect == Dialect::Sqlite {
        // The database in memory is brought to where the script begins; none of it is written down.
        install(&mut session).await?;
        for node in graph.ordered(&before) {
            write(&mut session, history, Step { node, direction: Direction::Up }, &applied).await?;
            applied.insert(node);
        }
    }
    applied = before;
    session.record();
    head(&mut session, wanted, steps.len());
    install(&mut session).await?;
    for step in steps {
        let revision = graph.revision(step.node);
        session.write_only("");
        session.remark(&format!("{} {} ({})", revision.id, revision.message, step.direction.word()));
        write(&mut session, history, step, &applied).await?;
        match step.direction {
            Direction::Up => {
                applied.insert(step.node);
            }
            Direction::Down => applied.remove(step.node),
        }
    }
    Ok(session.written())
}

fn head(session: &mut Session<'_>, wanted: &Script, count: usize) {
    session.remark(&format!("{count} revisions {} for {}", if wanted.down { "down" } else { "up" }, wanted.dialect));
    match wanted.dialect {
        Dialect::Sqlite => {
            session.write_only(".bail on");
            session.write_only("PRAGMA foreign_keys = ON;");
        }
        Dialect::Postgres => session.write_only("\\set ON_ERROR_STOP on"),
    }
}

async fn install(session: &mut Session<'_>) -> Result<()> {
    for sql in version_table::install(session.dialect) {
        session.execute(&sql).await?;
    }
    Ok(())
}

async fn write(session: &mut Session<'_>, history: &History, step: Step, applied: &NodeSet) -> Result<()> {
    let revision = history.graph().revision(step.node);
    // A script does not know whether the database has a squashed revision as one row or by its parts.
    let mut rows: Vec<String> = match step.direction {
        Direction::Up => Vec::new(),
        Direction::Down => revision.replaces.iter().map(|part| part.stem.clone()).collect(),
    };
    rows.push(revision.stem.clone());
    let job = Job { history, step, rows, applied, writes_row: true };
    job.run(session).await.map(|_| ()).map_err(|error| error.on_revision(&revision.id))
}
