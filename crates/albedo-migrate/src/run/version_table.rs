//! What a database remembers of its migrations.
//!
//! `seaql_migrations` is SeaORM's own table, one row per applied revision; it alone says what is applied.
//! `albedo_migrations` holds what its two columns cannot: order, checksum, duration, the mark of a step that runs
//! without a transaction. Rows of the second table may be missing, and then only those things are unknown.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, QueryResult, Statement};

use super::database_error::refused;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::history::History;
use crate::revision::{Direction, Graph, Node, NodeSet, Partial, Recognized};

/// SeaORM's table.
pub const VERSIONS: &str = "seaql_migrations";
/// Our own.
pub const DETAILS: &str = "albedo_migrations";

const TOOL: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

/// One applied revision.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Row {
    /// The file stem.
    pub version: String,
    /// When, in seconds since 1970.
    pub applied_at: i64,
    /// Its place in the order of application.
    pub seq: Option<i64>,
    /// What the file was when it was applied.
    pub checksum: Option<String>,
    /// How long it took.
    pub duration_ms: Option<i64>,
}

/// A step that ran without a transaction and did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The file stem.
    pub version: String,
    /// Which way it went.
    pub direction: Direction,
    /// How many operations were done.
    pub done: usize,
}

impl Unfinished {
    /// Reads a mark: `up 3`.
    fn read(version: &str, mark: &str) -> Option<Self> {
        let (direction, done) = mark.split_once(' ')?;
        let direction = if direction == Direction::Down.word() { Direction::Down } else { Direction::Up };
        Some(Self { version: version.to_owned(), direction, done: done.parse().ok()? })
    }
}

/// What a database remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The applied revisions, the oldest first.
    pub rows: Vec<Row>,
    /// Steps that did not come to their end.
    pub unfinished: Vec<Unfinished>,
    /// Whether SeaORM's table is there.
    pub has_versions: bool,
    /// Whether our own is there.
    pub has_details: bool,
}

