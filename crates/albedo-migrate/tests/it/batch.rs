//! SQLite tables rebuilt: what must not be lost, each case with rows in it.

use albedo_migrate::prelude::*;
use albedo_migrate::run::{Goal, Options, Runner, Script, script};
use albedo_migrate::{Dialect, Error};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::support::{TestDatabase, execute, texts};

type Fill = fn(&mut Operations);

fn history(base: Fill, change: Fill) -> History {
    let migration =
        |id, after, up| Migration { id, after, depends_on: &[], labels: &[], message: id, up, down: |_| {} };
    History::new([migration("base", &[], base).renamed("first"), migration("change", &["first"], change)]).unwrap()
}

trait Renamed {
    fn renamed(self, id: &'static str) -> Self;
}

impl Renamed for Migration {
    fn renamed(mut self, id: &'static str) -> Self {
        self.id = id;
        self
    }
}

async fn rebuilt(base: Fill, change: Fill) -> Result<(TestDatabase, DatabaseConnection), Error> {
    let database = TestDatabase::new(Dialect::Sqlite).await.unwrap();
    let history = history(base, change);
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await?;
    runner.run(&Goal::Upgrade(vec!["first".parse()?]), |_| {}).await?;
    let before = database.dump();
    let done = runner.run(&Goal::latest(), |_| {}).await;
    if done.is_err() {
        assert_eq!(database.dump(), before, "a refused revision left a trace");
    }
    done?;
    // Foreign keys must be on again afterwards, on the connection that did the work.
    assert_eq!(texts(runner.connection(), "PRAGMA foreign_keys").await.len(), 1);
    let connection = database.connect().await;
    Ok((database, connection))
}

fn widen(op: &mut Operations) {
    op.alter_column("t", "a").column_type(ColumnType::Text);
}

#[rstest]
#[case::collation(
    "a varchar(9) COLLATE NOCASE",
    "INSERT INTO t (a) VALUES ('X')",
    "SELECT count(*) FROM t WHERE a = 'x'",
    "1"
)]
#[case::unnamed_check(
    "a varchar(9) CHECK (a <> 'no')",
    "",
    "SELECT count(*) FROM sqlite_master WHERE sql LIKE '%CHECK (a <> ''no'')%'",
    "1"
)]
#[case::conflict_clause(
    "a varchar(9) UNIQUE ON CONFLICT REPLACE, b",
    "INSERT INTO t VALUES (1, 1); INSERT INTO t VALUES (1, 2)",
    "SELECT b FROM t",
    "2"
)]
#[case::generated_stored(
    "a varchar(9), b AS (a || '!') STORED",
    "INSERT INTO t (a) VALUES ('x')",
    "SELECT b FROM t",
    "x!"
)]
#[case::generated_virtual(
    "a varchar(9), b GENERATED ALWAYS AS (upper(a))",
    "INSERT INTO t (a) VALUES ('x')",
    "SELECT b FROM t",
    "X"
)]
#[case::default_expression("a varchar(9), b DEFAULT (1 + 1)", "INSERT INTO t (a) VALUES ('x')", "SELECT b FROM t", "2")]
#[case::blob_default(
    "a varchar(9), b DEFAULT x'41'",
    "INSERT INTO t (a) VALUES ('x')",
    "SELECT CAST(b AS text) FROM t",
    "A"
)]
#[case::hidden_rowid("a varchar(9)", "INSERT INTO t (rowid, a) VALUES (7, 'x')", "SELECT rowid FROM t", "7")]
#[case::descending_key(
    "id INTEGER PRIMARY KEY DESC, a varchar(9)",
    "INSERT INTO t VALUES (5, 'x')",
    "SELECT id FROM t",
    "5"
)]
#[case::odd_names(
    "a varchar(9), \"select\" int, [two words] int, `Mixed` int",
    "INSERT INTO t VALUES ('x', 1, 2, 3)",
    "SELECT \"select\" + \"two words\" + Mixed FROM t",
    "6"
)]
#[case::comments(
    "a varchar(9), -- what, (this) is\n b int /* and, this */",
    "INSERT INTO t VALUES ('x', 4)",
    "SELECT b FROM t",
    "4"
)]
#[tokio::test]
async fn nothing_of_the_table_is_lost(
    #[case] columns: &str,
    #[case] rows: &str,
    #[case] question: &str,
    #[case] answer: &str,
) {
    let database = TestDatabase::new(Dialect::Sqlite).await.unwrap();
    let connection = database.connect().await;
    connection.execute_unprepared(&format!("CREATE TABLE t ({columns}); {rows}")).await.unwrap();
    drop(connection);
    let history = history(|_| {}, widen);
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    runner.run(&Goal::latest(), |_| {}).await.unwrap();
    assert_eq!(texts(runner.connection(), question).await, [answer]);
    assert!(database.dump().contains("a text"), "{}", database.dump());
}

