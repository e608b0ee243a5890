//! A JSON object against a field table: all the faults at once.

use serde_json::{Map, Value};

use crate::fault::{Code, Fault, Faults, pointer_to};
use crate::field::{Field, Format, Kind};
use crate::scalar;

/// What the body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new row: what is required must be there.
    Create,
    /// A JSON merge patch (RFC 7396): absent keeps, `null` clears.
    Update,
}

/// The object, with times in UTC, whole numbers written as such and defaults filled in, if every field is right.
///
/// `rules` adds what a table cannot say. It runs whatever the table found, so that one answer tells everything; it must
/// not rely on a field being there or being of its kind.
///
/// # Errors
/// All the faults, up to [`Faults::MOST`].
pub fn check(
    fields: &[Field],
    purpose: Purpose,
    body: Value,
    rules: impl FnOnce(&Map<String, Value>, &mut Faults),
) -> Result<Map<String, Value>, Faults> {
    let Value::Object(mut object) = body else {
        return Err(Fault::at("", Code::WrongType, "The body must be a JSON object.")
            .with("expected", "object")
            .into());
    };
    let mut faults = Faults::none();
    let accepts = |field: &Field| match purpose {
        Purpose::Create => field.uses.create,
        Purpose::Update => field.uses.update,
    };
    for name in object.keys() {
        // Each of these faults lists what is allowed; a hostile body may hold ten thousand of them.
        if faults.is_full() {
            break;
        }
        if !fields.iter().any(|field| field.name == name && accepts(field)) {
            faults.add(unknown(fields, purpose, name, accepts));
        }
    }
    for field in fields.iter().filter(|field| accepts(field)) {
        match object.get_mut(field.name) {
            Some(value) => check_value(field, purpose, value, &mut faults),
            None if purpose == Purpose::Update => {}
            None if field.required => {
                faults.add(Fault::in_field(field.name, Code::Required, "This field is required."));
            }
            None => {
                if let Some(default) = field.default.and_then(|text| serde_json::from_str(text).ok()) {
                    object.insert(field.name.to_owned(), default);
                }
            }
        }
    }
    rules(&object, &mut faults);
    faults.none_or(object)
}

fn unknown(fields: &[Field], purpose: Purpose, name: &str, accepts: impl Fn(&Field) -> bool) -> Fault {
    let known: Vec<_> = fields.iter().filter(|field| accepts(field)).map(|field| field.name).collect();
    // A name of any length may have been sent; only one that the table knows is worth repeating in the sentence.
    let detail = match (fields.iter().any(|field| field.name == name), purpose) {
        (true, Purpose::Create) => "This field is set by the server.".to_owned(),
        (true, Purpose::Update) => "This field cannot be changed.".to_owned(),
        (false, _) => format!("There is no such field; allowed are {}.", known.join(", ")),
    };
    let shown: String = name.chars().take(64).collect();
    Fault::at(pointer_to("", &shown), Code::Unknown, detail).with("allowed", known)
}

