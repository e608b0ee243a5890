//! What a field of a resource is: its kind, its bounds, and what a client may do with it.
//!
//! `#[resource]` makes one table of these per resource; a hand may write it as well. Validation, filters, sorting and the
//! OpenAPI document all read the same table, so they cannot disagree. Nothing here knows a database or HTTP.

use std::sync::OnceLock;

use chrono::{DateTime, SecondsFormat, Utc};
use regex::Regex;
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// The kind of a field's values, as JSON sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Unicode text; lengths count Unicode scalar values.
    Text,
    /// A whole number of 32 bits.
    Integer32,
    /// A whole number of 64 bits.
    Integer64,
    /// A double.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A UUID as hyphenated text.
    Uuid,
    /// An RFC 3339 time, stored in UTC with microseconds.
    Time,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// A JSON object with values of any kind.
    Object,
    /// A list of texts.
    Texts,
}

/// A Rust type that a field may have.
///
/// Implemented here for the primitives, by `#[choice]` for enumerations, and by hand for own column types.
pub trait FieldType: Serialize {
    /// How clients see it.
    const KIND: Kind;
    /// Whether `null` is one of its values.
    const NULLABLE: bool = false;

    /// Writes the value as clients see it; differs from [`Serialize`] for times alone.
    ///
    /// # Errors
    /// Whatever the serializer reports.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

macro_rules! field_types {
    ($($type:ty => $kind:ident),+ $(,)?) => { $(impl FieldType for $type { const KIND: Kind = Kind::$kind; })+ };
}

field_types! {
    String => Text,
    i32 => Integer32,
    i64 => Integer64,
    f64 => Number,
    bool => Boolean,
    Uuid => Uuid,
    Vec<String> => Texts,
    serde_json::Map<String, serde_json::Value> => Object,
}

impl FieldType for DateTime<Utc> {
    const KIND: Kind = Kind::Time;

    // chrono drops trailing zeroes three at a time; clients get six digits always, from either database.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl<T: FieldType> FieldType for Option<T> {
    const KIND: Kind = T::KIND;
    const NULLABLE: bool = true;

    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => value.write(serializer),
            None => serializer.serialize_none(),
        }
    }
}

/// [`FieldType::write`] as a function, for `#[serde(serialize_with = "...")]`.
///
/// # Errors
/// Whatever the serializer reports.
pub fn write<T: FieldType, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.write(serializer)
}

/// [`FieldType::write`] as a value, for a `Serialize` that is not derived.
#[derive(Debug)]
pub struct Shown<'v, T>(pub &'v T);

impl<T: FieldType> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

/// A named format of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An email address, at most 254 characters.
    Email,
    /// An absolute `http` or `https` address.
    Url,
    /// A password: never echoed, shown as dots in forms.
    Password,
}

/// A regular expression that is compiled at its first use.
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern in the syntax that Rust's `regex` and ECMA 262 share.
    #[must_use]
    pub const fn new(source: &'static str) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    /// The text of the expression, as the OpenAPI document shows it.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// Whether the text matches. A pattern that does not compile matches nothing; `#[resource]` refuses such a one at
    /// compile time.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.compiled.get_or_init(|| Regex::new(self.source).ok()).as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// The bounds of a field's values; `None` is unbounded.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Fewest Unicode scalar values of a text.
    pub min_len: Option<usize>,
    /// Most Unicode scalar values of a text.
    pub max_len: Option<usize>,
    /// Smallest number.
    pub min: Option<f64>,
    /// Largest number.
    pub max: Option<f64>,
    /// Most items of a list, most keys of an object.
    pub max_items: Option<usize>,
    /// Most Unicode scalar values of one item of a list.
    pub item_max_len: Option<usize>,
    /// What a text must match.
    pub pattern: Option<&'static Pattern>,
    /// The named format of a text.
    pub format: Option<Format>,
    /// The only texts allowed, where the column's type is a plain text.
    pub one_of: &'static [&'static str],
}

impl Bounds {
    /// No bounds at all.
    pub const NONE: Self = Self {
        min_len: None,
        max_len: None,
        min: None,
        max: None,
        max_items: None,
        item_max_len: None,
        pattern: None,
        format: None,
        one_of: &[],
    };
}

/// What a client may do with a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Sent when a row is made.
    pub create: bool,
    /// Sent when a row is changed.
    pub update: bool,
    /// Shown in answers.
    pub view: bool,
    /// Filtered by in lists.
    pub filter: bool,
    /// Sorted by in lists.
    pub sort: bool,
    /// Searched by `q`.
    pub search: bool,
}

/// One field of a resource.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The name, the same in JSON, in the query and in the table.
    pub name: &'static str,
    /// The kind of its values.
    pub kind: Kind,
    /// Whether `null` is allowed.
    pub nullable: bool,
    /// Whether a create without it is a fault.
    pub required: bool,
    /// What a client may do with it.
    pub uses: Uses,
    /// The bounds of its values.
    pub bounds: Bounds,
    /// What it means: the doc comment.
    pub description: &'static str,
    /// An example, as JSON text.
    pub example: Option<&'static str>,
    /// The value when a create leaves it out, as JSON text.
    pub default: Option<&'static str>,
}

