//! Which card stands in which column, and in which order from top to bottom: parents left of their children, and few
//! lines crossing.

use super::Diagram;

/// A card, or the place where a line passes a column of cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The card of this place.
    Card(usize),
    /// The line of this place.
    Passing(usize),
}

/// Columns of stops, and the way of each line from left to right.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    /// From left to right, each from top to bottom.
    pub(super) columns: Vec<Vec<Stop>>,
    /// For each line the column in which it begins, and whether its left end is the parent; none for a line from a card to
    /// itself.
    pub(super) ways: Vec<Option<Way>>,
    /// Cards without lines.
    pub(super) alone: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) parent_is_left: bool,
}

pub(super) fn layers(diagram: &Diagram) -> Layers {
    let count = diagram.cards.len();
    let lines: Vec<(usize, usize)> = diagram.links.iter().map(|link| (link.parent.0, link.child.0)).collect();
    let is_linked = |card: usize| lines.iter().any(|(parent, child)| *parent == card || *child == card);
    let forward = without_circles(count, &lines);
    let depth = depths(count, &forward);
    let place = |card: usize| depth.get(card).copied().unwrap_or(0);
    let mut result = Layers { alone: (0..count).filter(|card| !is_linked(*card)).collect(), ..Layers::default() };
    let width = (0..count).filter(|card| is_linked(*card)).map(place).max().map_or(0, |deepest| deepest + 1);
    result.columns = vec![Vec::new(); width];
    for card in (0..count).filter(|card| is_linked(*card)) {
        if let Some(column) = result.columns.get_mut(place(card)) {
            column.push(Stop::Card(card));
        }
    }
    for (line, (parent, child)) in lines.iter().enumerate() {
        let (above, below) = (place(*parent), place(*child));
        let way = Way { from: above.min(below), to: above.max(below), parent_is_left: above < below };
        result.ways.push((parent != child).then_some(way));
        for column in result.columns.iter_mut().take(way.to).skip(way.from + 1) {
            column.push(Stop::Passing(line));
        }
    }
    untangle(&mut result, diagram);
    result
}

/// The lines in one direction: where they lead in a circle, one of them is turned round.
fn without_circles(count: usize, lines: &[(usize, usize)]) -> Vec<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Not,
        Open,
        Done,
    }
    let mut seen = vec![Seen::Not; count];
    let mut turned = Vec::new();
    let mut forward = Vec::new();
    // First those that refer to nobody; in a circle nobody is first, so the name decides.
    let refers = |card: &usize| lines.iter().any(|(parent, child)| child == card && parent != child);
    let (late, early): (Vec<usize>, Vec<usize>) = (0..count).partition(refers);
    for root in early.into_iter().chain(late) {
        let mut stack = vec![(root, false)];
        while let Some((card, is_left)) = stack.pop() {
            let Some(state) = seen.get_mut(card) else { continue };
            if is_left {
                *state = Seen::Done;
                continue;
            }
            if *state != Seen::Not {
                continue;
            }
            *state = Seen::Open;
            stack.push((card, true));
            for (parent, child) in lines.iter().rev().filter(|(parent, child)| *parent == card && parent != child) {
                match seen.get(*child) {
                    Some(Seen::Open) => turned.push((*parent, *child)),
                    Some(Seen::Not) => stack.push((*child, false)),
                    _ => {}
                }
            }
        }
    }
    for (parent, child) in lines.iter().filter(|(parent, child)| parent != child) {
        forward.push(if turned.contains(&(*parent, *child)) { (*child, *parent) } else { (*parent, *child) });
    }
    forward
}

