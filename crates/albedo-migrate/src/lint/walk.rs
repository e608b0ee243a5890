//! One revision, operation by operation: what each finds there decides what is said about it.

use std::collections::BTreeSet;

use super::columns::{self, Said};
use super::raw::{self, Raw};
use super::{Finding, Rule, Rules, Subject};
use crate::dialect::Dialect;
use crate::lexer::{mentions, tokens};
use crate::operation::{Constraint, Operation, Operations};
use crate::revision::Direction;
use crate::schema::{ColumnType, DefaultValue, Schema, Table};
use crate::settings::Level;
use crate::sql::postgres;
use crate::sql::sqlite::{self, Need};

const PG: Option<Dialect> = Some(Dialect::Postgres);
const LITE: Option<Dialect> = Some(Dialect::Sqlite);

/// Something found, before anybody's word is heard.
struct Found {
    index: Option<usize>,
    said: Said,
}

pub(super) fn revision(subject: &Subject<'_>, rules: &Rules) -> Vec<Finding> {
    let mut walk = Walk {
        up: subject.up,
        schema: subject.before.clone(),
        fresh: BTreeSet::new(),
        fresh_enums: BTreeSet::new(),
        new_values: Vec::new(),
        not_valid: BTreeSet::new(),
        rebuilt: BTreeSet::new(),
        alters: false,
        changes_rows: Vec::new(),
        has_timeout: !rules.lock_timeout.is_zero(),
        found: Vec::new(),
    };
    for (index, operation) in subject.up.list().iter().enumerate() {
        walk.step(index, operation);
    }
    let found = walk.end(rules);
    let mut findings = heard(subject, rules, Direction::Up, subject.up, found);
    findings.extend(heard(subject, rules, Direction::Down, subject.down, down(subject)));
    findings
}

/// Constraints of this revision that nothing validates, `later` knowing the revisions after it.
pub(super) fn never_validated(
    subject: &Subject<'_>,
    rules: &Rules,
    later: impl Fn(&str, &str) -> bool,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, operation) in subject.up.list().iter().enumerate() {
        let Operation::AddConstraint { table, constraint, not_valid: true } = operation else { continue };
        let Some(name) = constraint.name() else { continue };
        if !settles(subject.up, table, name) && !later(table, name) {
            let reason = format!("nothing validates {name}, so rows that were there before it may break it for ever");
            found.push(Found { index: Some(index), said: (Rule::NeverValidated, PG, reason) });
        }
    }
    // What silences it counts as used in `revision`, where the other findings about the operation are.
    let told = |found: Found| finding(subject, rules, Direction::Up, subject.up, found);
    let is_assured = |finding: &Finding| {
        let mut given = subject.up.assurances().iter().filter(|given| !given.reason.trim().is_empty());
        given.any(|given| finding.index.is_some_and(|index| given.operations.contains(&index)))
    };
    found.into_iter().filter_map(told).filter(|finding| !is_assured(finding)).collect()
}

/// Whether the operations validate the constraint or drop it.
pub(super) fn settles(operations: &Operations, table: &str, constraint: &str) -> bool {
    operations.list().iter().any(|operation| match operation {
        Operation::ValidateConstraint { name, .. } | Operation::DropConstraint { name, .. } => name == constraint,
        Operation::DropTable { name } => name == table,
        Operation::Execute(raw) => mentions(&raw.text, "VALIDATE") && mentions(&raw.text, constraint),
        _ => false,
    })
}

