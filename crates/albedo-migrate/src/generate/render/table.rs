//! What stands inside `create_table` and `add_column`.

use super::layout::{Argument, Call, Statement};
use super::operations::{action, deferrable, foreign_key_words, index_words};
use crate::schema::{
    Action, Check, Column, ColumnType, DefaultValue, ForeignKey, Identity, PrimaryKey, Table, Unique, naming,
};

/// A table's columns, constraints and indexes, those of one column beside it.
pub(super) fn statements(table: &Table) -> Vec<Statement> {
    let mut list = Vec::new();
    let mut columns = table.columns.as_slice();
    while let Some((column, rest)) = columns.split_first() {
        if let Some((updated, rest)) = rest.split_first()
            && is_timestamp(column, "created_at")
            && is_timestamp(updated, "updated_at")
            && !is_constrained(table, column)
            && !is_constrained(table, updated)
        {
            list.push(Statement::Chain("table", vec![Call::new("timestamps", [])]));
            columns = rest;
            continue;
        }
        let mut calls = column_words(column, key_is(table, column));
        if let Some(key) = plain_reference(table, column) {
            calls
                .push(Call::new("references", [Argument::text(&key.references), Argument::text(first(&key.referred))]));
            for (word, done) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
                calls.extend((done != Action::NoAction).then(|| Call::new(word, [action(done)])));
            }
        }
        if own_index(table, column) {
            calls.push(Call::new("indexed", []));
        }
        list.push(Statement::Chain("table", calls));
        columns = rest;
    }
    constraints(table, &mut list);
    list
}

fn constraints(table: &Table, list: &mut Vec<Statement>) {
    let mut say = |calls: Vec<Call>| list.push(Statement::Chain("table", calls));
    if let Some(key) =
        table.primary_key.as_ref().filter(|key| !table.columns.iter().any(|column| is_key(table, key, column)))
    {
        say(vec![primary_key(&table.name, key)]);
    }
    for one in &table.uniques {
        say(unique(&table.name, one));
    }
    for (at, one) in table.checks.iter().enumerate() {
        say(vec![check(&table.name, one, at)]);
    }
    for key in &table.foreign_keys {
        let beside = table.columns.iter().any(|column| plain_reference(table, column) == Some(key));
        if !beside {
            let mut calls = vec![Call::new("foreign_key", foreign_key_places(key))];
            calls.extend(foreign_key_words(&table.name, key));
            say(calls);
        }
    }
    for index in &table.indexes {
        let beside = table
            .columns
            .iter()
            .any(|column| own_index(table, column) && index.name == naming::index(&table.name, &[&column.name]));
        if !beside {
            let (columns, words) = index_words(&table.name, index);
            let mut calls = vec![Call::new("index", [columns])];
            calls.extend(words);
            say(calls);
        }
    }
    if let Some(comment) = &table.comment {
        say(vec![Call::new("comment", [Argument::text(comment)])]);
    }
    for (is, word) in [(table.strict, "strict"), (table.without_rowid, "without_rowid")] {
        if is {
            say(vec![Call::new(word, [])]);
        }
    }
}

fn first(names: &[String]) -> &str {
    names.first().map_or("", String::as_str)
}

fn is_timestamp(column: &Column, name: &str) -> bool {
    *column
        == Column {
            nullable: false,
            default: Some(DefaultValue::Now),
            ..Column::new(name, ColumnType::TimestampWithTimeZone)
        }
}

fn is_constrained(table: &Table, column: &Column) -> bool {
    key_is(table, column) || own_index(table, column) || plain_reference(table, column).is_some()
}

fn key_is(table: &Table, column: &Column) -> bool {
    table.primary_key.as_ref().is_some_and(|key| is_key(table, key, column))
}

/// Whether the column says it is the key: alone, and by the usual name.
fn is_key(table: &Table, key: &PrimaryKey, column: &Column) -> bool {
    key.columns.iter().eq([&column.name])
        && key.name.as_deref().is_none_or(|name| name == naming::primary_key(&table.name))
}

/// A foreign key that a column says of itself: its first, of it alone, and by the usual name.
fn plain_reference<'t>(table: &'t Table, column: &Column) -> Option<&'t ForeignKey> {
    let name = naming::foreign_key(&table.name, &[&column.name]);
    let mut mine = table.foreign_keys.iter().filter(|key| key.columns.iter().eq([&column.name]));
    let key = mine.next()?;
    let plain =
        key.deferrable.is_none() && key.referred.len() == 1 && key.name.as_deref().is_none_or(|own| own == name);
    plain.then_some(key)
}

fn own_index(table: &Table, column: &Column) -> bool {
    let name = naming::index(&table.name, &[&column.name]);
    table.index(&name).is_some_and(|index| {
        *index
            == crate::schema::Index {
                name: name.clone(),
                columns: vec![crate::schema::IndexColumn::column(&column.name)],
                ..Default::default()
            }
    })
}

/// `table.string("name", 20)` and the words behind it.
pub(super) fn column_words(column: &Column, is_key: bool) -> Vec<Call> {
    let mut calls = vec![typed(column)];
    let mut say = |name: &'static str, arguments: Vec<Argument>| calls.push(Call::new(name, arguments));
    if is_key {
        say("primary_key", vec![]);
    }
    if !column.nullable && !is_key {
        say("not_null", vec![]);
    }
    match column.identity {
        Some(Identity::ByDefault) => say("auto_increment", vec![]),
        Some(Identity::Always) => say("auto_increment_always", vec![]),
        None => {}
    }
    if let Some(default) = &column.default {
        let (name, arguments) = default_word(default);
        say(name, arguments);
    }
    if let Some(generated) = &column.generated {
        let word = if generated.stored { "generated" } else { "generated_virtual" };
        say(word, vec![Argument::text(&generated.expression)]);
    }
    if let Some(collation) = &column.collation {
        say("collate", vec![Argument::text(collation)]);
    }
    if let Some(comment) = &column.comment {
        say("comment", vec![Argument::text(comment)]);
    }
    calls
}

