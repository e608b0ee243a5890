//! Commands that only read.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::context::{Context, applied};
use super::draw::{self, GraphFormat};
use super::print::{BAD, FAINT, GOOD, NAME, OPEN, PLAIN, Terminal, count, marks, moment, revision_json, took};
use crate::error::{Error, Result};
use crate::revision::{Anchor, Direction, Graph, Node, NodeSet, Range, Symbol};
use crate::run::Row;

pub(super) async fn status(context: &Context, terminal: &mut Terminal) -> Result<u8> {
    let graph = context.graph()?;
    let state = context.state().await?;
    let (set, unknown) = applied(&graph, &state);
    let rows: HashMap<Node, &Row> =
        state.rows.iter().filter_map(|row| Some((graph.stored_as(&row.version)?, row))).collect();
    let row_of = |node: Node| rows.get(&node).copied();
    if context.json {
        let rows = graph.order().iter().map(|node| {
            let mut value = revision_json(&graph, *node, Some(&set));
            if let (Some(row), Some(object)) = (row_of(*node), value.as_object_mut()) {
                object.insert("applied_at".to_owned(), json!(row.applied_at));
                object.insert("duration_ms".to_owned(), json!(row.duration_ms));
            }
            value
        });
        let lost = unknown.iter().map(|version| json!({"stem": version, "applied": true, "missing_file": true}));
        terminal.json(&Value::Array(rows.chain(lost).collect()));
        return Ok(0);
    }
    let mut rows = Vec::new();
    for node in graph.order() {
        let revision = graph.revision(*node);
        let row = row_of(*node);
        let (style, word) = if set.contains(*node) { (GOOD, "applied") } else { (OPEN, "pending") };
        rows.push(vec![
            (style, word.to_owned()),
            (NAME, revision.id.clone()),
            (FAINT, row.map_or_else(String::new, |row| moment(row.applied_at))),
            (
                FAINT,
                row.and_then(|row| row.duration_ms)
                    .and_then(|time| u64::try_from(time).ok())
                    .map_or_else(String::new, |time| took(Duration::from_millis(time))),
            ),
            (PLAIN, revision.message.clone()),
        ]);
    }
    for version in &unknown {
        rows.push(vec![
            (BAD, "no file".to_owned()),
            (NAME, version.clone()),
            (PLAIN, String::new()),
            (PLAIN, String::new()),
            (PLAIN, String::new()),
        ]);
    }
    terminal.table(&["STATE", "REVISION", "APPLIED AT (UTC)", "TOOK", "MESSAGE"], &rows);
    for unfinished in &state.unfinished {
        let line = terminal.paint(
            BAD,
            &format!("{} was begun ({}) and did not come to its end", unfinished.version, unfinished.direction.word()),
        );
        terminal.line(&line);
    }
    let pending = graph.len() - set.len();
    terminal.line(&format!("{}: {} applied, {pending} pending", count(graph.len(), "revision"), set.len()));
    Ok(0)
}

pub(super) async fn current(context: &Context, check_heads: bool, terminal: &mut Terminal) -> Result<u8> {
    let graph = context.graph()?;
    let (set, unknown) = applied(&graph, &context.state().await?);
    let tips = graph.tips(&set);
    list(context, &graph, &tips, Some(&set), terminal);
    if let [first, ..] = unknown.as_slice() {
        return Err(Error::drift(format!(
            "the database has {} applied, and there is no such file",
            unknown.join(", ")
        ))
        .on_revision(first));
    }
    let at_heads = graph.heads().iter().all(|head| tips.contains(head)) && tips.len() == graph.heads().len();
    if check_heads && !at_heads {
        let behind = graph.len() - set.len();
        terminal.complain(&format!("not at the heads: {} pending", count(behind, "revision")));
        return Ok(3);
    }
    if tips.is_empty() && !context.json {
        terminal.line("nothing is applied");
    }
    Ok(0)
}

