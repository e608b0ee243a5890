//! A field as the templates see it: what it is in Rust, what is said of it, and which values a test gives it.

use serde::Serialize;

use crate::field::{Bounds, Field, Kind};
use crate::words;

/// Longest text of a `string` for which nothing is said.
const LONGEST_STRING: f64 = 256.0;
/// Longest text of a `text` for which nothing is said.
const LONGEST_TEXT: f64 = 32_000.0;
/// A line of attributes may be this long; longer ones are broken, one key a line.
const LINE: usize = 112;

/// Everything that a template asks for.
#[derive(Debug, Serialize)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// The doc comment.
    doc: String,
    /// `sea_orm` keys, joined; may be empty.
    sea: String,
    /// The whole `#[api(...)]`.
    api: String,
    rust: String,
    pub(crate) required: bool,
    unique: bool,
    /// What is refused as a value of another kind.
    wrong: &'static str,
    /// A Rust expression of `number`: the value in a test's body. None for what a body leaves out.
    value: Option<String>,
    /// Whether the value differs by its number.
    varies: bool,
    /// Whether lists can be filtered and sorted by the values, in the order of their numbers.
    tells: bool,
    choice: Option<Choice>,
    json: Option<&'static str>,
    pub(crate) relation: Option<Relation>,
}

/// An enumeration in the entity's file.
#[derive(Debug, Serialize)]
struct Choice {
    name: String,
    doc: String,
    variants: Vec<[String; 2]>,
}

/// A relation to another resource.
#[derive(Debug, Serialize)]
pub(crate) struct Relation {
    pub(crate) name: String,
    pub(crate) module: String,
    words: String,
    nullable: bool,
}

/// How SeaORM is told that a column is unique.
pub(crate) enum Key {
    Alone,
    /// The name of a key of several columns.
    With(String),
}

impl Column {
    /// `key` is the name of the key of several columns that it is part of; `module` that of a resource referred to.
    pub(crate) fn new(field: &Field, resource: &str, key: Option<Key>, module: Option<&str>) -> Self {
        let bounds = bounds(field);
        let nullable = field.nullable();
        let base = rust_type(field, resource);
        let relation = module.map(|module| Relation {
            name: field.name.trim_end_matches("_id").to_owned(),
            module: module.to_owned(),
            words: words::spoken(field.name.trim_end_matches("_id")),
            nullable,
        });
        let spoken = words::spoken(&field.name);
        let doc = match (&field.kind, &relation) {
            (_, Some(relation)) => format!("The {} that it refers to.", relation.words),
            (Kind::Boolean, _) => format!("Whether it is {}.", spoken.trim_start_matches("is ")),
            (Kind::Datetime, _) if spoken.ends_with(" at") => {
                format!("When it was {}.", spoken.trim_end_matches(" at"))
            }
            (Kind::Json, _) => format!("{}: data of your own, up to 16 keys.", words::capital(&spoken)),
            _ => format!("{} of the {}.", words::capital(&spoken), words::spoken(resource)),
        };
        let value = value(field, bounds);
        Self {
            doc,
            sea: sea(field, key),
            api: api(field, bounds),
            rust: if nullable { format!("Option<{base}>") } else { base.clone() },
            required: field.required,
            unique: field.unique,
            wrong: if field.kind == Kind::Json { "[]" } else { "{}" },
            varies: value.as_deref().is_some_and(|value| value.contains("number")),
            tells: value.as_deref().is_some_and(|value| value.contains("number"))
                && matches!(field.kind, Kind::String | Kind::Integer | Kind::Bigint | Kind::Double | Kind::Datetime),
            value,
            choice: choice(field, resource, &base),
            json: match field.kind {
                Kind::Json => Some("Metadata"),
                Kind::Texts => Some("Texts"),
                _ => None,
            },
            relation,
            name: field.name.clone(),
        }
    }
}