fn check_value(field: &Field, purpose: Purpose, value: &mut Value, faults: &mut Faults) {
    let pointer = pointer_to("", field.name);
    if value.is_null() {
        if !field.nullable {
            faults.add(Fault::at(pointer, Code::NullNotAllowed, "This field always has a value."));
        }
        return;
    }
    match (field.kind, &mut *value) {
        (Kind::Text, Value::String(text)) => check_text(field, &pointer, text, faults),
        (Kind::Choice(choices), Value::String(text)) => check_choice(&pointer, choices, text, faults),
        (Kind::Integer32, Value::Number(_)) => {
            check_integer(field, pointer, value, (i32::MIN.into(), i32::MAX.into()), faults);
        }
        (Kind::Integer64, Value::Number(_)) => check_integer(field, pointer, value, (i64::MIN, i64::MAX), faults),
        (Kind::Number, Value::Number(number)) => {
            check_bounds(field, pointer, number.as_f64().unwrap_or_default(), faults);
        }
        (Kind::Boolean, Value::Bool(_)) => {}
        (Kind::Uuid, Value::String(text)) => match scalar::uuid(text) {
            Some(id) => *text = id.to_string(),
            None => faults.add(Fault::at(pointer, Code::InvalidFormat, "This is not a UUID.").with("format", "uuid")),
        },
        (Kind::Time, Value::String(text)) => match scalar::time(text) {
            Some(time) => *text = scalar::time_text(time),
            None => faults.add(
                Fault::at(pointer, Code::InvalidFormat, "This is not an RFC 3339 time such as 2026-01-31T09:30:00Z.")
                    .with("format", "date-time"),
            ),
        },
        (Kind::Object, Value::Object(object)) => check_object(field, purpose, &pointer, object, faults),
        (Kind::Texts, Value::Array(items)) => check_texts(field, &pointer, items, faults),
        (kind, _) => {
            let expected = json_type(kind);
            let article = if matches!(expected, "array" | "integer" | "object") { "an" } else { "a" };
            faults.add(
                Fault::at(pointer, Code::WrongType, format!("This must be {article} {expected}."))
                    .with("expected", expected),
            );
        }
    }
}

/// The name of a kind's JSON type, as JSON Schema has it.
const fn json_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Uuid | Kind::Time | Kind::Choice(_) => "string",
        Kind::Integer32 | Kind::Integer64 => "integer",
        Kind::Number => "number",
        Kind::Boolean => "boolean",
        Kind::Object => "object",
        Kind::Texts => "array",
    }
}

fn check_text(field: &Field, pointer: &str, text: &str, faults: &mut Faults) {
    let bounds = &field.bounds;
    if refuse_null_character(pointer, text, faults) {
        return;
    }
    check_length(pointer, text, bounds.min_len, bounds.max_len, faults);
    if !bounds.one_of.is_empty() {
        check_choice(pointer, bounds.one_of, text, faults);
    }
    if let Some(pattern) = bounds.pattern.filter(|pattern| !pattern.matches(text)) {
        faults.add(
            Fault::at(pointer, Code::PatternMismatch, format!("This must match {}.", pattern.source()))
                .with("pattern", pattern.source()),
        );
    }
    let (right, name) = match bounds.format {
        Some(Format::Email) => (scalar::is_email(text), "email"),
        Some(Format::Url) => (scalar::is_web_address(text), "uri"),
        Some(Format::Password) | None => (true, ""),
    };
    if !right {
        let what = if name == "email" { "an email address" } else { "an absolute http or https address" };
        faults.add(Fault::at(pointer, Code::InvalidFormat, format!("This is not {what}.")).with("format", name));
    }
}

fn refuse_null_character(pointer: &str, text: &str, faults: &mut Faults) -> bool {
    let found = text.contains('\0');
    if found {
        faults.add(Fault::at(pointer, Code::NullCharacter, "The character U+0000 cannot be stored."));
    }
    found
}

fn check_length(pointer: &str, text: &str, min: Option<usize>, max: Option<usize>, faults: &mut Faults) {
    let length = text.chars().count();
    if let Some(min) = min.filter(|min| length < *min) {
        faults.add(
            Fault::at(pointer, Code::TooShort, format!("At least {} needed.", counted(min, "character")))
                .with("min", min)
                .with("length", length),
        );
    }
    if let Some(max) = max.filter(|max| length > *max) {
        faults.add(
            Fault::at(pointer, Code::TooLong, format!("At most {} allowed.", counted(max, "character")))
                .with("max", max)
                .with("length", length),
        );
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("one {what} is") } else { format!("{count} {what}s are") }
}

fn check_choice(pointer: &str, choices: &[&str], text: &str, faults: &mut Faults) {
    if !choices.contains(&text) {
        faults.add(
            Fault::at(pointer, Code::NotAChoice, format!("This must be one of {}.", choices.join(", ")))
                .with("allowed", choices),
        );
    }
}

