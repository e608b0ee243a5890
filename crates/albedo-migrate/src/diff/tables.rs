//! Tables that come, go, and have another name.

use std::collections::BTreeSet;

use super::changes::Remark;
use super::draft::Draft;
use super::hints::Rename;
use super::told;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::operation::{Constraint, Operation};
use crate::schema::{ForeignKey, Table};

pub(super) fn rename(draft: &mut Draft<'_>) -> Result<()> {
    let mut left: Vec<Rename> = draft.hints.renames.iter().filter(|rename| rename.of.is_none()).cloned().collect();
    for rename in &left {
        if draft.now.table(&rename.from).is_none() {
            return Err(Error::usage(format!("the table {} is not there to be renamed", rename.from)));
        }
        if draft.after.table(&rename.to).is_none() {
            return Err(Error::usage(format!("no table is called {} in the end", rename.to)));
        }
    }
    while !left.is_empty() {
        let free = left.iter().position(|rename| draft.now.table(&rename.to).is_none());
        let Some(rename) = free.map(|at| left.remove(at)) else {
            let names: Vec<String> = left.iter().map(ToString::to_string).collect();
            return Err(Error::usage(format!("the new name is taken: {}", names.join(", ")))
                .hint("rename to a name that is free first, in a revision of its own"));
        };
        draft.change(&rename.to, None, "name", Some(rename.from.clone()), Some(rename.to.clone()));
        draft.emit(Operation::RenameTable { from: rename.from, to: rename.to })?;
    }
    Ok(())
}

/// A table that is named by foreign keys goes after those that name it; a circle is opened first.
pub(super) fn drop(draft: &mut Draft<'_>) -> Result<()> {
    let mut gone: BTreeSet<String> =
        draft.now.tables.keys().filter(|name| !draft.after.tables.contains_key(*name)).cloned().collect();
    suspect(draft, &gone);
    while !gone.is_empty() {
        let all = draft.now.tables.values();
        let named: BTreeSet<&String> = all
            .flat_map(|table| table.foreign_keys.iter().filter(|key| key.references != table.name))
            .map(|key| &key.references)
            .collect();
        let next = gone.iter().find(|name| !named.contains(name)).cloned();
        let Some(name) = next else {
            open_circle(draft, &gone)?;
            continue;
        };
        gone.remove(&name);
        draft.change(&name, None, "table", draft.now.table(&name).map(told::table), None);
        let message = format!("the table {name} goes, with its rows");
        draft.emit_destructive(Operation::DropTable { name }, message)?;
    }
    Ok(())
}

fn open_circle(draft: &mut Draft<'_>, gone: &BTreeSet<String>) -> Result<()> {
    let key = draft.now.tables.values().find_map(|table| {
        let key = table
            .foreign_keys
            .iter()
            .find(|key| key.name.is_some() && key.references != table.name && gone.contains(&key.references))?;
        Some((table.name.clone(), key.name.clone()?))
    });
    let Some((table, name)) = key else {
        return Err(Error::failed("tables that are to go refer to each other by foreign keys without names")
            .hint("drop them by hand"));
    };
    draft.emit(Operation::DropConstraint { table, name })
}

/// A table that goes and one that comes with mostly the same columns may be one.
fn suspect(draft: &mut Draft<'_>, gone: &BTreeSet<String>) {
    let new: Vec<&Table> =
        draft.after.tables.values().filter(|table| !draft.now.tables.contains_key(&table.name)).collect();
    let mut found = Vec::new();
    for name in gone {
        let Some(old) = draft.now.table(name) else { continue };
        let likeness = |table: &Table| {
            let same = |column: &&crate::schema::Column| {
                table.column(&column.name).is_some_and(|other| draft.lens.same_type(column, other))
            };
            old.columns.iter().filter(same).count() * 2
        };
        let best = new.iter().max_by_key(|table| (likeness(table), std::cmp::Reverse(table.name.clone())));
        if let Some(best) = best
            && likeness(best) > old.columns.len().max(best.columns.len())
        {
            found.push(Rename::table(name.clone(), best.name.clone()));
        }
    }
    for rename in found {
        draft.remark(Remark::PossibleRename(rename));
    }
}

/// New tables, each after those its foreign keys name. A foreign key of a circle follows when all of them are there.
pub(super) fn create(draft: &mut Draft<'_>) -> Result<()> {
    let mut new: Vec<&Table> =
        draft.after.tables.values().filter(|table| !draft.now.tables.contains_key(&table.name)).collect();
    let mut later: Vec<(String, ForeignKey)> = Vec::new();
    while !new.is_empty() {
        let missing: BTreeSet<String> = new.iter().map(|table| table.name.clone()).collect();
        let waits = |table: &Table| {
            let keys = table.foreign_keys.iter();
            keys.filter(|key| key.references != table.name && missing.contains(&key.references)).count()
        };
        // In a circle the table that waits for the fewest begins it.
        let Some(at) = (0..new.len()).min_by_key(|at| new.get(*at).map(|table| waits(table))) else { break };
        let mut table = new.remove(at).clone();
        let own = table.name.clone();
        let open = |key: &ForeignKey| key.references == own || !missing.contains(&key.references);
        later.extend(table.foreign_keys.iter().filter(|key| !open(key)).map(|key| (own.clone(), key.clone())));
        table.foreign_keys.retain(open);
        draft.change(&own, None, "table", None, Some(told::table(&table)));
        draft.emit(Operation::CreateTable(table))?;
    }
    for (table, key) in later {
        let constraint = Constraint::ForeignKey(key);
        draft.emit(Operation::AddConstraint { table, constraint, not_valid: false })?;
    }
    Ok(())
}

/// Remarks on tables, and what of a table no operation changes.
pub(super) fn comment(draft: &mut Draft<'_>) -> Result<()> {
    for name in draft.common() {
        let Some((now, after)) = draft.pair(&name) else { continue };
        let (before, comment) = (now.comment.clone(), after.comment.clone());
        let (same_options, said) = (draft.lens.same_options(now, after), (told::options(now), told::options(after)));
        if !draft.lens.same_comment(before.as_deref(), comment.as_deref()) {
            draft.change(&name, None, "comment", before, comment.clone());
            draft.emit(Operation::CommentTable { table: name.clone(), comment })?;
        }
        if !same_options && draft.lens.sees(Dialect::Sqlite) {
            draft.change(&name, None, "options", Some(said.0.clone()), Some(said.1.clone()));
            draft.remark(Remark::Beyond {
                message: format!("the table {name} is {} and is to be {}; make it anew by hand", said.0, said.1),
            });
        }
    }
    Ok(())
}
