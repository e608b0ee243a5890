//! What `verify` finds: databases changed by hand, revisions that do not take back what they do, and nothing else.

use albedo_migrate::cli::Project;
use albedo_migrate::prelude::*;
use albedo_migrate::run::{Goal, Options, Runner};
use albedo_migrate::{Dialect, History};
use rstest::rstest;
use serde_json::Value;

use crate::support::desk::{Said, call};
use crate::support::{TestDatabase, execute, rich, toy};

async fn say(database: &TestDatabase, history: &History, arguments: &[&str]) -> Said {
    let project = Project::new(Ok(history.clone()));
    let shadow = database.shadow();
    let mut all = arguments.to_vec();
    all.extend(["--database-url", &database.url]);
    if let Some(url) = &shadow {
        all.extend(["--shadow-url", url]);
    }
    call(project, &all).await
}

async fn migrated(dialect: Dialect, history: &History) -> Option<TestDatabase> {
    let database = TestDatabase::new(dialect).await?;
    Runner::connect(history, &database.url, Options::default())
        .await
        .unwrap()
        .run(&Goal::latest(), |_| {})
        .await
        .unwrap();
    Some(database)
}

/// SQLite has no ALTER for most of what a person may do with another tool.
fn rewritten(table: &str, from: &str, to: &str) -> String {
    let quote = |text: &str| text.replace('\'', "''");
    format!(
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, '{}', '{}') WHERE name = '{table}'; PRAGMA writable_schema = RESET",
        quote(from),
        quote(to)
    )
}

