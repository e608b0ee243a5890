//! The graph as a picture: lines in a terminal, Mermaid, Graphviz, SVG. Pure.

use std::collections::HashMap;
use std::fmt::Write as _;

use clap::ValueEnum;

use crate::revision::{Graph, Node};

/// How a graph is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// Lines in the terminal
    #[default]
    Text,
    /// For Markdown
    Mermaid,
    /// For Graphviz
    Dot,
    /// A picture
    Svg,
}

/// One line of the terminal's picture.
pub(super) struct Row {
    pub(super) lanes: String,
    pub(super) node: Option<Node>,
}

/// The newest revision first; each lane waits for the revision its line leads to.
pub(super) fn text(graph: &Graph) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut lanes: Vec<Option<Node>> = Vec::new();
    for node in graph.order().iter().rev().copied() {
        let mut waiting: Vec<usize> = (0..lanes.len()).filter(|lane| lanes.get(*lane) == Some(&Some(node))).collect();
        if waiting.is_empty() {
            let free = lanes.iter().position(Option::is_none).unwrap_or(lanes.len());
            put(&mut lanes, free, Some(node));
            waiting.push(free);
        }
        let lane = waiting.first().copied().unwrap_or(0);
        if let [first, .., last] = waiting.as_slice() {
            rows.push(Row { lanes: bend(&lanes, *first, *last, &waiting, '╯'), node: None });
        }
        for other in waiting.iter().skip(1) {
            put(&mut lanes, *other, None);
        }
        let row = lanes.iter().enumerate().map(|(index, at)| {
            if index == lane {
                '●'
            } else if at.is_some() {
                '│'
            } else {
                ' '
            }
        });
        rows.push(Row { lanes: spaced(row), node: Some(node) });
        let parents = graph.parents(node);
        put(&mut lanes, lane, parents.first().copied());
        let mut targets = vec![lane];
        for parent in parents.iter().skip(1) {
            let place = lanes
                .iter()
                .position(|at| *at == Some(*parent))
                .or_else(|| (lane + 1..lanes.len()).find(|index| lanes.get(*index) == Some(&None)));
            let place = place.unwrap_or(lanes.len());
            put(&mut lanes, place, Some(*parent));
            targets.push(place);
        }
        if let (Some(first), Some(last), true) = (targets.iter().min(), targets.iter().max(), targets.len() > 1) {
            rows.push(Row { lanes: bend(&lanes, *first, *last, &targets, '╮'), node: None });
        }
        while lanes.last() == Some(&None) {
            lanes.pop();
        }
    }
    rows
}

fn put(lanes: &mut Vec<Option<Node>>, index: usize, value: Option<Node>) {
    if lanes.len() <= index {
        lanes.resize(index + 1, None);
    }
    if let Some(slot) = lanes.get_mut(index) {
        *slot = value;
    }
}

fn spaced(signs: impl Iterator<Item = char>) -> String {
    signs.map(|sign| format!("{sign} ")).collect::<String>().trim_end().to_owned()
}

/// The line between two revisions on which lanes part or join.
fn bend(lanes: &[Option<Node>], first: usize, last: usize, joined: &[usize], corner: char) -> String {
    let mut line = String::new();
    for (index, at) in lanes.iter().enumerate() {
        let within = index > first && index < last;
        let sign = match (index, joined.contains(&index)) {
            (index, _) if index == first => '├',
            (index, true) if index == last => corner,
            (_, true) => {
                if corner == '╯' {
                    '┴'
                } else {
                    '┬'
                }
            }
            _ if within && at.is_some() => '┼',
            _ if within => '─',
            _ if at.is_some() => '│',
            _ => ' ',
        };
        line.push(sign);
        line.push(if index >= first && index < last { '─' } else { ' ' });
    }
    line.trim_end().to_owned()
}

