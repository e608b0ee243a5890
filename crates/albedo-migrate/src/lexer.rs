//! SQL text cut into words, so that a stored CREATE statement can be edited without touching what is not meant.
//!
//! It knows quotes, comments and brackets and nothing of grammar. Every token keeps its place in the text; what lies
//! between two tokens is copied, never rewritten.

/// What kind of word a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word without quotes: a keyword or a name.
    Word,
    /// A name in `"..."`, `[...]` or backticks.
    QuotedName,
    /// A text in `'...'`.
    Text,
    /// A number.
    Number,
    /// A single sign.
    Sign(char),
}

/// One word of a text and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'t> {
    /// What it is.
    pub kind: TokenKind,
    /// The word itself, quotes included.
    pub text: &'t str,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
}

impl Token<'_> {
    /// Whether it is this keyword, in any case, without quotes.
    #[must_use]
    pub fn is(&self, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether it is this sign.
    #[must_use]
    pub fn is_sign(&self, sign: char) -> bool {
        self.kind == TokenKind::Sign(sign)
    }

    /// The name it stands for, quotes taken off; `None` for numbers and signs. SQLite takes `'x'` for a name as well.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let inner = || self.text.get(1..self.text.len().saturating_sub(1)).unwrap_or_default();
        match self.kind {
            TokenKind::Word => Some(self.text.to_owned()),
            TokenKind::Text => Some(inner().replace("''", "'")),
            TokenKind::QuotedName => Some(match self.text.chars().next() {
                Some('"') => inner().replace("\"\"", "\""),
                Some('`') => inner().replace("``", "`"),
                _ => inner().to_owned(),
            }),
            _ => None,
        }
    }

    /// Whether it names this table or column; names know no case in SQLite.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        match self.kind {
            TokenKind::Word => self.text.eq_ignore_ascii_case(name),
            TokenKind::QuotedName => self.name().is_some_and(|own| own.eq_ignore_ascii_case(name)),
            _ => false,
        }
    }
}

/// Cuts a text into words. An unfinished quote runs to the end.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    cut(text, true)
}

/// As [`tokens`], for PostgreSQL, where square brackets are signs and hold the values of an array.
#[must_use]
pub fn postgres_tokens(text: &str) -> Vec<Token<'_>> {
    cut(text, false)
}

fn cut(text: &str, brackets_quote: bool) -> Vec<Token<'_>> {
    let mut list = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(first) = rest.chars().next() else { break };
        let (kind, length) = match first {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '-' if rest.starts_with("--") => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            '/' if rest.starts_with("/*") => {
                at += rest.find("*/").map_or(rest.len(), |end| end + 2);
                continue;
            }
            '\'' => (TokenKind::Text, quoted(rest, '\'')),
            '"' | '`' => (TokenKind::QuotedName, quoted(rest, first)),
            '[' if brackets_quote => (TokenKind::QuotedName, rest.find(']').map_or(rest.len(), |end| end + 1)),
            c if c.is_ascii_digit() => {
                (TokenKind::Number, rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len()))
            }
            c if is_word(c) => (TokenKind::Word, rest.find(|c| !is_word(c)).unwrap_or(rest.len())),
            c => (TokenKind::Sign(c), c.len_utf8()),
        };
        let Some(word) = rest.get(..length) else { break };
        list.push(Token { kind, text: word, start: at, end: at + length });
        at += length;
    }
    list
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// The length of a quoted word: a doubled quote does not end it.
fn quoted(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((index, c)) = chars.next() {
        if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return index + 1;
            }
        }
    }
    rest.len()
}

/// Whether the text names this table or column anywhere.
#[must_use]
pub fn mentions(text: &str, name: &str) -> bool {
    tokens(text).iter().any(|token| token.names(name))
}

/// The text with another name wherever this table or column is named.
#[must_use]
pub fn renamed(text: &str, from: &str, to: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut copied = 0;
    for token in tokens(text).iter().filter(|token| token.names(from)) {
        result.push_str(text.get(copied..token.start).unwrap_or_default());
        result.push_str(&format!("\"{}\"", to.replace('"', "\"\"")));
        copied = token.end;
    }
    result.push_str(text.get(copied..).unwrap_or_default());
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_comments_hide_what_is_in_them() {
        let text = "CHECK (a <> 'b, -- no' /* c */ AND \"d\"\"e\" = [f g]) -- h\n";
        let words: Vec<&str> = tokens(text).iter().map(|token| token.text).collect();
        assert_eq!(words, ["CHECK", "(", "a", "<", ">", "'b, -- no'", "AND", "\"d\"\"e\"", "=", "[f g]", ")"]);
        assert!(mentions(text, "F G") && !mentions(text, "b") && !mentions(text, "c"));
    }

    #[test]
    fn every_token_knows_its_place() {
        let text = "größe  'ä' 12.5";
        for token in tokens(text) {
            assert_eq!(&text[token.start..token.end], token.text);
        }
    }

    #[test]
    fn a_name_is_changed_where_it_is_a_name_and_nowhere_else() {
        assert_eq!(renamed("a > 'a' AND \"A\" < aa", "a", "b c"), "\"b c\" > 'a' AND \"b c\" < aa");
    }
}