impl State {
    /// Reads it. Never writes: a database without the tables has nothing applied.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read<C: ConnectionTrait>(connection: &C, dialect: Dialect) -> Result<Self> {
        let has_versions = has_table(connection, dialect, VERSIONS).await?;
        let has_details = has_table(connection, dialect, DETAILS).await?;
        let mut state = Self { has_versions, has_details, ..Self::default() };
        if has_versions {
            for row in query(connection, &format!("SELECT version, applied_at FROM {VERSIONS}")).await? {
                state.rows.push(Row { version: get(&row, 0)?, applied_at: get(&row, 1)?, ..Row::default() });
            }
        }
        if has_details {
            let places: HashMap<String, usize> = state.rows.iter().map(|row| row.version.clone()).zip(0..).collect();
            let sql = format!("SELECT version, seq, checksum, duration_ms, dirty FROM {DETAILS}");
            for row in query(connection, &sql).await? {
                let (version, dirty) = (get::<String>(&row, 0)?, get::<Option<String>>(&row, 4)?);
                if let Some(mark) = dirty.as_deref().and_then(|mark| Unfinished::read(&version, mark)) {
                    state.unfinished.push(mark);
                }
                if let Some(own) = places.get(&version).and_then(|place| state.rows.get_mut(*place)) {
                    (own.seq, own.checksum, own.duration_ms) = (Some(get(&row, 1)?), get(&row, 2)?, get(&row, 3)?);
                }
            }
        }
        state.rows.sort_by(|a, b| {
            (a.applied_at, a.seq.unwrap_or(0), &a.version).cmp(&(b.applied_at, b.seq.unwrap_or(0), &b.version))
        });
        Ok(state)
    }

    /// The applied revisions of a history.
    ///
    /// # Errors
    /// When the database has a revision the history does not, or one without what it comes after.
    pub fn applied(&self, history: &History) -> Result<NodeSet> {
        let graph = history.graph();
        let Recognized { applied, unknown, partial } =
            graph.recognize(self.rows.iter().map(|row| row.version.as_str()));
        if let [part, ..] = partial.as_slice() {
            return Err(partly(graph, part));
        }
        let half = self.unfinished.iter().find(|mark| graph.find_stem(&mark.version).is_none());
        if let Some((mark, node)) = half.and_then(|mark| Some((mark, graph.replacing(&mark.version)?))) {
            let part = Partial { node, applied: vec![mark.version.clone()], missing: vec![mark.version.clone()] };
            return Err(partly(graph, &part));
        }
        if let [first, ..] = unknown.as_slice() {
            return Err(Error::drift(format!("the database has {} applied, and there is no such file", unknown.join(", ")))
                .on_revision(first)
                .hint("fetch the branch that has the file; if the file is gone for good, `stamp` says what the database holds"));
        }
        if let [(node, lacks), ..] = history.graph().unclosed(&applied).as_slice() {
            return Err(Error::drift(format!(
                "{} is applied without {}, which it needs",
                graph.describe(*node),
                graph.describe(*lacks)
            ))
            .hint("was `after` edited in an applied file? correct it, or `stamp` what the database really holds"));
        }
        Ok(applied)
    }

    /// The applied revisions in the order in which they were applied; of those of one second the graph's order counts.
    #[must_use]
    pub fn in_order(&self, history: &History) -> Vec<Node> {
        let graph = history.graph();
        let places: HashMap<Node, usize> = graph.order().iter().copied().zip(0..).collect();
        let mut nodes: Vec<(i64, Option<i64>, Option<usize>, Node)> = self
            .rows
            .iter()
            .filter_map(|row| {
                let node = graph.stored_as(&row.version)?;
                Some((row.applied_at, row.seq, places.get(&node).copied(), node))
            })
            .collect();
        // A row without a place in the order was written by SeaORM's runner; only its second is known.
        nodes.sort_by(|a, b| match (a.1, b.1) {
            (Some(first), Some(second)) => first.cmp(&second),
            _ => (a.0, a.2).cmp(&(b.0, b.2)),
        });
        // A squashed revision that is there by its parts is as late as the last of them.
        let mut seen = NodeSet::new();
        let mut order: Vec<Node> =
            nodes.into_iter().rev().map(|(.., node)| node).filter(|node| seen.insert(*node)).collect();
        order.reverse();
        order
    }

    /// What the rows of the revisions are called: the stem, what it was when the revision was applied, or the stems of
    /// what was squashed into it.
    #[must_use]
    pub fn names(&self, graph: &Graph) -> HashMap<Node, Vec<String>> {
        let mut names: HashMap<Node, Vec<String>> = HashMap::new();
        for row in &self.rows {
            if let Some(node) = graph.stored_as(&row.version) {
                names.entry(node).or_default().push(row.version.clone());
            }
        }
        names
    }
}

fn partly(graph: &Graph, part: &Partial) -> Error {
    Error::drift(format!(
        "{} replaces {} revisions, and the database has only a part of them: {} is missing",
        graph.describe(part.node),
        graph.revision(part.node).replaces.len(),
        part.missing.join(", ")
    ))
    .on_revision(&graph.revision(part.node).id)
    .hint(format!(
        "go back to the state of the files before the squash, run `migrate {}` there, and come back; if the database holds all of it, say so with `stamp --purge`",
        graph.revision(part.node).id
    ))
}

async fn query<C: ConnectionTrait>(connection: &C, sql: &str) -> Result<Vec<QueryResult>> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    connection.query_all_raw(statement).await.map_err(|error| refused(error, sql))
}

fn get<T: sea_orm::TryGetable>(row: &QueryResult, index: usize) -> Result<T> {
    row.try_get_by_index(index).map_err(|error| Error::failed("a version table holds an odd row").because(error))
}

