//! What may hurt a database in use: told, and where it can be, mended in the file.

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::print::{BAD, FAINT, GOOD, NAME, OPEN, Terminal, count};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::generate::template::Bodies;
use crate::generate::{Directory, NewRevision};
use crate::history::History;
use crate::lint::fix::{Fix, fix};
use crate::lint::{Finding, Rules, Subject, history as look, revision as look_at};
use crate::operation::{Operation, Operations};
use crate::revision::{Anchor, Direction, Node, NodeSet, Range, Symbol};
use crate::schema::Schema;
use crate::settings::Level;

/// What to look at for harm.
#[derive(Clone, Debug, Args)]
pub struct LintArguments {
    /// One revision, or from where to where: A:B; all when nothing is said
    #[arg(value_name = "REVISION|RANGE")]
    pub range: Option<String>,
    /// Rewrite what can be done without stopping anybody: indexes, foreign keys, checks
    #[arg(long)]
    pub fix: bool,
    /// Only what concerns this database
    #[arg(long, value_name = "sqlite|postgres")]
    pub dialect: Option<Dialect>,
}

pub(super) async fn lint(context: &Context, wanted: &LintArguments, terminal: &mut Terminal) -> Result<u8> {
    let history = context.runnable()?;
    let nodes = nodes(context, history, wanted.range.as_deref()).await?;
    let mut findings = look(history, &nodes, &rules(context));
    findings.retain(|finding| concerns(finding, wanted.dialect));
    let mut left = Vec::new();
    let mut fixed = Vec::new();
    if wanted.fix {
        for node in history.graph().ordered(&nodes) {
            match mend(context, history, node, &findings).await {
                Ok(Some((fix, paths))) => {
                    let id = &history.graph().revision(node).id;
                    findings.retain(|finding| {
                        finding.revision != *id || !finding.index.is_some_and(|index| fix.mended.contains(&index))
                    });
                    fixed.extend(paths);
                }
                Ok(None) => {}
                Err(error) => left.push(error),
            }
        }
    }
    let severe = findings.iter().any(|finding| finding.level == Level::Error);
    let code = u8::from(severe);
    if context.json {
        let left: Vec<_> =
            left.iter().map(|error| json!({"revision": error.revision(), "reason": error.message()})).collect();
        terminal.json(
            &json!({"ok": !severe, "revisions": nodes.len(), "findings": findings, "fixed": fixed, "not_fixed": left}),
        );
        return Ok(code);
    }
    tell(&findings, terminal);
    for error in &left {
        let line = format!("{}  {error}", terminal.paint(OPEN, "not mended"));
        terminal.line(&line);
    }
    for path in &fixed {
        let line = format!("{}  {path}", terminal.paint(GOOD, "mended"));
        terminal.line(&line);
    }
    if !fixed.is_empty() {
        terminal.line("read the files, format them, and build again");
    }
    let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
    let verdict = if findings.is_empty() {
        terminal.paint(GOOD, "nothing to say")
    } else {
        format!("{}, {}", count(errors, "error"), count(findings.len() - errors, "warning"))
    };
    terminal.line(&format!("{}: {verdict}", count(nodes.len(), "revision")));
    Ok(code)
}

/// What is to be said about a revision that has just been written, and is not part of this program yet.
pub(super) fn of_new(
    context: &Context,
    id: &str,
    before: &Schema,
    [up, down]: [&[Operation]; 2],
    terminal: &mut Terminal,
) {
    let written = |list: &[Operation]| Operations::of(|op| list.iter().for_each(|one| op.push(one.clone())));
    let (up, down) = (written(up), written(down));
    tell(&look_at(&Subject { id, before, up: &up, down: &down }, &rules(context)), terminal);
}

fn rules(context: &Context) -> Rules {
    Rules::new(context.settings.lint.clone(), context.options.lock_timeout)
}

fn concerns(finding: &Finding, wanted: Option<Dialect>) -> bool {
    wanted.is_none_or(|wanted| finding.database.is_none_or(|database| database == wanted))
}

