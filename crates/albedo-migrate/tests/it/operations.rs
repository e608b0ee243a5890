//! Every kind of operation on both databases, with rows: done, undone by its exact inverse, and done again.

use albedo_migrate::Dialect;
use albedo_migrate::operation::invert::invert_all;
use albedo_migrate::prelude::*;
use albedo_migrate::run::{Goal, Options, Runner};
use albedo_migrate::schema::Schema;

use crate::support::{TestDatabase, execute, texts};

fn base(op: &mut Operations) {
    op.create_enum("mood", ["sad", "glad"]);
    op.create_table("teams", |table| {
        table.integer("id").primary_key().auto_increment();
        table.string("Name", 20).unique();
    });
    op.create_table("users", |table| {
        table.big_integer("id").primary_key().auto_increment();
        table.integer("team_id").references("teams", "id").on_delete(Action::Cascade).on_update(Action::Restrict);
        table.string("name", 20).not_null().default("x").indexed();
        table.text("note");
        table.enumeration("mood", "mood").not_null().default("sad");
        table.decimal("price", 8, 2);
        table.integer("order").default(7);
        table.check("order", "\"order\" > 0");
        table.unique(["team_id", "name"]);
    });
    op.create_table("plain", |table| {
        table.uuid("a").not_null();
        table.text("b");
    });
    op.execute("INSERT INTO teams (id, \"Name\") VALUES (1, 'One'), (2, 'Two')");
    op.execute(
        "INSERT INTO users (id, team_id, name, note, price) VALUES (1, 1, 'Ada', 'n', 1.5), (2, 2, 'Bo', NULL, 2.5)",
    );
}

/// What of `base` is declared, as the inverse of a later revision needs it.
fn schema() -> Schema {
    let mut schema = Schema::new();
    for operation in Operations::of(base).list() {
        schema.apply(operation).unwrap();
    }
    schema
}

fn undo(up: fn(&mut Operations), op: &mut Operations) {
    for inverse in invert_all(Operations::of(up).list(), &schema()).unwrap() {
        op.push(inverse);
    }
}

/// The order of columns and tables tells when they were made; a column that was dropped comes back at the end.
fn normal(dump: &str) -> Vec<String> {
    let mut words: Vec<String> = dump
        .lines()
        .flat_map(|line| line.split(','))
        .map(|part| part.trim().trim_end_matches([')', ';', '(']).trim().to_owned())
        .collect();
    words.retain(|word| !word.is_empty());
    words.sort();
    words
}

async fn there_and_back(dialect: Dialect, up: fn(&mut Operations), down: fn(&mut Operations)) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let migration = |id, after, up, down| Migration { id, after, depends_on: &[], labels: &[], message: id, up, down };
    let history =
        History::new([migration("base", &[], base, |_| {}).named("first"), migration("case", &["first"], up, down)])
            .unwrap();
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    runner.run(&Goal::Upgrade(vec!["first".parse().unwrap()]), |_| {}).await.unwrap();
    let before = normal(&database.dump());
    let rows = "SELECT id || name || coalesce(note, '-') || price || team_id FROM users ORDER BY id";
    let content = texts(runner.connection(), rows).await;
    runner.run(&Goal::latest(), |_| {}).await.unwrap();
    let after = normal(&database.dump());
    runner.run(&Goal::Rollback(1), |_| {}).await.unwrap();
    assert_eq!(normal(&database.dump()), before, "{dialect}: the inverse leaves something");
    if !texts(runner.connection(), "SELECT count(*) FROM users").await.contains(&"0".to_owned()) {
        assert_eq!(texts(runner.connection(), rows).await, content, "{dialect}: rows were changed");
    }
    runner.run(&Goal::latest(), |_| {}).await.unwrap();
    assert_eq!(normal(&database.dump()), after, "{dialect}: the second time is not as the first");
}