fn typed(column: &Column) -> Call {
    let name = Argument::text(&column.name);
    let number = |number: u32| Argument::Word(number.to_string());
    let word = match &column.column_type {
        ColumnType::String(Some(length)) => return Call::new("string", [name, number(*length)]),
        ColumnType::Decimal(Some((precision, scale))) => {
            return Call::new("decimal", [name, number(*precision), number(*scale)]);
        }
        ColumnType::Enum(kind) => return Call::new("enumeration", [name, Argument::text(kind)]),
        ColumnType::SmallInteger => "small_integer",
        ColumnType::Integer => "integer",
        ColumnType::BigInteger => "big_integer",
        ColumnType::Float => "float",
        ColumnType::Double => "double",
        ColumnType::Boolean => "boolean",
        ColumnType::Text => "text",
        ColumnType::Blob => "blob",
        ColumnType::Uuid => "uuid",
        ColumnType::Date => "date",
        ColumnType::Time => "time",
        ColumnType::DateTime => "date_time",
        ColumnType::TimestampWithTimeZone => "timestamp_with_time_zone",
        ColumnType::Json => "json",
        ColumnType::JsonBinary => "json_binary",
        other => return Call::new("column", [name, column_type(other)]),
    };
    Call::new(word, [name])
}

/// `ColumnType::Char(Some(2))`.
pub(super) fn column_type(column_type: &ColumnType) -> Argument {
    fn word(column_type: &ColumnType) -> String {
        match column_type {
            ColumnType::Enum(name) => format!("ColumnType::Enum({name:?}.into())"),
            ColumnType::Custom(name) => format!("ColumnType::Custom({name:?}.into())"),
            ColumnType::Array(element) => format!("ColumnType::Array(Box::new({}))", word(element)),
            plain => format!("ColumnType::{plain:?}"),
        }
    }
    Argument::Word(word(column_type))
}

/// The word that says a default, and what it holds.
pub(super) fn default_word(default: &DefaultValue) -> (&'static str, Vec<Argument>) {
    let word = |text: String| ("default", vec![Argument::Word(text)]);
    match default {
        DefaultValue::Now => ("default_now", vec![]),
        DefaultValue::Expression(text) => ("default_expression", vec![Argument::text(text)]),
        DefaultValue::Null => word("DefaultValue::Null".to_owned()),
        DefaultValue::Boolean(value) => word(value.to_string()),
        DefaultValue::Text(text) => ("default", vec![Argument::text(text)]),
        DefaultValue::Number(number) => {
            let small = number.parse::<i32>().is_ok_and(|value| value.to_string() == *number);
            let large = number.parse::<i64>().is_ok_and(|value| value.to_string() == *number);
            let real = number.contains('.') && number.parse::<f64>().is_ok_and(|value| value.to_string() == *number);
            match (small || real, large) {
                (true, _) => word(number.clone()),
                (false, true) => word(format!("{number}_i64")),
                (false, false) => word(format!("DefaultValue::Number({number:?}.into())")),
            }
        }
    }
}

pub(super) fn primary_key(table: &str, key: &PrimaryKey) -> Call {
    match key.name.as_deref().filter(|name| *name != naming::primary_key(table)) {
        Some(name) => Call::new("primary_key_named", [Argument::text(name), Argument::texts(&key.columns)]),
        None => Call::new("primary_key", [Argument::texts(&key.columns)]),
    }
}

pub(super) fn unique(table: &str, unique: &Unique) -> Vec<Call> {
    let mut calls = vec![Call::new("unique", [Argument::texts(&unique.columns)])];
    let odd = unique.name.as_deref().filter(|name| *name != naming::unique(table, &unique.columns));
    calls.extend(odd.map(|name| Call::new("name", [Argument::text(name)])));
    calls.extend(unique.deferrable.map(|when| Call::new("deferrable", [deferrable(when)])));
    calls
}

/// A check by its short name when it has the usual one; one without a name gets a number.
pub(super) fn check(table: &str, check: &Check, at: usize) -> Call {
    let expression = Argument::text(&check.expression);
    let short = check_short_name(table, check, at);
    match (short, &check.name) {
        (Some(short), _) => Call::new("check", [Argument::text(&short), expression]),
        (None, name) => Call::new("check_named", [Argument::text(name.as_deref().unwrap_or_default()), expression]),
    }
}

/// The name without the table's, where the table's puts it back.
pub(super) fn check_short_name(table: &str, check: &Check, at: usize) -> Option<String> {
    let Some(name) = &check.name else { return Some((at + 1).to_string()) };
    let short = name.strip_prefix(&format!("ck_{table}_")).unwrap_or_default();
    (!short.is_empty() && naming::check(table, short) == *name).then(|| short.to_owned())
}

pub(super) fn foreign_key_places(key: &ForeignKey) -> [Argument; 3] {
    [Argument::texts(&key.columns), Argument::text(&key.references), Argument::texts(&key.referred)]
}
