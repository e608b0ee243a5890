//! Lint through its front door: every rule, words that are given, levels, histories.

mod cases;
mod command;
mod mended;

use std::collections::BTreeMap;
use std::time::Duration;

use albedo_migrate::Dialect;
use albedo_migrate::lint::{Finding, Rule, Rules, Subject, history as look, revision};
use albedo_migrate::prelude::*;
use albedo_migrate::revision::NodeSet;
use albedo_migrate::schema::Schema;
use albedo_migrate::settings::Level;

type Fill = fn(&mut Operations);

/// What is there before: tables with most of what there is.
fn before() -> Schema {
    let mut schema = Schema::new();
    let operations = Operations::of(|op| {
        op.create_enum("mood", ["sad", "glad"]);
        op.create_table("teams", |table| {
            table.integer("id").primary_key();
        });
        op.create_table("users", |table| {
            table.integer("id").primary_key();
            table.integer("team_id");
            table.string("name", 20);
            table.text("note");
            table.integer("age").not_null().default(0);
            table.enumeration("mood", "mood").not_null().default("sad");
            table.text("email");
            table.check("email_given", "(email IS NOT NULL)");
            table.index(["name"]);
        });
    });
    for operation in operations.list() {
        schema.apply(operation).unwrap();
    }
    schema
}

fn rules() -> Rules {
    Rules::new(BTreeMap::new(), Duration::from_secs(5))
}

fn found(up: Fill, rules: &Rules) -> Vec<Finding> {
    let (up, down) = (Operations::of(up), Operations::of(|op| op.irreversible("a test")));
    revision(&Subject { id: "r1", before: &before(), up: &up, down: &down }, rules)
}

fn has(findings: &[Finding], rule: Rule) -> bool {
    findings.iter().any(|finding| finding.rule == rule.id())
}

#[test]
fn every_rule_tells_of_what_it_must_and_of_nothing_else() {
    for (rule, bad, good) in cases::CASES {
        for (case, up) in bad.iter().enumerate() {
            let findings = found(*up, &rules());
            assert!(has(&findings, *rule), "{} is silent about its case {case}: {findings:?}", rule.id());
        }
        for (case, up) in good.iter().enumerate() {
            let findings = found(*up, &rules());
            assert!(!has(&findings, *rule), "{} speaks of its good case {case}: {findings:?}", rule.id());
        }
    }
    let known = |rule: &&Rule| cases::CASES.iter().any(|(known, ..)| known == *rule);
    let missing: Vec<&Rule> = Rule::ALL.iter().filter(|rule| !known(rule)).collect();
    // One is about several revisions, the other about `down`; each has a test of its own below.
    assert_eq!(missing, [&Rule::NeverValidated, &Rule::NoDown]);
}

#[test]
fn a_missing_down_is_told_and_one_that_says_why_is_not() {
    let up = Operations::of(|op| op.comment_on_table("users", "people"));
    let with = |down: Fill| {
        let down = Operations::of(down);
        revision(&Subject { id: "r1", before: &before(), up: &up, down: &down }, &rules())
    };
    assert!(has(&with(|_| {}), Rule::NoDown));
    assert_eq!(with(|op| op.irreversible("why")), []);
    let assured: Fill = |op| {
        op.assured("a remark may stay");
    };
    assert_eq!(with(assured), []);
    let nothing = Operations::new();
    assert_eq!(revision(&Subject { id: "r1", before: &before(), up: &nothing, down: &nothing }, &rules()), []);
    assert!(has(&with(|op| op.drop_index_concurrently("users", "ix_users_name")), Rule::ConcurrentInTransaction));
}

