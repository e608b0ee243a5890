//! `db create` from the outside: what it writes, what it asks, and that it leaves nothing behind when it fails.

use std::path::Path;
use std::sync::{Arc, Mutex};

use albedo_migrate::cli::{self, Project, Terminal};
use albedo_migrate::prelude::*;
use albedo_migrate::target::Target;

#[derive(Clone, Default)]
struct Pages(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Pages {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Pages {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

const BOOKS: Migration = Migration {
    id: "books",
    after: &[],
    depends_on: &[],
    labels: &[],
    message: "books",
    up: |op| {
        op.create_table("books", |table| {
            table.integer("id").primary_key();
            table.string("name", 20).not_null();
        });
    },
    down: |op| op.drop_table("books"),
};

const TAGS: Migration = Migration {
    id: "tags",
    after: &["books"],
    message: "tags",
    up: |op| {
        op.create_table("tags", |table| {
            table.integer("id").primary_key();
        });
    },
    down: |op| op.drop_table("tags"),
    ..BOOKS
};

/// A folder with the files of these migrations, as far as their headers are read.
fn folder(migrations: &[Migration]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for migration in migrations {
        let text = format!(
            "pub const MIGRATION: Migration = Migration {{ id: {:?}, after: &{:?}, depends_on: &[], labels: &[], message: {:?}, up, down }};",
            migration.id, migration.after, migration.message
        );
        std::fs::write(folder.path().join(format!("{}.rs", migration.id)), text).unwrap();
    }
    folder
}

struct Answer {
    code: u8,
    out: String,
    err: String,
    /// The text of the file that was written.
    file: Option<String>,
}

/// Runs `create` on the history against the entities. Whatever comes of it, no draft is left, and at most one file comes.
async fn create(
    migrations: &[Migration],
    target: fn() -> Target,
    arguments: &[&str],
    answers: Option<&'static str>,
) -> Answer {
    let folder = folder(migrations);
    create_in(folder.path(), migrations, target, arguments, answers).await
}

async fn create_in(
    folder: &Path,
    migrations: &[Migration],
    target: fn() -> Target,
    arguments: &[&str],
    answers: Option<&'static str>,
) -> Answer {
    let list = || {
        let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        names
    };
    let before = list();
    let (out, err) = (Pages::default(), Pages::default());
    let mut terminal = Terminal::to(out.clone(), err.clone());
    if let Some(answers) = answers {
        terminal = terminal.answering(answers.as_bytes());
    }
    let project = Project::new(History::new(migrations.iter().copied())).versions(folder).entities(target);
    let words = ["db", "create"].into_iter().chain(arguments.iter().copied());
    let code = cli::run_with(project, words, &mut terminal).await;
    let new: Vec<_> = list().into_iter().filter(|path| !before.contains(path)).collect();
    assert!(new.len() <= 1 && new.iter().all(|path| path.extension().unwrap() == "rs"), "{new:?}");
    let file = new.first().map(|path| std::fs::read_to_string(path).unwrap());
    Answer { code, out: out.text(), err: err.text(), file }
}

fn as_made() -> Target {
    Target::new().table("books", |table| {
        table.integer("id").primary_key();
        table.string("name", 20).not_null();
    })
}

fn retitled() -> Target {
    Target::new().table("books", |table| {
        table.integer("id").primary_key();
        table.string("title", 20).not_null();
    })
}

fn priced() -> Target {
    as_made().table("books", |table| {
        table.integer("price").not_null();
        table.text("cover").not_null();
    })
}

#[tokio::test]
async fn where_nothing_differs_nothing_is_written() {
    let answer = create(&[BOOKS], as_made, &["nothing"], None).await;
    assert_eq!((answer.code, answer.file), (0, None));
    assert!(answer.out.contains("nothing was written"), "{}", answer.out);
    let answer = create(&[BOOKS], as_made, &["nothing", "--json"], None).await;
    assert!(answer.out.contains("\"path\": null"), "{}", answer.out);
}

#[tokio::test]
async fn a_branch_is_compared_with_its_own_schema() {
    // At the head there are tags, which the entities do not have; at the parent there are none.
    let answer = create(&[BOOKS, TAGS], as_made, &["x", "--parent", "books", "--splice"], None).await;
    assert_eq!((answer.code, answer.file), (0, None));
    let answer = create(&[BOOKS, TAGS], as_made, &["x", "--allow-destructive"], None).await;
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(answer.out.contains("error  drop_table") && answer.out.contains("instead:"), "{}", answer.out);
    let file = answer.file.unwrap();
    assert!(file.contains("after: &[\"tags\"]") && file.contains("op.drop_table(\"tags\");"), "{file}");
    assert!(file.contains("// DESTRUCTIVE: the table tags goes, with its rows."), "{file}");
    let answer = create(&[BOOKS], as_made, &["x", "--parent", "base", "--splice"], None).await;
    assert!(answer.file.unwrap().contains("op.create_table(\"books\""));
}

#[tokio::test]
async fn a_rename_is_never_guessed() {
    let silent = create(&[BOOKS], retitled, &["x"], None).await;
    assert_eq!((silent.code, silent.file), (2, None));
    for told in ["--rename books.name=title", "--fill books.title=VALUE", "--allow-destructive"] {
        assert!(silent.err.contains(told), "{told} is missing in {}", silent.err);
    }
    let renames = |file: &str| {
        file.contains("op.rename_column(\"books\", \"name\", \"title\");") && !file.contains("drop_column")
    };
    let flag = create(&[BOOKS], retitled, &["x", "--rename", "books.name=title"], None).await;
    assert!(renames(&flag.file.unwrap()));
    let asked = create(&[BOOKS], retitled, &["x"], Some("y\n")).await;
    assert!(asked.err.contains("Is books.title the column name under a new name?"), "{}", asked.err);
    assert!(renames(&asked.file.unwrap()));
    let told = create(&[BOOKS], || retitled().renamed("books.name=title"), &["x"], None).await;
    assert!(renames(&told.file.unwrap()));
    let no = create(&[BOOKS], retitled, &["x"], Some("n\nuntitled\ny\n")).await;
    let file = no.file.unwrap();
    assert!(file.contains("op.drop_column(\"books\", \"name\");") && file.contains(".fill(\"'untitled'\")"), "{file}");
}

#[tokio::test]
async fn rows_that_are_there_get_what_somebody_said() {
    let silent = create(&[BOOKS], priced, &["x"], None).await;
    assert!(silent.err.contains("--fill books.price=VALUE, --fill books.cover=VALUE"), "{}", silent.err);
    let flags = ["x", "--fill", "books.price=7", "--fill", "books.cover=it's blue"];
    let file = create(&[BOOKS], priced, &flags, None).await.file.unwrap();
    assert!(file.contains("table.integer(\"price\").not_null().fill(\"7\");"), "{file}");
    assert!(file.contains("table.text(\"cover\").not_null().fill(\"'it''s blue'\");"), "{file}");
    let file = create(&[BOOKS], priced, &["x"], Some("(id * 2)\n'plain'\n")).await.file.unwrap();
    assert!(file.contains(".fill(\"(id * 2)\")") && file.contains(".fill(\"'plain'\")"), "{file}");
    let none = create(&[BOOKS], priced, &["x"], Some("\n")).await;
    assert_eq!((none.code, none.file), (2, None));
}

#[tokio::test]
async fn what_is_lost_is_asked_about() {
    let refused = create(&[BOOKS, TAGS], as_made, &["x"], Some("n\n")).await;
    assert_eq!((refused.code, refused.file), (2, None));
    assert!(refused.err.contains("lost: the table tags goes, with its rows"), "{}", refused.err);
    let meant = create(&[BOOKS, TAGS], as_made, &["x"], Some("yes\n")).await;
    assert!(meant.file.is_some());
    let silent = create(&[BOOKS, TAGS], as_made, &["x"], None).await;
    assert!(silent.err.contains("--allow-destructive if it is meant") && silent.file.is_none(), "{}", silent.err);
}

#[tokio::test]
async fn a_dry_run_prints_the_file_and_writes_none() {
    let flags = ["x", "--dry-run", "--fill", "books.price=7", "--fill", "books.cover="];
    let answer = create(&[BOOKS], priced, &flags, None).await;
    assert_eq!((answer.code, answer.file), (0, None));
    assert!(answer.out.starts_with("//! X.") && answer.out.contains("fn down(op"), "{}", answer.out);
}

#[tokio::test]
async fn whatever_fails_leaves_no_file() {
    let faulty = || as_made().table("books", |table| table.check("x", "1")).table("gone", |_| {});
    for (target, arguments) in [
        (priced as fn() -> Target, &["x", "--fill", "books.prize=7"][..]),
        (priced, &["x", "--fill", "books"]),
        (priced, &["x", "--rename", "books"]),
        (priced, &["x", "--rename", "nobody=books"]),
        (priced, &["x", "--id", "bad-id"]),
        (priced, &["x", "--id", "books"]),
        (priced, &["x", "--label", "bad label"]),
        (priced, &["x", "--parent", "nobody"]),
        (priced, &["x", "--depends-on", "nobody"]),
        (priced, &["  "]),
        (faulty, &["x"]),
    ] {
        let answer = create(&[BOOKS], target, arguments, None).await;
        assert!(answer.code == 2 && answer.file.is_none(), "{arguments:?}: {} {}", answer.code, answer.err);
        assert!(!answer.err.contains("panicked"), "{}", answer.err);
    }
}

#[tokio::test]
async fn a_folder_that_takes_no_file_is_left_as_it_was() {
    let fills = ["x", "--id", "new1", "--fill", "books.price=7", "--fill", "books.cover=x"];
    // The name of the file is known, and so is that of its draft: something else stands in its place.
    let parent = folder(&[]);
    std::fs::write(parent.path().join("migrate.toml"), "[files]\nname = \"{id}\"").unwrap();
    let versions = parent.path().join("versions");
    std::fs::rename(folder(&[BOOKS]).keep(), &versions).unwrap();
    std::fs::create_dir(versions.join("new1.rs.draft")).unwrap();
    let answer = create_in(&versions, &[BOOKS], priced, &fills, None).await;
    assert!(answer.code == 1 && answer.file.is_none(), "{}", answer.err);
    assert!(answer.err.contains("cannot be written"), "{}", answer.err);
    let missing = Project::new(History::new([BOOKS])).versions("/nowhere/at/all").entities(priced);
    let err = Pages::default();
    let mut terminal = Terminal::to(Pages::default(), err.clone());
    assert_ne!(cli::run_with(missing, ["db", "create", "x"], &mut terminal).await, 0);
    assert!(err.text().contains("/nowhere/at/all"), "{}", err.text());
}

#[tokio::test]
async fn a_program_older_than_its_files_says_so() {
    let folder = folder(&[BOOKS, TAGS]);
    let answer = create_in(folder.path(), &[BOOKS], as_made, &["x"], None).await;
    assert!(answer.err.contains("newer than this program") && answer.file.is_none(), "{}", answer.err);
}

const RAW: Migration = Migration {
    id: "raw",
    after: &["books"],
    message: "raw",
    up: |op| {
        op.execute("ALTER TABLE books ADD COLUMN pages integer");
        op.execute("CREATE INDEX by_pages ON books (pages) WHERE pages > 0");
        op.execute("CREATE TABLE shelves (id integer PRIMARY KEY, room varchar(9) NOT NULL)");
    },
    down: |_| {},
    ..BOOKS
};

#[tokio::test]
async fn what_raw_sql_did_is_seen_in_a_scratch_database() {
    let same = || {
        as_made()
            .table("books", |table| {
                table.integer("pages");
                table.index(["pages"]).name("by_pages").filter("pages > 0");
            })
            .table("shelves", |table| {
                table.integer("id").primary_key();
                table.string("room", 9).not_null();
            })
    };
    let answer = create(&[BOOKS, RAW], same, &["x"], None).await;
    assert_eq!((answer.code, answer.file), (0, None), "{}{}", answer.out, answer.err);
    let more = || {
        Target::new()
            .table("books", |table| {
                table.integer("id").primary_key();
                table.string("name", 20).not_null();
                table.integer("pages");
                table.index(["pages"]).name("by_pages").filter("pages > 1");
            })
            .table("shelves", |table| {
                table.integer("id").primary_key();
                table.string("room", 12).not_null();
            })
    };
    let file = create(&[BOOKS, RAW], more, &["x"], None).await.file.unwrap();
    // A project without a rustfmt.toml has shorter chains.
    let file = file.replace("\n        .", ".");
    assert!(file.contains("create_index(\"books\", [\"pages\"]).name(\"by_pages\").filter(\"pages > 1\")"), "{file}");
    assert!(
        file.contains("op.alter_column(\"shelves\", \"room\").column_type(ColumnType::String(Some(12)));"),
        "{file}"
    );
    assert!(!file.contains("add_column") && !file.contains("create_table"), "{file}");
    let offline = create(&[BOOKS, RAW], same, &["x", "--offline"], None).await.file.unwrap();
    assert!(
        offline.contains("op.create_table(\"shelves\"") && offline.contains("table.integer(\"pages\");"),
        "{offline}"
    );
}
