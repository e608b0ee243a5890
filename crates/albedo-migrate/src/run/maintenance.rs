//! Databases as a whole: made, dropped, emptied.

use std::path::{Path, PathBuf};

use sea_orm::sqlx::{self, Connection, PgConnection};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::database_error::{connect, refused, without_password};
use super::options::Options;
use crate::dialect::Dialect;
use crate::error::{Error, Result};

/// The name of the database a URL leads to: the file for SQLite.
///
/// # Errors
/// When the URL has none.
pub fn database_name(url: &str) -> Result<String> {
    match Dialect::of_url(url)? {
        Dialect::Sqlite => Ok(sqlite_path(url)?.to_string_lossy().into_owned()),
        Dialect::Postgres => {
            let parsed =
                url::Url::parse(url).map_err(|error| Error::usage(format!("the database URL is faulty: {error}")))?;
            let name = parsed.path().trim_start_matches('/');
            if name.is_empty() {
                return Err(
                    Error::usage("the database URL names no database").hint("postgres://user:password@host/NAME")
                );
            }
            Ok(sqlx::postgres::PgConnectOptions::from_url_name(url).unwrap_or_else(|| name.to_owned()))
        }
    }
}

/// The URL with the schema in which unqualified names are looked up and made; several are separated by commas. SQLite has
/// none, and its URL stays as it is.
///
/// # Errors
/// When the URL is faulty.
pub fn in_schema(url: &str, schema: &str) -> Result<String> {
    if Dialect::of_url(url)? == Dialect::Sqlite {
        return Ok(url.to_owned());
    }
    let mut parsed =
        url::Url::parse(url).map_err(|error| Error::usage(format!("the database URL is faulty: {error}")))?;
    let names: Vec<String> = schema.split(',').map(|name| Dialect::Postgres.quote(name.trim())).collect();
    parsed.query_pairs_mut().append_pair("options[search_path]", &names.join(","));
    Ok(parsed.into())
}

/// What the driver itself reads from the URL, percent signs undone.
trait NameOfUrl {
    fn from_url_name(url: &str) -> Option<String>;
}

impl NameOfUrl for sqlx::postgres::PgConnectOptions {
    fn from_url_name(url: &str) -> Option<String> {
        url.parse::<Self>().ok().and_then(|options| options.get_database().map(str::to_owned))
    }
}

fn sqlite_path(url: &str) -> Result<PathBuf> {
    let rest = url.trim_start_matches("sqlite:").trim_start_matches("//");
    let path = rest.split('?').next().unwrap_or_default();
    if path.is_empty() || path == ":memory:" {
        return Err(Error::usage("a database in memory cannot be made or dropped"));
    }
    Ok(PathBuf::from(path))
}

/// Makes the database; says whether it was missing.
///
/// # Errors
/// When it cannot be made.
pub async fn create(url: &str, options: &Options) -> Result<bool> {
    match Dialect::of_url(url)? {
        Dialect::Sqlite => {
            let path = sqlite_path(url)?;
            if path.exists() {
                return Ok(false);
            }
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::File::create_new(&path)?;
            Ok(true)
        }
        Dialect::Postgres => {
            let name = database_name(url)?;
            let mut server = server(url, options).await?;
            let known = sqlx::query_scalar::<_, i32>("SELECT 1 FROM pg_database WHERE datname = $1").bind(&name);
            if known.fetch_optional(&mut server).await.map_err(not_done)?.is_some() {
                return Ok(false);
            }
            let sql = format!("CREATE DATABASE {}", Dialect::Postgres.quote(&name));
            match sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut server).await {
                Ok(_) => Ok(true),
                // Somebody was faster.
                Err(error) if has_code(&error, &["42P04", "23505"]) => Ok(false),
                Err(error) => Err(not_done(error)),
            }
        }
    }
}

/// Drops the database with all that is in it; says whether it was there.
///
/// # Errors
/// When it cannot be dropped.
pub async fn drop(url: &str, options: &Options) -> Result<bool> {
    match Dialect::of_url(url)? {
        Dialect::Sqlite => {
            let path = sqlite_path(url)?;
            let was_there = path.exists();
            for suffix in ["", "-wal", "-shm", "-journal"] {
                remove(&PathBuf::from(format!("{}{suffix}", path.display())))?;
            }
            Ok(was_there)
        }
        Dialect::Postgres => {
            let name = database_name(url)?;
            let mut server = server(url, options).await?;
            let known = sqlx::query_scalar::<_, i32>("SELECT 1 FROM pg_database WHERE datname = $1").bind(&name);
            if known.fetch_optional(&mut server).await.map_err(not_done)?.is_none() {
                return Ok(false);
            }
            let sql = format!("DROP DATABASE {}", Dialect::Postgres.quote(&name));
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut server).await.map_err(|error| {
                let in_use = has_code(&error, &["55006"]);
                let told = not_done(error);
                if in_use { told.hint("somebody is connected to it: stop the server that uses it first") } else { told }
            })?;
            Ok(true)
        }
    }
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| codes.contains(&code.as_ref()))
}