fn check_integer(field: &Field, pointer: String, value: &mut Value, (least, most): (i64, i64), faults: &mut Faults) {
    let Some(integer) = scalar::whole(value) else {
        faults.add(Fault::at(pointer, Code::WrongType, "This must be a whole number.").with("expected", "integer"));
        return;
    };
    *value = match i64::try_from(integer) {
        Ok(integer) if (least..=most).contains(&integer) => integer.into(),
        _ if integer < 0 => return faults.add(too_small(pointer, least.into())),
        _ => return faults.add(too_large(pointer, most.into())),
    };
    #[expect(clippy::cast_precision_loss, reason = "a bound is a small number; a value near 2^53 is beyond it anyway")]
    check_bounds(field, pointer, integer as f64, faults);
}

fn check_bounds(field: &Field, pointer: String, number: f64, faults: &mut Faults) {
    if let Some(min) = field.bounds.min.filter(|min| number < *min) {
        faults.add(too_small(pointer, scalar::number(min)));
    } else if let Some(max) = field.bounds.max.filter(|max| number > *max) {
        faults.add(too_large(pointer, scalar::number(max)));
    }
}

fn too_small(pointer: String, min: Value) -> Fault {
    Fault::at(pointer, Code::TooSmall, format!("This must be at least {min}.")).with("min", min)
}

fn too_large(pointer: String, max: Value) -> Fault {
    Fault::at(pointer, Code::TooLarge, format!("This must be at most {max}.")).with("max", max)
}

fn check_object(field: &Field, purpose: Purpose, pointer: &str, object: &Map<String, Value>, faults: &mut Faults) {
    // What a patch says is merged with what is there, and some of it takes keys away: counted is what is left.
    if purpose == Purpose::Create {
        check_count(pointer, object.len(), field.bounds.max_items, "key", faults);
    }
    // Pointers are made for what is wrong alone.
    for (name, value) in object.iter().filter(|(name, value)| holds_null_character(name, value)) {
        refuse_null_characters(&pointer_to(pointer, name), name, value, faults);
    }
}

fn holds_null_character(name: &str, value: &Value) -> bool {
    name.contains('\0')
        || match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(items) => items.iter().any(|item| holds_null_character("", item)),
            Value::Object(object) => object.iter().any(|(name, value)| holds_null_character(name, value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
}

fn refuse_null_characters(pointer: &str, name: &str, value: &Value, faults: &mut Faults) {
    refuse_null_character(pointer, name, faults);
    match value {
        Value::String(text) => {
            refuse_null_character(pointer, text, faults);
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                refuse_null_characters(&format!("{pointer}/{index}"), "", item, faults);
            }
        }
        Value::Object(object) => {
            for (name, value) in object {
                refuse_null_characters(&pointer_to(pointer, name), name, value, faults);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

pub(super) fn check_count(pointer: &str, count: usize, max: Option<usize>, what: &str, faults: &mut Faults) {
    if let Some(max) = max.filter(|max| count > *max) {
        faults.add(
            Fault::at(pointer, Code::TooMany, format!("At most {} allowed.", counted(max, what)))
                .with("max", max)
                .with("count", count),
        );
    }
}

fn check_texts(field: &Field, pointer: &str, items: &[Value], faults: &mut Faults) {
    check_count(pointer, items.len(), field.bounds.max_items, "item", faults);
    for (index, item) in items.iter().enumerate().take(field.bounds.max_items.unwrap_or(usize::MAX)) {
        let pointer = format!("{pointer}/{index}");
        let Value::String(text) = item else {
            faults.add(Fault::at(pointer, Code::WrongType, "This must be a string.").with("expected", "string"));
            continue;
        };
        if !refuse_null_character(&pointer, text, faults) {
            check_length(&pointer, text, Some(1), field.bounds.item_max_len, faults);
        }
    }
}

#[cfg(test)]
mod tests;
