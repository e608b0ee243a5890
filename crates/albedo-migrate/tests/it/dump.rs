//! A schema written down and made again, on both databases.

use albedo_migrate::cli::Project;
use albedo_migrate::dump::{Dump, dump};
use albedo_migrate::inspect::objects;
use albedo_migrate::run::{Goal, Options, Runner, Shadows};
use albedo_migrate::settings::Excluded;
use albedo_migrate::{Dialect, History};
use rstest::rstest;

use crate::support::desk::{Said, call};
use crate::support::{TestDatabase, execute, rich, texts, toy};

async fn say(database: &TestDatabase, history: fn() -> History, arguments: &[&str]) -> Said {
    let url = database.url.clone();
    let project = Project::new(Ok(history())).database_url(move || Ok::<_, std::io::Error>(url.clone()));
    let shadow = database.shadow();
    let mut all = arguments.to_vec();
    if let Some(url) = &shadow {
        all.extend(["--shadow-url", url]);
    }
    call(project, &all).await
}

async fn text_of(database: &TestDatabase, history: &History) -> String {
    let runner = Runner::connect(history, &database.url, Options::default()).await.unwrap();
    let applied = runner.state().await.unwrap().applied(history).unwrap();
    dump(runner.connection(), database.dialect, history, &applied, &Excluded::default()).await.unwrap().text()
}

