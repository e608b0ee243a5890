//! Each operation as the statement that makes it.

use super::Way;
use super::layout::{Argument, Call, Statement};
use super::table::{
    check_short_name, column_type, column_words, default_word, foreign_key_places, statements as inside,
};
use crate::dialect::Dialect;
use crate::diff::Difference;
use crate::error::{Error, Result};
use crate::operation::{ColumnChange, Constraint, Operation};
use crate::schema::{Action, Deferrable, ForeignKey, Identity, Index, IndexKey, Table, naming};

pub(super) fn statements(difference: &Difference, way: Way) -> Result<Vec<Statement>> {
    let mut list = Vec::new();
    let mut operations = difference.operations.iter().enumerate().peekable();
    while let Some((at, operation)) = operations.next() {
        for (_, message) in difference.destructive().filter(|(place, _)| *place == at && way == Way::Up) {
            list.push(Statement::Remark(format!("DESTRUCTIVE: {message}.")));
        }
        let Operation::AddColumn { table, .. } = operation else {
            if let (Operation::CreateTable(table), Way::Down) = (operation, way) {
                list.push(Statement::Remark(format!("The rows of {} do not come back.", table.name)));
            }
            list.push(statement(operation)?);
            continue;
        };
        // Columns that are added to one table one after the other are said together.
        let mut body = Vec::new();
        let mut added = Some(operation);
        while let Some(Operation::AddColumn { column, fill, .. }) = added {
            if let (Some(fill), Way::Down, true) = (fill, way, column.generated.is_none()) {
                body.push(Statement::Remark(format!("What {} held is gone; rows get {fill}.", column.name)));
            }
            let mut calls = column_words(column, false);
            calls.extend(fill.as_ref().map(|fill| Call::new("fill", [Argument::text(fill)])));
            body.push(Statement::Chain("table", calls));
            let more = operations
                .next_if(|(_, next)| matches!(next, Operation::AddColumn { table: other, .. } if other == table));
            added = more.map(|(_, next)| next);
        }
        list.push(Statement::Block("add_column", table.clone(), body));
    }
    Ok(list)
}

fn op(name: &'static str, arguments: impl IntoIterator<Item = Argument>) -> Statement {
    Statement::Chain("op", vec![Call::new(name, arguments)])
}

fn statement(operation: &Operation) -> Result<Statement> {
    let text = |text: &str| Argument::text(text);
    Ok(match operation {
        Operation::CreateTable(table) => Statement::Block("create_table", table.name.clone(), inside(table)),
        Operation::DropTable { name } => op("drop_table", [text(name)]),
        Operation::RenameTable { from, to } => op("rename_table", [text(from), text(to)]),
        Operation::CommentTable { table, comment: Some(comment) } => {
            op("comment_on_table", [text(table), text(comment)])
        }
        Operation::CommentTable { table, comment: None } => op("drop_comment_on_table", [text(table)]),
        Operation::AddColumn { table, column, fill } => {
            let mut calls = column_words(column, false);
            calls.extend(fill.as_ref().map(|fill| Call::new("fill", [text(fill)])));
            Statement::Block("add_column", table.clone(), vec![Statement::Chain("table", calls)])
        }
        Operation::DropColumn { table, column } => op("drop_column", [text(table), text(column)]),
        Operation::RenameColumn { table, from, to } => op("rename_column", [text(table), text(from), text(to)]),
        Operation::AlterColumn { table, column, change } => alter(table, column, change),
        Operation::AddConstraint { table, constraint, not_valid } => add_constraint(table, constraint, *not_valid)?,
        Operation::ValidateConstraint { table, name } => op("validate_constraint", [text(table), text(name)]),
        Operation::DropConstraint { table, name } => op("drop_constraint", [text(table), text(name)]),
        Operation::RenameConstraint { table, from, to } => op("rename_constraint", [text(table), text(from), text(to)]),
        Operation::CreateIndex { table, index, concurrently } => {
            let (columns, words) = index_words(table, index);
            let mut calls = vec![Call::new("create_index", [text(table), columns])];
            calls.extend(words);
            calls.extend(concurrently.then(|| Call::new("concurrently", [])));
            Statement::Chain("op", calls)
        }
        Operation::DropIndex { table, name, concurrently } => {
            op(if *concurrently { "drop_index_concurrently" } else { "drop_index" }, [text(table), text(name)])
        }
        Operation::RenameIndex { table, from, to } => op("rename_index", [text(table), text(from), text(to)]),
        Operation::CreateEnum { name, values } => op("create_enum", [text(name), Argument::texts(values)]),
        Operation::DropEnum { name } => op("drop_enum", [text(name)]),
        Operation::RenameEnum { from, to } => op("rename_enum", [text(from), text(to)]),
        Operation::AddEnumValue { name, value, before: None } => op("add_enum_value", [text(name), text(value)]),
        Operation::AddEnumValue { name, value, before: Some(before) } => {
            op("add_enum_value_before", [text(name), text(value), text(before)])
        }
        Operation::RenameEnumValue { name, from, to } => op("rename_enum_value", [text(name), text(from), text(to)]),
        Operation::Execute(raw) => match raw.only {
            None => op("execute", [text(&raw.text)]),
            Some(dialect) => op("execute_on", [dialect_word(dialect), text(&raw.text)]),
        },
        Operation::Irreversible { reason } => op("irreversible", [text(reason)]),
        Operation::Online(function) => {
            return Err(Error::failed(format!("the function `{}` has no source to write down", function.name)));
        }
    })
}

