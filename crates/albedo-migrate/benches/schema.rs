//! How long the engine takes for 500 tables of 20 columns, and for 1,000 revisions. `bench/migrate` runs it beside
//! Alembic, which does the same work.
//!
//! `BENCH_POSTGRES_URL` names an empty database for the part that reads one; without it that part is left out. Each
//! figure is the best of several rounds, since other programs only ever make it worse. One line each: name, seconds.

use std::io::Write;
use std::time::{Duration, Instant};

use albedo_migrate::diff::{Hints, diff};
use albedo_migrate::generate::Widths;
use albedo_migrate::generate::render::{Way, body};
use albedo_migrate::operation::Operations;
use albedo_migrate::revision::NodeSet;
use albedo_migrate::run::{Goal, Options, Runner};
use albedo_migrate::schema::{Column, ColumnType, Index, IndexColumn, Schema};
use albedo_migrate::{Dialect, History, Migration, inspect};

const TABLES: usize = 500;
const ROUNDS: usize = 5;

type Fault = Box<dyn std::error::Error>;

const WIDE: Migration = Migration {
    id: "wide",
    after: &[],
    depends_on: &[],
    labels: &[],
    message: "500 tables of 20 columns",
    up: |op| {
        for table in 0..TABLES {
            op.create_table(&format!("table_{table:03}"), |new| {
                new.uuid("id").primary_key();
                for number in 0..4 {
                    new.string(&format!("name_{number}"), 100).not_null();
                    new.integer(&format!("count_{number}")).not_null().default(0);
                    new.text(&format!("note_{number}"));
                    new.timestamp_with_time_zone(&format!("at_{number}"));
                }
                new.decimal("price", 10, 2);
                new.boolean("active").not_null().default(true);
                let parent = table.saturating_sub(1);
                new.uuid("parent_id").references(&format!("table_{parent:03}"), "id");
                new.unique(["name_0", "name_1"]);
                new.check("price", "price >= 0");
                new.index(["count_0", "at_0"]);
            });
        }
    },
    down: |op| {
        for table in (0..TABLES).rev() {
            op.drop_table(&format!("table_{table:03}"));
        }
    },
};

/// Every table gets a column and an index, and one of its types becomes wider.
fn changed(before: &Schema) -> Schema {
    let mut after = before.clone();
    for table in after.tables.values_mut() {
        table.columns.push(Column::new("added", ColumnType::Text));
        table.indexes.push(Index {
            name: format!("ix_{}_added", table.name),
            columns: vec![IndexColumn::column("added")],
            ..Index::default()
        });
        if let Some(column) = table.column_mut("name_2") {
            column.column_type = ColumnType::String(Some(200));
        }
    }
    after
}

/// Five revisions for each table: it is made, gets a column, an index, another name for a column, and a check, for which
/// SQLite copies it.
fn up<const N: usize>(op: &mut Operations) {
    let table = format!("t{}", N / 5);
    match N % 5 {
        0 => op.create_table(&table, |new| {
            new.integer("id").primary_key();
            new.string("name", 80).not_null();
        }),
        1 => op.add_column(&table, |new| {
            new.integer("size").not_null().default(0);
        }),
        2 => {
            op.create_index(&table, ["name"]);
        }
        3 => op.rename_column(&table, "size", "length"),
        _ => op.add_check(&table, "length", "length >= 0"),
    }
}

macro_rules! ten {
    ($list:ident, $high:expr) => {
        ten!($list, $high, 0 1 2 3 4 5 6 7 8 9)
    };
    ($list:ident, $high:expr, $($low:literal)*) => {
        $($list.push(up::<{ $high * 10 + $low }>);)*
    };
}

macro_rules! hundred {
    ($list:ident, $($high:literal)*) => {
        $(ten!($list, $high * 10); ten!($list, $high * 10 + 1); ten!($list, $high * 10 + 2); ten!($list, $high * 10 + 3);
        ten!($list, $high * 10 + 4); ten!($list, $high * 10 + 5); ten!($list, $high * 10 + 6); ten!($list, $high * 10 + 7);
        ten!($list, $high * 10 + 8); ten!($list, $high * 10 + 9);)*
    };
}

fn thousand() -> albedo_migrate::Result<History> {
    let mut list: Vec<fn(&mut Operations)> = Vec::with_capacity(1000);
    hundred!(list, 0 1 2 3 4 5 6 7 8 9);
    let mut last: Option<&'static str> = None;
    let mut migrations = Vec::with_capacity(list.len());
    for (number, up) in list.into_iter().enumerate() {
        // A constant of the program in every other program.
        let id: &'static str = Box::leak(format!("r{number:04}").into_boxed_str());
        let after: &'static [&'static str] = match last.replace(id) {
            Some(parent) => Box::leak(Box::new([parent])),
            None => &[],
        };
        let down = |op: &mut Operations| op.irreversible("a benchmark");
        migrations.push(Migration { id, after, depends_on: &[], labels: &[], message: "", up, down });
    }
    History::new(migrations)
}

fn best<T>(mut work: impl FnMut() -> Result<T, Fault>) -> Result<(Duration, T), Fault> {
    let mut least = Duration::MAX;
    let mut made = None;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let result = work()?;
        least = least.min(begun.elapsed());
        made = Some(result);
    }
    made.map(|made| (least, made)).ok_or_else(|| "no rounds".into())
}

fn tell(name: &str, time: Duration) -> Result<(), Fault> {
    Ok(writeln!(std::io::stdout(), "{name} {:.4}", time.as_secs_f64())?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fault> {
    let history = History::new([WIDE])?;
    let all: NodeSet = history.graph().nodes().collect();
    let (fold, before) = best(|| Ok(history.schema(&all)))?;
    tell("fold", fold)?;
    let after = changed(&before);
    let (compare, difference) = best(|| Ok(diff(&before, &after, &Hints::default())?))?;
    assert_eq!(difference.operations.len(), 3 * TABLES);
    tell("diff", compare)?;
    let back = diff(&after, &before, &Hints::default())?;
    let widths = Widths::default();
    let (render, lines) =
        best(|| Ok(body(&difference, Way::Up, &widths)?.len() + body(&back, Way::Down, &widths)?.len()))?;
    assert!(lines > 2 * TABLES);
    tell("render", render)?;

    let mut replay = Duration::MAX;
    for _ in 0..3 {
        let history = thousand()?;
        let begun = Instant::now();
        let mut runner = Runner::connect(&history, "sqlite::memory:", Options::default()).await?;
        assert_eq!(runner.run(&Goal::latest(), |_| {}).await?.done.len(), 1000);
        replay = replay.min(begun.elapsed());
    }
    tell("replay", replay)?;

    let Ok(url) = std::env::var("BENCH_POSTGRES_URL") else { return Ok(()) };
    let mut runner = Runner::connect(&history, &url, Options::default()).await?;
    runner.run(&Goal::latest(), |_| {}).await?;
    let mut reading = Duration::MAX;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let schema = inspect::schema(runner.connection(), Dialect::Postgres).await?;
        reading = reading.min(begun.elapsed());
        assert!(schema.tables.len() >= TABLES);
    }
    tell("inspect", reading)
}
