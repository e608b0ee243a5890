//! An expression taken apart, with the few rules that make two spellings one.

use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A text between quotes, as it reads.
    Text(String),
    Number(String),
    /// NULL, TRUE, CURRENT_TIMESTAMP: a word that is no name.
    Word(String),
    Name(String),
    Call(String, Vec<Node>),
    /// An operator and what it works on.
    Op(String, Vec<Node>),
    List(Vec<Node>),
    Cast(Box<Node>, String),
}

impl Node {
    pub(super) fn op(sign: &str, operands: impl IntoIterator<Item = Self>) -> Self {
        Self::Op(sign.to_owned(), operands.into_iter().collect())
    }

    /// `a AND (b AND c)` is `a AND b AND c`.
    pub(super) fn joined(sign: &str, left: Self, right: Self) -> Self {
        let mut all = Vec::new();
        for side in [left, right] {
            match side {
                Self::Op(own, parts) if own == sign => all.extend(parts),
                other => all.push(other),
            }
        }
        Self::Op(sign.to_owned(), all)
    }

    pub(super) fn number(text: &str) -> Self {
        let plain = text.trim_start_matches('+');
        let short = if plain.contains('.') && !plain.contains(['e', 'E']) {
            plain.trim_end_matches('0').trim_end_matches('.')
        } else {
            plain
        };
        Self::Number(if short.is_empty() || short == "-" { "0".to_owned() } else { short.to_owned() })
    }

    pub(super) fn minus(self) -> Self {
        match self {
            Self::Number(number) => Self::number(&match number.strip_prefix('-') {
                Some(positive) => positive.to_owned(),
                None => format!("-{number}"),
            }),
            other => Self::op("-", [other]),
        }
    }

    /// A cast says nothing where the value has no type of its own, and where PostgreSQL puts it before every
    /// comparison of texts.
    pub(super) fn cast(self, to: &str) -> Self {
        let to = to.to_ascii_lowercase();
        let base = to.split(['(', '[']).next().unwrap_or_default().trim();
        let numeric = matches!(
            base,
            "integer"
                | "int"
                | "int4"
                | "bigint"
                | "int8"
                | "smallint"
                | "int2"
                | "numeric"
                | "decimal"
                | "real"
                | "double precision"
                | "float4"
                | "float8"
        );
        let textual = matches!(
            to.as_str(),
            "text" | "character varying" | "varchar" | "bpchar" | "text[]" | "character varying[]" | "varchar[]"
        );
        match self {
            Self::Text(text) if numeric && is_number(&text) => Self::number(&text),
            literal @ (Self::Text(_) | Self::Number(_)) => literal,
            null @ Self::Word(_) => null,
            list @ Self::List(_) => list,
            other if textual => other,
            other => Self::Cast(Box::new(other), to),
        }
    }

    /// `x IN (...)`, or not in it; of one value it is a comparison.
    pub(super) fn among(self, values: Vec<Self>, negated: bool) -> Self {
        match (<[Self; 1]>::try_from(values), negated) {
            (Ok([one]), false) => Self::op("=", [self, one]),
            (Ok([one]), true) => Self::op("<>", [self, one]),
            (Err(values), false) => Self::op("in", [self, Self::List(values)]),
            (Err(values), true) => Self::op("not in", [self, Self::List(values)]),
        }
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

impl fmt::Display for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |formatter: &mut fmt::Formatter<'_>, head: &str, nodes: &[Self]| {
            write!(formatter, "({head}")?;
            for node in nodes {
                write!(formatter, " {node}")?;
            }
            formatter.write_str(")")
        };
        match self {
            Self::Text(text) => write!(formatter, "{text:?}"),
            Self::Number(text) | Self::Word(text) => formatter.write_str(text),
            Self::Name(name) => write!(formatter, "`{name}`"),
            Self::Call(name, arguments) => list(formatter, &format!("call {name}"), arguments),
            Self::Op(sign, operands) => list(formatter, sign, operands),
            Self::List(nodes) => list(formatter, "list", nodes),
            Self::Cast(node, to) => write!(formatter, "(cast {node} {to})"),
        }
    }
}
