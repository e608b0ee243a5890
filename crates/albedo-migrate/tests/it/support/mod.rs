//! A database for one test, and histories to run on it.

pub(crate) mod desk;
pub(crate) mod postgres;
pub(crate) mod rich;
pub(crate) mod toy;

use albedo_migrate::Dialect;
use albedo_migrate::run::{Options, connect, maintenance};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A database of its own for one test.
pub(crate) struct TestDatabase {
    pub(crate) dialect: Dialect,
    pub(crate) url: String,
    _folder: Option<tempfile::TempDir>,
}

/// By name, since the order of creation is no part of a schema.
const SQLITE_SCHEMA: &str =
    "SELECT sql || ';' FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name";

static COUNT: AtomicUsize = AtomicUsize::new(0);

impl TestDatabase {
    /// A new empty database; `None` when there is no PostgreSQL on this machine, which is said aloud.
    pub(crate) async fn new(dialect: Dialect) -> Option<Self> {
        let database = Self::missing(dialect)?;
        maintenance::create(&database.url, &Options::default()).await.unwrap();
        Some(database)
    }

    /// The place for a database that is not there yet.
    pub(crate) fn missing(dialect: Dialect) -> Option<Self> {
        let (url, folder) = match dialect {
            Dialect::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                (format!("sqlite://{}/test.db?mode=rw", folder.path().display()), Some(folder))
            }
            Dialect::Postgres => {
                let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
                (format!("{}/{name}", postgres::server()?), None)
            }
        };
        Some(Self { dialect, url, _folder: folder })
    }

    /// A server on which scratch databases may be made; `None` for SQLite, which needs none.
    pub(crate) fn shadow(&self) -> Option<String> {
        (self.dialect == Dialect::Postgres)
            .then(|| postgres::server().map(|server| format!("{server}/postgres")))
            .flatten()
    }

    pub(crate) async fn connect(&self) -> DatabaseConnection {
        connect(&self.url, &Options::default()).await.unwrap()
    }

    pub(crate) fn path(&self) -> &str {
        self.url.trim_start_matches("sqlite://").trim_end_matches("?mode=rw")
    }

    /// The schema as the database's own tool prints it, the version tables included.
    pub(crate) fn dump(&self) -> String {
        let output = match self.dialect {
            Dialect::Sqlite => Command::new("sqlite3").arg(self.path()).arg(SQLITE_SCHEMA).output(),
            Dialect::Postgres => {
                Command::new(postgres::tool("pg_dump")).args(["--schema-only", "--no-owner", &self.url]).output()
            }
        };
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // Newer versions of pg_dump write a random word against injection.
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Feeds a script to the database's own shell.
    pub(crate) fn feed(&self, script: &str) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("script.sql");
        std::fs::write(&file, script).unwrap();
        let output = match self.dialect {
            Dialect::Sqlite => {
                Command::new("sqlite3").arg(self.path()).stdin(std::fs::File::open(&file).unwrap()).output()
            }
            Dialect::Postgres => {
                Command::new(postgres::tool("psql")).args(["-q", "-f", file.to_str().unwrap(), &self.url]).output()
            }
        };
        let output = output.unwrap();
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    }
}

/// One column of the rows, as text.
pub(crate) async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let backend = connection.get_database_backend();
    let sql =
        if backend == DbBackend::Postgres { format!("SELECT x::text FROM ({sql}) AS t(x)") } else { sql.to_owned() };
    let rows = connection.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    rows.iter()
        .map(|row| {
            row.try_get_by_index::<Option<String>>(0)
                .map(|text| text.unwrap_or_else(|| "NULL".to_owned()))
                .or_else(|_| row.try_get_by_index::<i64>(0).map(|number| number.to_string()))
                .or_else(|_| row.try_get_by_index::<f64>(0).map(|number| number.to_string()))
                .unwrap()
        })
        .collect()
}

pub(crate) async fn execute(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap();
}
