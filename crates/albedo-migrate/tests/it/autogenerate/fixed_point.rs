//! Random pairs of schemas through real databases: what was made is read back, and nothing differs any more.

use albedo_migrate::diff::Hints;
use albedo_migrate::generate::proposal::Proposal;
use albedo_migrate::prelude::*;
use albedo_migrate::revision::Revision;
use albedo_migrate::run::{Goal, Options, Runner};
use albedo_migrate::schema::Schema;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::DatabaseConnection;

use super::random::schemas;
use super::replay::assert_same;
use super::values::neutral;
use crate::support::TestDatabase;

fn operations(list: Vec<Operation>) -> Operations {
    Operations::of(|op| list.into_iter().for_each(|operation| op.push(operation)))
}

fn revision(id: &str, after: &[&str]) -> Revision {
    let parents = after.iter().map(|id| (*id).to_owned()).collect();
    Revision { id: id.to_owned(), stem: id.to_owned(), parents, ..Revision::default() }
}

/// Nothing, the first, the second, the first again, nothing again.
async fn there_and_back(connection: &DatabaseConnection, dialect: Dialect, one: &Schema, other: &Schema) {
    let make = Proposal::new(&Schema::new(), one, &Hints::default()).unwrap();
    let change = Proposal::new(one, other, &neutral()).unwrap();
    let history = History::builder()
        .listed(revision("make", &[]), operations(make.up.operations), operations(make.down.operations))
        .listed(revision("change", &["make"]), operations(change.up.operations), operations(change.down.operations))
        .build()
        .unwrap();
    let mut runner = Runner::on(&history, connection, Options::default()).unwrap();
    for (goal, wanted) in [
        (Goal::Upgrade(vec!["make".parse().unwrap()]), one),
        (Goal::latest(), other),
        (Goal::Rollback(1), one),
        (Goal::Rollback(1), &Schema::new()),
    ] {
        runner.run(&goal, |_| {}).await.unwrap_or_else(|error| panic!("{}", error.report()));
        assert_same(&runner, dialect, wanted, "after it").await;
    }
}

/// The same pairs at every run, so that a failure is one for everybody; `PROPTEST_CASES=1000` tries others as well.
fn on(dialect: Dialect, few: u32) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(few);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config { cases, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    let mut pairs = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let done = pairs.run(&(schemas(), schemas()), |(one, other)| {
        // A database of its own: what one failure leaves behind must not fail the next.
        runtime.block_on(async {
            let Some(database) = TestDatabase::new(dialect).await else { return };
            let connection = database.connect().await;
            there_and_back(&connection, dialect, &one, &other).await;
            connection.close().await.unwrap();
        });
        Ok(())
    });
    if let Err(error) = done {
        panic!("{error}");
    }
}

#[test]
fn any_schema_becomes_any_other_on_sqlite() {
    on(Dialect::Sqlite, 60);
}

#[test]
fn any_schema_becomes_any_other_on_postgres() {
    on(Dialect::Postgres, 25);
}
