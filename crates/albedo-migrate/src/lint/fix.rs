//! A revision file rewritten so that it does the same without stopping anybody: indexes concurrently, foreign keys and
//! checks not valid first and validated later. Pure: a text goes in, texts come out.
//!
//! Such operations want no transaction around them. Where the revision does nothing else, the file says so itself; where
//! it does, they move to a revision of their own that follows it.

use super::source::{self, Function, Statement};
use super::{Finding, Rule, Subject};
use crate::operation::{Constraint, Operation};
use crate::schema::{Schema, naming};

/// What came of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The file's new text.
    pub text: String,
    /// What follows it in a file of its own.
    pub next: Option<Next>,
    /// The operations that were mended, by their places in the list.
    pub mended: Vec<usize>,
}

/// A revision that follows the one that was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// What it does, in a few words.
    pub message: String,
    /// The lines of its `up`.
    pub up: Vec<String>,
    /// The lines of its `down`.
    pub down: Vec<String>,
}

const MENDED: [Rule; 4] =
    [Rule::IndexNotConcurrent, Rule::ConcurrentInTransaction, Rule::ValidatingForeignKey, Rule::ValidatingCheck];

/// Something to be mended, and the statement that does it now.
struct Place<'s> {
    index: usize,
    operation: &'s Operation,
    statement: &'s Statement,
}

/// Mends what the findings tell of, `is_head` saying whether a revision may follow this one; `None` when there is nothing
/// of the kind.
///
/// # Errors
/// Why it cannot be done by a machine, for people.
pub fn fix(source: &str, subject: &Subject<'_>, findings: &[Finding], is_head: bool) -> Result<Option<Fix>, String> {
    let list = subject.up.list();
    let mut indexes: Vec<usize> = findings
        .iter()
        .filter(|finding| finding.direction == crate::revision::Direction::Up)
        .filter(|finding| MENDED.iter().any(|rule| rule.id() == finding.rule))
        .filter_map(|finding| finding.index)
        .filter(|index| list.get(*index).is_some_and(is_mendable))
        .collect();
    indexes.sort_unstable();
    indexes.dedup();
    if indexes.is_empty() {
        return Ok(None);
    }
    let up = source::function(source, "up").ok_or("its `up` is no function of that name")?;
    let mut places = Vec::new();
    for index in indexes {
        let Some(operation) = list.get(index) else { continue };
        let statement = up.statements.iter().find(|statement| does(statement, operation));
        let statement = statement.ok_or_else(|| {
            format!("`{operation}` has no statement of its own in `up`: write it as one, with plain texts")
        })?;
        places.push(Place { index, operation, statement });
    }
    let settles = |operation: &Operation| matches!(operation, Operation::ValidateConstraint { .. });
    let mended = |index: usize| places.iter().any(|place| place.index == index);
    let alone = list.iter().enumerate().all(|(index, operation)| mended(index) || settles(operation));
    let fix = if alone || !subject.up.is_transactional() {
        in_place(source, &up, subject, &places)
    } else if is_head {
        apart(source, &up, subject, &places)?
    } else {
        return Err(
            "other operations are in this revision and others come after it: move the statement to a revision of its own"
                .to_owned(),
        );
    };
    Ok(Some(fix))
}

const fn is_mendable(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::CreateIndex { .. }
            | Operation::AddConstraint { constraint: Constraint::ForeignKey(_) | Constraint::Check(_), .. }
    )
}

/// Whether the statement writes this operation, as far as its plain texts tell.
fn does(statement: &Statement, operation: &Operation) -> bool {
    let calls: Vec<_> = statement.calls().into_iter().filter(|(_, name, _)| *name != "assured").collect();
    let Some((_, called, arguments)) = calls.first() else { return false };
    let texts: Vec<&str> = arguments.iter().filter_map(|word| word.text()).collect();
    let own_name = calls.iter().find(|(_, name, _)| *name == "name").and_then(|(_, _, words)| words.first()?.text());
    let Some((table, rest)) = texts.split_first() else { return false };
    match operation {
        Operation::CreateIndex { table: wanted, index, .. } => {
            let made = own_name.map_or_else(|| naming::index(table, rest), str::to_owned);
            *called == "create_index" && table == wanted && made == index.name
        }
        Operation::AddConstraint { table: wanted, constraint: Constraint::ForeignKey(key), .. } => {
            let columns: Vec<&str> = rest.iter().take(key.columns.len()).copied().collect();
            let made = own_name.map_or_else(|| naming::foreign_key(table, &columns), str::to_owned);
            *called == "add_foreign_key" && table == wanted && key.name.as_deref() == Some(made.as_str())
        }
        Operation::AddConstraint { table: wanted, constraint: Constraint::Check(check), .. } => {
            let made = rest.first().map(|name| naming::check(table, name));
            *called == "add_check" && table == wanted && check.name == made
        }
        Operation::DropIndex { table: wanted, name, .. } => {
            called.starts_with("drop_index") && table == wanted && rest.first() == Some(&name.as_str())
        }
        Operation::DropConstraint { table: wanted, name } => {
            *called == "drop_constraint" && table == wanted && rest.first() == Some(&name.as_str())
        }
        _ => false,
    }
}

