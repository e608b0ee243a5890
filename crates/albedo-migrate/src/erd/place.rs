//! Where everything stands on the sheet, in pixels: cards, and lines that run between them and through none.

use super::layers::{Layers, Step, Stop, layers, steps};
use super::{Card, Diagram};

pub(super) const HEAD: f64 = 30.0;
pub(super) const ROW: f64 = 20.0;
const FOOT: f64 = 6.0;
const MARGIN: f64 = 24.0;
/// Between two cards of a column.
const GAP: f64 = 30.0;
/// Room that a line takes where it passes a column.
const PASSAGE: f64 = 16.0;
/// Room for the mark at the end of a line.
const END: f64 = 26.0;
const LANE: f64 = 12.0;
/// Room for a line from a card to itself.
const LOOP: f64 = 22.0;

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The whole sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    pub(super) width: f64,
    pub(super) height: f64,
    /// By the places of the cards.
    pub(super) cards: Vec<Rect>,
    /// By the places of the links: corners from the parent to the child.
    pub(super) lines: Vec<Vec<(f64, f64)>>,
}

pub(super) fn sheet(diagram: &Diagram) -> Sheet {
    let layers = layers(diagram);
    let mut sheet = Sheet {
        cards: diagram.cards.iter().map(size).collect(),
        lines: vec![Vec::new(); diagram.links.len()],
        ..Sheet::default()
    };
    let tops = tops(diagram, &layers, &sheet);
    let mut left = MARGIN;
    for (column, stops) in layers.columns.iter().enumerate() {
        let mut right = left;
        for (stop, y) in stops.iter().zip(tops.get(column).into_iter().flatten()) {
            if let Stop::Card(card) = stop
                && let Some(rect) = sheet.cards.get_mut(*card)
            {
                (rect.x, rect.y) = (left, *y);
                right = right.max(left + rect.width);
            }
        }
        left = channel(diagram, &layers, &tops, &mut sheet, column, right);
    }
    let drawn = |sheet: &Sheet| {
        let linked = (0..sheet.cards.len()).filter(|card| !layers.alone.contains(card));
        linked.filter_map(|card| sheet.cards.get(card)).map(|rect| rect.y + rect.height).fold(0.0, f64::max)
    };
    sheet.width = left;
    sheet.height = drawn(&sheet) + MARGIN;
    alone(&mut sheet, &layers.alone);
    sheet
}

fn size(card: &Card) -> Rect {
    let longest = |text: &dyn Fn(&super::Row) -> usize| card.rows.iter().map(text).max().unwrap_or(0) as f64;
    let names = longest(&|row| row.name.chars().count());
    let kinds = longest(&|row| row.kind.chars().count() + usize::from(row.nullable));
    let rows = 36.0 + names * 7.3 + 18.0 + kinds * 6.7 + 10.0;
    let width = rows.max(card.name.chars().count() as f64 * 8.5 + 24.0).ceil();
    Rect { width, height: HEAD + card.rows.len() as f64 * ROW + FOOT, ..Rect::default() }
}

/// The middle of a row, below the top of its card.
pub(super) fn row_offset(row: usize) -> f64 {
    HEAD + (row as f64 + 0.5) * ROW + FOOT / 2.0
}

/// Where a line meets a stop, below its top.
fn offset(diagram: &Diagram, line: usize, stop: Stop) -> f64 {
    let Some(link) = diagram.links.get(line) else { return 0.0 };
    match stop {
        Stop::Passing(_) => PASSAGE / 2.0,
        Stop::Card(card) if card == link.parent.0 => row_offset(link.parent.1),
        Stop::Card(_) => row_offset(link.child.1),
    }
}

fn height(sheet: &Sheet, stop: Stop) -> f64 {
    match stop {
        Stop::Passing(_) => PASSAGE,
        Stop::Card(card) => sheet.cards.get(card).map_or(0.0, |rect| rect.height),
    }
}

/// The top of each stop: as near to the height of its neighbours as the stops above and below it allow.
fn tops(diagram: &Diagram, layers: &Layers, sheet: &Sheet) -> Vec<Vec<f64>> {
    let mut tops: Vec<Vec<f64>> = Vec::new();
    for column in &layers.columns {
        let mut y = 0.0;
        let mut list = Vec::new();
        for stop in column {
            list.push(y);
            y += height(sheet, *stop) + GAP;
        }
        tops.push(list);
    }
    let count = layers.columns.len();
    for round in 0..10 {
        let forth = round % 2 == 0;
        let order: Vec<usize> = if forth { (1..count).collect() } else { (0..count.saturating_sub(1)).rev().collect() };
        for column in order {
            let near = if forth { column - 1 } else { column + 1 };
            let wanted = wanted(diagram, layers, &tops, column, near);
            let heights: Vec<f64> =
                layers.columns.get(column).into_iter().flatten().map(|stop| height(sheet, *stop)).collect();
            if let Some(own) = tops.get_mut(column) {
                *own = apart(&wanted, &heights);
            }
        }
    }
    let first = tops.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    for y in tops.iter_mut().flatten() {
        *y = (*y - first + MARGIN).round();
    }
    tops
}

