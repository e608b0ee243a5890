//! Keys, checks and indexes. What hangs on a column steps aside before the column changes, and comes again after.

use std::collections::BTreeSet;

use super::changes::Remark;
use super::columns::Fate;
use super::draft::Draft;
use super::told;
use crate::error::Result;
use crate::lexer::mentions;
use crate::operation::{Constraint, Operation};
use crate::schema::{Check, ForeignKey, Index, IndexKey, PrimaryKey, Table, Unique};

/// What becomes of the things of one kind in one table.
struct Settled {
    /// Places of those that go.
    gone: Vec<usize>,
    /// Places in the second list of those that come.
    new: Vec<usize>,
    /// Old name and new name of those that are the same.
    renamed: Vec<(String, String)>,
}

/// Whether two things may be one by their names.
type Fits<'f> = dyn Fn(Option<&str>, Option<&str>) -> bool + 'f;

/// Pairs what is there with what is to be: by content and name, then by content where a name is not told or another.
fn settle<T>(
    now: &[T],
    after: &[T],
    name: impl Fn(&T) -> Option<&str>,
    same: impl Fn(&T, &T) -> bool,
    moves: impl Fn(&T) -> bool,
) -> Settled {
    let mut open: Vec<usize> = (0..now.len()).collect();
    let mut free: Vec<usize> = (0..after.len()).collect();
    let mut renamed = Vec::new();
    let names: BTreeSet<&str> = now.iter().filter_map(&name).collect();
    let exact = |one: Option<&str>, other: Option<&str>| one.is_some() && one == other;
    let untold = |one: Option<&str>, other: Option<&str>| one.is_none() || other.is_none();
    let another =
        |one: Option<&str>, other: Option<&str>| one.is_some() && other.is_some_and(|other| !names.contains(other));
    let passes: [&Fits<'_>; 3] = [&exact, &untold, &another];
    for (number, fits) in passes.into_iter().enumerate() {
        open.retain(|at| {
            let Some(one) = now.get(*at).filter(|one| !moves(one)) else { return true };
            let found = free
                .iter()
                .position(|at| after.get(*at).is_some_and(|other| fits(name(one), name(other)) && same(one, other)));
            let Some(other) = found.map(|place| free.remove(place)).and_then(|at| after.get(at)) else { return true };
            if let (2, Some(from), Some(to)) = (number, name(one), name(other)) {
                renamed.push((from.to_owned(), to.to_owned()));
            }
            false
        });
    }
    Settled { gone: open, new: free, renamed }
}

fn any(columns: &[String], is: impl Fn(&str) -> bool) -> bool {
    columns.iter().any(|column| is(column))
}

struct Moving<'f> {
    fate: &'f Fate,
    table: &'f Table,
}

impl Moving<'_> {
    fn is(&self, column: &str) -> bool {
        self.fate.moves(&self.table.name, column)
    }

    fn is_remade(&self, column: &str) -> bool {
        self.fate.remade.contains_key(&(self.table.name.clone(), column.to_owned()))
    }

    fn in_text(&self, text: &str) -> bool {
        self.table.columns.iter().any(|column| self.is(&column.name) && mentions(text, &column.name))
    }

    fn index(&self, index: &Index) -> bool {
        let computed = |index: &Index| {
            let parts = index.columns.iter().filter_map(|part| match &part.key {
                IndexKey::Expression(text) => Some(text.as_str()),
                IndexKey::Column(_) => None,
            });
            parts.chain(index.predicate.as_deref()).any(|text| self.in_text(text))
        };
        computed(index)
            || index.column_names().chain(index.include.iter().map(String::as_str)).any(|name| self.is(name))
    }
}

fn unique_name(unique: &Unique) -> Option<&str> {
    unique.name.as_deref()
}

fn check_name(check: &Check) -> Option<&str> {
    check.name.as_deref()
}

fn key_name(key: &PrimaryKey) -> Option<&str> {
    key.name.as_deref()
}

fn foreign_key_name(key: &ForeignKey) -> Option<&str> {
    key.name.as_deref()
}

#[expect(clippy::unnecessary_wraps, reason = "as the others, some of which have no name")]
fn index_name(index: &Index) -> Option<&str> {
    Some(&index.name)
}

struct Plan {
    table: String,
    keys: Settled,
    uniques: Settled,
    checks: Settled,
    indexes: Settled,
}

