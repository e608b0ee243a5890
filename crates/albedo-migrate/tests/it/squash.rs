//! What a squash does to databases that have the old revisions, all of them or a part.

use albedo_migrate::prelude::*;
use albedo_migrate::revision::{Direction, Range};
use albedo_migrate::run::{Goal, Options, Runner, Script, script};
use albedo_migrate::{Dialect, History};
use rstest::rstest;

use crate::support::{TestDatabase, execute, texts};

fn numbered(op: &mut Operations, name: &str) {
    op.create_table(name, |table| {
        table.integer("id").primary_key();
    });
}

fn migration(
    id: &'static str,
    after: &'static [&'static str],
    up: fn(&mut Operations),
    down: fn(&mut Operations),
) -> Migration {
    Migration { id, after, depends_on: &[], labels: &[], message: id, up, down }
}

fn last() -> Migration {
    migration("last", &["three"], |op| numbered(op, "last"), |op| op.drop_table("last"))
}

fn before() -> History {
    History::new([
        migration("one", &[], |op| numbered(op, "one"), |op| op.drop_table("one")),
        migration("two", &["one"], |op| numbered(op, "two"), |op| op.drop_table("two")),
        migration("three", &["two"], |op| numbered(op, "three"), |op| op.drop_table("three")),
        last(),
    ])
    .unwrap()
}

/// `two` and `three` in one, under the id of the later: what came after it still does.
fn after() -> History {
    let both = migration(
        "three",
        &["one"],
        |op| {
            numbered(op, "two");
            numbered(op, "three");
        },
        |op| {
            op.drop_table("three");
            op.drop_table("two");
        },
    );
    let first = migration("one", &[], |op| numbered(op, "one"), |op| op.drop_table("one"));
    History::builder()
        .migrations([first, last()])
        .collected(&[albedo_migrate::Collected {
            stem: "whole_three",
            source: "",
            migration: both,
            replaces: &[("two", "two"), ("three", "three")],
        }])
        .build()
        .unwrap()
}

async fn runner<'h>(history: &'h History, database: &TestDatabase) -> Runner<'h> {
    Runner::connect(history, &database.url, Options::default()).await.unwrap()
}

async fn rows(database: &TestDatabase) -> Vec<String> {
    texts(&database.connect().await, "SELECT version FROM seaql_migrations ORDER BY 1").await
}

