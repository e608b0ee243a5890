//! Things of a schema in a few words, as reports name them.

use crate::dialect::Dialect;
use crate::schema::{Check, Column, ForeignKey, Identity, Index, IndexKey, PrimaryKey, Table, Unique};

// Words for people; PostgreSQL's names of types are the better known ones.
const PG: Dialect = Dialect::Postgres;

pub(super) fn table(table: &Table) -> String {
    table.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}

pub(super) fn options(table: &Table) -> String {
    match (table.strict, table.without_rowid) {
        (true, true) => "STRICT, WITHOUT ROWID",
        (true, false) => "STRICT",
        (false, true) => "WITHOUT ROWID",
        (false, false) => "plain",
    }
    .to_owned()
}

pub(super) fn column(column: &Column) -> String {
    let mut text = column.column_type.sql(PG);
    if !column.nullable {
        text.push_str(" not null");
    }
    if let Some(default) = default(column) {
        text.push_str(&format!(" default {default}"));
    }
    if let Some(generated) = generated(column) {
        text.push_str(&format!(" generated as {generated}"));
    }
    text
}

pub(super) fn default(column: &Column) -> Option<String> {
    column.default.as_ref().map(|default| default.sql(PG))
}

pub(super) fn generated(column: &Column) -> Option<String> {
    let generated = column.generated.as_ref()?;
    Some(format!("({}) {}", generated.expression, if generated.stored { "stored" } else { "virtual" }))
}

pub(super) fn identity(column: &Column) -> Option<String> {
    column.identity.map(|identity| match identity {
        Identity::ByDefault => "by default".to_owned(),
        Identity::Always => "always".to_owned(),
    })
}

pub(super) fn nullable(column: &Column) -> String {
    if column.nullable { "null" } else { "not null" }.to_owned()
}

pub(super) fn primary_key(key: &PrimaryKey) -> String {
    format!("({})", key.columns.join(", "))
}

pub(super) fn unique(unique: &Unique) -> String {
    let wait = unique.deferrable.map(|deferrable| format!(" {}", deferrable.to_string().to_lowercase()));
    format!("({}){}", unique.columns.join(", "), wait.unwrap_or_default())
}

pub(super) fn check(check: &Check) -> String {
    check.expression.clone()
}

pub(super) fn foreign_key(key: &ForeignKey) -> String {
    let mut text = format!("({}) -> {} ({})", key.columns.join(", "), key.references, key.referred.join(", "));
    for (event, action) in [("delete", key.on_delete), ("update", key.on_update)] {
        if action != crate::schema::Action::NoAction {
            text.push_str(&format!(" on {event} {}", action.to_string().to_lowercase()));
        }
    }
    if let Some(deferrable) = key.deferrable {
        text.push_str(&format!(" {}", deferrable.to_string().to_lowercase()));
    }
    text
}

pub(super) fn index(index: &Index) -> String {
    let parts: Vec<String> = index
        .columns
        .iter()
        .map(|part| {
            let mut text = match &part.key {
                IndexKey::Column(name) => name.clone(),
                IndexKey::Expression(text) => format!("({text})"),
            };
            for word in [
                part.collation.as_ref().map(|name| format!(" collate {name}")),
                part.operator_class.as_ref().map(|name| format!(" {name}")),
            ]
            .into_iter()
            .flatten()
            {
                text.push_str(&word);
            }
            if part.descending {
                text.push_str(" desc");
            }
            text
        })
        .collect();
    let mut text = format!("{}({})", if index.unique { "unique " } else { "" }, parts.join(", "));
    if let Some(method) = &index.method {
        text.push_str(&format!(" using {method}"));
    }
    if !index.include.is_empty() {
        text.push_str(&format!(" include ({})", index.include.join(", ")));
    }
    if index.nulls_not_distinct {
        text.push_str(" nulls not distinct");
    }
    if let Some(predicate) = &index.predicate {
        text.push_str(&format!(" where {predicate}"));
    }
    text
}