async fn has_table<C: ConnectionTrait>(connection: &C, dialect: Dialect, name: &str) -> Result<bool> {
    let sql = match dialect {
        Dialect::Sqlite => format!("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{name}'"),
        Dialect::Postgres => format!("SELECT 1 WHERE to_regclass('{name}') IS NOT NULL"),
    };
    Ok(!query(connection, &sql).await?.is_empty())
}

/// The statements that make the tables. The first is what SeaORM itself would make.
#[must_use]
pub fn install(dialect: Dialect) -> Vec<String> {
    let big = if dialect == Dialect::Sqlite { "integer" } else { "bigint" };
    vec![
        format!(
            "CREATE TABLE IF NOT EXISTS \"{VERSIONS}\" (\n    \"version\" varchar NOT NULL PRIMARY KEY,\n    \"applied_at\" {big} NOT NULL\n)"
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS \"{DETAILS}\" (\n    \"version\" varchar NOT NULL PRIMARY KEY,\n    \"seq\" {big} NOT NULL,\n    \"checksum\" varchar,\n    \"duration_ms\" {big},\n    \"dirty\" varchar,\n    \"tool\" varchar NOT NULL\n)"
        ),
    ]
}

const fn now(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "CAST(strftime('%s', 'now') AS integer)",
        Dialect::Postgres => "CAST(extract(epoch FROM now()) AS bigint)",
    }
}

/// The statements that write an applied revision down.
#[must_use]
pub fn insert(dialect: Dialect, version: &str, checksum: &str, duration_ms: Option<u128>) -> Vec<String> {
    let now = now(dialect);
    let duration = duration_ms.map_or_else(|| "NULL".to_owned(), |took| took.to_string());
    vec![
        format!("INSERT INTO {VERSIONS} (version, applied_at) VALUES ({}, {now})", dialect.text(version)),
        detail(dialect, version, checksum, &duration, "NULL"),
    ]
}

/// The statements that write several applied revisions down, in their order, as rows with their checksums. Made so that
/// the same list gives the same text, whoever writes it and when.
#[must_use]
pub fn insert_all(dialect: Dialect, rows: &[(String, String)]) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let now = now(dialect);
    let versions: Vec<String> = rows.iter().map(|(version, _)| format!("({})", dialect.text(version))).collect();
    let details = rows.iter().zip(1..).map(|((version, checksum), seq)| {
        format!("({}, {seq}, {}, 'schema-load')", dialect.text(version), dialect.text(checksum))
    });
    vec![
        format!(
            "INSERT INTO {VERSIONS} (version, applied_at) SELECT column1, {now} FROM (VALUES\n    {}\n) AS v",
            versions.join(",\n    ")
        ),
        format!(
            "INSERT INTO {DETAILS} (version, seq, checksum, tool) VALUES\n    {}",
            details.collect::<Vec<_>>().join(",\n    ")
        ),
    ]
}

/// The statements that strike an applied revision out.
#[must_use]
pub fn delete(dialect: Dialect, version: &str) -> Vec<String> {
    [VERSIONS, DETAILS].map(|table| format!("DELETE FROM {table} WHERE version = {}", dialect.text(version))).to_vec()
}

/// The statement that marks a step that runs without a transaction, with the number of operations done.
#[must_use]
pub fn mark(dialect: Dialect, version: &str, checksum: &str, direction: Direction, done: usize) -> String {
    detail(dialect, version, checksum, "NULL", &dialect.text(&format!("{} {done}", direction.word())))
}

fn detail(dialect: Dialect, version: &str, checksum: &str, duration: &str, dirty: &str) -> String {
    format!(
        "INSERT INTO {DETAILS} (version, seq, checksum, duration_ms, dirty, tool) SELECT {}, coalesce(max(seq), 0) + 1, {}, {duration}, {dirty}, {} FROM {DETAILS} WHERE true ON CONFLICT (version) DO UPDATE SET seq = excluded.seq, checksum = excluded.checksum, duration_ms = excluded.duration_ms, dirty = excluded.dirty, tool = excluded.tool",
        dialect.text(version),
        dialect.text(checksum),
        dialect.text(TOOL)
    )
}
