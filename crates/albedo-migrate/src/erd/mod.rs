//! The entity-relation diagram of a schema: tables as cards, foreign keys as lines between them. Pure: the same schema
//! gives the same bytes.

mod layers;
mod mermaid;
mod place;
mod svg;

pub use mermaid::mermaid;
pub use svg::svg;

use crate::dialect::Dialect;
use crate::schema::{Column, ColumnType, ForeignKey, Schema, Table};

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagram {
    /// Tables, by name.
    pub cards: Vec<Card>,
    /// Foreign keys between them.
    pub links: Vec<Link>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its name.
    pub name: String,
    /// Its columns in their order.
    pub rows: Vec<Row>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its type, in short.
    pub kind: String,
    /// Whether it may be empty.
    pub nullable: bool,
    /// Whether it is in the primary key.
    pub primary: bool,
    /// Whether it names a row of another table.
    pub foreign: bool,
    /// Whether it alone is unique.
    pub unique: bool,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The card that holds it, by its place, and the row of its first column.
    pub child: (usize, usize),
    /// The card it refers to, and the row of the first column there.
    pub parent: (usize, usize),
    /// Its columns.
    pub columns: Vec<String>,
    /// Whether a row may do without a parent.
    pub optional: bool,
    /// Whether a parent has one such row at most.
    pub single: bool,
}

impl Diagram {
    /// The diagram of a schema. A foreign key to a table that is not in it is marked in its row, and has no line.
    #[must_use]
    pub fn new(schema: &Schema) -> Self {
        let tables: Vec<&Table> = schema.tables.values().collect();
        let cards = tables.iter().map(|table| card(table)).collect();
        let mut links = Vec::new();
        for (child, table) in tables.iter().enumerate() {
            for key in &table.foreign_keys {
                let found = tables.iter().position(|other| other.name == key.references);
                links.extend(found.and_then(|parent| link(child, table, key, parent, tables.get(parent)?)));
            }
        }
        Self { cards, links }
    }
}

fn card(table: &Table) -> Card {
    let row = |column: &Column| Row {
        name: column.name.clone(),
        kind: short(&column.column_type),
        nullable: column.nullable,
        primary: table.primary_key.iter().any(|key| key.columns.contains(&column.name)),
        foreign: table.foreign_keys.iter().any(|key| key.columns.contains(&column.name)),
        unique: is_unique(table, std::slice::from_ref(&column.name)),
    };
    Card { name: table.name.clone(), rows: table.columns.iter().map(row).collect() }
}

fn link(child: usize, table: &Table, key: &ForeignKey, parent: usize, other: &Table) -> Option<Link> {
    let row_of =
        |table: &Table, name: Option<&String>| table.columns.iter().position(|column| Some(&column.name) == name);
    let from = row_of(table, key.columns.first())?;
    let primary = || other.primary_key.as_ref().and_then(|key| key.columns.first());
    let to = row_of(other, key.referred.first().or_else(primary)).unwrap_or(0);
    let is_empty = |name: &String| table.column(name).is_some_and(|column| column.nullable);
    Some(Link {
        child: (child, from),
        parent: (parent, to),
        columns: key.columns.clone(),
        optional: key.columns.iter().any(is_empty),
        single: is_unique(table, &key.columns)
            || table.primary_key.as_ref().is_some_and(|primary| primary.columns == key.columns),
    })
}

fn is_unique(table: &Table, columns: &[String]) -> bool {
    table.uniques.iter().any(|unique| unique.columns == columns)
        || table.indexes.iter().any(|index| {
            index.unique
                && index.predicate.is_none()
                && index.columns.len() == columns.len()
                && index.column_names().eq(columns)
        })
}

/// The type as people say it; PostgreSQL's own words are long.
fn short(column_type: &ColumnType) -> String {
    match column_type {
        ColumnType::TimestampWithTimeZone => "timestamptz".to_owned(),
        ColumnType::DateTime => "timestamp".to_owned(),
        ColumnType::Double => "double".to_owned(),
        ColumnType::Enum(name) => name.clone(),
        ColumnType::Array(element) => format!("{}[]", short(element)),
        other => other.sql(Dialect::Postgres),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Operations;

    /// Parents and children, two keys to one table, one to itself, a circle, and a table alone.
    pub(super) fn schema() -> Schema {
        let mut schema = Schema::new();
        let operations = Operations::of(|op| {
            op.create_table("users", |table| {
                table.uuid("id").primary_key();
                table.string("email", 200).not_null().unique();
                table.uuid("team_id");
            });
            op.create_table("teams", |table| {
                table.uuid("id").primary_key();
                table.uuid("leader_id").references("users", "id");
                table.uuid("above_id").references("teams", "id");
            });
            op.create_table("letters", |table| {
                table.uuid("id").primary_key();
                table.uuid("sender_id").not_null().references("users", "id");
                table.uuid("reader_id").not_null().references("users", "id");
                table.timestamp_with_time_zone("sent_at").not_null();
            });
            op.create_table("stamps", |table| {
                table.uuid("letter_id").primary_key().references("letters", "id");
                table.decimal("price", 10, 2);
                table.uuid("team_id").not_null().references("teams", "id");
            });
            op.create_table("cities", |table| {
                table.uuid("id").primary_key();
                table.uuid("country_id").references("countries", "id");
            });
            op.add_foreign_key("users", ["team_id"], "teams", ["id"]);
        });
        for operation in operations.list() {
            schema.apply(operation).unwrap();
        }
        schema
    }

    #[test]
    fn cards_and_lines_tell_keys_and_how_many() {
        let diagram = Diagram::new(&schema());
        let names: Vec<&str> = diagram.cards.iter().map(|card| card.name.as_str()).collect();
        assert_eq!(names, ["cities", "letters", "stamps", "teams", "users"]);
        let stamp = diagram.links.iter().find(|link| link.columns == ["letter_id"]).unwrap();
        assert!(stamp.single && !stamp.optional);
        let leader = diagram.links.iter().find(|link| link.columns == ["leader_id"]).unwrap();
        assert!(!leader.single && leader.optional);
        let email = &diagram.cards[4].rows[1];
        assert!(email.unique && !email.primary && email.kind == "varchar(200)");
        // The country is not in the schema: a mark and no line.
        assert!(diagram.cards[0].rows[1].foreign);
        assert!(diagram.links.iter().all(|link| link.child.0 != 0));
    }
}
