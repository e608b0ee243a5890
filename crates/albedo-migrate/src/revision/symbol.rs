//! What people type for a revision: `head`, `base`, `+2`, `-1`, `abc~1`, `label@head`, `abc:xyz`. Parsing only; what a
//! symbol stands for in a given graph is told by `resolve`.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// Where a symbol starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// What the database has: the tips of the applied revisions.
    Current,
    /// The one head; an error when there are several.
    Head,
    /// All heads.
    Heads,
    /// Before the first revision.
    Base,
    /// An id, the beginning of one, a file stem, or a label.
    Name(String),
}

/// A place in the graph, as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The branch to keep to.
    pub branch: Option<String>,
    /// Where to start.
    pub anchor: Anchor,
    /// How many steps to go from there: forward when positive.
    pub offset: i64,
}

impl Symbol {
    /// All heads: where `migrate` goes when nothing is said.
    #[must_use]
    pub const fn heads() -> Self {
        Self { branch: None, anchor: Anchor::Heads, offset: 0 }
    }

    /// Before the first revision.
    #[must_use]
    pub const fn base() -> Self {
        Self { branch: None, anchor: Anchor::Base, offset: 0 }
    }
}

impl FromStr for Symbol {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let faulty = |why: &str| {
            Error::usage(format!("`{text}` is no revision: {why}"))
                .hint("write an id, head, heads, base, current, +1, -1, abc+1, abc~1 or label@head")
        };
        let trimmed = text.trim();
        let (branch, rest) = match trimmed.split_once('@') {
            Some((branch, rest)) => (Some(branch.to_owned()), rest),
            None => (None, trimmed),
        };
        let split = rest.find(['+', '-', '~']).unwrap_or(rest.len());
        let (name, tail) = rest.split_at(split);
        let offset = match tail.chars().next() {
            None => 0,
            Some(sign) => {
                let digits = tail.get(1..).unwrap_or_default();
                let count: u32 = digits.parse().map_err(|_| faulty("after the sign stands a number of steps"))?;
                if sign == '+' { i64::from(count) } else { -i64::from(count) }
            }
        };
        let anchor = match name {
            "" if tail.is_empty() => return Err(faulty("it is empty")),
            "" | "current" => Anchor::Current,
            "head" => Anchor::Head,
            "heads" => Anchor::Heads,
            "base" => Anchor::Base,
            name => Anchor::Name(name.to_owned()),
        };
        for part in branch.iter().map(String::as_str).chain(matches!(anchor, Anchor::Name(_)).then_some(name)) {
            if part.is_empty() || !part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return Err(faulty("names have letters, digits and underscores"));
            }
        }
        Ok(Self { branch, anchor, offset })
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(branch) = &self.branch {
            write!(formatter, "{branch}@")?;
        }
        match &self.anchor {
            Anchor::Current if self.offset != 0 => {}
            Anchor::Current => formatter.write_str("current")?,
            Anchor::Head => formatter.write_str("head")?,
            Anchor::Heads => formatter.write_str("heads")?,
            Anchor::Base => formatter.write_str("base")?,
            Anchor::Name(name) => formatter.write_str(name)?,
        }
        if self.offset == 0 { Ok(()) } else { write!(formatter, "{:+}", self.offset) }
    }
}

/// From one place to another: `a:b`, `:b`, `a:`; a lone symbol is the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Where it begins; `None` is the base.
    pub from: Option<Symbol>,
    /// Where it ends; `None` is the heads.
    pub to: Option<Symbol>,
}

impl FromStr for Range {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let part = |text: &str| if text.trim().is_empty() { Ok(None) } else { text.parse().map(Some) };
        match text.split_once(':') {
            Some((from, to)) => Ok(Self { from: part(from)?, to: part(to)? }),
            None => Ok(Self { from: None, to: part(text)? }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_back_as_it_was_written() {
        for text in
            ["head", "heads", "base", "current", "+2", "-1", "abc+1", "abc-2", "x@head", "x@-1", "head-1", "base+2"]
        {
            assert_eq!(text.parse::<Symbol>().unwrap().to_string(), text);
        }
        assert_eq!("abc~1".parse::<Symbol>().unwrap(), "abc-1".parse().unwrap());
    }

    #[test]
    fn nonsense_is_refused_with_a_hint() {
        for text in ["", "@head", "abc+", "abc+x", "a b", "-", "x@", "a-1-1"] {
            assert!(text.parse::<Symbol>().is_err(), "{text} was accepted");
        }
    }

    #[test]
    fn a_range_may_be_open_on_either_side() {
        let range: Range = "-3:current".parse().unwrap();
        assert_eq!(range.from.unwrap().offset, -3);
        assert!(":b".parse::<Range>().unwrap().from.is_none());
        assert!("a:".parse::<Range>().unwrap().to.is_none());
    }
}