fn not_done(error: sqlx::Error) -> Error {
    Error::failed(error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned()))
        .because(error)
}

/// The server's own database, from which others are made.
async fn server(url: &str, options: &Options) -> Result<PgConnection> {
    let faulty = |error: url::ParseError| Error::usage(format!("the database URL is faulty: {error}"));
    let mut last = Error::failed(format!("cannot connect to {}", without_password(url)));
    for name in ["postgres", "template1"] {
        let mut parsed = url::Url::parse(url).map_err(faulty)?;
        parsed.set_path(name);
        match connect(parsed.as_str(), options).await {
            Ok(connection) => {
                let settings = connection.get_postgres_connection_pool().connect_options();
                return PgConnection::connect_with(&settings).await.map_err(not_done);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Drops every view, table, enum type and sequence, the version tables included; says how many tables there were.
///
/// On PostgreSQL only the current schema is emptied, and what belongs to an extension stays.
///
/// # Errors
/// When something cannot be dropped.
pub async fn drop_tables(connection: &DatabaseConnection, dialect: Dialect) -> Result<usize> {
    match dialect {
        Dialect::Sqlite => drop_sqlite(connection).await,
        Dialect::Postgres => drop_postgres(connection).await,
    }
}

async fn names(connection: &DatabaseConnection, backend: DbBackend, sql: &str) -> Result<Vec<String>> {
    let rows =
        connection.query_all_raw(Statement::from_string(backend, sql)).await.map_err(|error| refused(error, sql))?;
    rows.iter().map(|row| row.try_get_by_index(0).map_err(|error| refused(error, sql))).collect()
}

async fn run(connection: &DatabaseConnection, sql: &str) -> Result<()> {
    connection.execute_unprepared(sql).await.map(|_| ()).map_err(|error| refused(error, sql))
}

async fn drop_sqlite(connection: &DatabaseConnection) -> Result<usize> {
    let list = |kind: &str| {
        format!("SELECT name FROM sqlite_master WHERE type = '{kind}' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    };
    let views = names(connection, DbBackend::Sqlite, &list("view")).await?;
    // Full-text and other virtual tables own shadow tables, which go with them and cannot be dropped alone.
    let by_kind = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let tables = names(connection, DbBackend::Sqlite, by_kind).await?;
    let quote = |name: &String| Dialect::Sqlite.quote(name);
    let mut script = String::from("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE; ");
    script.extend(views.iter().map(|view| format!("DROP VIEW {}; ", quote(view))));
    script.extend(tables.iter().map(|table| format!("DROP TABLE {}; ", quote(table))));
    script.push_str("COMMIT; PRAGMA foreign_keys = ON;");
    let done = run(connection, &script).await;
    if done.is_err() {
        // The statement that failed has left the transaction open; what this says is of no use beside that error.
        let _ = run(connection, "ROLLBACK").await;
    }
    done.map(|()| tables.len())
}

async fn drop_postgres(connection: &DatabaseConnection) -> Result<usize> {
    let own = "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')";
    let of = |kinds: &str| {
        format!(
            "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ({kinds}) AND {own}"
        )
    };
    let views = names(connection, DbBackend::Postgres, &of("'v'")).await?;
    let materialized = names(connection, DbBackend::Postgres, &of("'m'")).await?;
    let tables = names(connection, DbBackend::Postgres, &of("'r', 'p'")).await?;
    let sequences = names(connection, DbBackend::Postgres, &of("'S'")).await?;
    let enums = "SELECT t.typname::text FROM pg_type t WHERE t.typnamespace = quote_ident(current_schema())::regnamespace AND t.typtype = 'e' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')";
    let enums = names(connection, DbBackend::Postgres, enums).await?;
    let mut script = String::from("BEGIN; ");
    let kinds = [
        ("VIEW", &views),
        ("MATERIALIZED VIEW", &materialized),
        ("TABLE", &tables),
        ("SEQUENCE", &sequences),
        ("TYPE", &enums),
    ];
    for (kind, list) in kinds {
        script.extend(
            list.iter().map(|name| format!("DROP {kind} IF EXISTS {} CASCADE; ", Dialect::Postgres.quote(name))),
        );
    }
    script.push_str("COMMIT;");
    run(connection, &script).await.map(|()| tables.len())
}
