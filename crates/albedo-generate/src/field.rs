//! A field as somebody asks for it: `name:string{1..120}!^`.
//!
//! The words are read here and nowhere else. What a field becomes in Rust, in a test or in a sentence is said in `column.rs`.

use std::str::FromStr;

use crate::words;

/// The types that may be said, for those who said another one.
const TYPES: &str =
    "string, text, integer, bigint, double, boolean, uuid, datetime, json, texts, choice(a,b) and references:table";

/// Longest text that a field may be bound to; PostgreSQL's `varchar` takes no more.
const LONGEST: u64 = 10_485_760;

/// One field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    /// The name of the column; that of a reference ends with `_id`.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Marked with `!`: a create has to send it.
    pub(crate) required: bool,
    /// Marked with `^`.
    pub(crate) unique: bool,
    pub(crate) bounds: Bounds,
    /// What a create without it means, as it was written.
    pub(crate) default: Option<String>,
}

/// What its values are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    String,
    Text,
    Integer,
    Bigint,
    Double,
    Boolean,
    Uuid,
    Datetime,
    Json,
    Texts,
    Choice(Vec<String>),
    References(String),
}

/// From the one to the other: characters of a text, or numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
}

impl Field {
    /// Whether `null` is one of its values: without a mark it is.
    pub(crate) fn nullable(&self) -> bool {
        !self.required && self.default.is_none() && !matches!(self.kind, Kind::Json | Kind::Texts)
    }
}

/// Reads all fields, or tells every fault of every one.
pub(crate) fn read(text: &str) -> Result<Vec<Field>, Vec<String>> {
    let (mut fields, mut faults) = (Vec::<Field>::new(), Vec::new());
    for word in text.split_whitespace() {
        match one(word) {
            Ok(field) if fields.iter().any(|known| known.name == field.name) => {
                faults.push(format!("{word}: there is a field {} already", field.name));
            }
            Ok(field) => fields.push(field),
            Err(told) => faults.extend(told.into_iter().map(|fault| format!("{word}: {fault}"))),
        }
    }
    if fields.is_empty() && faults.is_empty() {
        faults.push("there are no fields; say some, as in FIELDS='name:string!^ length:bigint'".to_owned());
    }
    if faults.is_empty() { Ok(fields) } else { Err(faults) }
}

fn one(word: &str) -> Result<Field, Vec<String>> {
    let mut faults = Vec::new();
    let (said, default) = word.split_once('=').map_or((word, None), |(said, default)| (said, Some(default.to_owned())));
    let Some((name, rest)) = said.split_once(':') else {
        return Err(vec!["a field is a name and a type, as in name:string".to_owned()]);
    };
    let marks_at = rest.find(['!', '?', '^']).unwrap_or(rest.len());
    let (rest, marks) = rest.split_at(marks_at);
    for (place, mark) in marks.char_indices() {
        if !"!?^".contains(mark) {
            let rest = marks.get(place..).unwrap_or_default();
            faults.push(format!("`{rest}` comes after the marks; first bounds, then the marks ! ? ^, then =default"));
            break;
        }
    }
    let (rest, bounds) = match rest.split_once('{') {
        Some((rest, bounds)) => match bounds.strip_suffix('}') {
            Some(bounds) => (rest, Some(bounds)),
            None => return Err(vec![format!("`{{{bounds}` has no end; bounds are {{120}} or {{1..120}}")]),
        },
        None => (rest, None),
    };
    let kind = match kind(rest) {
        Ok(kind) => kind,
        Err(fault) => {
            faults.push(fault);
            return Err(faults);
        }
    };
    let name = match &kind {
        Kind::References(_) if !name.ends_with("_id") => format!("{name}_id"),
        _ => name.to_owned(),
    };
    if !words::is_snake(&name) {
        faults.push("a name is made of lower-case letters, digits and single underscores".to_owned());
    }
    if let Some(reason) = words::taken_column(&name) {
        faults.push(format!("{name} {reason}; find another name"));
    }
    let bounds = match bounds.map(|text| read_bounds(text, &kind)).unwrap_or(Ok(Bounds::default())) {
        Ok(bounds) => bounds,
        Err(fault) => {
            faults.push(fault);
            Bounds::default()
        }
    };
    let (required, unique) = (marks.contains('!'), marks.contains('^'));
    let field = Field { name, kind, required, unique, bounds, default };
    faults.extend(contradictions(&field, marks));
    if faults.is_empty() { Ok(field) } else { Err(faults) }
}

