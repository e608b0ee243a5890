//! PostgreSQL's catalogue as statements, each after what it needs.

use std::collections::BTreeSet;

use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::inspect::catalogue::{Catalogue, Function, Part, View};
use crate::settings::Excluded;

const PG: Dialect = Dialect::Postgres;

/// Types and sequences, functions, tables with what concerns them alone, then what connects them.
pub(super) fn statements(catalogue: &Catalogue, excluded: &Excluded) -> Result<Vec<String>> {
    if !catalogue.beyond.is_empty() {
        return Err(Error::failed(format!(
            "the schema holds what cannot be written down: {}",
            catalogue.beyond.join(", ")
        ))
        .hint(
            "write it down with `pg_dump --schema-only`, load that with `psql`, and say with `stamp` what it holds",
        ));
    }
    let is_mine = |table: &str| !excluded.contains(table);
    let mine = |part: &&Part| is_mine(&part.table);
    let mut list = Vec::new();
    let extensions = catalogue.extensions.iter();
    list.extend(extensions.map(|name| format!("CREATE EXTENSION IF NOT EXISTS {}", PG.quote(name))));
    list.extend(
        catalogue.enums.iter().map(|one| format!("CREATE TYPE {} AS ENUM ({})", PG.quote(&one.name), one.text)),
    );
    let sequences =
        || catalogue.sequences.iter().filter(|one| one.owner.as_ref().is_none_or(|(table, _)| is_mine(table)));
    list.extend(sequences().map(|one| format!("CREATE SEQUENCE {} {}", PG.quote(&one.name), one.text)));
    if !catalogue.functions.is_empty() {
        // A body may name tables and functions that come later.
        list.push("SET LOCAL check_function_bodies = off".to_owned());
    }
    let functions = |late: bool| {
        catalogue.functions.iter().filter(move |one: &&Function| one.needs_tables == late).map(|one| one.text.clone())
    };
    list.extend(functions(false));
    for table in catalogue.tables.iter().filter(|table| is_mine(&table.name)) {
        let columns = catalogue.columns.iter().filter(|column| column.table == table.name);
        let mut lines: Vec<String> =
            columns.map(|column| format!("{} {}", PG.quote(&column.name), column.text)).collect();
        let inline = catalogue.constraints.iter().filter(|one| one.inline && one.part.table == table.name);
        lines.extend(inline.map(|one| format!("CONSTRAINT {} {}", PG.quote(&one.part.name), one.part.text)));
        let lines = if lines.is_empty() { String::new() } else { format!("\n    {}\n", lines.join(",\n    ")) };
        list.push(format!("CREATE {}TABLE {} ({lines}){}", table.before, PG.quote(&table.name), table.after));
    }
    list.extend(functions(true));
    for one in sequences() {
        if let Some((table, column)) = &one.owner {
            list.push(format!(
                "ALTER SEQUENCE {} OWNED BY {}.{}",
                PG.quote(&one.name),
                PG.quote(table),
                PG.quote(column)
            ));
        }
    }
    let of_view = |part: &&Part| catalogue.views.iter().any(|view| view.name == part.table);
    list.extend(catalogue.indexes.iter().filter(mine).filter(|part| !of_view(part)).map(|index| index.text.clone()));
    for one in catalogue.constraints.iter().filter(|one| !one.inline && is_mine(&one.part.table)) {
        let (table, name) = (PG.quote(&one.part.table), PG.quote(&one.part.name));
        list.push(format!("ALTER TABLE {table} ADD CONSTRAINT {name} {}", one.part.text));
    }
    for view in in_order(&catalogue.views) {
        let kind = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        list.push(format!("CREATE {kind} {}{}", PG.quote(&view.name), view.text));
    }
    list.extend(catalogue.indexes.iter().filter(of_view).map(|index| index.text.clone()));
    list.extend(catalogue.triggers.iter().filter(mine).map(|trigger| trigger.text.clone()));
    let comments = catalogue.comments.iter().filter(|one| one.table.as_ref().is_none_or(|table| is_mine(table)));
    list.extend(comments.map(|one| format!("COMMENT ON {} IS {}", one.on, PG.text(&one.text))));
    Ok(list)
}

/// Each view after those it reads; of those that are free at once, by name.
fn in_order(views: &[View]) -> Vec<&View> {
    let mut order: Vec<&View> = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    while order.len() < views.len() {
        let waits = |view: &&View| {
            view.reads.iter().any(|read| !done.contains(read.as_str()) && views.iter().any(|other| other.name == *read))
        };
        let Some(next) = views.iter().filter(|view| !done.contains(view.name.as_str())).find(|view| !waits(view))
        else {
            // PostgreSQL has no views in a circle; were there one, it would say so itself.
            order.extend(views.iter().filter(|view| !done.contains(view.name.as_str())));
            break;
        };
        done.insert(&next.name);
        order.push(next);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_comes_after_those_it_reads() {
        let view = |name: &str, reads: &[&str]| View {
            name: name.into(),
            text: String::new(),
            materialized: false,
            reads: reads.iter().map(|read| (*read).to_owned()).collect(),
        };
        let views = [view("a", &["c", "elsewhere"]), view("b", &[]), view("c", &["b"])];
        let names: Vec<&str> = in_order(&views).iter().map(|view| view.name.as_str()).collect();
        assert_eq!(names, ["b", "c", "a"]);
    }
}