/// The statement as it should be, a semicolon at its end.
fn mended(source: &str, place: &Place<'_>) -> String {
    let whole = place.statement.place();
    let mut text = source.get(whole.clone()).unwrap_or_default().trim_end_matches(';').to_owned();
    match place.operation {
        Operation::CreateIndex { concurrently: false, .. } => text.push_str(".concurrently()"),
        Operation::AddConstraint { constraint: Constraint::ForeignKey(_), not_valid: false, .. } => {
            text.push_str(".not_valid()");
        }
        Operation::AddConstraint { constraint: Constraint::Check(_), not_valid: false, .. } => {
            let calls = place.statement.calls();
            if let Some((word, ..)) = calls.iter().find(|(_, name, _)| *name == "add_check") {
                text.insert_str(word.place.end - whole.start, "_not_valid");
            }
        }
        _ => {}
    }
    text + ";"
}

fn validation(parameter: &str, operation: &Operation) -> Option<String> {
    match operation {
        Operation::AddConstraint { table, constraint, .. } => {
            constraint.name().map(|name| format!("{parameter}.validate_constraint({table:?}, {name:?});"))
        }
        _ => None,
    }
}

/// The file itself leaves the transaction.
fn in_place(source: &str, up: &Function, subject: &Subject<'_>, places: &[Place<'_>]) -> Fix {
    let parameter = source.get(up.parameter.place.clone()).unwrap_or("op");
    let mut edits: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    for place in places {
        let whole = place.statement.place();
        let mut text = mended(source, place);
        if let Some(line) = validation(parameter, place.operation) {
            text.push_str(&format!("\n{}{line}", indent(source, whole.start)));
        }
        edits.push((whole, text));
    }
    if subject.up.is_transactional() {
        edits.push((up.start..up.start, format!("\n    {parameter}.transactional(false);")));
    }
    Fix { text: edited(source, edits), next: None, mended: places.iter().map(|place| place.index).collect() }
}

/// What is mended follows in a file of its own.
fn apart(source: &str, up: &Function, subject: &Subject<'_>, places: &[Place<'_>]) -> Result<Fix, String> {
    let parameter = source.get(up.parameter.place.clone()).unwrap_or("op");
    let down = source::function(source, "down");
    let mut edits = Vec::new();
    let mut next = Next {
        message: message(places),
        up: vec!["op.transactional(false);".to_owned()],
        down: vec!["op.transactional(false);".to_owned()],
    };
    let (mut gone, mut taken_back) = (Vec::new(), Vec::new());
    for place in places {
        edits.push((lines_of(source, place.statement), String::new()));
        // In the new file the parameter is called `op`.
        let text = mended(source, place).replacen(parameter, "op", 1);
        next.up.extend(text.lines().map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned()));
        next.up.extend(validation("op", place.operation));
        let back = back(place.operation);
        next.down.insert(1, statement_of(&back));
        let in_down = subject.down.list().iter().position(|operation| same_drop(operation, &back));
        if let Some(index) = in_down {
            let statement = down.iter().flat_map(|down| &down.statements).find(|statement| does(statement, &back));
            let statement = statement.ok_or_else(|| format!("`{back}` has no statement of its own in `down`"))?;
            edits.push((lines_of(source, statement), String::new()));
            gone.push(index);
        }
        taken_back.insert(0, back);
    }
    let moved: Vec<usize> = places.iter().map(|place| place.index).collect();
    same_in_the_end(subject, &moved, &gone, &taken_back)?;
    Ok(Fix { text: edited(source, edits), next: Some(next), mended: moved })
}