async fn nodes(context: &Context, history: &History, range: Option<&str>) -> Result<NodeSet> {
    let graph = history.graph();
    let Some(text) = range else { return Ok(graph.nodes().collect()) };
    let counts = |symbol: &Symbol| symbol.anchor == Anchor::Current;
    if text.contains(':') {
        let range: Range = text.parse()?;
        let counts = [&range.from, &range.to].into_iter().flatten().any(counts);
        let applied = if counts { context.state().await?.applied(history)? } else { NodeSet::new() };
        return Ok(graph.between(&range, &applied)?.into_iter().collect());
    }
    let symbol: Symbol = text.parse()?;
    let applied = if counts(&symbol) { context.state().await?.applied(history)? } else { NodeSet::new() };
    Ok(graph.resolve(&symbol, &applied)?.nodes.into_iter().collect())
}

fn tell(findings: &[Finding], terminal: &mut Terminal) {
    for finding in findings {
        let (style, word) = if finding.level == Level::Error { (BAD, "error") } else { (OPEN, "warn ") };
        let what = finding.operation.as_deref().unwrap_or("the revision");
        let only = match finding.database {
            Some(Dialect::Postgres) => "  (PostgreSQL)",
            Some(Dialect::Sqlite) => "  (SQLite)",
            None => "",
        };
        let lines = [
            format!(
                "{}  {}  {} {}: {what}{}",
                terminal.paint(style, word),
                finding.rule,
                terminal.paint(NAME, &finding.revision),
                finding.direction.word(),
                terminal.paint(FAINT, only)
            ),
            format!("       {}", finding.reason),
            format!("       {} {}", terminal.paint(FAINT, "instead:"), finding.recipe),
        ];
        lines.iter().for_each(|line| terminal.line(line));
    }
}

/// Rewrites a revision's file, and writes the one that follows it; returns what was done and the paths.
async fn mend(
    context: &Context,
    history: &History,
    node: Node,
    findings: &[Finding],
) -> Result<Option<(Fix, Vec<String>)>> {
    let graph = history.graph();
    let revision = graph.revision(node);
    let own: Vec<Finding> = findings.iter().filter(|finding| finding.revision == revision.id).cloned().collect();
    let (Some(up), Some(down)) = (history.operations(node, Direction::Up), history.operations(node, Direction::Down))
    else {
        return Ok(None);
    };
    let mut ancestors = graph.with_ancestors([node]);
    ancestors.remove(node);
    let before = history.schema(&ancestors);
    let subject = Subject { id: &revision.id, before: &before, up: &up, down: &down };
    let directory = context.directory()?;
    let text = directory.text(revision)?;
    let is_head = graph.children(node).is_empty();
    let refused = |why: String| Error::failed(why).on_revision(&revision.id);
    let Some(fix) = fix(&text, &subject, &own, is_head).map_err(refused)? else { return Ok(None) };
    // Asked only now: most revisions have nothing to mend, and a project without a database has none applied.
    if context.url().is_ok() && context.state().await?.applied(history)?.contains(node) {
        return Err(refused(
            "it is applied, and with another text its checksum would no longer fit: put what is wrong right in a new revision".to_owned(),
        ));
    }
    let paths = write(context, &directory, revision, &fix)?;
    Ok(Some((fix, paths)))
}

/// The new file first: while only it is there, nothing is lost.
fn write(
    context: &Context,
    directory: &Directory,
    revision: &crate::revision::Revision,
    fix: &Fix,
) -> Result<Vec<String>> {
    let mut paths = vec![directory.path.join(format!("{}.rs", revision.stem)).display().to_string()];
    let mut made = None;
    if let Some(next) = &fix.next {
        let new =
            NewRevision { message: next.message.clone(), parents: vec![revision.id.clone()], ..NewRevision::default() };
        let bodies = Bodies { up: &next.up, down: &next.down };
        let (path, _) = directory.create(&context.adopted(), &new, bodies, &context.settings.style)?;
        paths.push(path.display().to_string());
        made = Some(path);
    }
    directory.rewrite(revision, &fix.text).inspect_err(|_| {
        if let Some(path) = made {
            // The first error is the one to tell.
            let _ = std::fs::remove_file(path);
        }
    })?;
    Ok(paths)
}