fn kind(text: &str) -> Result<Kind, String> {
    if let Some(table) = text.strip_prefix("references:") {
        return if words::is_snake(table) {
            Ok(Kind::References(table.to_owned()))
        } else {
            Err(format!("`{table}` is no table"))
        };
    }
    if let Some(choices) = text.strip_prefix("choice(") {
        let Some(choices) = choices.strip_suffix(')') else {
            return Err("choice( has no end, as in choice(list,pattern)".to_owned());
        };
        let choices: Vec<String> = choices.split(',').map(str::to_owned).collect();
        if let Some(wrong) =
            choices.iter().find(|choice| !words::is_snake(choice) || choice.len() > 32 || *choice == "self")
        {
            return Err(format!(
                "`{wrong}` is no choice; one is made of lower-case letters, digits and underscores, 32 at most"
            ));
        }
        // The variant's name is all that is known of a choice later.
        if let Some(wrong) = choices.iter().find(|choice| words::snake(&words::camel(choice)) != **choice) {
            let stored = words::snake(&words::camel(wrong));
            return Err(format!(
                "`{wrong}` would be stored as `{stored}`, for no word begins with a digit; say {stored}"
            ));
        }
        let twice = choices
            .iter()
            .enumerate()
            .find(|(place, choice)| choices.iter().take(*place).any(|before| before == *choice));
        return twice
            .map_or(Ok(Kind::Choice(choices.clone())), |(_, choice)| Err(format!("`{choice}` is there twice")));
    }
    Ok(match text {
        "string" => Kind::String,
        "text" => Kind::Text,
        "integer" => Kind::Integer,
        "bigint" => Kind::Bigint,
        "double" | "float" => Kind::Double,
        "boolean" => Kind::Boolean,
        "uuid" => Kind::Uuid,
        "datetime" => Kind::Datetime,
        "json" => Kind::Json,
        "texts" => Kind::Texts,
        _ => return Err(format!("`{text}` is no type; types are {TYPES}")),
    })
}

fn read_bounds(text: &str, kind: &Kind) -> Result<Bounds, String> {
    let is_text = matches!(kind, Kind::String | Kind::Text);
    if !is_text && !matches!(kind, Kind::Integer | Kind::Bigint | Kind::Double) {
        return Err("only texts and numbers have bounds".to_owned());
    }
    let (min, max) = match text.split_once("..") {
        Some(pair) => pair,
        None if is_text => ("", text),
        None => return Err(format!("{{{text}}} bounds a text; a number has {{0..{text}}}, {{0..}} or {{..{text}}}")),
    };
    let number = |part: &str| match (part, kind) {
        ("", _) => Some(None),
        (_, Kind::Double) => f64::from_str(part).ok().filter(|number| number.is_finite()).map(Some),
        (_, Kind::Integer) => i32::from_str(part).ok().map(|number| Some(f64::from(number))),
        // Beyond that a double, which bounds are kept in, has gaps.
        (_, Kind::Bigint) => {
            i64::from_str(part).ok().filter(|number| number.unsigned_abs() < 1 << 53).and_then(exact).map(Some)
        }
        _ => u64::from_str(part)
            .ok()
            .filter(|number| *number <= LONGEST)
            .and_then(|number| exact(i64::try_from(number).ok()?))
            .map(Some),
    };
    match (number(min), number(max)) {
        (Some(None), Some(None)) => Err("`{..}` bounds nothing".to_owned()),
        (Some(Some(min)), Some(Some(max))) if min > max => Err(format!("{{{text}}} holds nothing")),
        (_, Some(Some(max))) if is_text && max < 1.0 => Err(format!("{{{text}}} holds no text")),
        (Some(min), Some(max)) => Ok(Bounds { min, max }),
        _ => Err(format!(
            "{{{text}}} are no bounds of this type; they are {{120}} or {{1..120}} for a text, {{0..100}} for a number"
        )),
    }
}

/// A whole number as a double, where nothing is lost.
fn exact(number: i64) -> Option<f64> {
    number.to_string().parse().ok()
}

/// What cannot be said together.
fn contradictions(field: &Field, marks: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut tell = |fault: String| faults.push(fault);
    if marks.contains('!') && marks.contains('?') {
        tell("! says that it has to be sent, ? that it may be empty: one of them".to_owned());
    }
    if field.default.is_some() && marks.contains(['!', '?']) {
        tell("a field with a default is never empty and need not be sent: leave the mark out".to_owned());
    }
    if matches!(field.kind, Kind::Json | Kind::Texts) && marks.contains('?') {
        tell("an object or a list is empty rather than null: leave the ? out".to_owned());
    }
    if field.unique {
        match field.kind {
            Kind::String | Kind::Uuid | Kind::Datetime => {}
            Kind::Integer | Kind::Bigint => {
                if field.bounds.min.zip(field.bounds.max).is_some_and(|(min, max)| max - min < 10.0) {
                    tell("a unique number wants room for more than ten values".to_owned());
                }
            }
            _ => tell("^ is for a string, an integer, a bigint, a uuid or a datetime".to_owned()),
        }
        if field.default.is_some() {
            tell("only one row could have the default of a unique field".to_owned());
        }
    }
    if let Some(default) = &field.default
        && let Some(fault) = wrong_default(&field.kind, field.bounds, default)
    {
        tell(fault);
    }
    faults
}

