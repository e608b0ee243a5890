//! Two schemas of one value: whether all that clients sent is still taken, whether they still get what they were told.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Comparison, array, is_true, object, resolved, text};

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// To the server, which may become more generous.
    Sent,
    /// To the client, which may be told more.
    Answered,
}

/// Bounds below, which may sink for what is sent.
const LEAST: [&str; 4] = ["minLength", "minimum", "minItems", "minProperties"];

/// Bounds above, which may rise for what is sent.
const MOST: [&str; 4] = ["maxLength", "maximum", "maxItems", "maxProperties"];

impl<'d> Comparison<'d> {
    pub(super) fn schema(&mut self, place: &str, side: Side, old: &'d Value, new: &'d Value) {
        if side == Side::Sent {
            self.default(place, old, new);
        }
        let (before, after) = (text(old, "$ref"), text(new, "$ref"));
        if before.is_empty() || after.is_empty() {
            return self.shape(place, side, old, new);
        }
        // Told once under its own name, however many operations have it; and a schema may hold itself.
        if self.compared.insert((before, after, side)) {
            let [name, now] = [before, after].map(|name| name.rsplit('/').next().unwrap_or(name));
            let way = if side == Side::Sent { "sent" } else { "answered" };
            let place = format!("{name}, as {way}:");
            if name != now {
                self.tell(&place, format!("is called {now} now; generated clients have a class of that name"));
            }
            self.shape(&place, side, old, new);
        }
    }

    /// Whoever leaves a value out relies on what it is then.
    fn default(&mut self, place: &str, old: &'d Value, new: &'d Value) {
        let default =
            |document, schema: &'d Value| schema.get("default").or_else(|| resolved(document, schema).get("default"));
        match (default(self.old, old), default(self.new, new)) {
            (Some(before), Some(after)) if before != after => {
                self.tell(place, format!("is {after} where it is left out, and was {before}"));
            }
            (Some(before), None) => self.tell(place, format!("is no longer {before} where it is left out")),
            _ => {}
        }
    }