/// The bounds of a text are never open: a column without a length would take whatever is sent.
fn bounds(field: &Field) -> Bounds {
    let Bounds { min, max } = field.bounds;
    match field.kind {
        Kind::String | Kind::Text => {
            let longest = if field.kind == Kind::String { LONGEST_STRING } else { LONGEST_TEXT };
            let min = min.filter(|min| *min > 0.0).or(field.required.then_some(1.0));
            Bounds { min, max: max.or(Some(longest.max(min.unwrap_or_default()))) }
        }
        _ => Bounds { min, max },
    }
}

fn rust_type(field: &Field, resource: &str) -> String {
    match &field.kind {
        Kind::String | Kind::Text => "String".to_owned(),
        Kind::Integer => "i32".to_owned(),
        Kind::Bigint => "i64".to_owned(),
        Kind::Double => "f64".to_owned(),
        Kind::Boolean => "bool".to_owned(),
        Kind::Uuid | Kind::References(_) => "Uuid".to_owned(),
        Kind::Datetime => "DateTimeUtc".to_owned(),
        Kind::Json => "Metadata".to_owned(),
        Kind::Texts => "Texts".to_owned(),
        Kind::Choice(_) => format!("{}{}", words::camel(resource), words::camel(&field.name)),
    }
}

fn sea(field: &Field, key: Option<Key>) -> String {
    let mut keys = Vec::new();
    match key {
        Some(Key::Alone) => keys.push("unique".to_owned()),
        Some(Key::With(name)) => keys.push(format!("unique_key = \"{name}\"")),
        None => {}
    }
    if field.kind == Kind::Text {
        keys.push("column_type = \"Text\"".to_owned());
    }
    if let Some(default) = &field.default {
        keys.push(format!("default_value = {}", literal(&field.kind, default)));
    }
    keys.join(", ")
}

fn api(field: &Field, bounds: Bounds) -> String {
    let mut keys: Vec<String> = ["create", "update"].map(str::to_owned).into();
    keys.extend(uses(&field.kind).iter().map(|key| (*key).to_owned()));
    let suffix = if matches!(field.kind, Kind::String | Kind::Text) { "_len" } else { "" };
    keys.extend(bounds.min.map(|min| format!("min{suffix} = {}", number(min))));
    keys.extend(bounds.max.map(|max| format!("max{suffix} = {}", number(max))));
    match field.kind {
        Kind::Json => keys.push("max_items = 16".to_owned()),
        Kind::Texts => keys.extend(["max_items = 100".to_owned(), "item_max_len = 64".to_owned()]),
        _ => {}
    }
    match (&field.default, &field.kind) {
        (Some(default), kind) => keys.push(format!("default = {}", literal(kind, default))),
        (None, Kind::Json) if !field.required => keys.push("default = {}".to_owned()),
        (None, Kind::Texts) if !field.required => keys.push("default = []".to_owned()),
        _ => {}
    }
    keys.push(format!("example = {}", example(field, bounds)));
    let line = keys.join(", ");
    if line.len() <= LINE - "#[api()]".len() {
        format!("#[api({line})]")
    } else {
        format!("#[api(\n{},\n)]", keys.join(",\n"))
    }
}

fn uses(kind: &Kind) -> &'static [&'static str] {
    match kind {
        Kind::String => &["filter", "sort", "search"],
        Kind::Text => &["search"],
        Kind::Integer | Kind::Bigint | Kind::Double | Kind::Datetime | Kind::Choice(_) => &["filter", "sort"],
        Kind::Boolean | Kind::Uuid | Kind::References(_) => &["filter"],
        Kind::Json | Kind::Texts => &[],
    }
}

/// A value as an attribute has it.
fn literal(kind: &Kind, value: &str) -> String {
    match kind {
        // As the number is and not as it was typed: `+5` and `.5` are read, and are no numbers of Rust.
        Kind::Integer | Kind::Bigint => value.parse::<i64>().map_or_else(|_| value.to_owned(), |read| read.to_string()),
        Kind::Double => value.parse().map_or_else(|_| value.to_owned(), number),
        Kind::Boolean => value.to_owned(),
        _ => format!("\"{value}\""),
    }
}

