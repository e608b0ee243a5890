//! Text for people and JSON for programs.

use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use super::arguments::ColorWhen;
use crate::error::Error;
use crate::revision::{Graph, Node, NodeSet};

pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const OPEN: Style = AnsiColor::Yellow.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const NAME: Style = AnsiColor::Cyan.on_default();
pub(super) const FAINT: Style = Style::new().dimmed();
pub(super) const PLAIN: Style = Style::new();
pub(super) const TITLE: Style = Style::new().bold();

/// Where a command prints.
pub struct Terminal {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    /// Where answers come from, when not from the program's own input.
    answers: Option<Box<dyn BufRead + Send>>,
    color: bool,
    is_standard: bool,
    /// Why some of the answer is missing.
    fault: Option<io::Error>,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Terminal").field("color", &self.color).finish_non_exhaustive()
    }
}

impl Terminal {
    /// The program's own output.
    pub(super) fn standard(color: ColorWhen) -> Self {
        let mut terminal = Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            answers: None,
            color: false,
            is_standard: true,
            fault: None,
        };
        terminal.set_color(color);
        terminal
    }

    /// Prints to these instead: the first for answers, the second for complaints and progress.
    #[must_use]
    pub fn to(out: impl Write + Send + 'static, err: impl Write + Send + 'static) -> Self {
        let (out, err) = (Box::new(out), Box::new(err));
        Self { out, err, answers: None, color: false, is_standard: false, fault: None }
    }

    /// Reads answers to its questions from here, a line each, as if a person sat there.
    #[must_use]
    pub fn answering(mut self, answers: impl BufRead + Send + 'static) -> Self {
        self.answers = Some(Box::new(answers));
        self
    }

    /// Whether somebody is there to be asked.
    pub(super) fn is_answered(&self) -> bool {
        self.answers.is_some() || (self.is_standard && io::stdin().is_terminal() && io::stderr().is_terminal())
    }

    /// Asks, and returns the answer without spaces around it.
    pub(super) fn ask(&mut self, question: &str) -> io::Result<String> {
        self.prompt(question);
        let mut line = String::new();
        match &mut self.answers {
            Some(answers) => answers.read_line(&mut line)?,
            None => io::stdin().read_line(&mut line)?,
        };
        Ok(line.trim().to_owned())
    }

    pub(super) fn set_color(&mut self, color: ColorWhen) {
        self.color = match color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => {
                self.is_standard && anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
            }
        };
    }

    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        if self.color && style != PLAIN { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// One line of an answer.
    pub(super) fn line(&mut self, text: &str) {
        let written = writeln!(self.out, "{text}");
        self.heed(written);
    }

    /// Text as it is.
    pub(super) fn raw(&mut self, text: &str) {
        let written = self.out.write_all(text.as_bytes());
        self.heed(written);
    }

    /// Why some of the answer is missing, once all of it was printed. A full disk must not pass for a whole script.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let flushed = self.out.flush();
        self.heed(flushed);
        self.fault.take().map_or(Ok(()), Err)
    }

    /// A reader that has closed the pipe has read enough, so what it does not take is no fault.
    fn heed(&mut self, written: io::Result<()>) {
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
        {
            self.fault.get_or_insert(error);
        }
    }

    pub(super) fn complain(&mut self, text: &str) {
        let _ = writeln!(self.err, "{text}");
    }

    pub(super) fn prompt(&mut self, text: &str) {
        let _ = write!(self.err, "{text}");
        let _ = self.err.flush();
    }

    pub(super) fn json(&mut self, value: &Value) {
        self.line(&format!("{value:#}"));
    }

    /// Tells an error, as text or as JSON.
    pub(super) fn error(&mut self, error: &Error, as_json: bool) {
        if as_json {
            let value = json!({
                "error": error.message(),
                "revision": error.revision(),
                "operation": error.operation(),
                "sql": error.sql(),
                "hint": error.hint_text(),
            });
            self.complain(&format!("{value:#}"));
            return;
        }
        let word = self.paint(BAD, "error:");
        self.complain(&format!("{word} {}", error.report()));
    }

    /// A table whose columns stand under each other. Colours do not count as width.
    pub(super) fn table(&mut self, head: &[&str], rows: &[Vec<(Style, String)>]) {
        let width_of = |index: usize| {
            let cells = rows.iter().filter_map(|row| row.get(index)).map(|(_, text)| text.chars().count());
            cells.chain(head.get(index).map(|text| text.chars().count())).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..head.len()).map(width_of).collect();
        let titles: Vec<(Style, String)> = head.iter().map(|text| (TITLE, (*text).to_owned())).collect();
        for row in std::iter::once(&titles).chain(rows) {
            let mut line = String::new();
            for (index, (style, text)) in row.iter().enumerate() {
                line.push_str(&self.paint(*style, text));
                if index + 1 < row.len() {
                    let used = text.chars().count();
                    line.extend(std::iter::repeat_n(
                        ' ',
                        widths.get(index).copied().unwrap_or(0).saturating_sub(used) + 2,
                    ));
                }
            }
            let line = line.trim_end().to_owned();
            self.line(&line);
        }
    }
}

/// What a revision is beside its name, in brackets: `(head)`, `(branch point)`.
pub(super) fn marks(graph: &Graph, node: Node, current: Option<&[Node]>) -> Vec<&'static str> {
    let mut marks = Vec::new();
    if current.is_some_and(|current| current.contains(&node)) {
        marks.push("current");
    }
    if graph.children(node).is_empty() {
        marks.push("head");
    }
    if graph.parents(node).is_empty() {
        marks.push("base");
    }
    if graph.children(node).len() > 1 {
        marks.push("branch point");
    }
    if graph.parents(node).len() > 1 {
        marks.push("merge");
    }
    marks
}

/// A revision for programs.
pub(super) fn revision_json(graph: &Graph, node: Node, applied: Option<&NodeSet>) -> Value {
    let revision = graph.revision(node);
    json!({
        "id": revision.id,
        "stem": revision.stem,
        "message": revision.message,
        "parents": revision.parents,
        "depends_on": revision.depends_on,
        "labels": revision.labels,
        "replaces": revision.replaces.iter().map(|part| &part.stem).collect::<Vec<_>>(),
        "head": graph.children(node).is_empty(),
        "base": graph.parents(node).is_empty(),
        "branch_point": graph.children(node).len() > 1,
        "merge_point": graph.parents(node).len() > 1,
        "applied": applied.map(|applied| applied.contains(node)),
    })
}

/// A length of time as people say it.
pub(super) fn took(time: Duration) -> String {
    let millis = time.as_millis();
    match millis {
        0 => "< 1 ms".to_owned(),
        1..=999 => format!("{millis} ms"),
        1_000..=59_999 => format!("{:.1} s", time.as_secs_f64()),
        _ => format!("{} min {} s", millis / 60_000, millis / 1_000 % 60),
    }
}

/// A moment in UTC, as it sorts.
pub(super) fn moment(seconds: i64) -> String {
    sea_orm::prelude::DateTimeUtc::from_timestamp(seconds, 0)
        .map_or_else(String::new, |time| time.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// `1 revision`, `2 revisions`.
pub(super) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