impl Field {
    /// A field that is shown and nothing else; the starting point of a table written by hand.
    #[must_use]
    pub const fn shown(name: &'static str, kind: Kind, description: &'static str) -> Self {
        Self {
            name,
            kind,
            nullable: false,
            required: false,
            uses: Uses { create: false, update: false, view: true, filter: false, sort: false, search: false },
            bounds: Bounds::NONE,
            description,
            example: None,
            default: None,
        }
    }

    /// A field that has to be sent and nothing else; the starting point of a body that is no row.
    #[must_use]
    pub const fn sent(name: &'static str, kind: Kind, description: &'static str) -> Self {
        let shown = Self::shown(name, kind, description);
        Self { required: true, uses: Uses { create: true, view: false, ..shown.uses }, ..shown }
    }

    /// A use or a bound that values of this kind cannot have, as a sentence. `#[resource]` refuses such a field when it is
    /// compiled; for a table written by hand, a test asks.
    #[must_use]
    pub const fn misfit(&self) -> Option<&'static str> {
        let (uses, bounds) = (&self.uses, &self.bounds);
        let is_text = matches!(self.kind, Kind::Text);
        let is_number = matches!(self.kind, Kind::Integer32 | Kind::Integer64 | Kind::Number);
        let is_list = matches!(self.kind, Kind::Texts);
        let is_container = matches!(self.kind, Kind::Object | Kind::Texts);
        if uses.search && !is_text {
            return Some("search wants a text");
        }
        if (bounds.min_len.is_some() || bounds.max_len.is_some()) && !is_text {
            return Some("min_len and max_len bound a text; min and max bound a number");
        }
        if (bounds.pattern.is_some() || bounds.format.is_some() || !bounds.one_of.is_empty()) && !is_text {
            return Some("pattern, email, url and one_of want a text");
        }
        if (bounds.min.is_some() || bounds.max.is_some()) && !is_number {
            return Some("min and max bound a number; min_len and max_len bound a text");
        }
        if bounds.max_items.is_some() && !is_container {
            return Some("max_items bounds an object or a list");
        }
        if bounds.item_max_len.is_some() && !is_list {
            return Some("item_max_len bounds the items of a list");
        }
        if (uses.filter || uses.sort) && is_container {
            return Some("an object or a list has no filters and no order");
        }
        None
    }

    /// The texts that are allowed, if only some are.
    #[must_use]
    pub const fn choices(&self) -> Option<&'static [&'static str]> {
        match self.kind {
            Kind::Choice(choices) => Some(choices),
            _ if !self.bounds.one_of.is_empty() => Some(self.bounds.one_of),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn what_a_kind_cannot_have_is_a_misfit() {
        const USED: Uses = Uses { create: false, update: false, view: true, filter: true, sort: true, search: false };
        let field = |kind, uses, bounds| Field { uses, bounds, ..Field::shown("it", kind, "") };
        let sized = Bounds { max_len: Some(1), ..Bounds::NONE };
        let ranged = Bounds { min: Some(1.0), ..Bounds::NONE };
        let counted = Bounds { max_items: Some(1), ..Bounds::NONE };
        let itemized = Bounds { item_max_len: Some(1), ..Bounds::NONE };
        let chosen = Bounds { one_of: &["a"], ..Bounds::NONE };
        let searched = Uses { search: true, ..USED };
        let silent = Uses { filter: false, sort: false, ..USED };
        for right in [
            field(Kind::Text, searched, Bounds { one_of: &["a"], ..sized }),
            field(Kind::Integer64, USED, ranged),
            field(Kind::Texts, silent, Bounds { item_max_len: Some(1), ..counted }),
            field(Kind::Object, silent, counted),
            field(Kind::Choice(&["a"]), USED, Bounds::NONE),
        ] {
            assert_eq!(right.misfit(), None, "{right:?}");
        }
        for wrong in [
            field(Kind::Number, searched, Bounds::NONE),
            field(Kind::Integer32, USED, sized),
            field(Kind::Uuid, USED, chosen),
            field(Kind::Text, USED, ranged),
            field(Kind::Text, USED, counted),
            field(Kind::Object, silent, itemized),
            field(Kind::Texts, USED, Bounds::NONE),
            field(Kind::Object, USED, Bounds::NONE),
        ] {
            assert!(wrong.misfit().is_some(), "{wrong:?}");
        }
    }

    #[derive(Serialize)]
    struct Shown {
        #[serde(serialize_with = "write")]
        at: Option<DateTime<Utc>>,
    }

    #[test]
    fn a_time_has_six_digits_even_on_the_full_second() {
        let at = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).single();
        assert_eq!(serde_json::to_string(&Shown { at }).unwrap(), r#"{"at":"2026-01-02T03:04:05.000000Z"}"#);
        assert_eq!(serde_json::to_string(&Shown { at: None }).unwrap(), r#"{"at":null}"#);
    }
}