fn plan(draft: &Draft<'_>, name: &str, fate: &Fate) -> Option<Plan> {
    let (now, after) = draft.pair(name)?;
    let lens = draft.lens;
    let moving = Moving { fate, table: now };
    let (old, new): (Vec<PrimaryKey>, Vec<PrimaryKey>) =
        (now.primary_key.iter().cloned().collect(), after.primary_key.iter().cloned().collect());
    Some(Plan {
        table: name.to_owned(),
        keys: settle(
            &old,
            &new,
            key_name,
            |one, other| lens.same_key(one, other),
            |key| any(&key.columns, |name| moving.is_remade(name)),
        ),
        uniques: settle(
            &now.uniques,
            &after.uniques,
            unique_name,
            |one, other| lens.same_unique(one, other),
            |unique| any(&unique.columns, |name| moving.is_remade(name)),
        ),
        checks: settle(
            &now.checks,
            &after.checks,
            check_name,
            |one, other| lens.same_check(one, other),
            |check| moving.in_text(&check.expression),
        ),
        indexes: settle(
            &now.indexes,
            &after.indexes,
            index_name,
            |one, other| lens.same_index(one, other),
            |index| moving.index(index),
        ),
    })
}

fn plan_foreign_keys(draft: &Draft<'_>, table: &str, moves: impl Fn(&ForeignKey) -> bool) -> Option<Settled> {
    let (now, after) = draft.pair(table)?;
    let same =
        |one: &ForeignKey, other: &ForeignKey| draft.lens.same_foreign_key((one, &draft.now), (other, draft.after));
    Some(settle(&now.foreign_keys, &after.foreign_keys, foreign_key_name, same, moves))
}

/// Takes away what is not to stay, and what would be in the way.
pub(super) fn take_away(draft: &mut Draft<'_>, fate: &Fate) -> Result<()> {
    let names = draft.common();
    let plans: Vec<Plan> = names.iter().filter_map(|name| plan(draft, name, fate)).collect();
    // A foreign key needs the key it refers to.
    let mut lost: BTreeSet<(String, Vec<String>)> = BTreeSet::new();
    for plan in &plans {
        let Some(now) = draft.now.table(&plan.table) else { continue };
        let keys = now.primary_key.iter().filter(|_| !plan.keys.gone.is_empty()).map(|key| key.columns.clone());
        let uniques =
            plan.uniques.gone.iter().filter_map(|at| now.uniques.get(*at)).map(|unique| unique.columns.clone());
        let indexes = plan.indexes.gone.iter().filter_map(|at| now.indexes.get(*at));
        let indexes = indexes.map(|index| index.column_names().map(str::to_owned).collect());
        lost.extend(keys.chain(uniques).chain(indexes).map(|columns| (plan.table.clone(), columns)));
    }
    let mut renamed: Vec<(String, String, String)> = Vec::new();
    for name in &names {
        let moves = |key: &ForeignKey| {
            let same_set = |columns: &[String]| {
                columns.len() == key.referred.len() && columns.iter().all(|column| key.referred.contains(column))
            };
            any(&key.columns, |column| fate.moves(name, column))
                || any(&key.referred, |column| fate.moves(&key.references, column))
                || lost.iter().any(|(table, columns)| *table == key.references && same_set(columns))
        };
        let Some(settled) = plan_foreign_keys(draft, name, moves) else { continue };
        let Some((now, after)) = draft.pair(name) else { continue };
        let going: Vec<ForeignKey> = settled.gone.iter().filter_map(|at| now.foreign_keys.get(*at)).cloned().collect();
        renamed.extend(settled.renamed.into_iter().map(|(from, to)| (name.clone(), from, to)));
        for key in going {
            let later = after.foreign_keys.iter().find(|other| other.name == key.name).map(told::foreign_key);
            go(draft, name, "foreign key", key.name.as_deref(), told::foreign_key(&key), later)?;
        }
    }
    for plan in &plans {
        let Some((now, after)) = draft.pair(&plan.table) else { continue };
        let now = now.clone();
        for index in plan.indexes.gone.iter().filter_map(|at| now.indexes.get(*at)) {
            let later = after.index(&index.name).map(told::index);
            tell(draft, &plan.table, "index", Some(&index.name), told::index(index), later);
            let (table, name) = (plan.table.clone(), index.name.clone());
            draft.emit(Operation::DropIndex { table, name, concurrently: false })?;
        }
        for check in plan.checks.gone.iter().filter_map(|at| now.checks.get(*at)) {
            let later = after.checks.iter().find(|other| other.name == check.name).map(told::check);
            go(draft, &plan.table, "check", check.name.as_deref(), told::check(check), later)?;
        }
        for unique in plan.uniques.gone.iter().filter_map(|at| now.uniques.get(*at)) {
            let later = after.uniques.iter().find(|other| other.name == unique.name).map(told::unique);
            go(draft, &plan.table, "unique", unique.name.as_deref(), told::unique(unique), later)?;
        }
        if let Some(key) = now.primary_key.as_ref().filter(|_| !plan.keys.gone.is_empty()) {
            let later = after.primary_key.as_ref().filter(|other| other.name == key.name).map(told::primary_key);
            go(draft, &plan.table, "primary key", key.name.as_deref(), told::primary_key(key), later)?;
        }
        let kinds = [&plan.keys, &plan.uniques, &plan.checks];
        renamed.extend(
            kinds
                .iter()
                .flat_map(|kind| &kind.renamed)
                .map(|(from, to)| (plan.table.clone(), from.clone(), to.clone())),
        );
    }
    for (table, from, to) in renamed {
        draft.change(&table, Some(&to), "name", Some(from.clone()), Some(to.clone()));
        draft.emit(Operation::RenameConstraint { table, from, to })?;
    }
    for plan in plans {
        for (from, to) in plan.indexes.renamed {
            draft.change(&plan.table, Some(&to), "name", Some(from.clone()), Some(to.clone()));
            draft.emit(Operation::RenameIndex { table: plan.table.clone(), from, to })?;
        }
    }
    Ok(())
}