pub(super) async fn history(context: &Context, range: Option<&str>, terminal: &mut Terminal) -> Result<u8> {
    let graph = context.graph()?;
    let range: Range = range.unwrap_or_default().parse()?;
    let counts = |symbol: &Option<Symbol>| symbol.as_ref().is_some_and(|symbol| symbol.anchor == Anchor::Current);
    let set = if counts(&range.from) || counts(&range.to) {
        Some(applied(&graph, &context.state().await?).0)
    } else if context.json || context.verbose {
        context.applied_if_known(&graph).await
    } else {
        None
    };
    let mut nodes = graph.between(&range, set.as_ref().unwrap_or(&NodeSet::new()))?;
    nodes.reverse();
    list(context, &graph, &nodes, set.as_ref(), terminal);
    Ok(0)
}

pub(super) async fn heads(context: &Context, terminal: &mut Terminal) -> Result<u8> {
    let graph = context.graph()?;
    let set = if context.json { context.applied_if_known(&graph).await } else { None };
    list(context, &graph, &graph.heads(), set.as_ref(), terminal);
    Ok(0)
}

pub(super) async fn branches(context: &Context, terminal: &mut Terminal) -> Result<u8> {
    let graph = context.graph()?;
    let points = graph.branch_points();
    if context.json {
        let set = context.applied_if_known(&graph).await;
        list(context, &graph, &points, set.as_ref(), terminal);
        return Ok(0);
    }
    for node in &points {
        let line = format!("{}  {}", terminal.paint(NAME, &graph.revision(*node).id), graph.revision(*node).message);
        terminal.line(&line);
        for child in graph.children(*node) {
            let labels = graph.revision(*child).labels.join(", ");
            let labels = if labels.is_empty() { String::new() } else { format!("  ({labels})") };
            let line = format!(
                "    -> {}  {}{labels}",
                terminal.paint(NAME, &graph.revision(*child).id),
                graph.revision(*child).message
            );
            terminal.line(&line);
        }
    }
    for (label, node) in graph.labels() {
        let line = format!("label {}  {}", terminal.paint(OPEN, label), graph.describe(node));
        terminal.line(&line);
    }
    if points.is_empty() {
        terminal.line("the history does not divide");
    }
    Ok(0)
}

/// Some revisions as a table, or as JSON.
fn list(context: &Context, graph: &Graph, nodes: &[Node], set: Option<&NodeSet>, terminal: &mut Terminal) {
    if context.json {
        let rows = nodes.iter().map(|node| revision_json(graph, *node, set));
        return terminal.json(&Value::Array(rows.collect()));
    }
    let tips = set.map(|set| graph.tips(set));
    let rows: Vec<Vec<_>> = nodes
        .iter()
        .map(|node| {
            let revision = graph.revision(*node);
            let mut row = vec![
                (NAME, revision.id.clone()),
                (FAINT, if revision.parents.is_empty() { "-".to_owned() } else { revision.parents.join(", ") }),
                (PLAIN, revision.message.clone()),
                (OPEN, marks(graph, *node, tips.as_deref()).join(", ")),
            ];
            if context.verbose {
                row.push((FAINT, format!("{}.rs", revision.stem)));
                row.push((FAINT, revision.labels.join(", ")));
                row.push((FAINT, revision.depends_on.join(", ")));
            }
            row
        })
        .collect();
    let head = ["REVISION", "AFTER", "MESSAGE", "", "FILE", "LABELS", "DEPENDS ON"];
    let shown = if context.verbose { head.len() } else { 4 };
    terminal.table(head.get(..shown).unwrap_or(&head), &rows);
}

