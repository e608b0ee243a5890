//! What an older document promised and a newer one does not keep: paths, operations, parameters, bodies and answers.
//!
//! Whoever followed the older document must be served as before. So what clients send may only be taken more freely, and
//! what they get may only grow; [`schema`] knows what that means for a value. Not counted are new choices of an answer's
//! value and refusals that are no longer given: clients have to expect the ones and cannot miss the others.

mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use self::schema::Side;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A promise that is not kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Break {
    /// An operation, or a schema by its name, and what of it.
    pub place: String,
    /// What is not as it was.
    pub what: String,
}

impl fmt::Display for Break {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.place, self.what)
    }
}

/// What clients of `old` would miss under `new`, both OpenAPI 3.1 documents. In the order of the older document.
#[must_use]
pub fn breaks(old: &Value, new: &Value) -> Vec<Break> {
    let mut comparison = Comparison { old, new, compared: BTreeSet::new(), found: Vec::new() };
    for (path, item) in object(old, "paths") {
        for method in METHODS {
            let Some(before) = item.get(method) else { continue };
            let place = format!("{} {path}:", method.to_uppercase());
            match new.get("paths").and_then(|paths| paths.get(path)?.get(method)) {
                Some(after) => comparison.operation(&place, before, after),
                None => comparison.tell(&place, "is gone"),
            }
        }
    }
    comparison.found
}

struct Comparison<'d> {
    old: &'d Value,
    new: &'d Value,
    /// Named schemas that were looked at already, each once for each side.
    compared: BTreeSet<(&'d str, &'d str, Side)>,
    found: Vec<Break>,
}

impl<'d> Comparison<'d> {
    fn tell(&mut self, place: &str, what: impl Into<String>) {
        self.found.push(Break { place: place.to_owned(), what: what.into() });
    }

    fn operation(&mut self, place: &str, old: &'d Value, new: &'d Value) {
        let [before, after] = [old, new].map(|operation| text(operation, "operationId"));
        if before != after {
            let what = format!("is called {after} and no longer {before}; generated clients call it by its name");
            self.tell(place, what);
        }
        let [before, after] = [old, new].map(|operation| {
            let tag = array(operation, "tags").first().and_then(Value::as_str);
            tag.unwrap_or("no tag")
        });
        if before != after {
            let what =
                format!("is under {after} and no longer under {before}; generated clients have a module of each");
            self.tell(place, what);
        }
        self.security(place, old, new);
        self.parameters(place, old, new);
        self.request_body(place, old.get("requestBody"), new.get("requestBody"));
        self.responses(place, old, new);
    }

    /// Who may have asked without a token, or with one kind of token, still may.
    fn security(&mut self, place: &str, old: &'d Value, new: &'d Value) {
        let (before, after) = (array(old, "security"), array(new, "security"));
        let is_open = after.is_empty();
        if before.is_empty() && !is_open {
            self.tell(place, "asks for a token now");
        }
        for way in before.iter().filter(|way| !is_open && !after.contains(way)) {
            self.tell(place, format!("is no longer opened by {way}"));
        }
    }

    fn parameters(&mut self, place: &str, old: &'d Value, new: &'d Value) {
        let [before, after] = [(self.old, old), (self.new, new)].map(|(document, operation)| {
            let parameters = array(operation, "parameters").iter().map(|parameter| resolved(document, parameter));
            parameters.map(|parameter| (text(parameter, "in"), text(parameter, "name"), parameter)).collect::<Vec<_>>()
        });
        for (kind, name, old) in &before {
            let place = format!("{place} {kind} parameter {name}");
            let Some((.., new)) = after.iter().find(|(in_, other, _)| (in_, other) == (kind, name)) else {
                self.tell(&place, "is gone, and refused where it is sent");
                continue;
            };
            if is_true(new, "required") && !is_true(old, "required") {
                self.tell(&place, "is required now");
            }
            for key in ["style", "explode"] {
                if old.get(key) != new.get(key) {
                    self.tell(&place, "is written in another way");
                }
            }
            self.schemas(&place, Side::Sent, old, new);
        }
        let is_new = |kind: &&str, name: &&str| !before.iter().any(|(in_, other, _)| (in_, other) == (kind, name));
        for (kind, name, parameter) in &after {
            if is_true(parameter, "required") && is_new(kind, name) {
                self.tell(&format!("{place} {kind} parameter {name}"), "is new, and required");
            }
        }
    }

    fn request_body(&mut self, place: &str, old: Option<&'d Value>, new: Option<&'d Value>) {
        let place = format!("{place} body");
        match (old, new) {
            (None, Some(new)) if is_true(new, "required") => self.tell(&place, "is new, and required"),
            (Some(_), None) => self.tell(&place, "is no longer read"),
            (Some(old), Some(new)) => {
                if is_true(new, "required") && !is_true(old, "required") {
                    self.tell(&place, "is required now");
                }
                self.contents(&place, Side::Sent, old, new);
            }
            _ => {}
        }
    }

    fn responses(&mut self, place: &str, old: &'d Value, new: &'d Value) {
        for (status, old) in object(old, "responses") {
            let place = format!("{place} {status}");
            match new.get("responses").and_then(|responses| responses.get(status)) {
                Some(new) => self.response(&place, resolved(self.old, old), resolved(self.new, new)),
                None if status.starts_with(['2', '3']) => self.tell(&place, "is no longer answered"),
                None => {}
            }
        }
    }

    fn response(&mut self, place: &str, old: &'d Value, new: &'d Value) {
        for name in object(old, "headers").keys() {
            if !object(new, "headers").contains_key(name) {
                self.tell(&format!("{place} header {name}"), "is gone");
            }
        }
        self.contents(place, Side::Answered, old, new);
    }

    /// The media types of a body, and what is in them.
    fn contents(&mut self, place: &str, side: Side, old: &'d Value, new: &'d Value) {
        for (media_type, old) in object(old, "content") {
            let place = format!("{place} {media_type}");
            match new.get("content").and_then(|content| content.get(media_type)) {
                Some(new) => self.schemas(&place, side, old, new),
                None => self.tell(&place, "is gone"),
            }
        }
    }

    fn schemas(&mut self, place: &str, side: Side, old: &'d Value, new: &'d Value) {
        if let (Some(old), Some(new)) = (old.get("schema"), new.get("schema")) {
            self.schema(place, side, old, new);
        }
    }
}

/// What a reference points to, or the value itself.
fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let target = value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    target.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

fn object<'d>(value: &'d Value, key: &str) -> &'d Map<String, Value> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.get(key).and_then(Value::as_object).unwrap_or(&NONE)
}

fn array<'d>(value: &'d Value, key: &str) -> &'d [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'d>(value: &'d Value, key: &str) -> &'d str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn is_true(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or_default()
}
