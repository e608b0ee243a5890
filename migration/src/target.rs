//! The schema that is wanted: the entities, what their fields promise, the unique keys of rows that can be restored, and the few
//! indexes that no attribute says.
//!
//! `db create` compares it with what the revisions make. A new entity is one line here.

use albedo_core::field::{Field, Kind};
use albedo_entities::{
    Description, assistant, audit_event, city, entity, idempotency_key, refresh_token, registry, user, value,
};
use albedo_migrate::Dialect;
use albedo_migrate::schema::naming;
use albedo_migrate::target::Target;

/// The schema of this version of Albedo.
#[must_use]
pub fn target() -> Target {
    let target = Target::new()
        .entity(user::Entity)
        .entity(refresh_token::Entity)
        .entity(idempotency_key::Entity)
        .entity(assistant::Entity)
        .entity(entity::Entity)
        .entity(value::Entity)
        .entity(city::Entity)
        // By code point, as lists compare texts: so that sorting by the name walks its unique key on PostgreSQL too.
        .table("cities", |table| {
            table.string("name", 120).not_null().collate("C");
        })
        .entity(audit_event::Entity)
        // The history of a row, of a user, and of everything, newest first.
        .table("audit_events", |table| {
            table.index(["row_id", "at"]);
            table.index(["actor_id", "at"]);
            table.index(["at"]);
        });
    registry::resources().into_iter().fold(target, completed)
}

/// What follows from a resource's description: what its fields promise holds in the database too, whoever writes there,
/// and its rows are found by what they are asked for.
fn completed(target: Target, description: &Description) -> Target {
    let name = (description.table)();
    target.table(name, |table| {
        for field in description.fields {
            if let Some(expression) = promise(field) {
                table.check(field.name, &expression);
            }
        }
        for columns in description.unique {
            match description.deleted_at {
                // An entity says one key of several columns; whoever wants two of them has said both here.
                None => {
                    table.unique(columns);
                }
                // Where deleted rows stay, what is unique is so among the living: a name is free again once its row is deleted.
                Some(deleted_at) => {
                    let index = table.index(columns).name(&naming::unique(name, columns));
                    index.unique().filter(&format!("{deleted_at} IS NULL"));
                }
            }
        }
        for columns in indexes(description) {
            table.index(columns);
        }
    })
}

/// The lists of one owner or parent, in the order in which they are shown; and the rows that refer to another one, which
/// are looked for when it is deleted.
fn indexes(description: &Description) -> Vec<Vec<&'static str>> {
    let above = description.parent.as_ref().map(|parent| parent.column).or(description.owner);
    let order = description.default_sort.iter().map(|(field, _)| field.name);
    let list = above.map(|above| [above].into_iter().chain(order).chain(["id"]).collect());
    let references = description.references.iter().map(|reference| reference.column);
    let led = |column| description.unique.iter().any(|columns| columns.first() == Some(&column));
    let references = references.filter(|column| above != Some(*column) && !led(*column));
    list.into_iter().chain(references.map(|column| vec![column])).collect()
}

fn promise(field: &Field) -> Option<String> {
    let name = field.name;
    if let Kind::Choice(choices) = field.kind {
        let choices: Vec<String> = choices.iter().map(|choice| Dialect::Sqlite.text(choice)).collect();
        return Some(format!("{name} IN ({})", choices.join(", ")));
    }
    match (field.bounds.min, field.bounds.max) {
        (Some(min), Some(max)) => Some(format!("{name} BETWEEN {min} AND {max}")),
        (Some(min), None) => Some(format!("{name} >= {min}")),
        (None, Some(max)) => Some(format!("{name} <= {max}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use albedo_migrate::diff::{Hints, diff};

    use super::*;
    use crate::history;

    #[test]
    fn the_revisions_make_what_the_entities_are() {
        let history = history().unwrap();
        let made = history.schema(&history.graph().nodes().collect());
        let difference = diff(&made, &target().schema().unwrap(), &Hints::default()).unwrap();
        let told: Vec<String> = difference.changes.iter().map(ToString::to_string).collect();
        assert_eq!(told, Vec::<String>::new(), "run `make db-create`");
    }
}