/// Revisions one after the other.
fn line(list: &[(&'static str, Fill)]) -> History {
    let mut migrations: Vec<Migration> = Vec::new();
    for (id, up) in list {
        let after: &'static [&'static str] = match migrations.last() {
            Some(last) => Box::leak(Box::new([last.id])),
            None => &[],
        };
        let down: Fill = |op| op.irreversible("a test");
        migrations.push(Migration { id, after, depends_on: &[], labels: &[], message: id, up: *up, down });
    }
    History::new(migrations).unwrap()
}

fn look_at_all(history: &History) -> Vec<Finding> {
    look(history, &history.graph().nodes().collect::<NodeSet>(), &rules())
}

const TABLES: (&str, Fill) = ("tables", |op| {
    op.create_table("teams", |table| {
        table.integer("id").primary_key();
    });
    op.create_table("users", |table| {
        table.integer("id").primary_key();
        table.integer("team_id");
        table.integer("age");
    });
});

const KEY: (&str, Fill) = ("key", |op| {
    op.add_foreign_key("users", ["team_id"], "teams", ["id"]).not_valid();
});

#[test]
fn a_constraint_that_no_revision_validates_is_told() {
    let forgotten = line(&[TABLES, KEY, ("more", |op| op.comment_on_table("users", "people"))]);
    assert!(has(&look_at_all(&forgotten), Rule::NeverValidated));
    let later = line(&[TABLES, KEY, ("valid", |op| op.validate_constraint("users", "fk_users_team_id"))]);
    assert!(!has(&look_at_all(&later), Rule::NeverValidated));
    let dropped = line(&[TABLES, KEY, ("gone", |op| op.drop_constraint("users", "fk_users_team_id"))]);
    assert!(!has(&look_at_all(&dropped), Rule::NeverValidated));
    let assured = line(&[
        TABLES,
        ("key", |op| {
            op.assured("old rows go in spring").add_foreign_key("users", ["team_id"], "teams", ["id"]).not_valid();
        }),
    ]);
    assert_eq!(look_at_all(&assured), []);
}

#[test]
fn each_revision_is_held_against_what_it_finds() {
    let history = line(&[
        TABLES,
        ("left", |op| op.drop_column("users", "age")),
        ("fresh", |op| {
            op.create_table("books", |table| {
                table.integer("id");
            });
        }),
        ("later", |op| {
            op.create_index("books", ["id"]);
        }),
    ]);
    let findings = look_at_all(&history);
    let told: Vec<(&str, &str)> = findings.iter().map(|finding| (finding.revision.as_str(), finding.rule)).collect();
    assert_eq!(told, [("left", "drop_column"), ("later", "index_not_concurrent")]);
}

#[test]
fn a_word_covers_the_next_call_and_no_other() {
    let findings = found(
        |op| {
            op.assured("nobody reads it").drop_column("users", "note");
            op.drop_column("users", "email");
        },
        &rules(),
    );
    let told: Vec<_> = findings.iter().filter(|finding| finding.rule == "drop_column").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].operation.as_deref(), Some("drop column users.email"));
    // One call may write several operations.
    let findings = found(
        |op| {
            op.assured("there are no rows yet").add_column("users", |table| {
                table.integer("x").not_null();
                table.integer("y").unique();
                table.index(["x", "y"]);
            });
        },
        &rules(),
    );
    assert_eq!(findings, []);
}

#[test]
fn levels_come_from_the_settings() {
    let set = |level| Rules::new([("drop_column".to_owned(), level)].into(), Duration::from_secs(5));
    let up: Fill = |op| op.drop_column("users", "note");
    assert_eq!(found(up, &set(Level::Warn))[0].level, Level::Warn);
    assert_eq!(found(up, &set(Level::Off)), []);
    // A word given for what is not told any more is not called idle.
    assert_eq!(found(|op| op.assured("nobody reads it").drop_column("users", "note"), &set(Level::Off)), []);
    assert!(has(&found(up, &Rules::new(BTreeMap::new(), Duration::ZERO)), Rule::NoLockTimeout));
}

#[test]
fn what_one_database_does_not_mind_is_told_for_the_other() {
    let of = |up: Fill, rule: Rule| found(up, &rules()).into_iter().find(|one| one.rule == rule.id()).unwrap().database;
    let index: Fill = |op| {
        op.create_index("users", ["note"]);
    };
    assert_eq!(of(index, Rule::IndexNotConcurrent), Some(Dialect::Postgres));
    assert_eq!(of(|op| op.add_check("users", "a", "age > 1"), Rule::SqliteRebuild), Some(Dialect::Sqlite));
    assert_eq!(of(|op| op.drop_column("users", "note"), Rule::DropColumn), None);
}
