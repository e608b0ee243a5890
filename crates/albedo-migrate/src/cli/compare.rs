//! `diff`: any two schemas held against each other.

use std::path::PathBuf;

use serde_json::json;

use super::arguments::DiffArguments;
use super::context::Context;
use super::print::{BAD, FAINT, GOOD, Terminal, count};
use crate::dialect::Dialect;
use crate::diff::{Change, Hints, Lens, diff};
use crate::dump::foreign::{guess, without_shell};
use crate::error::{Error, Result};
use crate::history::{Body, History};
use crate::inspect::{Difference, Objects, objects, schema};
use crate::operation::Operation;
use crate::revision::{Direction, NodeSet, Symbol};
use crate::run::connect;
use crate::schema::Schema;

/// One of the two things that are compared.
enum Side {
    Entities,
    /// What the revisions up to this one make.
    History(NodeSet),
    Database(String),
    Script(PathBuf, String),
}

/// A schema as far as it is known: what a live database holds is known in its own words too.
struct Seen {
    objects: Option<Objects>,
    schema: Schema,
    /// In whose words it is told; nobody's when it was declared.
    own: Option<Dialect>,
}

pub(super) async fn compare(context: &Context, wanted: &DiffArguments, terminal: &mut Terminal) -> Result<u8> {
    let first = side(context, &wanted.from)?;
    let second = side(context, &wanted.to)?;
    let imposed = wanted.dialect.map_or_else(|| imposed(&first, &second), |dialect| Ok(Some(dialect)))?;
    let (changes, place) = match imposed {
        None => (between_declared(context, &first, &second).await?, "both databases".to_owned()),
        Some(dialect) => (between(context, &first, &second, dialect).await?, dialect.to_string()),
    };
    if context.json {
        terminal.json(&json!({"from": wanted.from, "to": wanted.to, "dialect": imposed, "same": changes.is_empty(), "changes": changes}));
    } else {
        for change in &changes {
            terminal.line(&change.to_string());
        }
        let line = if changes.is_empty() {
            format!("{} and {} {}", wanted.from, wanted.to, terminal.paint(GOOD, "are alike"))
        } else {
            terminal.paint(BAD, &count(changes.len(), "difference"))
        };
        let line = format!("{line} {}", terminal.paint(FAINT, &format!("({place})")));
        terminal.line(&line);
    }
    Ok(if changes.is_empty() { 0 } else { 3 })
}

fn side(context: &Context, name: &str) -> Result<Side> {
    if name == "entities" {
        return Ok(Side::Entities);
    }
    if name == "database" {
        return Ok(Side::Database(context.url()?));
    }
    if name.starts_with("sqlite:") || name.contains("://") {
        Dialect::of_url(name)?;
        return Ok(Side::Database(name.to_owned()));
    }
    if name.to_ascii_lowercase().ends_with(".sql") {
        let text =
            std::fs::read_to_string(name).map_err(|error| Error::usage(format!("{name} cannot be read: {error}")))?;
        return Ok(Side::Script(PathBuf::from(name), text));
    }
    let symbol: Symbol = match name.strip_prefix("history") {
        Some("") => Symbol::heads(),
        Some(rest) => rest.strip_prefix('@').unwrap_or(name).parse()?,
        None => name.parse()?,
    };
    let graph = context.runnable()?.graph();
    let target = graph.resolve(&symbol, &NodeSet::new()).map_err(|error| {
        let hint = "compare entities, history, history@REVISION, database, a URL, or a file that ends with .sql";
        if error.hint_text().is_some_and(|hint| hint.contains("lists all")) { error.hint(hint) } else { error }
    })?;
    Ok(Side::History(graph.with_ancestors(target.nodes)))
}

/// The database whose words count, if one of the sides has its own.
fn imposed(first: &Side, second: &Side) -> Result<Option<Dialect>> {
    let of = |side: &Side| match side {
        Side::Database(url) => Dialect::of_url(url).map(Some),
        Side::Script(path, text) => guess(text).map(Some).ok_or_else(|| {
            Error::usage(format!("{} may be for either database", path.display()))
                .hint("say --dialect sqlite or --dialect postgres")
        }),
        Side::Entities | Side::History(_) => Ok(None),
    };
    Ok(match (of(first)?, of(second)?) {
        // SQLite knows less, so what both can hold is compared in its words.
        (Some(one), Some(other)) if one != other => Some(Dialect::Sqlite),
        (one, other) => one.or(other),
    })
}