#[tokio::test]
async fn triggers_of_the_table_and_of_others_still_fire() {
    let (_database, connection) = rebuilt(
        |op| {
            op.execute(
                "CREATE TABLE t (id INTEGER PRIMARY KEY, a varchar(9)); CREATE TABLE log (x); CREATE TABLE other (x)",
            );
            op.execute("CREATE TRIGGER own AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('own ' || new.a); END");
            op.execute("CREATE TRIGGER far AFTER INSERT ON other BEGIN INSERT INTO t (a) VALUES ('far'); END");
            op.execute("INSERT INTO t (a) VALUES ('x')");
        },
        widen,
    )
    .await
    .unwrap();
    execute(&connection, "INSERT INTO other VALUES (1)").await;
    assert_eq!(texts(&connection, "SELECT x FROM log").await, ["own x", "own far"]);
}

#[tokio::test]
async fn views_on_views_and_their_triggers_are_put_back() {
    let (_database, connection) = rebuilt(
        |op| {
            op.execute("CREATE TABLE t (a varchar(9)); INSERT INTO t VALUES ('x')");
            op.execute("CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a || '!' AS b FROM v");
            op.execute("CREATE TRIGGER ins INSTEAD OF INSERT ON w BEGIN INSERT INTO t VALUES (new.b); END");
        },
        widen,
    )
    .await
    .unwrap();
    execute(&connection, "INSERT INTO w VALUES ('y')").await;
    assert_eq!(texts(&connection, "SELECT b FROM w").await, ["x!", "y!"]);
}

#[tokio::test]
async fn partial_and_expression_indexes_are_put_back() {
    let (database, _) = rebuilt(
        |op| op.execute("CREATE TABLE t (a varchar(9), b int); CREATE UNIQUE INDEX p ON t (a) WHERE b > 0; CREATE INDEX e ON t (lower(a) DESC, b)"),
        widen,
    )
    .await
    .unwrap();
    let dump = database.dump();
    assert!(
        dump.contains("CREATE UNIQUE INDEX p ON t (a) WHERE b > 0")
            && dump.contains("CREATE INDEX e ON t (lower(a) DESC, b)"),
        "{dump}"
    );
}

#[rstest]
#[case::rows_left("INSERT INTO t (id, a) VALUES (1, 'x'), (50, 'y'); DELETE FROM t WHERE id = 50")]
#[case::no_row_left("INSERT INTO t (id, a) VALUES (50, 'y'); DELETE FROM t")]
#[tokio::test]
async fn numbers_of_deleted_rows_are_not_given_again(#[case] rows: &str) {
    let database = TestDatabase::new(Dialect::Sqlite).await.unwrap();
    execute(
        &database.connect().await,
        &format!("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a varchar(9)); {rows}"),
    )
    .await;
    let history = history(|_| {}, widen);
    let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
    runner.run(&Goal::latest(), |_| {}).await.unwrap();
    execute(runner.connection(), "INSERT INTO t (a) VALUES ('z')").await;
    assert_eq!(texts(runner.connection(), "SELECT max(id) FROM t").await, ["51"]);
    assert_eq!(texts(runner.connection(), "SELECT count(*) FROM sqlite_sequence").await, ["1"]);
}

