//! Scripts: what `sqlite3` and `psql` make of them equals what the runner makes.

use albedo_migrate::Dialect;
use albedo_migrate::prelude::*;
use albedo_migrate::run::{Goal, Options, Runner, Script, script};
use rstest::rstest;

use crate::support::{TestDatabase, texts, toy};

/// The toy history without its online function, which no script can hold.
fn history() -> History {
    let list = toy::list().into_iter().map(|mut migration| {
        if migration.id == "tight" {
            migration.up = |op| {
                let mut all = Operations::of(toy::tight);
                all = Operations::of(|op| {
                    all.list()
                        .iter()
                        .filter(|one| !matches!(one, Operation::Online(_)))
                        .for_each(|one| op.push(one.clone()))
                });
                all.list().iter().for_each(|one| op.push(one.clone()));
            };
        }
        migration
    });
    History::new(list).unwrap()
}

async fn written(history: &History, dialect: Dialect, range: &str, down: bool) -> String {
    let wanted = Script { dialect, range: range.parse().unwrap(), down, limits: Options::default().limits() };
    script(history, &wanted).await.unwrap()
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_script_makes_what_a_run_makes_up_and_down(#[case] dialect: Dialect) {
    let (Some(online), Some(offline)) = (TestDatabase::new(dialect).await, TestDatabase::new(dialect).await) else {
        return;
    };
    let history = history();
    let mut runner = Runner::connect(&history, &online.url, Options::default()).await.unwrap();
    let rows = "SELECT title || isbn || price || genre FROM books ORDER BY id";
    // Three scripts that follow each other, as somebody would hand them in with three releases.
    let mut from = String::new();
    for to in ["rows", "joined", "heads"] {
        runner.run(&Goal::Upgrade(vec![to.parse().unwrap()]), |_| {}).await.unwrap();
        offline.feed(&written(&history, dialect, &format!("{from}:{to}"), false).await).unwrap();
        assert_eq!(offline.dump(), online.dump(), "up to {to}");
        from = to.to_owned();
    }
    assert_eq!(texts(&offline.connect().await, rows).await, texts(&online.connect().await, rows).await);
    for to in ["names", "base"] {
        runner.run(&Goal::Downgrade(to.parse().unwrap()), |_| {}).await.unwrap();
        let at = if to == "names" { "heads" } else { "names" };
        offline.feed(&written(&history, dialect, &format!("{to}:{at}"), true).await).unwrap();
        assert_eq!(offline.dump(), online.dump(), "down to {to}");
    }
    let mut after = Runner::connect(&history, &offline.url, Options::default()).await.unwrap();
    assert!(after.state().await.unwrap().rows.is_empty());
    assert_eq!(after.run(&Goal::latest(), |_| {}).await.unwrap().done.len(), 8);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn the_same_script_is_written_twice_byte_for_byte(#[case] dialect: Dialect) {
    let history = toy::history();
    let first = written(&history, dialect, "", false).await;
    assert_eq!(first, written(&history, dialect, "", false).await);
    insta::assert_snapshot!(format!("toy_{dialect}"), first);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_script_that_fails_stops_there_and_keeps_whole_revisions(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let history = toy::history();
    let text =
        written(&history, dialect, ":names", false).await.replace("INSERT INTO authors (id", "INSERT INTO nowhere (id");
    assert!(database.feed(&text).is_err());
    let runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    let versions: Vec<String> = runner.state().await.unwrap().rows.into_iter().map(|row| row.version).collect();
    assert_eq!(versions, ["authors", "books"]);
}

#[tokio::test]
async fn an_online_function_leaves_a_remark() {
    let text = written(&toy::history(), Dialect::Postgres, "names:tight", false).await;
    assert!(text.contains("-- NOT IN THIS SCRIPT: the data step `double the prices`"), "{text}");
}