#[rstest]
#[case::a_dropped_column(
    "ALTER TABLE books DROP COLUMN note".to_owned(),
    "ALTER TABLE books DROP COLUMN note",
    "column books.note is missing"
)]
#[case::an_added_column(
    "ALTER TABLE books ADD COLUMN extra int".to_owned(),
    "ALTER TABLE books ADD COLUMN extra int",
    "column books.extra is unexpected: int"
)]
#[case::a_type(
    rewritten("authors", "varchar(80)", "varchar(90)"),
    "ALTER TABLE authors ALTER COLUMN full_name TYPE varchar(90)",
    "column authors.full_name: found"
)]
#[case::nullability(
    rewritten("authors", "varchar(80) NOT NULL", "varchar(80)"),
    "ALTER TABLE authors ALTER COLUMN full_name DROP NOT NULL",
    "column authors.full_name: found"
)]
#[case::a_default(
    rewritten("books", "DEFAULT 'fiction'", "DEFAULT 'poem'"),
    "ALTER TABLE books ALTER COLUMN genre SET DEFAULT 'poem'",
    "column books.genre: found"
)]
#[case::a_missing_index("DROP INDEX ix_books_by_title".to_owned(), "DROP INDEX ix_books_by_title", "index ix_books_by_title of books is missing")]
#[case::another_index(
    "DROP INDEX ix_books_by_title; CREATE INDEX ix_books_by_title ON books (title)".to_owned(),
    "DROP INDEX ix_books_by_title; CREATE INDEX ix_books_by_title ON books (title)",
    "index ix_books_by_title of books: found"
)]
#[case::an_extra_index("CREATE INDEX by_hand ON books (price)".to_owned(), "CREATE INDEX by_hand ON books (price)", "index by_hand of books is unexpected")]
#[case::a_check(
    rewritten("books", "price < 1000", "price < 2000"),
    "ALTER TABLE books DROP CONSTRAINT ck_books_cheap, ADD CONSTRAINT ck_books_cheap CHECK (price < 2000)",
    "constraint ck_books_cheap of books: found"
)]
#[case::an_extra_table("CREATE TABLE by_hand (id int)".to_owned(), "CREATE TABLE by_hand (id int)", "table by_hand is unexpected")]
#[case::a_missing_table("PRAGMA foreign_keys = OFF; DROP TABLE labels".to_owned(), "DROP TABLE labels", "table labels is missing")]
#[case::a_missing_foreign_key(
    rewritten(
        "books",
        ",\n    CONSTRAINT \"fk_books_author_id\" FOREIGN KEY (\"author_id\") REFERENCES \"authors\" (\"id\") ON DELETE CASCADE",
        ""
    ),
    "ALTER TABLE books DROP CONSTRAINT fk_books_author_id",
    "constraint fk_books_author_id of books is missing: "
)]
#[case::another_action(
    rewritten("books", " ON DELETE CASCADE", ""),
    "ALTER TABLE books DROP CONSTRAINT fk_books_author_id, ADD CONSTRAINT fk_books_author_id FOREIGN KEY (author_id) REFERENCES authors (id)",
    "constraint fk_books_author_id of books: found"
)]
#[case::a_view("CREATE VIEW by_hand AS SELECT 1 AS one".to_owned(), "CREATE VIEW by_hand AS SELECT 1 AS one", "view by_hand is unexpected")]
#[case::a_trigger(
    "CREATE TRIGGER by_hand AFTER INSERT ON labels BEGIN SELECT 1; END".to_owned(),
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; CREATE TRIGGER by_hand BEFORE INSERT ON labels FOR EACH ROW EXECUTE FUNCTION f()",
    "trigger by_hand of labels is unexpected"
)]
#[tokio::test]
async fn what_was_changed_by_hand_is_found_with_its_name(
    #[case] sqlite: String,
    #[case] postgres: &str,
    #[case] told: &str,
) {
    let history = toy::history();
    for dialect in Dialect::ALL {
        let Some(database) = migrated(dialect, &history).await else { return };
        let sql = if dialect == Dialect::Sqlite { sqlite.as_str() } else { postgres };
        execute(&database.connect().await, sql).await;
        let said = say(&database, &history, &["verify"]).await;
        assert!(said.code == 3 && said.out.contains(told), "{dialect}: {}{}", said.out, said.err);
        let json: Value = serde_json::from_str(&say(&database, &history, &["verify", "--json"]).await.out).unwrap();
        let drift: Vec<&Value> =
            json["findings"].as_array().unwrap().iter().filter(|one| one["rule"] == "drift").collect();
        assert!(
            json["ok"] == false && drift.iter().any(|one| told.contains(one["name"].as_str().unwrap())),
            "{json:#}"
        );
    }
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn what_is_as_it_was_made_is_not_found(#[case] dialect: Dialect) {
    for history in [toy::history(), rich::history()] {
        let Some(database) = migrated(dialect, &history).await else { return };
        let connection = database.connect().await;
        execute(&connection, "INSERT INTO authors (id, full_name) VALUES (50, 'x')").await;
        execute(&connection, "DROP INDEX ix_books_by_title").await;
        execute(&connection, "CREATE INDEX \"ix_books_by_title\" ON \"books\"(title) WHERE sold = false").await;
        execute(&connection, "ANALYZE").await;
        let said = say(&database, &history, &["verify"]).await;
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        assert!(said.out.contains("all of what was looked at fit"), "{}", said.out);
        let looked = format!("ok       database on {dialect}: held against its");
        assert!(said.out.contains(&looked), "{}", said.out);
    }
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_database_that_is_behind_is_held_against_what_it_has(#[case] dialect: Dialect) {
    let history = toy::history();
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    runner.run(&Goal::Upgrade(vec!["names".parse().unwrap()]), |_| {}).await.unwrap();
    let said = say(&database, &history, &["verify"]).await;
    assert!(said.code == 0 && said.out.contains("4 of 8 revisions are not applied"), "{}{}", said.out, said.err);
}

fn migration(
    id: &'static str,
    after: &'static [&'static str],
    up: fn(&mut Operations),
    down: fn(&mut Operations),
) -> Migration {
    Migration { id, after, depends_on: &[], labels: &[], message: id, up, down }
}

fn numbers(op: &mut Operations) {
    op.create_table("numbers", |table| {
        table.integer("id").primary_key();
        table.integer("n").not_null();
        table.index(["n"]);
    });
}

#[rstest]
#[case::it_forgets_a_column(
    |op: &mut Operations| op.drop_column("numbers", "n"),
    |_: &mut Operations| {},
    "taken back, it leaves a difference: column numbers.n is missing"
)]
#[case::it_forgets_a_default(
    |op: &mut Operations| { op.alter_column("numbers", "n").default(5); },
    |_: &mut Operations| {},
    "taken back, it leaves a difference: column numbers.n: found"
)]
#[case::its_down_fails(
    |op: &mut Operations| op.rename_table("numbers", "digits"),
    |op: &mut Operations| op.rename_table("figures", "numbers"),
    "cannot be taken back, at rename table figures to numbers"
)]
#[case::its_up_fails(
    |op: &mut Operations| op.drop_column("numbers", "gone"),
    |_: &mut Operations| {},
    "cannot be applied, at drop column numbers.gone"
)]
#[case::it_cannot_be_applied_again(
    |op: &mut Operations| op.execute("CREATE TABLE leftover (a int)"),
    |_: &mut Operations| {},
    "cannot be applied again after it was taken back"
)]
#[tokio::test]
async fn a_revision_that_does_not_take_back_what_it_does_is_found(
    #[case] up: fn(&mut Operations),
    #[case] down: fn(&mut Operations),
    #[case] told: &str,
) {
    let history = History::new([
        migration("numbers", &[], numbers, |op| op.drop_table("numbers")),
        migration("odd", &["numbers"], up, down),
    ])
    .unwrap();
    for dialect in Dialect::ALL {
        let Some(database) = TestDatabase::new(dialect).await else { return };
        let said = say(&database, &history, &["verify"]).await;
        assert!(said.code == 3 && said.out.contains(told), "{dialect}: {}{}", said.out, said.err);
        assert!(said.out.contains(&format!("{dialect}: odd (odd)")), "{}", said.out);
    }
}

