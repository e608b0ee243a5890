//! `kill -9` at any moment: the next run goes on.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use albedo_migrate::Dialect;
use albedo_migrate::prelude::*;
use albedo_migrate::run::{Goal, Options, Runner};
use rstest::rstest;

use crate::support::{TestDatabase, texts, toy};

const URL: &str = "CRASH_TEST_URL";

fn slow_history() -> History {
    let mut list = toy::list();
    for migration in &mut list {
        if migration.id == "rows" {
            migration.up = |op| {
                Operations::of(toy::rows).list().iter().for_each(|one| op.push(one.clone()));
                // Enough rows that a rebuild takes a while.
                let many = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) INSERT INTO books (id, author_id, title) SELECT i, 1, 'book ' || i FROM n";
                op.execute(many);
            };
        }
    }
    list.push(Migration {
        id: "loose",
        after: &["renamed"],
        depends_on: &[],
        labels: &[],
        message: "",
        up: |op| {
            op.transactional(false);
            op.create_table("later", |table| {
                table.integer("id");
            });
            op.create_index("books", ["note"]).concurrently();
            op.create_index("books", ["price"]).concurrently();
            op.add_check("books", "note", "length(note) < 1000");
        },
        down: |op| {
            op.transactional(false);
            op.drop_constraint("books", "ck_books_note");
            op.drop_index_concurrently("books", "ix_books_price");
            op.drop_index_concurrently("books", "ix_books_note");
            op.drop_table("later");
        },
    });
    History::new(list).unwrap()
}

/// Not a test: the process that is killed. It goes up and down for ever.
#[tokio::test]
#[ignore = "the test below starts it"]
async fn child_that_migrates_for_ever() {
    let Ok(url) = std::env::var(URL) else { return };
    let history = slow_history();
    let mut runner = Runner::connect(&history, &url, Options::default()).await.unwrap();
    loop {
        runner.run(&Goal::latest(), |_| {}).await.unwrap();
        runner.run(&Goal::Downgrade("base".parse().unwrap()), |_| {}).await.unwrap();
    }
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn fifty_kills_at_random_moments_leave_a_state_from_which_the_next_run_goes_on(#[case] dialect: Dialect) {
    let Some(reference) = TestDatabase::new(dialect).await else { return };
    let history = slow_history();
    let mut runner = Runner::connect(&history, &reference.url, Options::default()).await.unwrap();
    let begun = Instant::now();
    runner.run(&Goal::latest(), |_| {}).await.unwrap();
    let whole = begun.elapsed();
    let rows = "SELECT id || ' ' || title || ' ' || isbn || ' ' || price || ' ' || genre FROM books ORDER BY id";
    let (schema, content) = (reference.dump(), texts(runner.connection(), rows).await);
    let database = TestDatabase::new(dialect).await.unwrap();
    let (mut caught, mut seed) = (0, 0x9e37_79b9_u64);
    for round in 0..50 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["crash::child_that_migrates_for_ever", "--exact", "--ignored"])
            .env(URL, &database.url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // From the first moments of the process to well into the second way up.
        let span = 40 + 2 * u64::try_from(whole.as_millis()).unwrap();
        tokio::time::sleep(Duration::from_millis((seed >> 33) % span)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
        let state = runner.state().await.unwrap();
        caught += usize::from(!state.rows.is_empty() && state.rows.len() < 9 || !state.unfinished.is_empty());
        if let Err(error) = runner.run(&Goal::latest(), |_| {}).await {
            panic!("round {round}: {}", error.report());
        }
        if round % 10 == 9 {
            assert_eq!(texts(runner.connection(), rows).await, content, "round {round}");
            assert_eq!(normal(&database.dump()), normal(&schema), "round {round}");
        }
    }
    eprintln!("{dialect}: {caught} of 50 kills fell between the first and the last revision");
    assert!(caught >= 10, "only {caught} of 50 kills fell between the first and the last revision");
}

/// The order of lines tells only when a table was made.
fn normal(dump: &str) -> Vec<String> {
    let mut lines: Vec<String> = dump.lines().map(|line| line.trim().trim_end_matches(',').to_owned()).collect();
    lines.sort();
    lines
}