/// Tells that a thing goes or becomes another. What only steps aside is no change.
fn tell(
    draft: &mut Draft<'_>,
    table: &str,
    what: &'static str,
    name: Option<&str>,
    before: String,
    later: Option<String>,
) {
    if later.as_ref() == Some(&before) {
        if let Some(name) = name {
            draft.told.insert((table.to_owned(), name.to_owned()));
        }
        return;
    }
    if let (Some(name), Some(_)) = (name, &later) {
        draft.told.insert((table.to_owned(), name.to_owned()));
    }
    draft.change(table, name, what, Some(before), later);
}

fn go(
    draft: &mut Draft<'_>,
    table: &str,
    what: &'static str,
    name: Option<&str>,
    before: String,
    later: Option<String>,
) -> Result<()> {
    let Some(name) = name else {
        draft.remark(Remark::Beyond {
            message: format!(
                "the {what} {before} of {table} has no name, so it cannot be dropped by one; drop it by hand"
            ),
        });
        draft.change(table, None, what, Some(before), None);
        return Ok(());
    };
    tell(draft, table, what, Some(name), before, later);
    draft.emit(Operation::DropConstraint { table: table.to_owned(), name: name.to_owned() })
}

fn come(draft: &mut Draft<'_>, table: &str, what: &'static str, constraint: Constraint, after: String) -> Result<()> {
    tell_new(draft, table, what, constraint.name(), after);
    draft.emit(Operation::AddConstraint { table: table.to_owned(), constraint, not_valid: false })
}

fn tell_new(draft: &mut Draft<'_>, table: &str, what: &'static str, name: Option<&str>, after: String) {
    let is_told = name.is_some_and(|name| draft.told.contains(&(table.to_owned(), name.to_owned())));
    if !is_told {
        draft.change(table, name, what, None, Some(after));
    }
}

/// Puts what is missing on the tables that were there, foreign keys left out.
pub(super) fn put_keys(draft: &mut Draft<'_>) -> Result<()> {
    let none = Fate::default();
    for name in draft.common() {
        let Some(plan) = plan(draft, &name, &none) else { continue };
        let Some((_, after)) = draft.pair(&name) else { continue };
        if let Some(key) = after.primary_key.as_ref().filter(|_| !plan.keys.new.is_empty()) {
            come(draft, &name, "primary key", Constraint::PrimaryKey(key.clone()), told::primary_key(key))?;
        }
        for unique in plan.uniques.new.iter().filter_map(|at| after.uniques.get(*at)) {
            come(draft, &name, "unique", Constraint::Unique(unique.clone()), told::unique(unique))?;
        }
        for check in plan.checks.new.iter().filter_map(|at| after.checks.get(*at)) {
            come(draft, &name, "check", Constraint::Check(check.clone()), told::check(check))?;
        }
        for index in plan.indexes.new.iter().filter_map(|at| after.indexes.get(*at)) {
            tell_new(draft, &name, "index", Some(&index.name), told::index(index));
            draft.emit(Operation::CreateIndex { table: name.clone(), index: index.clone(), concurrently: false })?;
        }
    }
    Ok(())
}

/// Puts the missing foreign keys, now that every table they name is there.
pub(super) fn put_foreign_keys(draft: &mut Draft<'_>) -> Result<()> {
    for name in draft.common() {
        let Some(settled) = plan_foreign_keys(draft, &name, |_| false) else { continue };
        let Some((_, after)) = draft.pair(&name) else { continue };
        for key in settled.new.iter().filter_map(|at| after.foreign_keys.get(*at)) {
            come(draft, &name, "foreign key", Constraint::ForeignKey(key.clone()), told::foreign_key(key))?;
        }
    }
    Ok(())
}