#[tokio::test]
async fn child_rows_stay_and_the_key_still_cascades() {
    let (_database, connection) = rebuilt(
        |op| {
            op.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a varchar(9))");
            op.execute("CREATE TABLE child (id INTEGER PRIMARY KEY, t_id int REFERENCES t (id) ON DELETE CASCADE)");
            op.execute("INSERT INTO t VALUES (1, 'x'), (2, 'y'); INSERT INTO child VALUES (10, 1), (20, 2)");
        },
        widen,
    )
    .await
    .unwrap();
    assert_eq!(texts(&connection, "SELECT id FROM child ORDER BY id").await, ["10", "20"]);
    execute(&connection, "DELETE FROM t WHERE id = 1").await;
    assert_eq!(texts(&connection, "SELECT id FROM child").await, ["20"]);
}

#[tokio::test]
async fn a_table_that_refers_to_itself_is_rebuilt() {
    let (_database, connection) = rebuilt(
        |op| op.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a varchar(9), up int REFERENCES t (id) ON DELETE CASCADE); INSERT INTO t VALUES (1, 'x', NULL), (2, 'y', 1)"),
        widen,
    )
    .await
    .unwrap();
    execute(&connection, "DELETE FROM t WHERE id = 1").await;
    assert!(texts(&connection, "SELECT id FROM t").await.is_empty());
}

#[tokio::test]
async fn strict_and_without_rowid_stay() {
    let (database, connection) = rebuilt(
        |op| op.execute("CREATE TABLE t (k TEXT PRIMARY KEY, a TEXT NOT NULL) STRICT, WITHOUT ROWID; INSERT INTO t VALUES ('k', 'v')"),
        |op| {
            op.alter_column("t", "a").null();
        },
    )
    .await
    .unwrap();
    assert!(database.dump().contains("STRICT, WITHOUT ROWID"));
    assert_eq!(texts(&connection, "SELECT a FROM t").await, ["v"]);
}

#[tokio::test]
async fn a_view_that_would_break_stops_the_revision() {
    let error = rebuilt(
        |op| op.execute("CREATE TABLE t (a int, b int UNIQUE); CREATE VIEW v AS SELECT b FROM t"),
        |op| op.drop_column("t", "b"),
    )
    .await
    .err()
    .unwrap();
    assert!(error.report().contains("error in view v"), "{}", error.report());
}

#[tokio::test]
async fn orphans_that_were_there_are_tolerated_and_new_ones_are_not() {
    let base: Fill = |op| {
        op.execute("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY, a varchar(9), p int REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED, q int)");
        op.execute("INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 'x', 1, 99)");
    };
    assert!(rebuilt(base, widen).await.is_ok());
    let error = rebuilt(base, |op| {
        op.add_foreign_key("t", ["q"], "p", ["id"]);
    });
    let report = error.await.err().unwrap().report();
    assert!(report.contains("without the row their foreign key names"), "{report}");
}

#[tokio::test]
async fn many_edits_of_one_table_make_one_new_table() {
    let history = history(
        |op| {
            op.create_table("t", |table| {
                table.integer("id").primary_key();
                table.string("a", 9);
                table.integer("b");
                table.integer("gone").unique();
            });
            op.create_table("u", |table| {
                table.integer("x");
            });
        },
        |op| {
            op.alter_column("t", "a").not_null().fill("''").default("none");
            op.create_index("u", ["x"]);
            op.add_check("t", "positive", "b > 0");
            op.add_column("t", |table| {
                table.boolean("c").not_null().default(true);
            });
            op.drop_column("t", "gone");
            op.add_unique("t", ["a", "b"]);
            op.create_index("t", ["c"]);
        },
    );
    let wanted = Script {
        dialect: Dialect::Sqlite,
        range: "first:".parse().unwrap(),
        down: false,
        limits: Options::default().limits(),
    };
    let text = script(&history, &wanted).await.unwrap();
    assert_eq!(text.matches("CREATE TABLE \"_new_t\"").count(), 1, "{text}");
    insta::assert_snapshot!(text);
}