fn wrong_default(kind: &Kind, bounds: Bounds, default: &str) -> Option<String> {
    let within = |number: f64| bounds.min.is_none_or(|min| min <= number) && bounds.max.is_none_or(|max| number <= max);
    let right = match kind {
        Kind::String | Kind::Text => {
            let length = i32::try_from(default.chars().count()).unwrap_or(i32::MAX);
            within(f64::from(length))
                && !default.contains(['"', '\\', '\''])
                && length > 0
                && (bounds.max.is_some() || length < 256)
        }
        Kind::Integer => default.parse::<i32>().is_ok_and(|number| within(f64::from(number))),
        Kind::Bigint => default.parse::<i64>().ok().and_then(exact).is_some_and(within),
        Kind::Double => default.parse::<f64>().is_ok_and(|number| number.is_finite() && within(number)),
        Kind::Boolean => matches!(default, "true" | "false"),
        Kind::Choice(choices) => choices.iter().any(|choice| choice == default),
        Kind::Uuid | Kind::Datetime | Kind::Json | Kind::Texts | Kind::References(_) => {
            return Some("a default is for a text, a number, a boolean or a choice".to_owned());
        }
    };
    (!right).then(|| format!("`{default}` is no value of this type within its bounds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(word: &str) -> Field {
        read(word).unwrap().remove(0)
    }

    fn told(text: &str) -> Vec<String> {
        read(text).unwrap_err()
    }

    #[test]
    fn a_field_says_everything_in_one_word() {
        let name = read_one("name:string{1..120}!^");
        assert_eq!((name.kind.clone(), name.required, name.unique, name.nullable()), (Kind::String, true, true, false));
        assert_eq!(name.bounds, Bounds { min: Some(1.0), max: Some(120.0) });
        assert_eq!(read_one("code:string{2}").bounds, Bounds { min: None, max: Some(2.0) });
        assert_eq!(read_one("depth:double{-0.5..}?").bounds, Bounds { min: Some(-0.5), max: None });
        assert_eq!(read_one("kind:choice(list,pattern)=list").default.as_deref(), Some("list"));
        assert_eq!(read_one("city:references:cities!").name, "city_id");
        assert_eq!(read_one("city_id:references:cities").name, "city_id");
    }

    #[test]
    fn without_a_mark_a_field_may_be_empty() {
        assert!(read_one("length:bigint").nullable() && read_one("length:bigint?").nullable());
        assert!(!read_one("length:bigint!").nullable() && !read_one("length:bigint=0").nullable());
        assert!(!read_one("metadata:json").nullable() && !read_one("names:texts").nullable());
    }

    #[test]
    fn every_fault_of_every_field_is_told() {
        let faults = told(
            "name type:string id:uuid a:strin b:string{ c:integer{5} d:integer{9..1} e:uuid{1..2} Name:string! x:string x:text",
        );
        for (fault, word) in faults.iter().zip([
            "name:",
            "type:string:",
            "id:uuid:",
            "a:strin:",
            "b:string{:",
            "c:integer",
            "d:integer",
            "e:uuid",
            "Name:",
            "x:text:",
        ]) {
            assert!(fault.starts_with(word), "{fault} is not about {word}");
        }
        assert_eq!(faults.len(), 10, "{faults:#?}");
    }

    #[test]
    fn what_contradicts_itself_is_told() {
        for (word, part) in [
            ("a:string!?", "one of them"),
            ("a:string!=x", "leave the mark out"),
            ("a:json?", "leave the ? out"),
            ("a:boolean^", "^ is for"),
            ("a:integer{0..5}^", "room"),
            ("a:integer{0..5}=9", "within its bounds"),
            ("a:choice(x,y)=z", "within its bounds"),
            ("a:choice(x,x)", "twice"),
            ("a:choice(X)", "no choice"),
            ("a:choice(level_1,level_2)=level_1", "say level1"),
            ("a:choice(a1,a_1)", "say a1"),
            ("deleted:boolean", "means something"),
            ("xmin:integer", "PostgreSQL"),
            ("a:uuid=1", "a default is for"),
            ("a:string^=x", "only one row"),
            ("a:string!{5}", "after the marks"),
            ("a:string{0}", "holds no text"),
            ("a:bigint{..99999999999999999}", "no bounds"),
            ("a:integer{..}", "bounds nothing"),
        ] {
            let faults = told(word);
            assert!(faults.iter().any(|fault| fault.contains(part)), "{word}: {faults:?}");
        }
        assert!(told("").concat().contains("FIELDS="));
    }
}