fn dialect_word(dialect: Dialect) -> Argument {
    Argument::Word(format!("Dialect::{dialect:?}"))
}

pub(super) fn action(action: Action) -> Argument {
    Argument::Word(format!("Action::{action:?}"))
}

pub(super) fn deferrable(when: Deferrable) -> Argument {
    Argument::Word(format!("Deferrable::{when:?}"))
}

fn alter(table: &str, column: &str, change: &ColumnChange) -> Statement {
    let mut calls = vec![Call::new("alter_column", [Argument::text(table), Argument::text(column)])];
    let mut say = |name: &'static str, arguments: Vec<Argument>| calls.push(Call::new(name, arguments));
    if let Some(wanted) = &change.column_type {
        say("column_type", vec![column_type(wanted)]);
    }
    if let Some(using) = &change.using {
        say("using", vec![Argument::text(using)]);
    }
    for (dialect, using) in &change.using_on {
        say("using_on", vec![dialect_word(*dialect), Argument::text(using)]);
    }
    match &change.collation {
        Some(Some(collation)) => say("collate", vec![Argument::text(collation)]),
        Some(None) => say("drop_collation", vec![]),
        None => {}
    }
    match change.nullable {
        Some(true) => say("null", vec![]),
        Some(false) => say("not_null", vec![]),
        None => {}
    }
    if let Some(fill) = &change.fill {
        say("fill", vec![Argument::text(fill)]);
    }
    match &change.default {
        Some(Some(default)) => {
            let (name, arguments) = default_word(default);
            say(name, arguments);
        }
        Some(None) => say("drop_default", vec![]),
        None => {}
    }
    match change.identity {
        Some(Some(Identity::ByDefault)) => say("auto_increment", vec![]),
        Some(Some(Identity::Always)) => say("auto_increment_always", vec![]),
        Some(None) => say("drop_auto_increment", vec![]),
        None => {}
    }
    match &change.comment {
        Some(Some(comment)) => say("comment", vec![Argument::text(comment)]),
        Some(None) => say("drop_comment", vec![]),
        None => {}
    }
    Statement::Chain("op", calls)
}