/// In the words of one database; where both sides are live, object by object.
async fn between(context: &Context, first: &Side, second: &Side, dialect: Dialect) -> Result<Vec<Change>> {
    let (first, second) = (seen(context, first, dialect).await?, seen(context, second, dialect).await?);
    if let (Some(one), Some(other)) = (&first.objects, &second.objects) {
        let (one, other) = (one.clone().without_column_order(), other.clone().without_column_order());
        return Ok(one.differences(&other).into_iter().map(change).collect());
    }
    let through =
        |lens| diff(&first.schema, &second.schema, &Hints { lens, ..Hints::default() }).map(|told| told.changes);
    let mut changes = through(Lens::One(dialect))?;
    if first.own.zip(second.own).is_some_and(|(one, other)| one != other) {
        // Each database says types and expressions in its own words: what is alike in either is alike.
        let others = through(Lens::One(Dialect::Postgres))?;
        let again = |change: &Change| {
            others
                .iter()
                .any(|other| (&other.of, &other.object, other.what) == (&change.of, &change.object, change.what))
        };
        changes.retain(again);
    }
    Ok(changes)
}

/// What operations and entities declare, for both databases at once.
async fn between_declared(context: &Context, first: &Side, second: &Side) -> Result<Vec<Change>> {
    let history = context.runnable()?;
    let undeclared = |side: &Side| matches!(side, Side::History(set) if !declares_all(history, set));
    if undeclared(first) || undeclared(second) {
        // What raw SQL and older migrations do is only seen in a database.
        let dialect = if context.settings.shadow.is_some() { Dialect::Postgres } else { Dialect::Sqlite };
        return between(context, first, second, dialect).await;
    }
    let declared = |side: &Side| match side {
        Side::History(set) => Ok(without_excluded(context, history.schema(set))),
        _ => entities(context),
    };
    Ok(diff(&declared(first)?, &declared(second)?, &Hints::default())?.changes)
}

fn declares_all(history: &History, set: &NodeSet) -> bool {
    set.iter().all(|node| match history.body(node) {
        Ok(Body::Old(_)) | Err(_) => false,
        Ok(_) => history.operations(node, Direction::Up).is_some_and(|operations| {
            !operations.list().iter().any(|operation| matches!(operation, Operation::Execute(_) | Operation::Online(_)))
        }),
    })
}

async fn seen(context: &Context, side: &Side, dialect: Dialect) -> Result<Seen> {
    let excluded = &context.settings.excluded;
    match side {
        Side::Entities => Ok(Seen { objects: None, schema: entities(context)?, own: None }),
        Side::Database(url) => {
            let own = Dialect::of_url(url)?;
            let connection = connect(url, &context.options).await?;
            let schema = without_excluded(context, schema(&connection, own).await?);
            // The words of another database cannot be compared.
            let objects = if own == dialect { Some(objects(&connection, own, excluded).await?) } else { None };
            Ok(Seen { objects, schema, own: Some(own) })
        }
        Side::Script(path, text) => {
            let own = guess(text).unwrap_or(dialect);
            let sql = without_shell(text, own);
            let shadows = context.shadows();
            let loaded = shadows.within(own, async |shadow| {
                shadow.run(&sql).await.map_err(|error| {
                    Error::failed(format!("{} cannot be loaded: {}", path.display(), error.message()))
                        .hint("is it for this database? --dialect says which")
                })?;
                if own == Dialect::Postgres {
                    // pg_dump leaves the session without a schema to look in.
                    shadow.run("RESET search_path").await?;
                }
                let schema = without_excluded(context, schema(&shadow.connection, own).await?);
                Ok(Seen {
                    objects: Some(objects(&shadow.connection, own, excluded).await?).filter(|_| own == dialect),
                    schema,
                    own: Some(own),
                })
            });
            loaded.await
        }
        Side::History(set) => {
            let history = context.runnable()?;
            if context.shadows().available(dialect).is_err() {
                return Ok(Seen { objects: None, schema: without_excluded(context, history.schema(set)), own: None });
            }
            let shadows = context.shadows();
            let made = shadows.within(dialect, async |shadow| {
                let objects = shadow.made_by(history, set, excluded).await?;
                Ok(Seen {
                    objects: Some(objects),
                    schema: without_excluded(context, schema(&shadow.connection, dialect).await?),
                    own: Some(dialect),
                })
            });
            made.await
        }
    }
}

fn without_excluded(context: &Context, mut schema: Schema) -> Schema {
    context.settings.excluded.take_out(&mut schema);
    schema
}

fn entities(context: &Context) -> Result<Schema> {
    let Some(entities) = &context.project.entities else {
        return Err(Error::usage("this program knows no entities").hint("name them with Project::entities"));
    };
    Ok(without_excluded(context, entities().schema_named(&context.settings.naming)?))
}

/// A difference of two live databases in the words of a comparison.
fn change(difference: Difference) -> Change {
    let object = difference.object;
    let what = object.kind.word();
    let (of, name) = match object.table {
        Some(table) => (table, Some(object.name)),
        None => (object.name, None),
    };
    Change { of, object: name, what, before: difference.expected, after: difference.found }
}
