//! Where the rows may be production's, whatever loses them asks for the database's name first.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use albedo_migrate::run::maintenance::database_name;
use albedo_testing::on_both_databases;
use nix::pty::openpty;
use sea_orm::{ConnectionTrait, Database, Statement};

const LOSES_ROWS: [&str; 4] = ["reset", "reset-tables", "setup-reset", "drop-database"];

/// Production's settings, and settings that cannot be read, which may be production's.
const MAY_BE_PRODUCTION: [&[(&str, &str)]; 3] = [
    &[("ALBEDO_ENV", "production"), ("ALBEDO_JWT_SECRET", "0kE7c1vJ9pQx2mTz5wRb8uYn4sHd6gLf3aVi")],
    &[("ALBEDO_ENV", "production")],
    &[("ALBEDO_PORT", "none")],
];

fn db(url: &str, environment: &[(&str, &str)], arguments: &[&str], input: impl Into<Stdio>) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_db"));
    command.args(arguments).env_clear().env("DATABASE_URL", url).envs(environment.iter().copied());
    command.current_dir(folder.path()).stdin(input).output().unwrap()
}

fn words(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

/// A terminal at which somebody has typed this already.
fn typed(text: &str) -> (Stdio, File) {
    let terminal = openpty(None, None).unwrap();
    let mut keyboard = File::from(terminal.master);
    keyboard.write_all(text.as_bytes()).unwrap();
    (Stdio::from(terminal.slave), keyboard)
}

async fn cities(url: &str) -> i64 {
    let connection = Database::connect(url).await.unwrap();
    let sql = Statement::from_string(connection.get_database_backend(), "SELECT count(*) FROM cities");
    let count = connection.query_one_raw(sql).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    connection.close().await.unwrap();
    count
}

on_both_databases! {
    async fn a_wrong_name_is_refused_and_nothing_is_lost(database: TestDatabase) {
        assert!(db(database.url(), &[], &["seed"], Stdio::null()).status.success());
        for environment in MAY_BE_PRODUCTION {
            for command in LOSES_ROWS {
                for answer in ["other\n", "\n", "yes\n", "\u{4}"] {
                    let (terminal, _keyboard) = typed(answer);
                    let said = db(database.url(), environment, &[command], terminal);
                    let words = words(&said);
                    assert_eq!(said.status.code(), Some(2), "{command} {answer:?}: {words}");
                    assert!(words.contains("Type the database's name"), "{command}: {words}");
                    assert!(words.contains("nothing was done"), "{command}: {words}");
                }
                let said = db(database.url(), environment, &[command, "--confirm", "other"], Stdio::null());
                assert_eq!(said.status.code(), Some(2), "{command}: {}", words(&said));
            }
        }
        assert_eq!(cities(database.url()).await, 6);
    }

    async fn without_a_terminal_the_name_has_to_be_passed(database: TestDatabase) {
        assert!(db(database.url(), &[], &["seed"], Stdio::null()).status.success());
        for environment in MAY_BE_PRODUCTION {
            for command in LOSES_ROWS {
                let said = db(database.url(), environment, &[command], Stdio::null());
                assert_eq!(said.status.code(), Some(2), "{command}: {}", words(&said));
                assert!(words(&said).contains("--confirm"), "{command}: {}", words(&said));
            }
        }
        assert_eq!(cities(database.url()).await, 6);
        let name = database_name(database.url()).unwrap();
        let said = db(database.url(), MAY_BE_PRODUCTION[0], &["reset", "--confirm", &name], Stdio::null());
        assert!(said.status.success(), "{}", words(&said));
        assert_eq!(cities(database.url()).await, 0);
    }

    async fn the_right_name_goes_on(database: TestDatabase) {
        assert!(db(database.url(), &[], &["seed"], Stdio::null()).status.success());
        let name = database_name(database.url()).unwrap();
        for environment in MAY_BE_PRODUCTION {
            let (terminal, _keyboard) = typed(&format!("{name}\n"));
            let said = db(database.url(), environment, &["setup-reset"], terminal);
            assert!(said.status.success(), "{}", words(&said));
        }
        assert_eq!(cities(database.url()).await, 0);
    }

    async fn development_is_not_asked(database: TestDatabase) {
        assert!(db(database.url(), &[], &["seed"], Stdio::null()).status.success());
        assert!(db(database.url(), &[], &["reset"], Stdio::null()).status.success());
        assert_eq!(cities(database.url()).await, 0);
    }
}
