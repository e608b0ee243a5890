//! Steps over the words of a stored CREATE TABLE, clause by clause, as SQLite's grammar has them.

use super::stored::{Clause, Kind};
use crate::lexer::{Token, TokenKind};

/// Where the bracket opened at `open` closes.
pub(super) fn closing(words: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in words.iter().enumerate().skip(open) {
        if token.is_sign('(') {
            depth += 1;
        } else if token.is_sign(')') {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(index);
            }
        }
    }
    None
}

/// The parts between the commas outside of all brackets.
pub(super) fn split<'a, 't>(words: &'a [Token<'t>]) -> Vec<&'a [Token<'t>]> {
    let mut depth = 0_i32;
    let parts = words.split(|token| {
        match token.kind {
            TokenKind::Sign('(') => depth += 1,
            TokenKind::Sign(')') => depth -= 1,
            _ => {}
        }
        depth == 0 && token.is_sign(',')
    });
    parts.filter(|part| !part.is_empty()).collect()
}

pub(super) fn starts_clause(token: &Token<'_>) -> bool {
    const WORDS: [&str; 11] = [
        "CONSTRAINT",
        "PRIMARY",
        "NOT",
        "NULL",
        "UNIQUE",
        "CHECK",
        "DEFAULT",
        "COLLATE",
        "REFERENCES",
        "GENERATED",
        "AS",
    ];
    WORDS.iter().any(|word| token.is(word))
}

pub(super) struct Cursor<'a, 't> {
    pub(super) sql: &'t str,
    pub(super) words: &'a [Token<'t>],
    pub(super) at: usize,
}

impl<'a, 't> Cursor<'a, 't> {
    pub(super) fn peek(&self) -> Option<&'a Token<'t>> {
        self.words.get(self.at)
    }

    /// Steps over the word if it is this one.
    fn eat(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is(word));
        self.at += usize::from(found);
        found
    }

    /// Steps over one word, or over a whole bracket.
    pub(super) fn skip(&mut self) {
        let group = self.peek().is_some_and(|token| token.is_sign('('));
        self.at = if group { closing(self.words, self.at).unwrap_or(self.words.len()) + 1 } else { self.at + 1 };
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> String {
        let start = self.words.get(from).map(|token| token.start);
        let end = to.checked_sub(1).and_then(|last| self.words.get(last)).map(|token| token.end);
        match (start, end) {
            (Some(start), Some(end)) if from < to => self.sql.get(start..end).unwrap_or_default().to_owned(),
            _ => String::new(),
        }
    }

    /// The names that stand first between the commas of the bracket here, which is stepped over.
    fn names(&mut self) -> Vec<String> {
        let from = self.at;
        self.skip();
        let inside = self.words.get(from + 1..self.at.saturating_sub(1)).unwrap_or_default();
        split(inside).into_iter().filter_map(|part| part.first().and_then(Token::name)).collect()
    }

    fn on_conflict(&mut self) {
        if self.peek().is_some_and(|token| token.is("ON"))
            && self.words.get(self.at + 1).is_some_and(|token| token.is("CONFLICT"))
        {
            self.at += 3;
        }
    }

    pub(super) fn clause(&mut self) -> Option<Clause> {
        let start = self.at;
        let mut name = None;
        if self.eat("CONSTRAINT") {
            name = self.peek()?.name();
            self.at += 1;
        }
        let mut columns = Vec::new();
        let kind = if self.eat("PRIMARY") {
            self.eat("KEY");
            if self.peek().is_some_and(|token| token.is_sign('(')) {
                columns = self.names();
            }
            let _ = self.eat("ASC") || self.eat("DESC");
            self.on_conflict();
            self.eat("AUTOINCREMENT");
            Kind::PrimaryKey
        } else if self.eat("NOT") {
            self.eat("NULL").then_some(())?;
            self.on_conflict();
            Kind::NotNull
        } else if self.eat("NULL") {
            self.on_conflict();
            Kind::Null
        } else if self.eat("UNIQUE") {
            if self.peek().is_some_and(|token| token.is_sign('(')) {
                columns = self.names();
            }
            self.on_conflict();
            Kind::Unique
        } else if self.eat("CHECK") {
            self.skip();
            self.on_conflict();
            Kind::Check
        } else if self.eat("DEFAULT") {
            self.default_value();
            Kind::Default
        } else if self.eat("COLLATE") {
            self.at += 1;
            Kind::Collate
        } else if self.eat("FOREIGN") {
            self.eat("KEY");
            columns = self.names();
            self.eat("REFERENCES").then_some(())?;
            self.references();
            Kind::ForeignKey
        } else if self.eat("REFERENCES") {
            self.references();
            Kind::References
        } else {
            let _ = self.eat("GENERATED") && self.eat("ALWAYS");
            self.eat("AS").then_some(())?;
            self.skip();
            let _ = self.eat("STORED") || self.eat("VIRTUAL");
            Kind::Generated
        };
        Some(Clause { kind, name, columns, text: self.slice(start, self.at) })
    }

    fn default_value(&mut self) {
        if self.peek().is_some_and(|token| token.is_sign('-') || token.is_sign('+')) {
            self.at += 1;
        }
        let blob = self.peek().is_some_and(|token| token.is("x"))
            && self.words.get(self.at + 1).is_some_and(|token| token.kind == TokenKind::Text);
        self.skip();
        self.at += usize::from(blob);
    }

    fn is_not_deferrable(&self) -> bool {
        self.peek().is_some_and(|token| token.is("NOT"))
            && self.words.get(self.at + 1).is_some_and(|token| token.is("DEFERRABLE"))
    }

    fn references(&mut self) {
        self.at += 1;
        if self.peek().is_some_and(|token| token.is_sign('(')) {
            self.skip();
        }
        loop {
            if self.eat("ON") {
                self.at += 1;
                // SET NULL, SET DEFAULT and NO ACTION are two words, CASCADE and RESTRICT one.
                let _ = self.eat("SET") || self.eat("NO");
                self.at += 1;
            } else if self.eat("MATCH") || self.is_not_deferrable() {
                self.at += 1;
            } else if self.eat("DEFERRABLE") {
                if self.eat("INITIALLY") {
                    self.at += 1;
                }
            } else {
                return;
            }
        }
    }
}
