//! Where lines break, by rustfmt's rules for the few shapes that a revision is made of.

use crate::generate::Widths;

/// An argument of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// It stays on one line.
    Word(String),
    /// A list of texts.
    List(Vec<String>),
}

impl Argument {
    pub(super) fn text(value: &str) -> Self {
        Self::Word(format!("{value:?}"))
    }

    pub(super) fn texts<S: AsRef<str>>(values: &[S]) -> Self {
        Self::List(values.iter().map(|value| format!("{:?}", value.as_ref())).collect())
    }

    fn flat(&self) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::List(items) => format!("[{}]", items.join(", ")),
        }
    }

    fn fits(&self, widths: &Widths) -> bool {
        match self {
            Self::Word(_) => true,
            Self::List(items) => items.join(", ").chars().count() <= widths.array,
        }
    }

    /// The argument on lines of its own, with a comma behind it.
    fn lines(&self, indent: usize, widths: &Widths, lines: &mut Vec<String>) {
        let flat = self.flat();
        let Self::List(items) = self else {
            lines.push(format!("{}{flat},", spaces(indent)));
            return;
        };
        if self.fits(widths) && indent + width(&flat) < widths.line {
            lines.push(format!("{}{flat},", spaces(indent)));
            return;
        }
        lines.push(format!("{}[", spaces(indent)));
        let inner = indent + 4;
        // rustfmt packs short items into lines, and gives each longer one a line.
        let packs = items.iter().all(|item| width(item) <= 10);
        let mut line = String::new();
        for item in items {
            let grown = if line.is_empty() { width(item) + 1 } else { width(&line) + width(item) + 2 };
            if !line.is_empty() && (!packs || inner + grown > widths.line) {
                lines.push(format!("{}{line}", spaces(inner)));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(item);
            line.push(',');
        }
        if !line.is_empty() {
            lines.push(format!("{}{line}", spaces(inner)));
        }
        lines.push(format!("{}],", spaces(indent)));
    }
}

/// One call of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    name: &'static str,
    arguments: Vec<Argument>,
}

impl Call {
    pub(super) fn new(name: &'static str, arguments: impl IntoIterator<Item = Argument>) -> Self {
        Self { name, arguments: arguments.into_iter().collect() }
    }

    fn flat_arguments(&self) -> String {
        self.arguments.iter().map(Argument::flat).collect::<Vec<_>>().join(", ")
    }

    fn flat(&self) -> String {
        format!(".{}({})", self.name, self.flat_arguments())
    }

    fn is_flat(&self, widths: &Widths) -> bool {
        // One argument may be as wide as the line.
        (self.arguments.len() == 1 || width(&self.flat_arguments()) <= widths.arguments)
            && self.arguments.iter().all(|argument| argument.fits(widths))
    }

    /// `head.name(` and its arguments, each on a line.
    fn tall(&self, head: &str, indent: usize, end: &str, widths: &Widths, lines: &mut Vec<String>) {
        lines.push(format!("{head}.{}(", self.name));
        for argument in &self.arguments {
            argument.lines(indent + 4, widths, lines);
        }
        lines.push(format!("{}){end}", spaces(indent)));
    }
}

/// One statement of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Statement {
    /// A remark above the next statement.
    Remark(String),
    /// `root.call().call();`
    Chain(&'static str, Vec<Call>),
    /// `op.call("name", |table| { ... });`
    Block(&'static str, String, Vec<Statement>),
}

impl Statement {
    pub(super) fn lines(&self, indent: usize, widths: &Widths, lines: &mut Vec<String>) {
        match self {
            Self::Remark(text) => remark(text, indent, widths.line, lines),
            Self::Chain(root, calls) => chain(root, calls, indent, widths, lines),
            Self::Block(call, name, body) if body.is_empty() => {
                lines.push(format!("{}op.{call}({name:?}, |_| {{}});", spaces(indent)));
            }
            Self::Block(call, name, body) => {
                lines.push(format!("{}op.{call}({name:?}, |table| {{", spaces(indent)));
                for statement in body {
                    statement.lines(indent + 4, widths, lines);
                }
                lines.push(format!("{}}});", spaces(indent)));
            }
        }
    }
}

/// rustfmt leaves remarks alone; a long one is broken all the same, for people.
fn remark(text: &str, indent: usize, most: usize, lines: &mut Vec<String>) {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && indent + 3 + width(&line) + 1 + width(word) > most {
            lines.push(format!("{}// {line}", spaces(indent)));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(format!("{}// {line}", spaces(indent)));
}

fn chain(root: &str, calls: &[Call], indent: usize, widths: &Widths, lines: &mut Vec<String>) {
    let flat = root.to_owned() + &calls.iter().map(Call::flat).collect::<String>();
    let is_flat = calls.iter().all(|call| call.is_flat(widths));
    let budget = if calls.len() > 1 { widths.chain } else { widths.line };
    if is_flat && indent + width(&flat) < widths.line && width(&flat) <= budget {
        lines.push(format!("{}{flat};", spaces(indent)));
        return;
    }
    // A root that is no wider than an indent keeps its first call beside it.
    let mut head = format!("{}{root}", spaces(indent));
    let mut rest = calls;
    if let (Some((first, others)), true) = (calls.split_first(), root.len() <= 4) {
        let beside = head.clone() + &first.flat();
        if !first.is_flat(widths) || width(&beside) >= widths.line {
            let end = if others.is_empty() { ";" } else { "" };
            first.tall(&head, indent, end, widths, lines);
            behind(others, indent, widths, lines);
            return;
        }
        head = beside;
        rest = others;
    }
    let Some((last, before)) = rest.split_last() else {
        lines.push(format!("{head};"));
        return;
    };
    let beside = head.clone() + &before.iter().map(Call::flat).collect::<String>();
    let deep = indent + 4;
    let last_fits_alone = last.is_flat(widths) && deep + width(&last.flat()) < widths.line;
    let opens = width(&beside) + last.name.len() + 2 <= widths.line.min(indent + budget);
    if !last_fits_alone && before.iter().all(|call| call.is_flat(widths)) && opens {
        last.tall(&beside, indent, ";", widths, lines);
        return;
    }
    lines.push(head);
    for (index, call) in rest.iter().enumerate() {
        let end = if index + 1 == rest.len() { ";" } else { "" };
        let text = call.flat();
        if call.is_flat(widths) && deep + width(&text) + end.len() <= widths.line {
            lines.push(format!("{}{text}{end}", spaces(deep)));
        } else {
            call.tall(&spaces(deep), deep, end, widths, lines);
        }
    }
}

/// The calls that follow the closing bracket of a tall call, each on a line of its own.
fn behind(calls: &[Call], indent: usize, widths: &Widths, lines: &mut Vec<String>) {
    for (index, call) in calls.iter().enumerate() {
        let end = if index + 1 == calls.len() { ";" } else { "" };
        let text = call.flat();
        if call.is_flat(widths) && indent + width(&text) + end.len() <= widths.line {
            lines.push(format!("{}{text}{end}", spaces(indent)));
        } else {
            call.tall(&spaces(indent), indent, end, widths, lines);
        }
    }
}

fn spaces(count: usize) -> String {
    " ".repeat(count)
}

/// rustfmt counts characters as wide as a terminal shows them; names here are letters and digits nearly always.
fn width(text: &str) -> usize {
    text.chars().count()
}