#[tokio::test]
async fn without_a_server_for_scratch_databases_the_report_says_so() {
    let history = toy::history();
    let Some(database) = migrated(Dialect::Postgres, &history).await else { return };
    let project = Project::new(Ok(history));
    let said = call(project, &["verify", "--database-url", &database.url]).await;
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("skipped  replay on postgres: no PostgreSQL server is named"), "{}", said.out);
    assert!(said.out.contains("SHADOW_DATABASE_URL") && said.out.contains("2 checks left out"), "{}", said.out);
    assert!(said.out.contains("held against what its operations declare"), "{}", said.out);

    // Where every operation is declared, that is enough to find what was done by hand.
    let declared = History::new([migration("numbers", &[], numbers, |op| op.drop_table("numbers"))]).unwrap();
    let database = migrated(Dialect::Postgres, &declared).await.unwrap();
    let verify = async || call(Project::new(Ok(declared.clone())), &["verify", "--database-url", &database.url]).await;
    assert_eq!(verify().await.code, 0);
    execute(&database.connect().await, "ALTER TABLE numbers ALTER COLUMN n TYPE bigint").await;
    let said = verify().await;
    assert!(said.code == 3 && said.out.contains("numbers.n"), "{}{}", said.out, said.err);
}

#[tokio::test]
async fn a_project_for_one_database_is_not_blamed_for_the_other() {
    let history = History::new([migration(
        "only",
        &[],
        |op| op.execute("CREATE TABLE t (a int[] DEFAULT ARRAY[1]::int[])"),
        |op| op.drop_table("t"),
    )])
    .unwrap();
    let Some(database) = migrated(Dialect::Postgres, &history).await else { return };
    let said = say(&database, &history, &["verify"]).await;
    assert!(
        said.code == 0 && said.out.contains("note   sqlite: only (only) cannot be applied"),
        "{}{}",
        said.out,
        said.err
    );
}

#[tokio::test]
async fn a_database_that_was_named_has_to_be_there() {
    let missing = TestDatabase::missing(Dialect::Sqlite).unwrap();
    assert_eq!(say(&missing, &toy::history(), &["verify", "--connect-wait", "0"]).await.code, 1);
    let url = missing.url.clone();
    let project = Project::new(Ok(toy::history())).database_url(move || Ok::<_, std::io::Error>(url.clone()));
    let said = call(project, &["verify", "--connect-wait", "0"]).await;
    assert!(said.code == 0 && said.out.contains("skipped  database on sqlite"), "{}{}", said.out, said.err);
}

#[tokio::test]
async fn a_schema_of_its_own_is_held_against_the_same_history() {
    let Some(mut database) = TestDatabase::new(Dialect::Postgres).await else { return };
    execute(&database.connect().await, "CREATE SCHEMA \"Own-1\"").await;
    database.url = albedo_migrate::run::maintenance::in_schema(&database.url, "Own-1").unwrap();
    let history = rich::history();
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    runner.run(&Goal::latest(), |_| {}).await.unwrap();
    let said = say(&database, &history, &["verify"]).await;
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}
