//! What a comparison cannot know, asked in the terminal, or told as flags when nobody is there.

use super::print::{BAD, NAME, Terminal};
use crate::diff::{Fill, Hints, Rename};
use crate::error::{Error, Result};
use crate::generate::proposal::Proposal;
use crate::schema::{ColumnType, Schema};

/// Compares again and again until everything is said that has to be, or somebody says no.
pub(super) fn proposal(
    before: &Schema,
    after: &Schema,
    mut hints: Hints,
    allow_destructive: bool,
    terminal: &mut Terminal,
) -> Result<Proposal> {
    let mut refused: Vec<Rename> = Vec::new();
    loop {
        let proposal = Proposal::new(before, after, &hints)?;
        let open: Vec<Rename> = proposal.suspicions().filter(|rename| !refused.contains(rename)).cloned().collect();
        let needs: Vec<(String, String)> =
            proposal.needs().map(|(table, column)| (table.to_owned(), column.to_owned())).collect();
        if !terminal.is_answered() {
            return if needs.is_empty() && (allow_destructive || proposal.up.destructive().next().is_none()) {
                Ok(proposal)
            } else {
                Err(unsaid(&proposal, allow_destructive))
            };
        }
        if let Some(rename) = open.into_iter().next() {
            if yes(terminal, &format!("Is {} the {} under a new name?", new_name(&rename), old_name(&rename)))? {
                hints.renames.push(rename);
            } else {
                refused.push(rename);
            }
            continue;
        }
        if let Some((table, column)) = needs.into_iter().next() {
            let place = terminal.paint(NAME, &format!("{table}.{column}"));
            let answer =
                terminal.ask(&format!("{place} may not be empty. What do rows get that are there already? "))?;
            if answer.is_empty() {
                return Err(Error::usage(format!(
                    "{table}.{column} has no value for the rows that are there; nothing was written"
                ))
                .hint("give the column a default, or let it be empty"));
            }
            let fill = Fill { table, column, expression: answer };
            hints.fills.push(literal(fill, after));
            continue;
        }
        let losses: Vec<String> = proposal.up.destructive().map(|(_, message)| message.to_owned()).collect();
        if losses.is_empty() || allow_destructive {
            return Ok(proposal);
        }
        for loss in losses {
            let line = format!("{} {loss}", terminal.paint(BAD, "lost:"));
            terminal.complain(&line);
        }
        return if yes(terminal, "Write the revision all the same?")? {
            Ok(proposal)
        } else {
            Err(Error::usage("nothing was written"))
        };
    }
}

fn yes(terminal: &mut Terminal, question: &str) -> Result<bool> {
    let answer = terminal.ask(&format!("{question} [y/N] "))?;
    Ok(matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn old_name(rename: &Rename) -> String {
    let what = if rename.of.is_some() { "column" } else { "table" };
    format!("{what} {}", rename.from)
}

fn new_name(rename: &Rename) -> String {
    rename.of.as_ref().map_or_else(|| rename.to.clone(), |of| format!("{of}.{}", rename.to))
}

/// Everything that is missing at once, with the flags that say it.
fn unsaid(proposal: &Proposal, allow_destructive: bool) -> Error {
    let mut missing = Vec::new();
    let mut flags = Vec::new();
    for (table, column) in proposal.needs() {
        missing.push(format!("{table}.{column} may not be empty and rows that are there have no value"));
        flags.push(format!("--fill {table}.{column}=VALUE"));
    }
    if !allow_destructive {
        let losses: Vec<&str> = proposal.up.destructive().map(|(_, message)| message).collect();
        if !losses.is_empty() {
            missing.extend(losses.into_iter().map(str::to_owned));
            flags.extend(proposal.suspicions().map(|rename| format!("--rename {rename} if it is a rename")));
            flags.push("--allow-destructive if it is meant".to_owned());
        }
    }
    Error::usage(format!("nothing was written: {}", missing.join("; "))).hint(format!("say {}", flags.join(", ")))
}

/// A value as SQL: what stands in quotes or brackets is SQL already, anything else is a value of the column's type.
pub(super) fn literal(fill: Fill, after: &Schema) -> Fill {
    let Some(column) = after.table(&fill.table).and_then(|table| table.column(&fill.column)) else { return fill };
    let said = fill.expression.trim();
    let is_sql = said.starts_with(['\'', '('])
        || ["NULL", "TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_DATE"]
            .iter()
            .any(|word| said.eq_ignore_ascii_case(word));
    let is_bare = matches!(
        column.column_type,
        ColumnType::SmallInteger
            | ColumnType::Integer
            | ColumnType::BigInteger
            | ColumnType::Float
            | ColumnType::Double
            | ColumnType::Decimal(_)
            | ColumnType::Boolean
            | ColumnType::Custom(_)
            | ColumnType::Array(_)
    );
    let expression = if is_sql || is_bare { said.to_owned() } else { crate::dialect::Dialect::Sqlite.text(said) };
    Fill { expression, ..fill }
}