fn back(operation: &Operation) -> Operation {
    match operation {
        Operation::CreateIndex { table, index, .. } => {
            Operation::DropIndex { table: table.clone(), name: index.name.clone(), concurrently: true }
        }
        Operation::AddConstraint { table, constraint, .. } => {
            Operation::DropConstraint { table: table.clone(), name: constraint.name().unwrap_or_default().to_owned() }
        }
        other => other.clone(),
    }
}

fn same_drop(one: &Operation, other: &Operation) -> bool {
    match (one, other) {
        (Operation::DropIndex { name, .. }, Operation::DropIndex { name: wanted, .. }) => name == wanted,
        _ => one == other,
    }
}

fn statement_of(operation: &Operation) -> String {
    match operation {
        Operation::DropIndex { table, name, .. } => format!("op.drop_index_concurrently({table:?}, {name:?});"),
        Operation::DropConstraint { table, name } => format!("op.drop_constraint({table:?}, {name:?});"),
        other => format!("// {other}"),
    }
}

fn message(places: &[Place<'_>]) -> String {
    let named = |wanted: fn(&Operation) -> Option<&str>| {
        places.iter().filter_map(|place| wanted(place.operation)).collect::<Vec<_>>().join(", ")
    };
    let built = named(|operation| match operation {
        Operation::CreateIndex { index, .. } => Some(&index.name),
        _ => None,
    });
    let added = named(|operation| match operation {
        Operation::AddConstraint { constraint, .. } => constraint.name(),
        _ => None,
    });
    let parts = [("build", built), ("add", added)];
    let parts: Vec<String> =
        parts.iter().filter(|(_, names)| !names.is_empty()).map(|(verb, names)| format!("{verb} {names}")).collect();
    parts.join(" and ")
}

/// Both ways must lead to the same schema: the operations that stay, then those that moved.
fn same_in_the_end(
    subject: &Subject<'_>,
    moved: &[usize],
    gone: &[usize],
    taken_back: &[Operation],
) -> Result<(), String> {
    let without = |list: &[Operation], places: &[usize]| {
        let kept = list.iter().enumerate().filter(|(index, _)| !places.contains(index));
        kept.map(|(_, operation)| operation.clone()).collect::<Vec<_>>()
    };
    let late: Vec<Operation> = moved.iter().filter_map(|index| subject.up.list().get(*index)).cloned().collect();
    let whole = after(subject.before, &[subject.up.list()]);
    let kept = without(subject.up.list(), moved);
    if whole.is_none() || after(subject.before, &[&kept, &late]) != whole {
        return Err("the operations after it build on it, so it cannot be moved behind them".to_owned());
    }
    let plain = after(subject.before, &[subject.up.list(), subject.down.list()]);
    let down = without(subject.down.list(), gone);
    if plain.is_some() && after(subject.before, &[&kept, &late, taken_back, &down]) != plain {
        return Err("`down` would no longer take it back".to_owned());
    }
    Ok(())
}

/// The schema in the end, in an order of its own; none when an operation does not fit.
fn after(before: &Schema, lists: &[&[Operation]]) -> Option<Schema> {
    let mut schema = before.clone();
    for operation in lists.iter().copied().flatten() {
        schema.apply(operation).ok()?;
    }
    for table in schema.tables.values_mut() {
        table.indexes.sort_by(|one, other| one.name.cmp(&other.name));
        table.checks.sort_by(|one, other| one.name.cmp(&other.name));
        table.foreign_keys.sort_by(|one, other| one.name.cmp(&other.name));
    }
    Some(schema)
}

fn indent(source: &str, at: usize) -> &str {
    let line = source.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    if line.trim().is_empty() { line } else { "    " }
}

/// The lines a statement stands on, when it has them for itself.
fn lines_of(source: &str, statement: &Statement) -> std::ops::Range<usize> {
    let place = statement.place();
    let before = source.get(..place.start).unwrap_or_default();
    let after = source.get(place.end..).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let is_alone = before.get(start..).is_some_and(|text| text.trim().is_empty());
    match after.find('\n') {
        Some(end) if is_alone && after.get(..end).is_some_and(|text| text.trim().is_empty()) => {
            start..place.end + end + 1
        }
        _ => place,
    }
}

fn edited(source: &str, mut edits: Vec<(std::ops::Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut text = String::with_capacity(source.len());
    let mut copied = 0;
    for (range, new) in edits {
        text.push_str(source.get(copied..range.start).unwrap_or_default());
        text.push_str(&new);
        copied = range.end;
    }
    text.push_str(source.get(copied..).unwrap_or_default());
    text
}
