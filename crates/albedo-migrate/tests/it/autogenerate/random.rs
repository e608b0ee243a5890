//! Random schemas that both databases can hold: small, with odd names, and of one pool, so that two of them overlap.

#![expect(clippy::indexing_slicing, reason = "a generator of tests may fail the test")]

use albedo_migrate::prelude::*;
use albedo_migrate::schema::{
    Check, Column, EnumType, ForeignKey, Generated, Identity, Index, IndexColumn, PrimaryKey, Schema, Table, Unique,
    naming,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

const TABLES: [&str; 4] =
    ["users", "Team Members", "order", "a_table_with_a_name_so_long_that_its_constraints_must_be_cut"];
const COLUMNS: [&str; 6] = ["name", "Full Name", "select", "size", "note", "it's \"odd\""];
const ENUMS: [&str; 2] = ["mood", "Odd Enum"];
const VALUES: [&str; 4] = ["sad", "glad", "it's", "so so"];

/// What a column is, as numbers that are read modulo what there is to choose from.
#[derive(Clone, Debug)]
struct ColumnGene {
    kind: usize,
    nullable: bool,
    default: usize,
    comment: bool,
}

#[derive(Clone, Debug)]
struct TableGene {
    key: usize,
    columns: Vec<(usize, ColumnGene)>,
    generated: usize,
    uniques: Vec<(usize, usize)>,
    checks: Vec<(usize, usize)>,
    indexes: Vec<(usize, usize, usize)>,
    references: Vec<(usize, usize)>,
    comment: bool,
}

/// A schema.
pub(crate) fn schemas() -> impl Strategy<Value = Schema> {
    let column = (0..40_usize, any::<bool>(), 0..4_usize, prop::bool::weighted(0.2))
        .prop_map(|(kind, nullable, default, comment)| ColumnGene { kind, nullable, default, comment });
    let columns =
        btree_map(0..COLUMNS.len(), column, 0..COLUMNS.len()).prop_map(|map| map.into_iter().collect::<Vec<_>>());
    let table = (
        0..3_usize,
        columns.prop_shuffle(),
        0..4_usize,
        vec((0..9_usize, 0..9_usize), 0..2),
        vec((0..9_usize, 0..3_usize), 0..3),
        vec((0..9_usize, 0..9_usize, 0..32_usize), 0..3),
        vec((0..TABLES.len(), 0..8_usize), 0..2),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(key, columns, generated, uniques, checks, indexes, references, comment)| TableGene {
            key,
            columns,
            generated,
            uniques,
            checks,
            indexes,
            references,
            comment,
        });
    let enums = btree_map(
        0..ENUMS.len(),
        Just(VALUES.to_vec()).prop_shuffle().prop_flat_map(|values| {
            (1..=values.len())
                .prop_map(move |count| values.iter().take(count).map(|value| (*value).to_owned()).collect::<Vec<_>>())
        }),
        0..=ENUMS.len(),
    );
    (btree_map(0..TABLES.len(), table, 0..=TABLES.len()), enums).prop_map(|(tables, enums)| {
        let mut schema = Schema::new();
        for (at, values) in enums {
            schema.enums.insert(ENUMS[at].to_owned(), EnumType { name: ENUMS[at].to_owned(), values });
        }
        for (at, gene) in &tables {
            let table = base(TABLES[*at], gene, &schema);
            schema.tables.insert(table.name.clone(), table);
        }
        for (at, gene) in &tables {
            refer(&mut schema, TABLES[*at], gene);
        }
        schema
    })
}

fn key_type(key: usize) -> (ColumnType, Option<Identity>) {
    match key {
        0 => (ColumnType::Integer, Some(Identity::ByDefault)),
        1 => (ColumnType::BigInteger, None),
        _ => (ColumnType::Uuid, None),
    }
}

fn base(name: &str, gene: &TableGene, schema: &Schema) -> Table {
    let (kind, identity) = key_type(gene.key);
    let mut table = Table::new(name);
    table.comment = gene.comment.then(|| "it's a table".to_owned());
    table.columns.push(Column { nullable: false, identity, ..Column::new("id", kind) });
    table.primary_key = Some(PrimaryKey { name: Some(naming::primary_key(name)), columns: vec!["id".into()] });
    table.columns.extend(gene.columns.iter().map(|(at, gene)| column(COLUMNS[*at], gene, schema)));
    let sizes = table.column("size").is_some_and(|column| column.column_type == ColumnType::Integer);
    if gene.generated > 0 && sizes {
        let expression = ["\"size\" * 2", "\"size\" + 1", "\"size\" * 3"][gene.generated % 3].to_owned();
        let generated = Some(Generated { expression, stored: true });
        table.columns.push(Column { generated, ..Column::new("computed", ColumnType::Integer) });
    }
    constrain(&mut table, gene);
    table
}

fn column(name: &str, gene: &ColumnGene, schema: &Schema) -> Column {
    let enums: Vec<&EnumType> = schema.enums.values().collect();
    let text = |text: &str| DefaultValue::Text(text.into());
    let (kind, defaults): (ColumnType, Vec<DefaultValue>) = match gene.kind % 12 {
        0 => (ColumnType::Integer, vec![0.into(), (-7).into()]),
        1 => (ColumnType::BigInteger, vec![1.into()]),
        2 => (ColumnType::String(Some(20)), vec![text(""), text("it's \\ \"x\"")]),
        3 => (ColumnType::String(Some(40)), vec![text("x")]),
        4 => (ColumnType::Text, vec![text("x"), DefaultValue::Expression("'a' || 'b'".into())]),
        5 => (ColumnType::Boolean, vec![true.into(), false.into()]),
        6 => (ColumnType::Double, vec![DefaultValue::Number("1.5".into())]),
        7 => (ColumnType::Decimal(Some((10, 2))), vec![0.into()]),
        8 => (ColumnType::TimestampWithTimeZone, vec![DefaultValue::Now]),
        9 => (ColumnType::Uuid, vec![]),
        10 => (ColumnType::Json, vec![text("{}")]),
        _ => match enums.get(gene.kind / 12 % enums.len().max(1)) {
            Some(known) => (ColumnType::Enum(known.name.clone()), vec![text(&known.values[0])]),
            None => (ColumnType::Date, vec![]),
        },
    };
    Column {
        nullable: gene.nullable,
        default: defaults.get(gene.default).cloned(),
        comment: gene.comment.then(|| "so it is".to_owned()),
        ..Column::new(name, kind)
    }
}

/// JSON has no order on PostgreSQL, so nothing sorts by it.
fn sortable(table: &Table) -> Vec<String> {
    let fits = |column: &&Column| column.column_type != ColumnType::Json && column.name != "id";
    table.columns.iter().filter(fits).map(|column| column.name.clone()).collect()
}

fn constrain(table: &mut Table, gene: &TableGene) {
    let names = sortable(table);
    if names.is_empty() {
        return;
    }
    let pick = |at: usize| names[at % names.len()].clone();
    let quote = |name: &str| Dialect::Sqlite.quote(name);
    for (one, other) in &gene.uniques {
        let mut columns = vec![pick(*one), pick(*other)];
        columns.dedup();
        let name = Some(naming::unique(&table.name, &columns));
        if !table.uniques.iter().any(|unique| unique.name == name) {
            table.uniques.push(Unique { name, columns, deferrable: None });
        }
    }
    for (at, way) in &gene.checks {
        let column = pick(*at);
        let expression = match way {
            0 => format!("{} IS NOT NULL", quote(&column)),
            1 => format!("{0} IS NULL OR {0} = {0}", quote(&column)),
            _ => format!("NOT ({} IS NULL) AND 1 < 2", quote(&column)),
        };
        let name = Some(naming::check(&table.name, &column));
        if !table.checks.iter().any(|check| check.name == name) {
            table.checks.push(Check { name, expression });
        }
    }
    for (one, other, way) in &gene.indexes {
        let mut columns = vec![pick(*one), pick(*other)];
        columns.dedup();
        let name = naming::index(&table.name, &columns);
        if table.index(&name).is_some() {
            continue;
        }
        let mut index = Index { name, unique: way & 1 > 0, ..Index::default() };
        index
            .columns
            .extend(columns.iter().map(|name| IndexColumn { descending: way & 2 > 0, ..IndexColumn::column(name) }));
        if way & 4 > 0 {
            index.predicate = Some(format!("{} IS NOT NULL", quote(&columns[0])));
        }
        if way & 8 > 0 {
            index.columns.push(IndexColumn::expression(format!("coalesce({0}, {0})", quote(&columns[0]))));
        }
        if way & 16 > 0 {
            index.include = vec!["id".to_owned()];
        }
        table.indexes.push(index);
    }
}

fn refer(schema: &mut Schema, name: &str, gene: &TableGene) {
    for (at, way) in &gene.references {
        let Some(target) = schema.table(TABLES[*at]) else { continue };
        let (column, target_name) = (format!("ref_{at}"), target.name.clone());
        let kind = target.columns[0].column_type.clone();
        let table = schema.tables.get_mut(name).unwrap();
        if table.column(&column).is_some() {
            continue;
        }
        table.columns.push(Column::new(&column, kind));
        table.foreign_keys.push(ForeignKey {
            name: Some(naming::foreign_key(name, &[&column])),
            columns: vec![column],
            references: target_name,
            referred: vec!["id".into()],
            on_delete: [Action::NoAction, Action::Cascade, Action::SetNull, Action::Restrict][way % 4],
            on_update: Action::NoAction,
            deferrable: (way & 4 > 0).then_some(Deferrable::InitiallyDeferred),
        });
    }
}
