//! One difference, from the schemas to real databases and back.

use std::path::PathBuf;
use std::process::Command;

use albedo_migrate::diff::{Hints, Lens, diff};
use albedo_migrate::generate::proposal::Proposal;
use albedo_migrate::generate::render::{Way, body};
use albedo_migrate::generate::template::Bodies;
use albedo_migrate::generate::{Template, Widths};
use albedo_migrate::inspect;
use albedo_migrate::prelude::*;
use albedo_migrate::revision::Revision;
use albedo_migrate::run::{Goal, Options, Runner};
use albedo_migrate::schema::Schema;
use albedo_migrate::settings::Excluded;

use super::values::schema;
use crate::support::{TestDatabase, texts};

/// A query, what it tells after the way up, and what after the way back; nothing when it cannot be asked there.
type Values = (&'static str, &'static [&'static str], &'static [&'static str]);

/// A difference.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub(super) name: &'static str,
    /// The revision that was generated for it, compiled.
    pub(super) generated: Migration,
    pub(super) before: fn(&mut Operations),
    /// SQL that fills the tables of `before`.
    pub(super) rows: &'static str,
    pub(super) after: fn(&mut Operations),
    pub(super) renames: &'static [&'static str],
    pub(super) fills: &'static [&'static str],
    pub(super) values: Option<Values>,
}

impl Case {
    pub(super) const NONE: Self = Self {
        name: "",
        generated: Migration {
            id: "none",
            after: &[],
            depends_on: &[],
            labels: &[],
            message: "",
            up: |_| {},
            down: |_| {},
        },
        before: |_| {},
        rows: "",
        after: |_| {},
        renames: &[],
        fills: &[],
        values: None,
    };

    fn proposal(&self) -> Proposal {
        let hints = Hints {
            renames: self.renames.iter().map(|text| text.parse().unwrap()).collect(),
            fills: self.fills.iter().map(|text| literal(text)).collect(),
            ..Hints::default()
        };
        let proposal = Proposal::new(&schema(self.before), &schema(self.after), &hints).unwrap();
        assert_eq!(proposal.needs().count(), 0, "a fill is missing");
        proposal
    }

    /// The revision's file, by the settings of a project's `rustfmt.toml`.
    fn text(&self, settings: &str) -> String {
        let proposal = self.proposal();
        let widths = Widths::of_settings(settings);
        let up = body(&proposal.up, Way::Up, &widths).unwrap();
        let down = body(&proposal.down, Way::Down, &widths).unwrap();
        let revision = Revision {
            id: "second".to_owned(),
            stem: self.name.to_owned(),
            message: self.name.replace('_', " "),
            parents: vec!["first".to_owned()],
            ..Revision::default()
        };
        Template::default().render(&revision, Bodies { up: &up, down: &down }, &widths).unwrap()
    }

    /// rustfmt has nothing to say, whatever widths a project has.
    pub(super) fn is_formatted(&self) {
        for settings in
            ["", "max_width = 90\n", "max_width = 140\n", "max_width = 120\nuse_small_heuristics = \"Max\"\n"]
        {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("rustfmt.toml"), settings).unwrap();
            let file = folder.path().join("revision.rs");
            std::fs::write(&file, self.text(settings)).unwrap();
            let said = Command::new("rustfmt").args(["--check", "--edition", "2024"]).arg(&file).output().unwrap();
            assert!(said.status.success(), "{settings}: {}", String::from_utf8_lossy(&said.stdout));
        }
    }

    pub(super) fn compare_file(&self) {
        let text = self.text("max_width = 120\nuse_small_heuristics = \"Max\"");
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/autogenerate/generated");
        let path = folder.join(format!("{}.rs", self.name));
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "say UPDATE_GENERATED=1 to write it anew");
        let written = [Operations::of(self.generated.up), Operations::of(self.generated.down)];
        // What the source makes leads where the difference leads, whatever the order of constraints.
        let mut made = schema(self.before);
        written[0].list().iter().for_each(|operation| made.apply(operation).unwrap());
        assert!(diff(&made, &schema(self.after), &Hints::default()).unwrap().is_empty(), "the source says less");
        written[1].list().iter().for_each(|operation| made.apply(operation).unwrap());
        assert!(diff(&made, &schema(self.before), &Hints::default()).unwrap().is_empty(), "the way back says less");
    }

    pub(super) async fn replay(&self, dialect: Dialect) {
        let Some(database) = TestDatabase::new(dialect).await else { return };
        // As the generator makes it, so that tables in a circle are made in an order that PostgreSQL takes.
        let mut first = Operations::new();
        let whole = Proposal::new(&Schema::new(), &schema(self.before), &Hints::default()).unwrap();
        whole.up.operations.into_iter().for_each(|operation| first.push(operation));
        if !self.rows.is_empty() {
            first.execute(self.rows);
        }
        let base = Revision { id: "first".to_owned(), stem: "first".to_owned(), ..Revision::default() };
        let history =
            History::builder().listed(base, first, Operations::new()).migrations([self.generated]).build().unwrap();
        let mut runner = Runner::connect(&history, &database.url, Options::default()).await.unwrap();
        let up = Goal::latest();
        runner.run(&Goal::Upgrade(vec!["first".parse().unwrap()]), |_| {}).await.unwrap();
        assert_same(&runner, dialect, &schema(self.before), "before").await;
        for round in ["up", "up again"] {
            runner.run(&up, |_| {}).await.unwrap_or_else(|error| panic!("{round}: {}", error.report()));
            assert_same(&runner, dialect, &schema(self.after), round).await;
            if let Some((sql, told, _)) = self.values {
                assert_eq!(texts(runner.connection(), sql).await, told, "{round}");
            }
            if round == "up" {
                runner.run(&Goal::Rollback(1), |_| {}).await.unwrap_or_else(|error| panic!("down: {}", error.report()));
                assert_same(&runner, dialect, &schema(self.before), "down").await;
                if let Some((sql, _, told)) = self.values.filter(|(_, _, told)| !told.is_empty()) {
                    assert_eq!(texts(runner.connection(), sql).await, told, "down");
                }
            }
        }
    }
}

/// A fill as the command line takes it, its quotes written out.
fn literal(text: &str) -> albedo_migrate::diff::Fill {
    let mut fill: albedo_migrate::diff::Fill = text.parse().unwrap();
    let plain = fill.expression.starts_with('(') || fill.expression.parse::<f64>().is_ok() || fill.table == "mood";
    if !plain {
        fill.expression = Dialect::Sqlite.text(&fill.expression);
    }
    fill
}

/// Nothing differs between the database and the schema, in either direction.
pub(super) async fn assert_same(runner: &Runner<'_>, dialect: Dialect, wanted: &Schema, when: &str) {
    let mut live = inspect::schema(runner.connection(), dialect).await.unwrap();
    Excluded::default().take_out(&mut live);
    let hints = Hints { lens: Lens::One(dialect), ..Hints::default() };
    for (one, other) in [(&live, wanted), (wanted, &live)] {
        let left: Vec<String> = diff(one, other, &hints).unwrap().changes.iter().map(ToString::to_string).collect();
        assert!(left.is_empty(), "{when}: the database differs: {left:#?}");
    }
}
