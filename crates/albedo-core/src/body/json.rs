//! Bytes to JSON value, strictly.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Number, Value};
use thiserror::Error;

/// Objects and arrays nest no deeper than this.
pub const MAX_DEPTH: usize = 32;

/// Why a body is no JSON value that we read. Lines and columns count from 1.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Malformed {
    /// Nothing was sent.
    #[error("the body is empty; send a JSON object")]
    Empty,
    /// The text stops inside a value.
    #[error("the body ends in the middle of a JSON value, at line {line}, column {column}")]
    Truncated {
        /// Line of the end.
        line: usize,
        /// Column of the end.
        column: usize,
    },
    /// A character that cannot stand where it stands.
    #[error("the body is not valid JSON: it breaks at line {line}, column {column}")]
    Syntax {
        /// Line of the fault.
        line: usize,
        /// Column of the fault.
        column: usize,
    },
    /// The same name twice in one object.
    #[error("a name occurs twice in one object, at line {line}, column {column}")]
    DuplicateName {
        /// Line of the second one.
        line: usize,
        /// Column of the second one.
        column: usize,
    },
    /// Deeper than [`MAX_DEPTH`].
    #[error("the body nests deeper than {MAX_DEPTH} levels, at line {line}, column {column}")]
    TooDeep {
        /// Line of the first value that is too deep.
        line: usize,
        /// Column of the first value that is too deep.
        column: usize,
    },
}

impl Malformed {
    /// Line and column, both from 1, where there are any.
    #[must_use]
    pub const fn place(self) -> Option<(usize, usize)> {
        match self {
            Self::Empty => None,
            Self::Truncated { line, column }
            | Self::Syntax { line, column }
            | Self::DuplicateName { line, column }
            | Self::TooDeep { line, column } => Some((line, column)),
        }
    }
}

/// Reads one JSON value.
///
/// # Errors
/// [`Malformed`] with the place, in words of our own.
pub fn read(bytes: &[u8]) -> Result<Value, Malformed> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Malformed::Empty);
    }
    let objection = Cell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    Strict { depth: 0, objection: &objection }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| malformed(&error, objection.get()))
}

fn malformed(error: &serde_json::Error, objection: Option<Objection>) -> Malformed {
    let (line, column) = (error.line(), error.column());
    match (objection, error.classify()) {
        (Some(Objection::DuplicateName), _) => Malformed::DuplicateName { line, column },
        (Some(Objection::TooDeep), _) => Malformed::TooDeep { line, column },
        (None, Category::Eof) => Malformed::Truncated { line, column },
        (None, _) => Malformed::Syntax { line, column },
    }
}

/// Why the visitor itself stopped; serde can carry text alone.
#[derive(Clone, Copy)]
enum Objection {
    DuplicateName,
    TooDeep,
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    objection: &'a Cell<Option<Objection>>,
}

impl Strict<'_> {
    fn object<E: Error>(self, objection: Objection) -> E {
        self.objection.set(Some(objection));
        E::custom("refused")
    }

    fn inside<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.object(Objection::TooDeep));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(written_out(value).or_else(|| Number::from_f64(value + 0.0)).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut object = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(self.object(Objection::DuplicateName));
            }
            object.insert(name, entries.next_value_seed(inside)?);
        }
        Ok(Value::Object(object))
    }
}

/// `1e16` as the whole number that it stands for. PostgreSQL writes numbers out and knows no `-0.0`; SQLite keeps them as
/// sent: without one form, the same data would come back in two.
fn written_out(value: f64) -> Option<Number> {
    // Below, a whole number is written with a fraction and stays as it is; above, it fits no integer of ours.
    if !(1e16..2e19).contains(&value.abs()) {
        return None;
    }
    let digits = value.to_string();
    let negative = || digits.parse::<i64>().map(Number::from);
    digits.parse::<u64>().map(Number::from).or_else(|_| negative()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_form() {
        for (sent, kept) in [
            ("1e16", "10000000000000000"),
            ("-1e16", "-10000000000000000"),
            ("9.223372036854775e18", "9223372036854775000"),
            ("1e20", "1e+20"),
            ("-0.0", "0.0"),
            ("1e2", "100.0"),
            ("0.1", "0.1"),
            ("0.30000000000000004", "0.30000000000000004"),
        ] {
            assert_eq!(read(sent.as_bytes()).unwrap().to_string(), kept, "{sent}");
        }
    }

    #[test]
    fn well_formed_json_is_read_as_it_is() {
        let text = r#" {"a": [1, -2, 2.5, true, null, "x\u00e9"], "b": {"c": {}}} "#;
        assert_eq!(read(text.as_bytes()), Ok(serde_json::from_str(text).unwrap()));
    }

    #[test]
    fn every_fault_has_its_place() {
        let cases: &[(&str, Malformed)] = &[
            ("", Malformed::Empty),
            (" \n", Malformed::Empty),
            ("{\"a\": ", Malformed::Truncated { line: 1, column: 6 }),
            ("{\"a\": 1,}", Malformed::Syntax { line: 1, column: 9 }),
            ("{\n \"a\": 1 x}", Malformed::Syntax { line: 2, column: 9 }),
            ("{} {}", Malformed::Syntax { line: 1, column: 4 }),
            ("{\"a\": 1e999}", Malformed::Syntax { line: 1, column: 11 }),
            ("{\"a\": \"\\ud800\"}", Malformed::Syntax { line: 1, column: 14 }),
            ("{\"a\": 1, \"a\": 2}", Malformed::DuplicateName { line: 1, column: 12 }),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text.as_bytes()).unwrap_err(), *expected, "{text}");
        }
        assert!(matches!(read(b"{\"a\": \"\xff\"}"), Err(Malformed::Syntax { .. })));
    }

    #[test]
    fn nesting_ends_somewhere() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(matches!(read(nested(MAX_DEPTH + 1).as_bytes()), Err(Malformed::TooDeep { .. })));
        assert!(matches!(read("[".repeat(100_000).as_bytes()), Err(Malformed::TooDeep { .. })));
    }
}