async fn rich_database(dialect: Dialect) -> Option<TestDatabase> {
    let database = TestDatabase::new(dialect).await?;
    let history = rich::history();
    Runner::connect(&history, &database.url, Options::default())
        .await
        .unwrap()
        .run(&Goal::latest(), |_| {})
        .await
        .unwrap();
    Some(database)
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_dump_loads_in_the_databases_own_shell_and_makes_the_same_schema(#[case] dialect: Dialect) {
    let Some(first) = rich_database(dialect).await else { return };
    let history = rich::history();
    let text = text_of(&first, &history).await;
    let second = TestDatabase::new(dialect).await.unwrap();
    second.feed(&text).unwrap();
    let objects_of = async |database: &TestDatabase| {
        objects(&database.connect().await, dialect, &Excluded::default()).await.unwrap()
    };
    let differences = objects_of(&first).await.differences(&objects_of(&second).await);
    assert!(differences.is_empty(), "{differences:#?}");
    assert_eq!(text, text_of(&second, &history).await);
    if dialect == Dialect::Postgres {
        // PostgreSQL itself says a list of values otherwise when it has been loaded again; pg_dump shows that too.
        let plain = |text: String| text.lines().filter(|line| !line.contains("ARRAY[")).collect::<Vec<_>>().join("\n");
        assert_eq!(plain(first.dump()), plain(second.dump()));
    }
    let runner = Runner::connect(&history, &second.url, Options::default()).await.unwrap();
    assert!(runner.plan(&Goal::latest()).await.unwrap().is_empty());
    let order = |state: albedo_migrate::run::State| state.in_order(&history);
    assert_eq!(order(runner.state().await.unwrap()).len(), 9);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_new_database_is_made_of_a_dump_in_one_step_and_stamped(#[case] dialect: Dialect) {
    let Some(first) = rich_database(dialect).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("schema.sql");
    let file = file.to_str().unwrap();
    let said = say(&first, rich::history, &["schema-dump", "--output", file]).await;
    assert!(said.code == 0 && said.out.contains("the schema of 9 revisions"), "{}{}", said.out, said.err);

    let new = TestDatabase::missing(dialect).unwrap();
    let said = say(&new, rich::history, &["schema-load", file]).await;
    assert!(said.code == 0 && said.out.contains("9 revisions stamped"), "{}{}", said.out, said.err);
    assert!(say(&new, rich::history, &["migrate"]).await.out.contains("nothing to do"));
    assert!(say(&new, rich::history, &["verify"]).await.out.contains("fit"));
    let again = say(&new, rich::history, &["schema-dump"]).await.out;
    assert_eq!(again, std::fs::read_to_string(file).unwrap());

    let said = say(&new, rich::history, &["schema-load", file]).await;
    assert!(said.code == 2 && said.err.contains("not empty"), "{}", said.err);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn what_the_history_makes_is_written_down_without_the_projects_database(#[case] dialect: Dialect) {
    let Some(database) = TestDatabase::new(dialect).await else { return };
    let live = rich_database(dialect).await.unwrap();
    let of_history = say(&database, rich::history, &["schema-dump", "--history"]).await;
    assert_eq!(of_history.out, say(&live, rich::history, &["schema-dump"]).await.out, "{}", of_history.err);
    let part = say(&database, rich::history, &["schema-dump", "--revision", "names", "--json"]).await;
    let json: serde_json::Value = serde_json::from_str(&part.out).unwrap();
    assert_eq!(json["revisions"], serde_json::json!(["authors", "books", "rows", "names"]));
    assert!(!json["sql"].as_str().unwrap().contains("isbn"));
    assert_eq!(texts(&database.connect().await, table_count(dialect)).await, ["0"]);
}

fn table_count(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "SELECT count(*) FROM sqlite_master",
        Dialect::Postgres => "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    }
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_load_that_is_refused_leaves_nothing(#[case] dialect: Dialect) {
    let Some(database) = rich_database(dialect).await else { return };
    let text = text_of(&database, &rich::history()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("schema.sql");
    let bad = [
        (text.replace("COMMIT;\n", ""), "cut off"),
        (text.replace("-- revision: tight\n", ""), "without"),
        (text.replace("-- revision: tight\n", "-- revision: elsewhere\n"), "no such file"),
        (text.replace("    ('by_hand')", "    ('by_foot')"), "not those that its head names"),
        (text.replace("COMMIT;\n", "SELECT nonsense;\n\nCOMMIT;\n"), "nothing was kept"),
        ("CREATE TABLE t (a int);".to_owned(), "stamp"),
    ];
    for (text, told) in bad {
        std::fs::write(&file, &text).unwrap();
        let new = TestDatabase::missing(dialect).unwrap();
        let said = say(&new, rich::history, &["schema-load", file.to_str().unwrap()]).await;
        assert!(said.code != 0 && said.err.contains(told), "{told}: {}{}", said.out, said.err);
        let there = say(&new, rich::history, &["status", "--connect-wait", "0"]).await;
        assert!(there.err.contains("create-database"), "{told}: the database was left behind: {}", there.out);
        // In a database that was there nothing is left either.
        let old = TestDatabase::new(dialect).await.unwrap();
        assert_ne!(say(&old, rich::history, &["schema-load", file.to_str().unwrap()]).await.code, 0);
        assert_eq!(texts(&old.connect().await, table_count(dialect)).await, ["0"], "{told}");
    }
    let said = say(&database, rich::history, &["schema-load", "/nowhere.sql"]).await;
    assert!(said.code == 2 && said.err.contains("schema-dump"), "{}", said.err);
}

#[tokio::test]
async fn what_cannot_be_written_down_is_refused_by_name() {
    let Some(database) = TestDatabase::new(Dialect::Postgres).await else { return };
    let history = toy::history();
    let connection = database.connect().await;
    for (sql, told) in [
        ("CREATE DOMAIN age AS int CHECK (value > 0)", "the domain age"),
        ("CREATE TABLE parts (a int) PARTITION BY RANGE (a)", "the partitioned table parts"),
        ("CREATE TABLE mine (a int); ALTER TABLE mine ENABLE ROW LEVEL SECURITY", "row security on mine"),
    ] {
        execute(&connection, sql).await;
        let refused = dump(&connection, Dialect::Postgres, &history, &Default::default(), &Excluded::default()).await;
        let report = refused.unwrap_err().report();
        assert!(report.contains(told) && report.contains("pg_dump"), "{report}");
    }
}

#[tokio::test]
async fn excluded_tables_are_left_out() {
    let Some(database) = rich_database(Dialect::Postgres).await else { return };
    let history = rich::history();
    let excluded = Excluded::new(["ones", "twos"]);
    let connection = database.connect().await;
    execute(&connection, "DROP VIEW z_view CASCADE; DROP MATERIALIZED VIEW sums; DROP FUNCTION first_one").await;
    let text = dump(&connection, Dialect::Postgres, &history, &Default::default(), &excluded).await.unwrap().text();
    assert!(!text.contains("\"ones\"") && text.contains("CREATE TABLE \"books\""), "{text}");
    assert!(Dump::parse(&text).unwrap().revisions.is_empty());
    TestDatabase::new(Dialect::Postgres).await.unwrap().feed(&text).unwrap();
}

#[tokio::test]
async fn a_scratch_database_is_gone_at_the_end_after_a_failure_too() {
    let Some(database) = TestDatabase::new(Dialect::Postgres).await else { return };
    let shadows = Shadows { postgres: database.shadow(), options: Options::default() };
    let name = std::sync::Mutex::new(String::new());
    for fails in [false, true] {
        let done = shadows
            .within(Dialect::Postgres, async |shadow| {
                let own = texts(&shadow.connection, "SELECT current_database()").await;
                *name.lock().unwrap() = own[0].clone();
                if fails {
                    Err(albedo_migrate::Error::failed("on purpose"))
                } else {
                    shadow.run("CREATE TABLE t (a int)").await
                }
            })
            .await;
        assert_eq!(done.is_err(), fails);
        let left = format!("SELECT count(*) FROM pg_database WHERE datname = '{}'", name.lock().unwrap());
        assert_eq!(texts(&database.connect().await, &left).await, ["0"]);
    }
    // What a killed process has left behind goes with the next one; what somebody is in stays.
    execute(&database.connect().await, "CREATE DATABASE albedo_shadow_1000_ab").await;
    shadows.within(Dialect::Postgres, async |_| Ok(())).await.unwrap();
    let left = "SELECT count(*) FROM pg_database WHERE datname = 'albedo_shadow_1000_ab'";
    assert_eq!(texts(&database.connect().await, left).await, ["0"]);
    let none = Shadows::default().within(Dialect::Postgres, async |_| Ok(())).await.unwrap_err();
    assert!(none.report().contains("SHADOW_DATABASE_URL"), "{}", none.report());
}