/// Takes out what somebody has given their word for, and tells of words that were given for nothing.
fn heard(
    subject: &Subject<'_>,
    rules: &Rules,
    direction: Direction,
    operations: &Operations,
    found: Vec<Found>,
) -> Vec<Finding> {
    let mut findings: Vec<Found> = Vec::new();
    let mut used = BTreeSet::new();
    for one in found {
        let covers = |range: &std::ops::Range<usize>| match one.index {
            Some(index) => range.contains(&index),
            // A word with nothing after it is given for the revision as a whole.
            None => range.is_empty(),
        };
        let mut given = operations.assurances().iter().enumerate();
        match given.find(|(_, given)| covers(&given.operations) && !given.reason.trim().is_empty()) {
            Some((place, _)) => drop(used.insert(place)),
            None => findings.push(one),
        }
    }
    for (place, given) in operations.assurances().iter().enumerate() {
        let index = Some(given.operations.start).filter(|_| !given.operations.is_empty());
        if given.reason.trim().is_empty() {
            let reason = "op.assured(\"\") gives no reason, so it silences nothing".to_owned();
            findings.push(Found { index, said: (Rule::AssuranceWithoutReason, None, reason) });
        } else if !used.contains(&place) && !is_never_validated(operations, &given.operations) {
            let reason = format!("no rule speaks of what op.assured(\"{}\") is given for", given.reason);
            findings.push(Found { index, said: (Rule::UnusedAssurance, None, reason) });
        }
    }
    findings.sort_by_key(|found| (found.index.is_none(), found.index));
    findings.into_iter().filter_map(|found| finding(subject, rules, direction, operations, found)).collect()
}

/// A word given for a constraint that is left unread on purpose.
fn is_never_validated(operations: &Operations, range: &std::ops::Range<usize>) -> bool {
    operations.list().get(range.clone()).unwrap_or_default().iter().any(|operation| match operation {
        Operation::AddConstraint { table, constraint, not_valid: true } => {
            constraint.name().is_some_and(|name| !settles(operations, table, name))
        }
        _ => false,
    })
}

fn finding(
    subject: &Subject<'_>,
    rules: &Rules,
    direction: Direction,
    operations: &Operations,
    found: Found,
) -> Option<Finding> {
    let (rule, database, reason) = found.said;
    let level = rules.level(rule);
    (level != Level::Off).then(|| Finding {
        rule: rule.id(),
        level,
        revision: subject.id.to_owned(),
        direction,
        operation: found.index.and_then(|index| operations.list().get(index)).map(ToString::to_string),
        index: found.index,
        database,
        reason,
        recipe: rule.recipe(),
    })
}

/// Of `down` only that it is there and can be run: who takes back knows that something goes.
fn down(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    if subject.down.list().is_empty() && !subject.up.list().is_empty() {
        let reason = "`down` does nothing, so a rollback would strike the revision out and leave its work".to_owned();
        found.push(Found { index: None, said: (Rule::NoDown, None, reason) });
    }
    for (index, operation) in subject.down.list().iter().enumerate() {
        let refused = match operation {
            Operation::Execute(raw) if raw.only != LITE => raw::statements(&raw.text).iter().any(Raw::is_concurrent),
            operation => postgres::refuses_transaction(operation),
        };
        if refused && subject.down.is_transactional() {
            found.push(Found { index: Some(index), said: in_transaction(operation) });
        }
    }
    found
}

fn in_transaction(operation: &Operation) -> Said {
    (Rule::ConcurrentInTransaction, PG, format!("`{operation}` cannot be done inside a transaction"))
}

struct Walk<'w> {
    up: &'w Operations,
    schema: Schema,
    /// Tables that this revision makes: nobody reads them yet.
    fresh: BTreeSet<String>,
    fresh_enums: BTreeSet<String>,
    new_values: Vec<(String, String)>,
    /// Constraints of this revision that no row has been held against.
    not_valid: BTreeSet<String>,
    /// Tables that SQLite copies.
    rebuilt: BTreeSet<String>,
    /// Whether the structure of a table that was there before is changed.
    alters: bool,
    /// Operations that change rows of such a table.
    changes_rows: Vec<usize>,
    has_timeout: bool,
    found: Vec<Found>,
}