pub(super) async fn show(context: &Context, name: &str, terminal: &mut Terminal) -> Result<u8> {
    let graph = context.graph()?;
    let symbol: Symbol = name.parse()?;
    let known = if symbol.anchor == Anchor::Current {
        Some(applied(&graph, &context.state().await?).0)
    } else {
        context.applied_if_known(&graph).await
    };
    let target = graph.resolve(&symbol, known.as_ref().unwrap_or(&NodeSet::new()))?;
    let [node] = target.nodes.as_slice() else {
        return Err(Error::usage(format!(
            "`{name}` is {}",
            if target.nodes.is_empty() {
                "the base, which is no revision".to_owned()
            } else {
                graph.describe_all(&target.nodes)
            }
        ))
        .hint("name one revision"));
    };
    let revision = graph.revision(*node);
    let told = |direction: Direction| {
        let history = context.history().ok()?;
        let operations = history.operations(history.graph().find(&revision.id)?, direction)?;
        Some(operations.list().iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    if context.json {
        let mut value = revision_json(&graph, *node, known.as_ref());
        if let Some(object) = value.as_object_mut() {
            object.insert("up".to_owned(), json!(told(Direction::Up)));
            object.insert("down".to_owned(), json!(told(Direction::Down)));
        }
        terminal.json(&value);
        return Ok(0);
    }
    let list = |names: &[String]| if names.is_empty() { "-".to_owned() } else { names.join(", ") };
    let children: Vec<String> = graph.children(*node).iter().map(|child| graph.revision(*child).id.clone()).collect();
    let state = known
        .map_or("not known: no database was reached", |set| if set.contains(*node) { "applied" } else { "pending" });
    let lines = [
        ("revision", revision.id.clone()),
        ("message", revision.message.clone()),
        ("file", format!("{}.rs", revision.stem)),
        ("after", list(&revision.parents)),
        ("before", list(&children)),
        ("depends on", list(&revision.depends_on)),
        ("labels", list(&revision.labels)),
        ("is", list(&marks(&graph, *node, None).into_iter().map(str::to_owned).collect::<Vec<_>>())),
        ("state", state.to_owned()),
    ];
    for (title, text) in lines {
        let line = format!("{}  {text}", terminal.paint(FAINT, &format!("{title:<10}")));
        terminal.line(&line);
    }
    for direction in [Direction::Up, Direction::Down] {
        match told(direction) {
            Some(operations) => {
                let line = terminal.paint(FAINT, direction.word());
                terminal.line(&line);
                for operation in operations {
                    terminal.line(&format!("    {operation}"));
                }
            }
            None => terminal.line(&format!("{}: not compiled into this program", direction.word())),
        }
    }
    Ok(0)
}

pub(super) async fn graph(context: &Context, format: GraphFormat, terminal: &mut Terminal) -> Result<u8> {
    let graph = context.graph()?;
    if context.json {
        let set = context.applied_if_known(&graph).await;
        let rows = graph.order().iter().map(|node| revision_json(&graph, *node, set.as_ref()));
        terminal.json(&Value::Array(rows.collect()));
        return Ok(0);
    }
    match format {
        GraphFormat::Text => {
            for row in draw::text(&graph) {
                let line = match row.node {
                    Some(node) => {
                        let revision = graph.revision(node);
                        let mut line =
                            format!("{}  {}  {}", row.lanes, terminal.paint(NAME, &revision.id), revision.message);
                        let notes: Vec<String> = revision
                            .labels
                            .iter()
                            .cloned()
                            .chain(revision.depends_on.iter().map(|other| format!("needs {other}")))
                            .chain(graph.children(node).is_empty().then(|| "head".to_owned()))
                            .collect();
                        if !notes.is_empty() {
                            line.push_str(&format!("  {}", terminal.paint(OPEN, &format!("({})", notes.join(", ")))));
                        }
                        line
                    }
                    None => row.lanes,
                };
                terminal.line(line.trim_end());
            }
        }
        GraphFormat::Mermaid => terminal.raw(&draw::mermaid(&graph)),
        GraphFormat::Dot => terminal.raw(&draw::dot(&graph)),
        GraphFormat::Svg => terminal.raw(&draw::svg(&graph)),
    }
    Ok(0)
}