    /// Where several shapes come in the place of one that is sent, one of them has to take all that it took; of what is
    /// answered, the one that comes in their place has to be like one of them.
    fn shape(&mut self, place: &str, side: Side, old: &'d Value, new: &'d Value) {
        let (before, after) = (resolved(self.old, old), resolved(self.new, new));
        let (narrow, wide) = if side == Side::Sent { (before, after) } else { (after, before) };
        let shapes = shapes(wide);
        let fits = |shape: &'d Value| {
            let (old, new) = if side == Side::Sent { (old, shape) } else { (shape, new) };
            let compared = self.compared.clone();
            let mut tried = Comparison { old: self.old, new: self.new, compared, found: Vec::new() };
            tried.schema(place, side, old, new);
            tried.found.is_empty()
        };
        if !shapes.is_empty() && self::shapes(narrow).is_empty() && !shapes.iter().any(fits) {
            let what = if side == Side::Sent { "has to be one of" } else { "is none any more of" };
            self.tell(place, format!("{what} {} shapes", shapes.len()));
        }
        self.value(place, side, before, after);
    }

    fn value(&mut self, place: &str, side: Side, old: &'d Value, new: &'d Value) {
        self.types(place, side, old, new);
        self.format(place, side, old, new);
        if side == Side::Sent {
            self.choices(place, old, new);
            self.bounds(place, old, new);
        }
        self.properties(place, side, old, new);
        self.alternatives(place, side, old, new);
        match (old.get("items"), new.get("items")) {
            (Some(old), Some(new)) => self.schema(&format!("{place} items"), side, old, new),
            (None, Some(_)) if side == Side::Sent && types(old).contains("array") => {
                self.tell(place, "takes some items alone now");
            }
            (Some(_), None) if side == Side::Answered && types(new).contains("array") => {
                self.tell(place, "may have any items now");
            }
            _ => {}
        }
    }

    fn types(&mut self, place: &str, side: Side, old: &'d Value, new: &'d Value) {
        let (before, after) = (types(old), types(new));
        let (narrow, wide) = if side == Side::Sent { (&before, &after) } else { (&after, &before) };
        // Without a type, anything goes.
        let fits = |kind: &&str| wide.contains(kind) || (*kind == "integer" && wide.contains("number"));
        let is_kept = wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(fits));
        if !is_kept {
            self.tell(place, format!("is {} and was {}", listed(&after), listed(&before)));
        }
    }

    fn format(&mut self, place: &str, side: Side, old: &'d Value, new: &'d Value) {
        let (before, after) = (text(old, "format"), text(new, "format"));
        let (narrow, wide) = if side == Side::Sent { (before, after) } else { (after, before) };
        if !wide.is_empty() && narrow != wide && (narrow, wide) != ("int32", "int64") {
            let [before, after] = [before, after].map(|format| if format.is_empty() { "none" } else { format });
            self.tell(place, format!("has the format {after} and had {before}"));
        }
    }

    fn choices(&mut self, place: &str, old: &'d Value, new: &'d Value) {
        let (before, after) = (choices(old), choices(new));
        if after.is_empty() {
            return;
        }
        if before.is_empty() {
            self.tell(place, "takes a few values alone now");
        }
        for choice in before.iter().filter(|choice| !after.contains(choice)) {
            self.tell(place, format!("no longer takes {choice}"));
        }
    }

    fn bounds(&mut self, place: &str, old: &'d Value, new: &'d Value) {
        let bound = |value: &Value, key: &str| value.get(key).and_then(Value::as_f64);
        for key in LEAST {
            if let Some(after) = bound(new, key).filter(|after| bound(old, key).is_none_or(|before| before < *after)) {
                self.tell(place, format!("has a {key} of {after} now"));
            }
        }
        for key in MOST {
            if let Some(after) = bound(new, key).filter(|after| bound(old, key).is_none_or(|before| before > *after)) {
                self.tell(place, format!("has a {key} of {after} now"));
            }
        }
        let pattern = text(new, "pattern");
        if !pattern.is_empty() && pattern != text(old, "pattern") {
            self.tell(place, format!("has to fit {pattern} now"));
        }
        if is_true(new, "uniqueItems") && !is_true(old, "uniqueItems") {
            self.tell(place, "takes no item twice now");
        }
    }

    fn properties(&mut self, place: &str, side: Side, old: &'d Value, new: &'d Value) {
        let is_closed = |value: &Value| value.get("additionalProperties") == Some(&Value::Bool(false));
        for (name, before) in object(old, "properties") {
            let place = format!("{place} {name}");
            match object(new, "properties").get(name) {
                Some(after) => self.schema(&place, side, before, after),
                None if side == Side::Answered => self.tell(&place, "is gone"),
                None if is_closed(new) => self.tell(&place, "is gone, and refused where it is sent"),
                None => {}
            }
        }
        let (before, after) = (array(old, "required"), array(new, "required"));
        let (few, many, what) = match side {
            Side::Sent => (before, after, "is required now"),
            Side::Answered => (after, before, "may be left out now"),
        };
        let told = |name: &&Value| {
            side == Side::Sent || object(new, "properties").contains_key(name.as_str().unwrap_or_default())
        };
        for name in many.iter().filter(|name| !few.contains(name)).filter(told) {
            self.tell(&format!("{place} {}", name.as_str().unwrap_or_default()), what);
        }
        if side == Side::Sent && is_closed(new) && !is_closed(old) && types(old).contains("object") {
            self.tell(place, "takes no other fields now");
        }
    }

    /// Of what must hold at once nothing may change its number; of alternatives, clients may send more and get fewer.
    fn alternatives(&mut self, place: &str, side: Side, old: &'d Value, new: &'d Value) {
        for key in ["allOf", "anyOf", "oneOf"] {
            let (before, after) = (array(old, key), array(new, key));
            let (few, many) = if side == Side::Sent { (before, after) } else { (after, before) };
            if few.len() > many.len() || (key == "allOf" && few.len() != many.len()) {
                self.tell(place, format!("has {} shapes and had {}", after.len(), before.len()));
            }
            for (before, after) in partners(before, after) {
                self.schema(place, side, before, after);
            }
        }
    }
}

/// What a value may be one of.
fn shapes(schema: &Value) -> &[Value] {
    let any = array(schema, "anyOf");
    if any.is_empty() { array(schema, "oneOf") } else { any }
}

/// Each shape with what became of it, wherever it stands now; those that nothing tells apart by their order.
fn partners<'d>(before: &'d [Value], after: &'d [Value]) -> Vec<(&'d Value, &'d Value)> {
    let (mut rest, mut unlike, mut pairs): (Vec<_>, _, _) = (after.iter().collect(), Vec::new(), Vec::new());
    for shape in before {
        let mark = mark(shape);
        match rest.iter().position(|other| mark.is_some() && self::mark(other) == mark) {
            Some(at) => pairs.push((shape, rest.remove(at))),
            None => unlike.push(shape),
        }
    }
    pairs.extend(unlike.into_iter().zip(rest));
    pairs
}

/// What tells a shape from those beside it: its name, a field that has one value alone, or that it is null.
fn mark(shape: &Value) -> Option<(&str, &Value)> {
    let name = shape.get("$ref").map(|name| ("$ref", name));
    let null = || shape.get("type").filter(|kind| *kind == "null").map(|kind| ("type", kind));
    let field = || {
        object(shape, "properties").iter().find_map(|(name, field)| match choices(field)[..] {
            [only] => Some((name.as_str(), only)),
            _ => None,
        })
    };
    name.or_else(field).or_else(null)
}

fn types(schema: &Value) -> BTreeSet<&str> {
    match schema.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => BTreeSet::from([one.as_str()]),
        _ => BTreeSet::new(),
    }
}

fn choices(schema: &Value) -> Vec<&Value> {
    schema.get("const").into_iter().chain(array(schema, "enum")).collect()
}

fn listed(types: &BTreeSet<&str>) -> String {
    if types.is_empty() { "anything".to_owned() } else { types.iter().copied().collect::<Vec<_>>().join(" or ") }
}
