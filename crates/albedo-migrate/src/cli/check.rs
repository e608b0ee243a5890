//! `check`: whether the revisions make what the entities are. For a build that has no database.

use serde_json::json;

use super::autogenerate::made_by;
use super::context::Context;
use super::print::{BAD, GOOD, Terminal, count};
use crate::diff::{Change, Hints, diff};
use crate::error::{Error, Result};
use crate::generate::proposal::open_renames;
use crate::revision::NodeSet;

/// Compares them. Says 3 when they differ: then somebody has changed an entity and made no revision of it.
pub(super) async fn check(context: &Context, terminal: &mut Terminal) -> Result<u8> {
    let Some(changes) = against_entities(context, terminal).await? else {
        return Err(Error::usage("this program knows no entities to compare the history with")
            .hint("name them with Project::entities"));
    };
    let same = changes.is_empty();
    if context.json {
        terminal.json(&json!({"ok": same, "changes": changes}));
    } else {
        for change in &changes {
            terminal.line(&change.to_string());
        }
        let line = if same {
            terminal.paint(GOOD, "the revisions make what the entities are")
        } else {
            let text = format!("the entities and the revisions differ in {}", count(changes.len(), "thing"));
            format!("{}: `create` makes a revision of what changed", terminal.paint(BAD, &text))
        };
        terminal.line(&line);
    }
    Ok(if same { 0 } else { 3 })
}

/// What leads from all revisions to the entities; `None` where the project names none.
pub(super) async fn against_entities(context: &Context, terminal: &mut Terminal) -> Result<Option<Vec<Change>>> {
    let Some(entities) = &context.project.entities else { return Ok(None) };
    let target = entities();
    let mut after = target.schema_named(&context.settings.naming)?;
    let all: NodeSet = context.runnable()?.graph().nodes().collect();
    let mut before = made_by(context, &all, false, &after, terminal).await?;
    context.settings.excluded.take_out(&mut before);
    context.settings.excluded.take_out(&mut after);
    let renames = open_renames(target.renames(), &before, &after);
    Ok(Some(diff(&before, &after, &Hints { renames, ..Hints::default() })?.changes))
}