impl Walk<'_> {
    fn say(&mut self, index: usize, said: Said) {
        self.found.push(Found { index: Some(index), said });
    }

    fn is_fresh(&self, table: &str) -> bool {
        self.fresh.contains(table)
    }

    fn step(&mut self, index: usize, operation: &Operation) {
        self.look_at_enums(index, operation);
        match operation {
            Operation::Execute(raw) => {
                for statement in raw::statements(&raw.text) {
                    self.raw(index, raw.only, &statement, operation);
                }
            }
            Operation::Online(_) => self.changes_rows.push(index),
            _ => self.declared(index, operation),
        }
        self.look_at_rebuild(index, operation);
        match operation {
            Operation::CreateTable(table) => drop(self.fresh.insert(table.name.clone())),
            Operation::RenameTable { from, to } if self.fresh.remove(from) => drop(self.fresh.insert(to.clone())),
            Operation::CreateEnum { name, .. } => drop(self.fresh_enums.insert(name.clone())),
            _ => {}
        }
        // What undeclared steps have made is not in this value, so an operation on it is no fault.
        let _ = self.schema.apply(operation);
    }

    fn declared(&mut self, index: usize, operation: &Operation) {
        let Some(table) = operation.changed_table() else { return };
        if self.is_fresh(table) {
            if postgres::refuses_transaction(operation) && self.up.is_transactional() {
                self.say(index, in_transaction(operation));
            }
            return;
        }
        self.alters = true;
        for said in columns::said(operation, &self.schema, &self.not_valid) {
            self.say(index, said);
        }
        match operation {
            Operation::AddColumn { fill: Some(_), .. } => self.changes_rows.push(index),
            Operation::AlterColumn { change, .. } if change.fill.is_some() => self.changes_rows.push(index),
            Operation::AddConstraint { constraint, not_valid: true, .. } => {
                self.not_valid.extend(constraint.name().map(str::to_owned));
            }
            Operation::ValidateConstraint { name, .. } if self.not_valid.remove(name) && self.up.is_transactional() => {
                let reason =
                    format!("{name} is added and validated in one transaction, so its lock is held all the while");
                self.say(index, (Rule::ValidatedInTransaction, PG, reason));
            }
            operation if postgres::refuses_transaction(operation) && self.up.is_transactional() => {
                self.say(index, in_transaction(operation));
            }
            _ => {}
        }
    }

    fn raw(&mut self, index: usize, only: Option<Dialect>, statement: &Raw, operation: &Operation) {
        match statement {
            Raw::Data { table } => {
                if !table.as_deref().is_some_and(|table| self.is_fresh(table)) {
                    self.changes_rows.push(index);
                }
            }
            Raw::LockTimeout { ever } => self.has_timeout = !ever,
            Raw::Structure { table, said, concurrent } => {
                if table.as_deref().is_some_and(|table| self.is_fresh(table)) {
                    return;
                }
                self.alters = true;
                for (rule, database, reason) in said {
                    // What is meant for one database says nothing about the other.
                    if only.is_none_or(|only| database.is_none_or(|database| database == only)) {
                        self.say(index, (*rule, only.or(*database), reason.clone()));
                    }
                }
                if only == LITE {
                    return;
                }
                if *concurrent && self.up.is_transactional() {
                    self.say(index, in_transaction(operation));
                }
                let waits = !concurrent && !self.up.is_transactional();
                if waits && !self.has_timeout_of_its_own(index) {
                    let reason =
                        "raw SQL of a revision without a transaction waits for its table without a bound".to_owned();
                    self.say(index, (Rule::NoLockTimeout, PG, reason));
                }
            }
            Raw::Other => {}
        }
    }

    /// The runner bounds the waiting of each transaction; raw SQL outside of one has to do so itself.
    fn has_timeout_of_its_own(&self, index: usize) -> bool {
        let before = self.up.list().get(..=index).unwrap_or_default().iter().rev();
        let mut raw = before.filter_map(|operation| match operation {
            Operation::Execute(raw) => Some(raw::statements(&raw.text)),
            _ => None,
        });
        raw.any(|statements| statements.iter().any(|one| matches!(one, Raw::LockTimeout { ever: false })))
    }

    fn look_at_enums(&mut self, index: usize, operation: &Operation) {
        let used = self.new_values.iter().find(|(name, value)| uses(operation, &self.schema, name, value));
        if let Some((name, value)) = used {
            let reason = format!("`{value}` is new in {name} and is not committed when it is used here");
            self.say(index, (Rule::EnumValueUsed, PG, reason));
        }
        match operation {
            Operation::AddEnumValue { name, value, .. }
                if self.up.is_transactional() && !self.fresh_enums.contains(name) =>
            {
                self.new_values.push((name.clone(), value.clone()));
            }
            Operation::RenameEnumValue { name, from, to } if !self.fresh_enums.contains(name) => {
                let reason = format!("the program that is running still writes `{from}` where {name} now says `{to}`");
                self.say(index, (Rule::RenameEnumValue, None, reason));
            }
            _ => {}
        }
    }

    /// SQLite copies a table for what it has no statement for, once in each revision.
    fn look_at_rebuild(&mut self, index: usize, operation: &Operation) {
        if let Operation::DropColumn { table, column } = operation
            && self.schema.table(table).is_some_and(|table| columns::stands_alone(table, column))
        {
            return;
        }
        for need in sqlite::needs(operation, &self.schema).unwrap_or_default() {
            if let Need::Edit { table, .. } = need
                && !self.is_fresh(&table)
                && self.rebuilt.insert(table.clone())
            {
                self.say(index, (Rule::SqliteRebuild, LITE, format!("SQLite copies {table} for it")));
            }
        }
    }

    fn end(mut self, rules: &Rules) -> Vec<Found> {
        if self.up.is_transactional() && self.alters {
            for index in std::mem::take(&mut self.changes_rows) {
                let reason = "rows are changed in the transaction that changes the structure of a table, so nobody may read it until all are done".to_owned();
                self.say(index, (Rule::MixedBackfill, PG, reason));
            }
        }
        if self.alters && rules.lock_timeout.is_zero() && !self.has_timeout {
            let reason =
                "a statement waits for its table without a bound, and all that come after wait behind it".to_owned();
            self.found.push(Found { index: None, said: (Rule::NoLockTimeout, PG, reason) });
        }
        self.found
    }
}

