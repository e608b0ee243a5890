//! Reads an expression by precedence, as PostgreSQL and SQLite both do.

use super::node::Node;
use crate::dialect::Dialect;
use crate::lexer::{Token, TokenKind, postgres_tokens, tokens};

const OPERATORS: [&str; 22] = [
    "!~~*", "!~~", "~~*", "!~*", "#>>", "->>", "!~", "~~", "~*", "#>", "->", "<=", ">=", "<>", "!=", "==", "||", "::",
    "@>", "<@", "&&", "<<",
];

pub(super) struct Parser<'t> {
    words: Vec<Token<'t>>,
    at: usize,
    dialect: Dialect,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, dialect: Dialect) -> Self {
        let words = match dialect {
            Dialect::Sqlite => tokens(text),
            Dialect::Postgres => postgres_tokens(text),
        };
        Self { words, at: 0, dialect }
    }

    /// The whole text as one expression; none when it is not understood.
    pub(super) fn whole(mut self) -> Option<Node> {
        let node = self.either()?;
        (self.at == self.words.len()).then_some(node)
    }

    fn peek(&self) -> Option<&Token<'t>> {
        self.words.get(self.at)
    }

    fn is(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is(word))
    }

    fn is_next(&self, word: &str) -> bool {
        self.words.get(self.at + 1).is_some_and(|token| token.is(word))
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.at += usize::from(found);
        found
    }

    fn eat_sign(&mut self, sign: char) -> bool {
        let found = self.peek().is_some_and(|token| token.is_sign(sign));
        self.at += usize::from(found);
        found
    }

    /// The operator that begins here and the number of signs it has; signs that touch belong together.
    fn operator(&self) -> Option<(String, usize)> {
        let mut text = String::new();
        let mut end = None;
        for token in self.words.get(self.at..)? {
            let TokenKind::Sign(sign) = token.kind else { break };
            if end.is_some_and(|end| end != token.start) || matches!(sign, '(' | ')' | ',' | '[' | ']' | ';' | '.') {
                break;
            }
            text.push(sign);
            end = Some(token.end);
        }
        let long = OPERATORS.iter().find(|operator| text.starts_with(**operator));
        match long {
            Some(operator) => Some(((*operator).to_owned(), operator.len())),
            None => text.chars().next().map(|sign| (sign.to_string(), 1)),
        }
    }

    fn eat_operator(&mut self, wanted: &[&str]) -> Option<String> {
        let (operator, length) = self.operator()?;
        if !wanted.contains(&operator.as_str()) {
            return None;
        }
        self.at += length;
        Some(match operator.as_str() {
            "!=" => "<>".to_owned(),
            "==" => "=".to_owned(),
            _ => operator,
        })
    }

    fn either(&mut self) -> Option<Node> {
        let mut node = self.both()?;
        while self.eat("OR") {
            node = Node::joined("or", node, self.both()?);
        }
        Some(node)
    }

    fn both(&mut self) -> Option<Node> {
        let mut node = self.negation()?;
        while self.eat("AND") {
            node = Node::joined("and", node, self.negation()?);
        }
        Some(node)
    }

    fn negation(&mut self) -> Option<Node> {
        if self.eat("NOT") {
            return Some(Node::op("not", [self.negation()?]));
        }
        self.test()
    }

    /// IS, and the comparisons, which PostgreSQL binds tighter.
    fn test(&mut self) -> Option<Node> {
        let mut node = self.comparison()?;
        loop {
            if self.eat("IS") {
                let negated = self.eat("NOT");
                let word = if self.eat("DISTINCT") {
                    self.eat("FROM").then_some(())?;
                    let sign = if negated { "is not distinct" } else { "is distinct" };
                    node = Node::op(sign, [node, self.comparison()?]);
                    continue;
                } else {
                    let word = self.peek()?.text.to_ascii_lowercase();
                    self.at += 1;
                    matches!(word.as_str(), "null" | "true" | "false" | "unknown").then_some(word)?
                };
                node = Node::op(&format!("is {}{word}", if negated { "not " } else { "" }), [node]);
            } else if self.eat("ISNULL") {
                node = Node::op("is null", [node]);
            } else if self.eat("NOTNULL") {
                node = Node::op("is not null", [node]);
            } else {
                return Some(node);
            }
        }
    }

    fn comparison(&mut self) -> Option<Node> {
        let node = self.range()?;
        let Some(sign) = self.eat_operator(&["=", "<", ">", "<=", ">=", "<>", "!=", "=="]) else { return Some(node) };
        if let Some(values) = self.any_or_all() {
            return match sign.as_str() {
                "=" => Some(node.among(values?, false)),
                "<>" => Some(node.among(values?, true)),
                _ => None,
            };
        }
        let right = self.range()?;
        Some(Node::op(&sign, [node, right]))
    }

    /// `ANY (ARRAY[...])` and `ALL (ARRAY[...])`, perhaps cast; the inner none says that it is no list.
    fn any_or_all(&mut self) -> Option<Option<Vec<Node>>> {
        if !(self.is("ANY") || self.is("ALL")) {
            return None;
        }
        self.at += 1;
        let node = self.primary();
        Some(match node {
            Some(Node::List(values)) => Some(values),
            _ => None,
        })
    }

    /// BETWEEN, IN and LIKE.
    fn range(&mut self) -> Option<Node> {
        let node = self.other()?;
        let negated = self.is("NOT") && ["BETWEEN", "IN", "LIKE", "ILIKE"].iter().any(|word| self.is_next(word));
        self.at += usize::from(negated);
        if self.eat("BETWEEN") {
            let low = self.other()?;
            self.eat("AND").then_some(())?;
            let high = self.other()?;
            let (down, up, join) = if negated { ("<", ">", "or") } else { (">=", "<=", "and") };
            return Some(Node::joined(join, Node::op(down, [node.clone(), low]), Node::op(up, [node, high])));
        }
        if self.eat("IN") {
            self.eat_sign('(').then_some(())?;
            let values = self.until(')')?;
            return Some(node.among(values, negated));
        }
        for (word, sign) in [("LIKE", "~~"), ("ILIKE", "~~*")] {
            if self.eat(word) {
                let pattern = self.other()?;
                return Some(Node::op(&format!("{}{sign}", if negated { "!" } else { "" }), [node, pattern]));
            }
        }
        Some(node)
    }

    fn other(&mut self) -> Option<Node> {
        const SIGNS: [&str; 19] = [
            "!~~*", "!~~", "~~*", "!~*", "#>>", "->>", "!~", "~~", "~*", "#>", "->", "||", "@>", "<@", "&&", "<<", "~",
            "&", "|",
        ];
        let mut node = self.sum()?;
        while let Some(sign) = self.eat_operator(&SIGNS) {
            let right = self.sum()?;
            // `a || b || c` means the same in either order of brackets.
            node = if sign == "||" { Node::joined("||", node, right) } else { Node::op(&sign, [node, right]) };
        }
        Some(node)
    }

    fn sum(&mut self) -> Option<Node> {
        let mut node = self.product()?;
        while let Some(sign) = self.eat_operator(&["+", "-"]) {
            node = Node::op(&sign, [node, self.product()?]);
        }
        Some(node)
    }

    fn product(&mut self) -> Option<Node> {
        let mut node = self.signed()?;
        while let Some(sign) = self.eat_operator(&["*", "/", "%"]) {
            node = Node::op(&sign, [node, self.signed()?]);
        }
        Some(node)
    }

    fn signed(&mut self) -> Option<Node> {
        if self.eat_operator(&["-"]).is_some() {
            return Some(self.signed()?.minus());
        }
        if self.eat_operator(&["+"]).is_some() {
            return self.signed();
        }
        self.primary()
    }

    fn primary(&mut self) -> Option<Node> {
        let mut node = self.atom()?;
        loop {
            if self.eat_operator(&["::"]).is_some() {
                let to = self.type_name()?;
                node = node.cast(&to);
            } else if self.eat("COLLATE") {
                let name = self.peek()?.name()?;
                self.at += 1;
                node = Node::op("collate", [node, Node::Name(self.folded(&name))]);
            } else {
                return Some(node);
            }
        }
    }

    /// A type's words, its length, and the brackets of an array.
    fn type_name(&mut self) -> Option<String> {
        let first = self.peek()?;
        let mut name = first.name()?.to_ascii_lowercase();
        self.at += 1;
        let more: &[&str] = match name.as_str() {
            "double" => &["PRECISION"],
            "character" | "bit" => &["VARYING"],
            "timestamp" | "time" => &["WITH", "WITHOUT", "TIME", "ZONE"],
            _ => &[],
        };
        while let Some(word) = more.iter().find(|word| self.is(word)) {
            name.push(' ');
            name.push_str(&word.to_ascii_lowercase());
            self.at += 1;
        }
        for (open, close) in [('(', ')'), ('[', ']')] {
            if self.eat_sign(open) {
                name.push(open);
                while !self.eat_sign(close) {
                    name.push_str(self.peek()?.text);
                    self.at += 1;
                }
                name.push(close);
            }
        }
        Some(name)
    }

    fn until(&mut self, close: char) -> Option<Vec<Node>> {
        let mut list = Vec::new();
        while !self.eat_sign(close) {
            if !list.is_empty() {
                self.eat_sign(',').then_some(())?;
            }
            list.push(self.either()?);
        }
        Some(list)
    }

    fn folded(&self, name: &str) -> String {
        if self.dialect == Dialect::Sqlite { name.to_lowercase() } else { name.to_owned() }
    }

    fn atom(&mut self) -> Option<Node> {
        let token = *self.peek()?;
        self.at += 1;
        match token.kind {
            TokenKind::Sign('(') => {
                let mut list = self.until(')')?;
                if list.len() == 1 { list.pop() } else { Some(Node::List(list)) }
            }
            TokenKind::Sign('*') => Some(Node::Word("*".to_owned())),
            TokenKind::Number => Some(Node::number(token.text)),
            TokenKind::Text => token.name().map(Node::Text),
            TokenKind::QuotedName => {
                let name = token.name()?;
                self.named(self.folded(&name))
            }
            TokenKind::Word => self.word(&token),
            TokenKind::Sign(_) => None,
        }
    }

    fn word(&mut self, token: &Token<'t>) -> Option<Node> {
        let word = token.text.to_lowercase();
        if word == "e"
            && let Some(text) =
                self.peek().copied().filter(|next| next.kind == TokenKind::Text && next.start == token.end)
        {
            self.at += 1;
            return text.name().map(|text| Node::Text(text.replace("\\\\", "\\")));
        }
        match word.as_str() {
            "null" | "true" | "false" | "current_date" | "current_time" | "current_timestamp" | "current_user" => {
                Some(Node::Word(word))
            }
            "case" => self.case(),
            "array" => {
                self.eat_sign('[').then_some(())?;
                self.until(']').map(Node::List)
            }
            "cast" => {
                self.eat_sign('(').then_some(())?;
                let node = self.either()?;
                self.eat("AS").then_some(())?;
                let to = self.type_name()?;
                self.eat_sign(')').then(|| node.cast(&to))
            }
            // Words that begin what is not read here.
            "select" | "exists" | "interval" | "and" | "or" | "then" | "end" => None,
            // These do so before a bracket, and are names of columns elsewhere.
            "row" | "extract" | "position" if self.peek().is_some_and(|next| next.is_sign('(')) => None,
            _ => self.named(word),
        }
    }

    fn named(&mut self, mut name: String) -> Option<Node> {
        while self.eat_sign('.') {
            let part = self.peek()?.name()?;
            self.at += 1;
            name = format!("{name}.{}", self.folded(&part));
        }
        if !self.eat_sign('(') {
            return Some(Node::Name(name));
        }
        let arguments = self.until(')')?;
        if name == "now" && arguments.is_empty() {
            return Some(Node::Word("current_timestamp".to_owned()));
        }
        Some(Node::Call(name, arguments))
    }

    fn case(&mut self) -> Option<Node> {
        let mut parts = Vec::new();
        if !self.is("WHEN") {
            parts.push(self.either()?);
        }
        while self.eat("WHEN") {
            let when = self.either()?;
            self.eat("THEN").then_some(())?;
            parts.push(Node::op("when", [when, self.either()?]));
        }
        let otherwise = if self.eat("ELSE") { self.either()? } else { Node::Word("null".to_owned()) };
        parts.push(Node::op("else", [otherwise]));
        self.eat("END").then(|| Node::Op("case".to_owned(), parts))
    }
}