/// For Markdown.
pub(super) fn mermaid(graph: &Graph) -> String {
    let mut text = String::from("graph BT\n");
    for node in graph.order() {
        let revision = graph.revision(*node);
        let message = revision.message.replace('"', "'");
        // Writing into a String cannot fail.
        let _ = writeln!(text, "    {}[\"{}<br/>{message}\"]", revision.id, revision.id);
        for (others, arrow) in [(graph.parents(*node), "-->"), (graph.dependencies(*node), "-.->")] {
            for other in others {
                let _ = writeln!(text, "    {} {arrow} {}", revision.id, graph.revision(*other).id);
            }
        }
    }
    text
}

/// For Graphviz.
pub(super) fn dot(graph: &Graph) -> String {
    let mut text =
        String::from("digraph history {\n    rankdir = BT;\n    node [shape = box, fontname = monospace];\n");
    for node in graph.order() {
        let revision = graph.revision(*node);
        let message = revision.message.replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(text, "    \"{}\" [label = \"{}\\n{message}\"];", revision.id, revision.id);
        for (others, style) in [(graph.parents(*node), "solid"), (graph.dependencies(*node), "dashed")] {
            for other in others {
                let _ =
                    writeln!(text, "    \"{}\" -> \"{}\" [style = {style}];", revision.id, graph.revision(*other).id);
            }
        }
    }
    text + "}\n"
}

/// A picture: the newest revision on top, a column for each line of development.
pub(super) fn svg(graph: &Graph) -> String {
    const STEP: usize = 34;
    const LANE: usize = 22;
    let mut places: HashMap<Node, (usize, usize)> = HashMap::new();
    let mut deepest = 0;
    let named = text(graph).into_iter().filter_map(|row| row.node.map(|node| (node, row.lanes)));
    for (row, (node, lanes)) in named.enumerate() {
        let lane = lanes.chars().position(|sign| sign == '●').unwrap_or(0) / 2;
        deepest = deepest.max(lane);
        places.insert(node, (LANE / 2 + 6 + lane * LANE, STEP / 2 + row * STEP));
    }
    let left = LANE * (deepest + 1) + 18;
    let longest = graph.nodes().map(|node| graph.describe(node).chars().count()).max().unwrap_or(0);
    let (width, height) = (left + longest * 8 + 20, graph.len() * STEP);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"monospace\" font-size=\"13\">\n"
    );
    for node in graph.order() {
        let Some((x, y)) = places.get(node) else { continue };
        for (others, dash) in [(graph.parents(*node), ""), (graph.dependencies(*node), " stroke-dasharray=\"4 3\"")] {
            for (px, py) in others.iter().filter_map(|other| places.get(other)) {
                let middle = (y + py) / 2;
                let _ = writeln!(
                    text,
                    "  <path d=\"M{x} {y} C{x} {middle} {px} {middle} {px} {py}\" fill=\"none\" stroke=\"#789\" stroke-width=\"2\"{dash}/>"
                );
            }
        }
    }
    for node in graph.order() {
        let Some((x, y)) = places.get(node) else { continue };
        let label = graph.describe(*node).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = writeln!(
            text,
            "  <circle cx=\"{x}\" cy=\"{y}\" r=\"5\" fill=\"#357\"/><text x=\"{left}\" y=\"{}\">{label}</text>",
            y + 4
        );
    }
    text + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revision::samples::graph;

    #[test]
    fn lanes_part_and_join() {
        let graph = graph(&["a", "b<a", "c<a", "d<b c", "x", "y<x ^d"]);
        let lines: Vec<String> = text(&graph)
            .into_iter()
            .map(|row| row.node.map_or(row.lanes.clone(), |node| format!("{}  {}", row.lanes, graph.revision(node).id)))
            .collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn other_formats_name_every_revision_and_arrow() {
        let graph = graph(&["a", "b<a", "x<^b"]);
        assert!(mermaid(&graph).contains("x -.-> b"));
        assert!(dot(&graph).contains("\"b\" -> \"a\" [style = solid]"));
        assert_eq!(svg(&graph).matches("<circle").count(), 3);
    }
}