/// A bound as an attribute has it: long ones with underscores, as clippy wants them.
fn number(number: f64) -> String {
    let plain = number.to_string();
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
    if digits.contains('.') || digits.len() < 5 {
        return plain;
    }
    let places = digits.chars().enumerate();
    let grouped = places.flat_map(|(place, digit)| {
        let before = (place > 0 && (digits.len() - place).is_multiple_of(3)).then_some('_');
        before.into_iter().chain([digit])
    });
    sign.chars().chain(grouped).collect()
}

fn example(field: &Field, bounds: Bounds) -> String {
    match &field.kind {
        Kind::String | Kind::Text => {
            let words = format!("Some {}", words::spoken(&field.name));
            let length = |text: &str| text.chars().count().to_string().parse::<f64>().unwrap_or_default();
            let fits = |text: &str| {
                bounds.min.is_none_or(|min| min <= length(text)) && bounds.max.is_none_or(|max| length(text) <= max)
            };
            let letters = "abcdefgh".repeat(1 + whole(bounds.min) / 8);
            let short: String = letters.chars().take(whole(bounds.max).min(whole(bounds.min).max(8))).collect();
            format!("\"{}\"", if fits(&words) { words } else { short })
        }
        Kind::Integer | Kind::Bigint => number(first(bounds) + if room(bounds, 1.0) { 1.0 } else { 0.0 }),
        Kind::Double => number(first(bounds) + if room(bounds, 0.5) { 0.5 } else { 0.0 }),
        Kind::Boolean => "true".to_owned(),
        Kind::Uuid | Kind::References(_) => "\"01a20674-1715-76ed-8847-8036cb1fa3c5\"".to_owned(),
        Kind::Datetime => "\"2026-01-23T09:15:00.000000Z\"".to_owned(),
        Kind::Json => "{}".to_owned(),
        Kind::Texts => "[\"one\", \"two\"]".to_owned(),
        Kind::Choice(choices) => format!("\"{}\"", choices.first().map_or("", String::as_str)),
    }
}

/// A test's value, by a `number` from 1 to 9. References are left out where they may be, and are known by the test where not.
fn value(field: &Field, bounds: Bounds) -> Option<String> {
    Some(match &field.kind {
        Kind::String | Kind::Text => {
            let words = format!("{}-{{number}}", field.name.replace('_', "-"));
            // The number has one digit where the text has eight letters.
            let length = words.len() - "number{}".len() + 1;
            if length <= whole(bounds.max) && length >= whole(bounds.min) {
                format!("format!(\"{words}\")")
            } else {
                match whole(bounds.min) {
                    0 | 1 => "number.to_string()".to_owned(),
                    min => format!("format!(\"{{number:x>{min}}}\")"),
                }
            }
        }
        Kind::Integer | Kind::Bigint if room(bounds, 9.0) => plus(first(bounds), "number"),
        Kind::Integer | Kind::Bigint => number(first(bounds)),
        // Halves where there is room for nine of them, and powers of two below, since doubles hold those exactly.
        Kind::Double => match (1..=20).map(|power| f64::from(1 << power)).find(|part| room(bounds, 9.0 / part)) {
            Some(part) => plus(first(bounds), &format!("f64::from(number) / {part:.1}")),
            None => format!("{:?}", first(bounds)),
        },
        Kind::Boolean => "number.is_multiple_of(2)".to_owned(),
        Kind::Uuid => "format!(\"01a20674-1715-76ed-8847-{number:012}\")".to_owned(),
        Kind::Datetime => "format!(\"2026-01-{number:02}T09:15:00.000000Z\")".to_owned(),
        Kind::Json => "{ \"number\": number }".to_owned(),
        Kind::Texts => "[format!(\"text {number}\")]".to_owned(),
        Kind::Choice(choices) => match choices.as_slice() {
            [one, other, ..] => format!("if number.is_multiple_of(2) {{ \"{one}\" }} else {{ \"{other}\" }}"),
            _ => format!("\"{}\"", choices.concat()),
        },
        Kind::References(_) if field.required => format!("self.{}", field.name),
        Kind::References(_) => return None,
    })
}