async fn at(database: &TestDatabase, history: &History, goal: &str) {
    let goal = Goal::Upgrade(vec![goal.parse().unwrap()]);
    runner(history, database).await.run(&goal, |_| {}).await.unwrap();
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_database_with_the_old_revisions_goes_on_without_running_them_again(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    at(&database, &before(), "three").await;
    let history = after();
    let mut runner = runner(&history, &database).await;
    let report = runner.run(&Goal::latest(), |_| {}).await.unwrap();
    assert_eq!(report.done.len(), 1, "{:?}", report.done);
    // The old rows stay, so that a server of before the squash, which may run beside, still knows them.
    assert_eq!(rows(&database).await, ["last", "one", "three", "two"]);
    assert!(albedo_migrate::run::verify::verify(&history, Some(&runner.state().await.unwrap())).is_empty());

    // Down and up again: the old rows go together, and the new one comes.
    let down = runner.run(&Goal::Rollback(2), |_| {}).await.unwrap();
    assert_eq!(down.done.iter().map(|(_, way, _)| *way).collect::<Vec<_>>(), [Direction::Down, Direction::Down]);
    assert_eq!(rows(&database).await, ["one"]);
    runner.run(&Goal::latest(), |_| {}).await.unwrap();
    assert_eq!(rows(&database).await, ["last", "one", "whole_three"]);
    runner.run(&Goal::Redo(2), |_| {}).await.unwrap();
    assert_eq!(rows(&database).await, ["last", "one", "whole_three"]);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_redo_of_what_is_there_by_its_parts_leaves_one_row(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    at(&database, &before(), "three").await;
    let history = after();
    runner(&history, &database).await.run(&Goal::Redo(1), |_| {}).await.unwrap();
    assert_eq!(rows(&database).await, ["one", "whole_three"]);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_part_of_a_squashed_range_is_refused_with_the_way_out(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    at(&database, &before(), "two").await;
    let history = after();
    let mut runner = runner(&history, &database).await;
    for goal in [Goal::latest(), Goal::Rollback(1), Goal::Reset] {
        let report = runner.run(&goal, |_| {}).await.unwrap_err().report();
        assert!(report.contains("three is missing") && report.contains("before the squash"), "{report}");
    }
    let found = albedo_migrate::run::verify::verify(&history, Some(&runner.state().await.unwrap()));
    assert!(found.iter().any(|finding| finding.rule == "partly" && finding.severe), "{found:?}");
    assert!(runner.stamp(&["three".parse().unwrap()], false).await.is_err());
    // What the hint says: the state before, up to the end of the range, and back.
    at(&database, &before(), "three").await;
    assert_eq!(runner.run(&Goal::latest(), |_| {}).await.unwrap().done.len(), 1);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn purge_writes_todays_rows_and_a_new_database_has_only_those(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    at(&database, &before(), "heads").await;
    let history = after();
    let mut first = runner(&history, &database).await;
    assert!(first.stamp(&["heads".parse().unwrap()], false).await.unwrap().0.is_empty());
    assert_eq!(rows(&database).await.len(), 4);
    first.stamp(&["heads".parse().unwrap()], true).await.unwrap();
    assert_eq!(rows(&database).await, ["last", "one", "whole_three"]);

    let new = TestDatabase::new(dialect).await.unwrap();
    at(&new, &history, "heads").await;
    assert_eq!(rows(&new).await, rows(&database).await);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_script_takes_back_a_squashed_revision_however_it_is_written_down(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    at(&database, &before(), "three").await;
    let history = after();
    let range: Range = "one:three".parse().unwrap();
    let mut wanted = Script { dialect, range, down: true, limits: Options::default().limits() };
    database.feed(&script(&history, &wanted).await.unwrap()).unwrap();
    assert_eq!(rows(&database).await, ["one"]);
    wanted.down = false;
    database.feed(&script(&history, &wanted).await.unwrap()).unwrap();
    assert_eq!(rows(&database).await, ["one", "whole_three"]);
}

#[tokio::test]
async fn a_part_that_was_begun_and_not_ended_is_no_whole() {
    let Some(database) = TestDatabase::new(Dialect::Sqlite).await else { return };
    at(&database, &before(), "two").await;
    let connection = database.connect().await;
    execute(&connection, "INSERT INTO albedo_migrations (version, seq, dirty, tool) VALUES ('three', 9, 'up 1', 't')")
        .await;
    execute(&connection, "DELETE FROM seaql_migrations WHERE version = 'two'").await;
    let history = after();
    let refused = runner(&history, &database).await.run(&Goal::latest(), |_| {}).await.unwrap_err();
    assert!(refused.report().contains("only a part"), "{}", refused.report());
}

#[test]
fn a_branch_that_still_names_what_was_squashed_is_told_where_to_go() {
    let late = migration("late", &["two"], |_| {}, |_| {});
    let squashed = migration("three", &[], |_| {}, |_| {});
    let built = History::builder()
        .migrations([squashed, late])
        .replacing("three", &[("two", "two"), ("three", "three_old")])
        .build();
    let report = built.unwrap_err().report();
    assert!(report.contains("squashed into three") && report.contains("let it come after `three`"), "{report}");
    let twice = History::builder()
        .migrations([squashed, migration("two", &[], |_| {}, |_| {})])
        .replacing("three", &[("two", "two")])
        .build();
    assert!(twice.unwrap_err().report().contains("still there"));
}
