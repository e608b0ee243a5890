//! A live database read back: it is what the operations said.

use albedo_migrate::prelude::*;
use albedo_migrate::run::{Goal, Options, Runner};
use albedo_migrate::schema::{Column, IndexKey, Schema};
use albedo_migrate::{Dialect, inspect};
use rstest::rstest;

use crate::support::{TestDatabase, toy};

/// What both sides can tell: types by their spelling, expressions only by being there, lists by name.
fn told(schema: &Schema, dialect: Dialect) -> Vec<String> {
    let mut lines = Vec::new();
    let spelled = |column: &Column| match (&column.column_type, dialect) {
        (ColumnType::Timestamp, Dialect::Postgres) => ColumnType::DateTime.sql(dialect),
        (_, Dialect::Sqlite) if column.identity.is_some() => "integer".to_owned(),
        (column_type, _) => column_type.sql(dialect),
    };
    if dialect == Dialect::Postgres {
        lines.extend(schema.enums.values().map(|one| format!("{one:?}")));
    }
    for table in schema.tables.values().filter(|table| !table.name.ends_with("_migrations")) {
        for column in &table.columns {
            let default = match (&column.default, dialect) {
                (Some(DefaultValue::Expression(_)), _) => "an expression".to_owned(),
                (Some(default), _) => default.sql(dialect),
                (None, _) => "none".to_owned(),
            };
            lines.push(format!(
                "{}.{} {} null {} default {default} {:?} generated {}",
                table.name,
                column.name,
                spelled(column),
                column.nullable,
                column.identity,
                column.generated.is_some()
            ));
        }
        lines.push(format!("{} {:?}", table.name, table.primary_key));
        lines.extend(table.uniques.iter().map(|one| format!("{} {one:?}", table.name)));
        lines.extend(table.checks.iter().map(|one| format!("{} check {:?}", table.name, one.name)));
        lines.extend(table.foreign_keys.iter().map(|one| format!("{} {one:?}", table.name)));
        for index in &table.indexes {
            let parts: Vec<String> = index
                .columns
                .iter()
                .map(|part| match &part.key {
                    IndexKey::Column(name) => format!("{name} {}", part.descending),
                    IndexKey::Expression(_) => format!("an expression {}", part.descending),
                })
                .collect();
            lines.push(format!(
                "{} index {} {parts:?} {} {}",
                table.name,
                index.name,
                index.unique,
                index.predicate.is_some()
            ));
        }
    }
    lines.sort();
    lines
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn after_every_revision_the_database_is_what_the_history_says(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let history = toy::history();
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    let mut applied = albedo_migrate::revision::NodeSet::new();
    for node in history.graph().order() {
        let id = &history.graph().revision(*node).id;
        runner.run(&Goal::Upgrade(vec![id.parse().unwrap()]), |_| {}).await.unwrap();
        applied.insert(*node);
        let live = inspect::schema(runner.connection(), dialect).await.unwrap();
        assert_eq!(told(&live, dialect), told(&history.schema(&applied), dialect), "after {id}");
    }
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_table_with_everything_is_read_back(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let history = History::new([Migration {
        id: "all",
        after: &[],
        depends_on: &[],
        labels: &[],
        message: "",
        up: |op| {
            op.create_table("Other Table", |table| {
                table.big_integer("id").primary_key().auto_increment();
                table.string("group", 5).not_null().unique();
            });
            op.create_table("all", |table| {
                table.small_integer("small").default(-3);
                table.integer("int").not_null().default(0);
                table
                    .big_integer("big")
                    .references("Other Table", "id")
                    .on_delete(Action::SetNull)
                    .on_update(Action::Cascade);
                table.float("float");
                table.double("double").default(1.5);
                table.decimal("decimal", 10, 3).default(0);
                table.boolean("boolean").not_null().default(true);
                table.string("string", 5).default("it's, \"so\"");
                table.text("text").not_null().default("");
                table.blob("blob");
                table.uuid("a");
                table.uuid("b");
                table.date("date");
                table.time("time");
                table.date_time("date_time").default_now();
                table.json("json");
                table.json_binary("json_binary").default("{}");
                table.integer("twice").generated("\"int\" * 2");
                table.timestamps();
                table.primary_key(["b", "a"]);
                table.check("small", "small < 100 and text <> ')'");
                table.foreign_key(["string"], "Other Table", ["group"]).deferrable(Deferrable::InitiallyDeferred);
                table.unique(["int", "text"]);
                table.index(["small", "int"]).unique().filter("small > 0");
                table.index(["big"]).expression("lower(text)").descending("date");
            });
        },
        down: |op| {
            op.drop_table("all");
            op.drop_table("Other Table");
        },
    }])
    .unwrap();
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    runner.run(&Goal::latest(), |_| {}).await.unwrap();
    let live = inspect::schema(runner.connection(), dialect).await.unwrap();
    let all = history.graph().nodes().collect();
    assert_eq!(told(&live, dialect), told(&history.schema(&all), dialect));
    assert!(runner.run(&Goal::Downgrade("base".parse().unwrap()), |_| {}).await.is_ok());
}