fn top_of(layers: &Layers, tops: &[Vec<f64>], column: usize, stop: Stop) -> Option<f64> {
    let place = layers.columns.get(column)?.iter().position(|other| *other == stop)?;
    tops.get(column)?.get(place).copied()
}

fn wanted(diagram: &Diagram, layers: &Layers, tops: &[Vec<f64>], column: usize, near: usize) -> Vec<f64> {
    let steps = steps(layers, diagram, column.min(near));
    let mut list = Vec::new();
    for stop in layers.columns.get(column).into_iter().flatten() {
        let mine = steps.iter().filter(|step| if near < column { step.right == *stop } else { step.left == *stop });
        let ports: Vec<f64> = mine
            .filter_map(|step| {
                let other = if near < column { step.left } else { step.right };
                let port = top_of(layers, tops, near, other)? + offset(diagram, step.line, other);
                Some(port - offset(diagram, step.line, *stop))
            })
            .collect();
        let now = top_of(layers, tops, column, *stop).unwrap_or(0.0);
        list.push(if ports.is_empty() { now } else { ports.iter().sum::<f64>() / ports.len() as f64 });
    }
    list
}

/// The tops nearest to those wanted that keep the order and the gaps. What stands too close is moved together, by as much
/// up as down.
fn apart(wanted: &[f64], heights: &[f64]) -> Vec<f64> {
    let mut shift = 0.0;
    let mut shifts = Vec::new();
    // Blocks of the sum of what their members want, and how many there are.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (top, height) in wanted.iter().zip(heights) {
        blocks.push((top - shift, 1));
        shifts.push(shift);
        shift += height + GAP;
        while let [.., (before, many), (last, few)] = blocks.as_slice() {
            if before / *many as f64 <= last / *few as f64 {
                break;
            }
            let merged = (before + last, many + few);
            blocks.truncate(blocks.len() - 2);
            blocks.push(merged);
        }
    }
    let tops = blocks.iter().flat_map(|(sum, count)| std::iter::repeat_n(sum / *count as f64, *count));
    tops.zip(shifts).map(|(top, shift)| top + shift).collect()
}

/// Draws the lines between a column and the next, and those from its cards to themselves; returns where the next begins.
fn channel(diagram: &Diagram, layers: &Layers, tops: &[Vec<f64>], sheet: &mut Sheet, column: usize, right: f64) -> f64 {
    let looped = loops(diagram, layers, sheet, column);
    let start = right + END + if looped { LOOP } else { 0.0 };
    let steps = steps(layers, diagram, column);
    if steps.is_empty() {
        return start;
    }
    let ports: Vec<(f64, f64)> = steps
        .iter()
        .map(|step| {
            let port =
                |column, stop| top_of(layers, tops, column, stop).unwrap_or(0.0) + offset(diagram, step.line, stop);
            (port(column, step.left), port(column + 1, step.right))
        })
        .collect();
    let lanes = lanes(&steps, &ports);
    let count = lanes.iter().flatten().max().map_or(0, |lane| lane + 1);
    let next = start + count as f64 * LANE + END;
    for ((step, (from, to)), lane) in steps.iter().zip(&ports).zip(&lanes) {
        let left = match step.left {
            Stop::Card(card) => sheet.cards.get(card).map_or(right, |rect| rect.x + rect.width),
            Stop::Passing(_) => right,
        };
        let Some(points) = sheet.lines.get_mut(step.line) else { continue };
        points.push((left, *from));
        if let Some(lane) = lane {
            let x = start + *lane as f64 * LANE;
            points.extend([(x, *from), (x, *to)]);
        }
        points.push((next, *to));
        let is_done = matches!(step.right, Stop::Card(_));
        let way = layers.ways.get(step.line).copied().flatten();
        if is_done && way.is_some_and(|way| !way.parent_is_left) {
            points.reverse();
        }
    }
    next
}