/// Whether the operation writes the value down as one of that enum type, as far as its text tells.
fn uses(operation: &Operation, schema: &Schema, name: &str, value: &str) -> bool {
    let is_enum = |column_type: &ColumnType| *column_type == ColumnType::Enum(name.to_owned());
    let says = |text: &str| {
        tokens(text).iter().any(|token| token.text.starts_with('\'') && token.name().as_deref() == Some(value))
    };
    let is_default = |default: &Option<DefaultValue>| match default {
        Some(DefaultValue::Text(text)) => text == value,
        Some(DefaultValue::Expression(text)) => says(text),
        _ => false,
    };
    let in_table = |table: &Table| {
        table.columns.iter().any(|column| is_enum(&column.column_type) && is_default(&column.default))
            || table.checks.iter().any(|check| says(&check.expression))
            || table.indexes.iter().any(|index| index.predicate.as_deref().is_some_and(says))
    };
    match operation {
        Operation::CreateTable(table) => in_table(table),
        Operation::AddColumn { column, fill, .. } => {
            is_enum(&column.column_type) && (is_default(&column.default) || fill.as_deref().is_some_and(says))
        }
        Operation::AlterColumn { table, column, change } => {
            let known = schema.table(table).and_then(|table| table.column(column)).map(|column| &column.column_type);
            let is_of_type = change.column_type.as_ref().or(known).is_some_and(is_enum);
            let texts = [&change.fill, &change.using];
            is_of_type
                && (change.default.as_ref().is_some_and(is_default)
                    || texts.into_iter().flatten().any(|text| says(text)))
        }
        Operation::AddConstraint { constraint: Constraint::Check(check), .. } => says(&check.expression),
        Operation::CreateIndex { index, .. } => index.predicate.as_deref().is_some_and(says),
        Operation::Execute(raw) => raw.only != LITE && says(&raw.text),
        _ => false,
    }
}