fn plus(first: f64, varied: &str) -> String {
    let is_double = varied.contains("f64");
    match number(first) {
        zero if zero == "0" => varied.to_owned(),
        first if !is_double => format!("{first} + i64::from(number)"),
        first if first.contains('.') => format!("{first} + {varied}"),
        first => format!("{first}.0 + {varied}"),
    }
}

/// The smallest value, or 0 where there is none and 0 is allowed.
fn first(bounds: Bounds) -> f64 {
    match (bounds.min, bounds.max) {
        (Some(min), _) => min,
        (None, Some(max)) if max < 10.0 => (max - 10.0).trunc(),
        _ => 0.0,
    }
}

fn room(bounds: Bounds, wanted: f64) -> bool {
    bounds.max.is_none_or(|max| max - first(bounds) >= wanted)
}

fn whole(bound: Option<f64>) -> usize {
    bound.and_then(|bound| bound.to_string().parse().ok()).unwrap_or_default()
}

fn choice(field: &Field, resource: &str, name: &str) -> Option<Choice> {
    let Kind::Choice(choices) = &field.kind else { return None };
    let doc = format!(
        "{} of {}.",
        words::capital(&words::spoken(&field.name)),
        words::with_article(&words::spoken(resource))
    );
    let variants = choices.iter().map(|choice| [words::camel(choice), words::capital(&words::spoken(choice))]);
    Some(Choice { name: name.to_owned(), doc, variants: variants.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field;

    fn column(word: &str) -> Column {
        let field = &field::read(word).unwrap()[0];
        Column::new(field, "river", field.unique.then_some(Key::Alone), word.contains("references").then_some("city"))
    }

    #[test]
    fn a_field_says_to_the_macro_what_was_asked_for() {
        assert_eq!(
            column("name:string{120}!^").api,
            "#[api(create, update, filter, sort, search, min_len = 1, max_len = 120, example = \"Some name\")]"
        );
        assert_eq!(column("name:string{120}!^").sea, "unique");
        assert_eq!(
            column("depth:double{-0.5..12000}").api,
            "#[api(create, update, filter, sort, min = -0.5, max = 12_000, example = 0)]"
        );
        let state = column("state:choice(dry,high_water)=dry");
        assert_eq!((state.sea.as_str(), state.rust.as_str()), ("default_value = \"dry\"", "RiverState"));
        assert_eq!(column("n:integer=+5").sea, "default_value = 5");
        assert_eq!(column("x:double=-.5").sea, "default_value = -0.5");
        assert_eq!(column("notes:text").rust, "Option<String>");
        assert_eq!(column("tags:texts").rust, "Texts");
    }

    #[test]
    fn examples_and_values_keep_their_bounds() {
        for (word, example, value) in [
            ("code:string{2}!", "example = \"ab\"", "number.to_string()"),
            ("code:string{20..24}!", "example = \"abcdefghabcdefghabcd\"", "format!(\"{number:x>20}\")"),
            ("n:integer{..-5}!", "example = -14", "-15 + i64::from(number)"),
            ("n:integer{3..4}!", "example = 4", "3"),
            ("n:double{-90..90}!", "example = -89.5", "-90.0 + f64::from(number) / 2.0"),
            ("n:bigint!", "example = 1", "number"),
            ("n:double{0..1}!", "example = 0.5", "f64::from(number) / 16.0"),
            ("n:double{-1..0.5}", "example = -0.5", "-1.0 + f64::from(number) / 8.0"),
            ("n:double{2..2}", "example = 2", "2.0"),
        ] {
            let column = column(word);
            assert!(column.api.contains(example), "{word}: {}", column.api);
            assert_eq!(column.value.as_deref(), Some(value), "{word}");
        }
    }

    #[test]
    fn a_reference_that_may_be_empty_is_left_out_of_bodies() {
        assert_eq!(column("city:references:cities").value, None);
        assert_eq!(column("city:references:cities!").value.as_deref(), Some("self.city_id"));
    }
}
