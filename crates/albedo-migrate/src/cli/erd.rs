//! The entity-relation diagram of what the revisions declare, or the entities.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::context::Context;
use super::print::{Terminal, count};
use crate::erd::{Diagram, mermaid, svg};
use crate::error::Result;
use crate::revision::{Anchor, NodeSet, Symbol};
use crate::schema::Schema;

/// What to draw.
#[derive(Clone, Debug, Args)]
pub struct ErdArguments {
    /// As the tables are after this revision, when not after all
    #[arg(value_name = "REVISION")]
    pub revision: Option<String>,
    /// The entities, instead of what the revisions make
    #[arg(long, conflicts_with = "revision")]
    pub entities: bool,
    /// As what
    #[arg(long, value_enum, default_value = "mermaid")]
    pub format: ErdFormat,
    /// Into this file
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How tables are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ErdFormat {
    /// For Markdown
    #[default]
    Mermaid,
    /// A picture
    Svg,
}

pub(super) async fn erd(context: &Context, wanted: &ErdArguments, terminal: &mut Terminal) -> Result<u8> {
    let mut schema = match &context.project.entities {
        Some(entities) if wanted.entities => entities().schema_named(&context.settings.naming)?,
        None if wanted.entities => {
            return Err(crate::Error::usage("this program knows no entities").hint("name them with Project::entities"));
        }
        _ => schema(context, wanted.revision.as_deref()).await?,
    };
    context.settings.excluded.take_out(&mut schema);
    if context.json {
        terminal.json(&serde_json::to_value(&schema).map_err(|error| crate::Error::failed(error.to_string()))?);
        return Ok(0);
    }
    let diagram = Diagram::new(&schema);
    let text = match wanted.format {
        ErdFormat::Mermaid => mermaid(&diagram),
        ErdFormat::Svg => svg(&diagram),
    };
    match &wanted.output {
        None => terminal.raw(&text),
        Some(path) => {
            Context::write_file(path, &text)?;
            terminal.line(&format!("{} drawn in {}", count(diagram.cards.len(), "table"), path.display()));
        }
    }
    Ok(0)
}

async fn schema(context: &Context, revision: Option<&str>) -> Result<Schema> {
    let history = context.runnable()?;
    let graph = history.graph();
    let nodes = match revision {
        None => graph.heads(),
        Some(text) => {
            let symbol: Symbol = text.parse()?;
            let applied = if symbol.anchor == Anchor::Current {
                context.state().await?.applied(history)?
            } else {
                NodeSet::new()
            };
            graph.resolve(&symbol, &applied)?.nodes
        }
    };
    Ok(history.schema(&graph.with_ancestors(nodes)))
}
