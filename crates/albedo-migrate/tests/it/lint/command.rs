//! `db lint`: what it prints, its exit codes, and the files it rewrites.

use std::path::Path;

use albedo_migrate::cli::Project;
use albedo_migrate::prelude::*;
use albedo_migrate::{Dialect, History};
use rstest::rstest;
use serde_json::Value;

use crate::support::TestDatabase;
use crate::support::desk::call;

const TABLES: Migration = Migration {
    id: "aaaa1",
    after: &[],
    depends_on: &[],
    labels: &[],
    message: "tables",
    up: |op| {
        op.create_table("users", |table| {
            table.integer("id").primary_key();
            table.integer("age");
        });
    },
    down: |op| op.drop_table("users"),
};

const LATER: Migration = Migration {
    id: "bbbb1",
    after: &["aaaa1"],
    message: "later",
    up: |op| {
        op.add_column("users", |table| {
            table.text("note");
        });
        op.create_index("users", ["age"]);
    },
    down: |op| {
        op.drop_index("users", "ix_users_age");
        op.drop_column("users", "note");
    },
    ..TABLES
};

const FILE: &str = "use albedo_migrate::prelude::*;

pub const MIGRATION: Migration = Migration {
    id: \"bbbb1\",
    after: &[\"aaaa1\"],
    depends_on: &[],
    labels: &[],
    message: \"later\",
    up,
    down,
};

fn up(op: &mut Operations) {
    op.add_column(\"users\", |table| {
        table.text(\"note\");
    });
    op.create_index(\"users\", [\"age\"]);
}

fn down(op: &mut Operations) {
    op.drop_index(\"users\", \"ix_users_age\");
    op.drop_column(\"users\", \"note\");
}
";

struct Desk {
    database: TestDatabase,
    folder: tempfile::TempDir,
}

impl Desk {
    async fn new(dialect: Dialect) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let first = FILE.replace("bbbb1", "aaaa1").replace("&[\"aaaa1\"]", "&[]").replace("later", "tables");
        std::fs::write(folder.path().join("aaaa1.rs"), first).unwrap();
        std::fs::write(folder.path().join("bbbb1.rs"), FILE).unwrap();
        Some(Self { database: TestDatabase::new(dialect).await?, folder })
    }

    fn project(&self) -> Project {
        let url = self.database.url.clone();
        Project::new(History::new([TABLES, LATER]))
            .versions(self.folder.path())
            .database_url(move || Ok::<_, std::io::Error>(url.clone()))
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[tokio::test]
async fn findings_are_told_with_their_recipe_and_an_error_fails() {
    let desk = Desk::new(Dialect::Sqlite).await.unwrap();
    let said = call(desk.project(), &["lint"]).await;
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    for part in [
        "error  index_not_concurrent  bbbb1 up: create index ix_users_age on users",
        "(PostgreSQL)",
        "instead:",
        "2 revisions: 1 error",
    ] {
        assert!(said.out.contains(part), "{part} is missing in {}", said.out);
    }
    let one = call(desk.project(), &["lint", "aaaa1"]).await;
    assert_eq!((one.code, one.out.trim()), (0, "1 revision: nothing to say"));
    assert_eq!(call(desk.project(), &["lint", "aaaa1:aaaa1"]).await.code, 0);
    assert_eq!(call(desk.project(), &["lint", "--dialect", "sqlite"]).await.code, 0);
    assert_eq!(call(desk.project(), &["lint", "nobody"]).await.code, 2);
    let json = call(desk.project(), &["lint", "--json"]).await;
    let told: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.code, &told["ok"], &told["revisions"]), (1, &Value::Bool(false), &Value::from(2)));
    let finding = &told["findings"][0];
    for (field, value) in [
        ("rule", "index_not_concurrent"),
        ("level", "error"),
        ("revision", "bbbb1"),
        ("direction", "up"),
        ("operation", "create index ix_users_age on users"),
        ("database", "postgres"),
    ] {
        assert_eq!(finding[field], value, "{field}");
    }
    std::fs::write(desk.folder.path().join("migrate.toml"), "[lint]\nindex_not_concurrent = \"warn\"\n").unwrap();
    let warned = call(desk.project(), &["lint"]).await;
    assert!(warned.code == 0 && warned.out.contains("0 errors, 1 warning"), "{}", warned.out);
    std::fs::write(desk.folder.path().join("migrate.toml"), "[lint]\nno_such_rule = \"warn\"\n").unwrap();
    assert_eq!(call(desk.project(), &["lint"]).await.code, 2);
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_file_is_mended_and_what_moved_follows_it(#[case] dialect: Dialect) {
    let Some(desk) = Desk::new(dialect).await else { return };
    assert_eq!(call(desk.project(), &["migrate", "aaaa1"]).await.code, 0);
    let said = call(desk.project(), &["lint", "--fix"]).await;
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("mended"), "{}", said.out);
    let names = files(desk.folder.path());
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(!desk.read("bbbb1.rs").contains("index"));
    let new = names.iter().find(|name| name.contains("build_ix_users_age")).unwrap();
    let text = desk.read(new);
    assert!(text.contains("after: &[\"bbbb1\"]") && text.contains(".concurrently();"), "{text}");
}

#[rstest]
#[case::sqlite(Dialect::Sqlite)]
#[case::postgres(Dialect::Postgres)]
#[tokio::test]
async fn a_file_that_is_applied_is_left_as_it_is(#[case] dialect: Dialect) {
    let Some(desk) = Desk::new(dialect).await else { return };
    assert_eq!(call(desk.project(), &["migrate"]).await.code, 0);
    let said = call(desk.project(), &["lint", "--fix"]).await;
    assert_eq!(said.code, 1);
    assert!(said.out.contains("not mended") && said.out.contains("checksum"), "{}", said.out);
    assert_eq!((files(desk.folder.path()).len(), desk.read("bbbb1.rs").as_str()), (2, FILE));
}