trait Named {
    fn named(self, id: &'static str) -> Self;
}

impl Named for Migration {
    fn named(mut self, id: &'static str) -> Self {
        self.id = id;
        self
    }
}

macro_rules! cases {
    ($($name:ident => $up:expr;)*) => {$(
        #[tokio::test]
        async fn $name() {
            const UP: fn(&mut Operations) = $up;
            for dialect in Dialect::ALL {
                there_and_back(dialect, UP, |op| undo(UP, op)).await;
            }
        }
    )*};
}

cases! {
    a_table_with_everything_is_created_and_dropped => |op| op.create_table("all", |table| {
        table.small_integer("small");
        table.integer("int").not_null().default(-1);
        table.big_integer("big");
        table.float("float");
        table.double("double").default(1.5);
        table.decimal("decimal", 10, 3);
        table.boolean("boolean").not_null().default(true);
        table.string("string", 5);
        table.text("text").default("it's \\ \"here\"");
        table.blob("blob");
        table.uuid("uuid").primary_key();
        table.date("date");
        table.time("time");
        table.date_time("date_time");
        table.json("json");
        table.json_binary("json_binary").default("{}");
        table.column("array", ColumnType::Array(Box::new(ColumnType::Integer)));
        table.column("inet", ColumnType::Inet);
        table.integer("double_int").generated("\"int\" * 2");
        table.timestamps();
        table.check("small", "small < 100");
        table.foreign_key(["int"], "teams", ["id"]).on_delete(Action::SetDefault).deferrable(Deferrable::InitiallyDeferred);
        table.index(["small", "int"]).unique().filter("small > 0");
        table.index(["big"]).expression("lower(string)").descending("date").include(["text"]);
        table.comment("all there is");
    });
    a_table_and_its_index_are_renamed => |op| {
        op.rename_table("users", "People");
        op.rename_index("People", "ix_users_name", "ix_people_name");
    };
    a_comment_is_set => |op| op.comment_on_table("users", "it's them");
    columns_are_added => |op| op.add_column("users", |table| {
        table.boolean("active").not_null().default(true);
        table.string("code", 10).not_null().fill("'c' || id").unique();
        table.timestamp_with_time_zone("seen_at").not_null().default_now();
        table.integer("boss_id").references("teams", "id").indexed();
        table.text("shout").generated("upper(name)");
    });
    a_column_is_dropped_with_what_names_it => |op| op.drop_column("plain", "b");
    a_column_is_renamed => |op| {
        op.rename_column("users", "name", "select");
        op.rename_column("teams", "Name", "name");
    };
    a_type_changes => |op| {
        op.alter_column("users", "price").column_type(ColumnType::Double);
        op.alter_column("users", "note").column_type(ColumnType::String(Some(200)));
    };
    nullability_and_default_change => |op| {
        op.alter_column("users", "team_id").not_null().fill("1");
        op.alter_column("users", "name").null().drop_default();
        op.alter_column("users", "order").default(9);
    };
    constraints_are_added => |op| {
        op.add_unique("users", ["name"]);
        op.add_check("users", "named", "name <> ''");
        op.add_foreign_key("plain", ["b"], "teams", ["Name"]).on_delete(Action::SetNull);
        op.add_primary_key("plain", ["a"]);
    };
    constraints_are_dropped => |op| {
        op.drop_constraint("users", "uq_users_team_id_name");
        op.drop_constraint("users", "ck_users_order");
        op.drop_constraint("users", "fk_users_team_id");
    };
    a_constraint_is_renamed => |op| {
        op.rename_constraint("users", "ck_users_order", "ck_in_order");
        op.rename_constraint("users", "pk_users", "the_key");
    };
    indexes_are_created_and_dropped => |op| {
        op.create_index("users", ["note"]).name("Odd Name").filter("note IS NOT NULL");
        op.create_index("users", []).name("ix_lower").expression("lower(name)").unique();
        op.drop_index("users", "ix_users_name");
    };
    enums_are_made_and_their_values_renamed => |op| {
        op.create_enum("size", ["s", "m"]);
        op.add_column("users", |table| {
            table.enumeration("size", "size").not_null().default("m");
        });
        op.rename_enum_value("mood", "sad", "it's sad");
    };
}

#[tokio::test]
async fn a_check_added_without_reading_the_rows_is_validated_later() {
    let Some(database) = TestDatabase::new(Dialect::Postgres).await else { return };
    const SLOW: Migration = Migration {
        id: "slow",
        after: &["base1"],
        depends_on: &[],
        labels: &[],
        message: "",
        up: |op| {
            let check =
                albedo_migrate::schema::Check { name: Some("ck".into()), expression: "length(name) < 30".into() };
            op.add_constraint_not_valid("users", Constraint::Check(check));
            op.validate_constraint("users", "ck");
        },
        down: |op| op.drop_constraint("users", "ck"),
    };
    let first =
        Migration { id: "base1", after: &[], depends_on: &[], labels: &[], message: "", up: base, down: |_| {} };
    let history = History::new([first, SLOW]).unwrap();
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    runner.run(&Goal::latest(), |_| {}).await.unwrap();
    assert!(!database.dump().contains("NOT VALID"));
}

#[tokio::test]
async fn an_enum_gets_one_more_value_which_rows_may_hold() {
    for dialect in Dialect::ALL {
        let Some(database) = TestDatabase::new(dialect).await else { continue };
        let first =
            Migration { id: "base1", after: &[], depends_on: &[], labels: &[], message: "", up: base, down: |_| {} };
        let more = Migration {
            id: "more",
            after: &["base1"],
            up: |op| {
                op.push(Operation::AddEnumValue {
                    name: "mood".into(),
                    value: "so-so".into(),
                    before: Some("glad".into()),
                });
            },
            ..first
        };
        let history = History::new([first, more]).unwrap();
        let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
        runner.run(&Goal::latest(), |_| {}).await.unwrap();
        execute(runner.connection(), "UPDATE users SET mood = 'so-so' WHERE id = 1").await;
        let sorted = texts(runner.connection(), "SELECT mood FROM users ORDER BY id").await;
        assert_eq!(sorted, ["so-so", "sad"]);
    }
}
