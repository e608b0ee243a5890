//! Faults of a request, as values: where, which code, what to say.
//!
//! Every floor that reads what a client sent collects its findings here, so that one answer tells all of them.
//! No status code lives here, and a fault never carries the rejected value: it may have been a password.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

/// What is wrong, from a closed list that clients may switch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A field that must be there is absent.
    Required,
    /// A field, parameter or operator that nobody knows.
    Unknown,
    /// The JSON type is another one.
    WrongType,
    /// `null`, where the field has always a value.
    NullNotAllowed,
    /// Fewer characters than allowed.
    TooShort,
    /// More characters than allowed.
    TooLong,
    /// A number or page below its bound.
    TooSmall,
    /// A number or page above its bound.
    TooLarge,
    /// More list items, object keys, filters or sort keys than allowed.
    TooMany,
    /// The text does not match the declared pattern.
    PatternMismatch,
    /// The text is not of the declared format (email, UUID, time, language, ...).
    InvalidFormat,
    /// Not one of the declared choices.
    NotAChoice,
    /// The character U+0000, which databases cannot store.
    NullCharacter,
    /// The same name, parameter or list item a second time.
    Duplicate,
    /// The value is taken by another row.
    Taken,
    /// The row referred to does not exist.
    NotFound,
    /// Other rows still refer to this one.
    InUse,
    /// A password that is among the first that an attacker tries.
    TooCommon,
    /// The value contradicts another one or the state of the row.
    Contradiction,
    /// The idempotency key was used for another request.
    KeyReused,
}

impl Code {
    /// Every code, in the order of the documentation.
    pub const ALL: [Self; 20] = [
        Self::Required,
        Self::Unknown,
        Self::WrongType,
        Self::NullNotAllowed,
        Self::TooShort,
        Self::TooLong,
        Self::TooSmall,
        Self::TooLarge,
        Self::TooMany,
        Self::PatternMismatch,
        Self::InvalidFormat,
        Self::NotAChoice,
        Self::NullCharacter,
        Self::Duplicate,
        Self::Taken,
        Self::NotFound,
        Self::InUse,
        Self::TooCommon,
        Self::Contradiction,
        Self::KeyReused,
    ];
}

/// Where in the request the fault lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A JSON pointer (RFC 6901) into the body; `""` is the whole body.
    Pointer(String),
    /// A query or path parameter.
    Parameter(String),
    /// A request header.
    Header(String),
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fault {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
    /// What it is, for programs.
    pub code: Code,
    /// What it is, for people: a sentence that says what would be right.
    pub detail: String,
    /// The numbers and choices behind the sentence, such as `{"max": 64}`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub params: Map<String, Value>,
}

impl Fault {
    /// A fault at a JSON pointer of the body.
    pub fn at(pointer: impl Into<String>, code: Code, detail: impl Into<String>) -> Self {
        Self::new(Place::Pointer(pointer.into()), code, detail)
    }

    /// A fault in the field of this name, at the top of the body.
    pub fn in_field(field: &str, code: Code, detail: impl Into<String>) -> Self {
        Self::at(pointer_to("", field), code, detail)
    }

    /// A fault in a query or path parameter.
    pub fn in_parameter(name: impl Into<String>, code: Code, detail: impl Into<String>) -> Self {
        Self::new(Place::Parameter(name.into()), code, detail)
    }

    /// A fault in a header.
    pub fn in_header(name: impl Into<String>, code: Code, detail: impl Into<String>) -> Self {
        Self::new(Place::Header(name.into()), code, detail)
    }

    fn new(place: Place, code: Code, detail: impl Into<String>) -> Self {
        Self { place, code, detail: detail.into(), params: Map::new() }
    }

    /// The same fault with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }
}

/// All faults of one request, in the order found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// No more faults than this are told: an answer must not grow with a hostile body.
    pub const MOST: usize = 100;

    /// None yet.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Adds one, up to [`Faults::MOST`].
    pub fn add(&mut self, fault: Fault) {
        if !self.is_full() {
            self.0.push(fault);
        }
    }

    /// Whether more would be dropped: whoever looks for them can stop.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.len() >= Self::MOST
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults as a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[Fault] {
        &self.0
    }

    /// The value if nothing is wrong, all the faults otherwise.
    ///
    /// # Errors
    /// The faults collected so far, if there are any.
    pub fn none_or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl IntoIterator for Faults {
    type Item = Fault;
    type IntoIter = std::vec::IntoIter<Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            let (Place::Pointer(place) | Place::Parameter(place) | Place::Header(place)) = &fault.place;
            write!(f, "{separator}{place}: {}", fault.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// The JSON pointer to `name` inside `parent`, escaped after RFC 6901.
#[must_use]
pub fn pointer_to(parent: &str, name: &str) -> String {
    if name.contains(['~', '/']) {
        format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
    } else {
        format!("{parent}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_written_with_its_place_first() {
        let fault = Fault::in_field("a/b~c", Code::TooLong, "At most 3 characters.").with("max", 3);
        assert_eq!(
            serde_json::to_string(&fault).unwrap(),
            r#"{"pointer":"/a~1b~0c","code":"too_long","detail":"At most 3 characters.","params":{"max":3}}"#
        );
    }

    #[test]
    fn faults_stop_at_their_bound() {
        let mut faults = Faults::none();
        for index in 0..1_000 {
            faults.add(Fault::in_field(&index.to_string(), Code::Unknown, "?"));
        }
        assert_eq!(faults.as_slice().len(), Faults::MOST);
    }
}