/// A constraint in its short words where they say all of it, otherwise as it stands inside a table.
fn add_constraint(table: &str, constraint: &Constraint, not_valid: bool) -> Result<Statement> {
    if not_valid {
        return Err(Error::failed(format!("a constraint of {table} that is not validated is written by hand")));
    }
    let name = Argument::text(table);
    let mut odd = Table::new(table);
    match constraint {
        Constraint::PrimaryKey(key) if is_usual(key.name.as_deref(), &naming::primary_key(table)) => {
            return Ok(op("add_primary_key", [name, Argument::texts(&key.columns)]));
        }
        Constraint::PrimaryKey(key) => odd.primary_key = Some(key.clone()),
        Constraint::Unique(unique)
            if unique.deferrable.is_none()
                && is_usual(unique.name.as_deref(), &naming::unique(table, &unique.columns)) =>
        {
            return Ok(op("add_unique", [name, Argument::texts(&unique.columns)]));
        }
        Constraint::Unique(unique) => odd.uniques.push(unique.clone()),
        Constraint::Check(check) => {
            if let Some(short) = check_short_name(table, check, 0) {
                return Ok(op("add_check", [name, Argument::text(&short), Argument::text(&check.expression)]));
            }
            odd.checks.push(check.clone());
        }
        Constraint::ForeignKey(key) => {
            let [columns, there, referred] = foreign_key_places(key);
            let mut calls = vec![Call::new("add_foreign_key", [name, columns, there, referred])];
            calls.extend(foreign_key_words(table, key));
            return Ok(Statement::Chain("op", calls));
        }
    }
    Ok(Statement::Block("add_to_table", table.to_owned(), inside(&odd)))
}

fn is_usual(name: Option<&str>, usual: &str) -> bool {
    name.is_none_or(|name| name == usual)
}

pub(super) fn foreign_key_words(table: &str, key: &ForeignKey) -> Vec<Call> {
    let mut calls = Vec::new();
    if let Some(name) = key.name.as_deref().filter(|name| *name != naming::foreign_key(table, &key.columns)) {
        calls.push(Call::new("name", [Argument::text(name)]));
    }
    for (word, done) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
        calls.extend((done != Action::NoAction).then(|| Call::new(word, [action(done)])));
    }
    calls.extend(key.deferrable.map(|when| Call::new("deferrable", [deferrable(when)])));
    calls
}

/// The columns that come first, and the words for all that is not a plain column.
pub(super) fn index_words(table: &str, index: &Index) -> (Argument, Vec<Call>) {
    let plain = |part: &&crate::schema::IndexColumn| {
        !part.descending
            && part.operator_class.is_none()
            && part.collation.is_none()
            && matches!(part.key, IndexKey::Column(_))
    };
    let count = index.columns.iter().take_while(plain).count();
    let (head, tail) = index.columns.split_at(count);
    let first: Vec<&str> = head
        .iter()
        .filter_map(|part| match &part.key {
            IndexKey::Column(name) => Some(name.as_str()),
            IndexKey::Expression(_) => None,
        })
        .collect();
    let mut calls = Vec::new();
    let mut say = |name: &'static str, argument: Option<Argument>| calls.push(Call::new(name, argument));
    if index.name != naming::index(table, &first) {
        say("name", Some(Argument::text(&index.name)));
    }
    for part in tail {
        match (&part.key, part.descending) {
            (IndexKey::Column(name), true) => say("descending", Some(Argument::text(name))),
            (IndexKey::Column(name), false) => say("column", Some(Argument::text(name))),
            (IndexKey::Expression(text), descending) => {
                say("expression", Some(Argument::text(text)));
                if descending {
                    say("reversed", None);
                }
            }
        }
        if let Some(collation) = &part.collation {
            say("collate", Some(Argument::text(collation)));
        }
        if let Some(class) = &part.operator_class {
            say("operator_class", Some(Argument::text(class)));
        }
    }
    if index.unique {
        say("unique", None);
    }
    if let Some(predicate) = &index.predicate {
        say("filter", Some(Argument::text(predicate)));
    }
    if !index.include.is_empty() {
        say("include", Some(Argument::texts(&index.include)));
    }
    if let Some(method) = &index.method {
        say("using", Some(Argument::text(method)));
    }
    if index.nulls_not_distinct {
        say("nulls_not_distinct", None);
    }
    (Argument::texts(&first), calls)
}
