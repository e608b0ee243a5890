//! The Rust text of a revision file cut into statements, each with its place, so that one of them can be changed and
//! everything else stays letter for letter.

use std::ops::Range;

/// A word of Rust and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) kind: Kind,
    pub(super) place: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name(String),
    Text(String),
    Sign(char),
}

impl Word {
    pub(super) fn is(&self, name: &str) -> bool {
        matches!(&self.kind, Kind::Name(own) if own == name)
    }

    pub(super) fn is_sign(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A statement of a function, its semicolon included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) words: Vec<Word>,
}

impl Statement {
    pub(super) fn place(&self) -> Range<usize> {
        let start = self.words.first().map_or(0, |word| word.place.start);
        start..self.words.last().map_or(start, |word| word.place.end)
    }

    /// The calls in a row, `op.first(...).second(...)`: each one's name and the words between its brackets.
    pub(super) fn calls(&self) -> Vec<(&Word, &str, &[Word])> {
        let mut list = Vec::new();
        let mut rest = self.words.as_slice();
        while let [dot, name, open, after @ ..] = rest {
            rest = rest.get(1..).unwrap_or_default();
            let Kind::Name(called) = &name.kind else { continue };
            if !dot.is_sign('.') || !open.is_sign('(') {
                continue;
            }
            let mut depth = 1_usize;
            let end = after.iter().position(|word| {
                match word.kind {
                    Kind::Sign('(' | '[' | '{') => depth += 1,
                    Kind::Sign(')' | ']' | '}') => depth -= 1,
                    _ => {}
                }
                depth == 0
            });
            let Some(end) = end else { break };
            list.push((name, called.as_str(), after.get(..end).unwrap_or_default()));
            rest = after.get(end + 1..).unwrap_or_default();
        }
        list
    }
}

/// A function of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Function {
    /// What its parameter is called.
    pub(super) parameter: Word,
    /// Behind its opening brace.
    pub(super) start: usize,
    pub(super) statements: Vec<Statement>,
}

/// The function of this name.
pub(super) fn function(source: &str, name: &str) -> Option<Function> {
    let words = words(source);
    let at = words.windows(2).position(|pair| matches!(pair, [one, two] if one.is("fn") && two.is(name)))?;
    let after = words.get(at + 2..)?;
    let parameter = after.iter().find(|word| matches!(word.kind, Kind::Name(_)))?.clone();
    let open = after.iter().position(|word| word.is_sign('{'))?;
    let start = after.get(open)?.place.end;
    let (mut depth, mut statements, mut current) = (0_usize, Vec::new(), Vec::new());
    for word in after.get(open + 1..)? {
        match word.kind {
            Kind::Sign('(' | '[' | '{') => depth += 1,
            Kind::Sign(')' | ']' | '}') if depth == 0 => break,
            Kind::Sign(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        current.push(word.clone());
        if depth == 0 && word.is_sign(';') {
            statements.push(Statement { words: std::mem::take(&mut current) });
        }
    }
    if !current.is_empty() {
        statements.push(Statement { words: current });
    }
    Some(Function { parameter, start, statements })
}

fn words(source: &str) -> Vec<Word> {
    let mut list = Vec::new();
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(first) = rest.chars().next() else { break };
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first.is_whitespace() {
            first.len_utf8()
        } else {
            let (kind, length) = word(rest, first);
            list.push(Word { kind, place: at..at + length });
            length
        };
        at += length;
    }
    list
}

fn word(rest: &str, first: char) -> (Kind, usize) {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let hashes = rest.strip_prefix('r').map(|after| after.chars().take_while(|c| *c == '#').count());
    if let Some(hashes) = hashes
        && rest.get(1 + hashes..).is_some_and(|after| after.starts_with('"'))
    {
        let (begin, close) = (2 + hashes, format!("\"{}", "#".repeat(hashes)));
        let inside = rest.get(begin..).unwrap_or_default();
        let end = inside.find(&close).unwrap_or(inside.len());
        let text = inside.get(..end).unwrap_or_default().to_owned();
        return (Kind::Text(text), (begin + end + close.len()).min(rest.len()));
    }
    match first {
        '"' => text(rest),
        '\'' => {
            // A character, or the name of a lifetime.
            let mut inside = rest.char_indices().skip(1);
            let escaped = matches!(inside.next(), Some((_, '\\')));
            let close = inside.find(|(_, c)| *c == '\'').map(|(end, _)| end + 1);
            let length = close.filter(|end| escaped || *end <= 6).unwrap_or(1);
            (Kind::Sign('\''), length)
        }
        c if is_name(c) => {
            let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            (Kind::Name(rest.get(..length).unwrap_or_default().to_owned()), length)
        }
        c => (Kind::Sign(c), c.len_utf8()),
    }
}

fn text(rest: &str) -> (Kind, usize) {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (Kind::Text(value), at + 1),
            '\\' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, other)) => value.push(other),
                None => break,
            },
            c => value.push(c),
        }
    }
    (Kind::Text(value), rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r##"//! fn up() { }
pub const MIGRATION: Migration = Migration { up, down };

fn up(op: &mut Operations) {
    // a remark; with a semicolon
    op.create_table("a", |table| { table.integer("id"); });
    op.execute(r#"INSERT INTO a VALUES ('";')"#);
    op.create_index("b", ["x"]).unique().name("ix \"b\"");
    op.drop_table("c")
}
"##;

    #[test]
    fn statements_are_found_with_their_places() {
        let up = function(FILE, "up").unwrap();
        assert!(up.parameter.is("op"));
        let texts: Vec<&str> = up.statements.iter().map(|statement| &FILE[statement.place()]).collect();
        assert_eq!(texts.len(), 4);
        assert!(texts[0].ends_with("});") && texts[1].starts_with("op.execute(r#"), "{texts:?}");
        let calls = up.statements[2].calls();
        let names: Vec<&str> = calls.iter().map(|(_, name, _)| *name).collect();
        assert_eq!(names, ["create_index", "unique", "name"]);
        assert_eq!(calls[2].2[0].text(), Some("ix \"b\""));
        assert_eq!(up.statements[3].calls()[0].1, "drop_table");
        assert_eq!(function(FILE, "down"), None);
    }
}