/// How far right each card stands: behind all of its parents, and a card without parents just before its first child.
fn depths(count: usize, forward: &[(usize, usize)]) -> Vec<usize> {
    let mut depth = vec![0_usize; count];
    let get = |depth: &[usize], card: usize| depth.get(card).copied().unwrap_or(0);
    // At most one step for each card, since there is no circle.
    for _ in 0..count {
        let mut changed = false;
        for (left, right) in forward {
            let wanted = get(&depth, *left) + 1;
            if let Some(own) = depth.get_mut(*right).filter(|own| **own < wanted) {
                *own = wanted;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    for card in 0..count {
        let is_child = forward.iter().any(|(_, right)| *right == card);
        let first = forward.iter().filter(|(left, _)| *left == card).map(|(_, right)| get(&depth, *right)).min();
        if let (false, Some(first), Some(own)) = (is_child, first, depth.get_mut(card)) {
            *own = first.saturating_sub(1);
        }
    }
    depth
}

/// Sorts each column by the middle of its neighbours, there and back again, and keeps the best order found.
fn untangle(layers: &mut Layers, diagram: &Diagram) {
    let mut best = layers.columns.clone();
    let mut fewest = crossings(layers, diagram);
    for round in 0..12 {
        let count = layers.columns.len();
        let order: Vec<usize> =
            if round % 2 == 0 { (1..count).collect() } else { (0..count.saturating_sub(1)).rev().collect() };
        for column in order {
            let beside = if round % 2 == 0 { column - 1 } else { column + 1 };
            let sorted = sorted(layers, diagram, column, beside);
            if let Some(own) = layers.columns.get_mut(column) {
                *own = sorted;
            }
        }
        let now = crossings(layers, diagram);
        if now < fewest {
            fewest = now;
            best = layers.columns.clone();
        }
    }
    layers.columns = best;
}

fn sorted(layers: &Layers, diagram: &Diagram, column: usize, beside: usize) -> Vec<Stop> {
    let own = layers.columns.get(column).cloned().unwrap_or_default();
    let mut weighed: Vec<(f64, usize, Stop)> = Vec::with_capacity(own.len());
    for (place, stop) in own.into_iter().enumerate() {
        let steps = steps(layers, diagram, column.min(beside));
        let near: Vec<f64> = steps
            .iter()
            .filter(|step| if beside < column { step.right == stop } else { step.left == stop })
            .filter_map(|step| position(layers, beside, if beside < column { step.left } else { step.right }))
            .collect();
        let middle = if near.is_empty() { place as f64 } else { near.iter().sum::<f64>() / near.len() as f64 };
        weighed.push((middle, place, stop));
    }
    weighed.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    weighed.into_iter().map(|(.., stop)| stop).collect()
}

fn position(layers: &Layers, column: usize, stop: Stop) -> Option<f64> {
    layers.columns.get(column)?.iter().position(|other| *other == stop).map(|place| place as f64)
}

/// A piece of a line, from one column to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) line: usize,
    pub(super) left: Stop,
    pub(super) right: Stop,
}

/// The steps of all lines from a column to the next.
pub(super) fn steps(layers: &Layers, diagram: &Diagram, column: usize) -> Vec<Step> {
    let ways = layers.ways.iter().enumerate().filter_map(|(line, way)| Some((line, (*way)?)));
    ways.filter(|(_, way)| way.from <= column && column < way.to)
        .filter_map(|(line, way)| {
            let link = diagram.links.get(line)?;
            let (left, right) =
                if way.parent_is_left { (link.parent.0, link.child.0) } else { (link.child.0, link.parent.0) };
            let left = if way.from == column { Stop::Card(left) } else { Stop::Passing(line) };
            let right = if way.to == column + 1 { Stop::Card(right) } else { Stop::Passing(line) };
            Some(Step { line, left, right })
        })
        .collect()
}

fn crossings(layers: &Layers, diagram: &Diagram) -> usize {
    let mut count = 0;
    for column in 0..layers.columns.len().saturating_sub(1) {
        let steps: Vec<(f64, f64)> = steps(layers, diagram, column)
            .into_iter()
            .filter_map(|step| Some((position(layers, column, step.left)?, position(layers, column + 1, step.right)?)))
            .collect();
        for (index, one) in steps.iter().enumerate() {
            count += steps.iter().skip(index + 1).filter(|other| (one.0 - other.0) * (one.1 - other.1) < 0.0).count();
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erd::tests::schema;

    #[test]
    fn parents_stand_left_of_their_children_and_circles_end() {
        let diagram = Diagram::new(&schema());
        let layers = layers(&diagram);
        let column = |name: &str| {
            let card = diagram.cards.iter().position(|card| card.name == name).unwrap();
            layers.columns.iter().position(|column| column.contains(&Stop::Card(card)))
        };
        assert!(column("users") < column("letters") && column("letters") < column("stamps"));
        assert_ne!(column("users"), column("teams"));
        assert_eq!(column("cities"), None);
        assert_eq!(layers.alone, [0]);
        assert_eq!(layers.ways.iter().filter(|way| way.is_none()).count(), 1, "one line leads to its own card");
    }

    #[test]
    fn sorting_takes_crossings_out() {
        let mut schema = crate::schema::Schema::new();
        let operations = crate::operation::Operations::of(|op| {
            for (child, parent) in [("za", "d"), ("zb", "c"), ("zc", "b"), ("zd", "a")] {
                op.create_table(parent, |table| {
                    table.integer("id").primary_key();
                });
                op.create_table(child, |table| {
                    table.integer("parent_id").references(parent, "id");
                });
            }
        });
        for operation in operations.list() {
            schema.apply(operation).unwrap();
        }
        let diagram = Diagram::new(&schema);
        assert_eq!(crossings(&layers(&diagram), &diagram), 0);
    }
}