/// A lane for each step that does not run straight. Those from one port share a lane; of two that go down the lower one
/// turns first, so that they do not cross.
fn lanes(steps: &[Step], ports: &[(f64, f64)]) -> Vec<Option<usize>> {
    struct Bundle {
        from: f64,
        low: f64,
        high: f64,
        left: Stop,
        members: Vec<usize>,
    }
    let mut bundles: Vec<Bundle> = Vec::new();
    for (index, (step, (from, to))) in steps.iter().zip(ports).enumerate() {
        if (from - to).abs() < 0.5 {
            continue;
        }
        let (low, high) = (from.min(*to), from.max(*to));
        match bundles.iter_mut().find(|bundle| bundle.left == step.left && (bundle.from - from).abs() < 0.5) {
            Some(bundle) => {
                (bundle.low, bundle.high) = (bundle.low.min(low), bundle.high.max(high));
                bundle.members.push(index);
            }
            None => bundles.push(Bundle { from: *from, low, high, left: step.left, members: vec![index] }),
        }
    }
    let falls = |bundle: &Bundle| bundle.high - bundle.from > bundle.from - bundle.low;
    bundles.sort_by(|one, other| match (falls(one), falls(other)) {
        (true, true) => other.from.total_cmp(&one.from),
        (false, false) => one.from.total_cmp(&other.from),
        (one, other) => one.cmp(&other),
    });
    let mut taken: Vec<(f64, f64, usize)> = Vec::new();
    let mut lanes = vec![None; steps.len()];
    for bundle in bundles {
        let meets = |(low, high, _): &&(f64, f64, usize)| *low < bundle.high + LANE && bundle.low < *high + LANE;
        let lane = taken.iter().filter(meets).map(|(.., lane)| lane + 1).max().unwrap_or(0);
        taken.push((bundle.low, bundle.high, lane));
        for member in bundle.members {
            if let Some(slot) = lanes.get_mut(member) {
                *slot = Some(lane);
            }
        }
    }
    lanes
}

/// Lines from a card of the column to itself, round its right side; says whether there are any.
fn loops(diagram: &Diagram, layers: &Layers, sheet: &mut Sheet, column: usize) -> bool {
    let mut any = false;
    for (line, link) in diagram.links.iter().enumerate() {
        let here = layers.columns.get(column).is_some_and(|stops| stops.contains(&Stop::Card(link.child.0)));
        if !here || link.parent.0 != link.child.0 {
            continue;
        }
        let Some(rect) = sheet.cards.get(link.child.0).copied() else { continue };
        let (edge, out) = (rect.x + rect.width, rect.x + rect.width + END + 4.0);
        let (from, to) = (rect.y + row_offset(link.parent.1), rect.y + row_offset(link.child.1));
        if let Some(points) = sheet.lines.get_mut(line) {
            *points = vec![(edge, from), (out, from), (out, to), (edge, to)];
        }
        any = true;
    }
    any
}

/// Cards without lines stand below the others, row by row.
fn alone(sheet: &mut Sheet, cards: &[usize]) {
    let widest = sheet.width.max(900.0);
    let (mut x, mut y, mut bottom) = (MARGIN, sheet.height, sheet.height);
    for card in cards {
        let Some(rect) = sheet.cards.get_mut(*card) else { continue };
        if x > MARGIN && x + rect.width + MARGIN > widest {
            (x, y) = (MARGIN, bottom + GAP);
        }
        (rect.x, rect.y) = (x, y);
        x += rect.width + GAP;
        bottom = bottom.max(y + rect.height);
        sheet.width = sheet.width.max(rect.x + rect.width + MARGIN);
    }
    if !cards.is_empty() {
        sheet.height = bottom + MARGIN;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erd::tests::schema;

    #[test]
    fn what_wants_to_overlap_is_moved_apart_evenly() {
        assert_eq!(apart(&[0.0, 0.0], &[10.0, 10.0]), [-20.0, 20.0]);
        assert_eq!(apart(&[0.0, 100.0], &[10.0, 10.0]), [0.0, 100.0]);
    }

    #[test]
    fn no_card_covers_another_and_no_line_runs_through_one() {
        let sheet = sheet(&Diagram::new(&schema()));
        for (place, one) in sheet.cards.iter().enumerate() {
            assert!(one.x > 0.0 && one.x + one.width < sheet.width && one.y + one.height < sheet.height, "{one:?}");
            for other in sheet.cards.iter().skip(place + 1) {
                let apart = one.x + one.width <= other.x
                    || other.x + other.width <= one.x
                    || one.y + one.height <= other.y
                    || other.y + other.height <= one.y;
                assert!(apart, "{one:?} {other:?}");
            }
        }
        for line in &sheet.lines {
            assert!(line.len() >= 2);
            for pair in line.windows(2) {
                let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
                for card in &sheet.cards {
                    let beside = ax.max(bx) <= card.x || ax.min(bx) >= card.x + card.width;
                    let over = ay.max(by) <= card.y || ay.min(by) >= card.y + card.height;
                    assert!(beside || over, "{pair:?} runs through {card:?}");
                }
            }
        }
    }
}
