//! The field tables: what they promise is true of themselves.

use albedo_core::body::{self, Purpose};
use albedo_core::field::Field;
use albedo_entities::registry;
use serde_json::{Map, Value};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The examples of the fields that are sent, as one body.
fn examples(fields: &[Field], sent: impl Fn(&Field) -> bool) -> Map<String, Value> {
    let sent = fields.iter().filter(|field| sent(field));
    sent.map(|field| (field.name.to_owned(), json(field.example.expect(field.name)))).collect()
}

#[test]
fn every_example_passes_its_own_table() {
    for description in registry::resources() {
        let (create, update) = ((description.create_fields)(), (description.update_fields)());
        let body = examples(create, |field| field.uses.create);
        let made = body::check(create, Purpose::Create, Value::Object(body.clone()), |_, _| {});
        assert_eq!(made.as_ref(), Ok(&body), "{}", description.name);
        let body = examples(update, |field| field.uses.update);
        let changed = body::check(update, Purpose::Update, Value::Object(body.clone()), |_, _| {});
        assert_eq!(changed.as_ref(), Ok(&body), "{}", description.name);
    }
}

#[test]
fn every_default_passes_its_own_table_and_is_the_only_reason_to_leave_a_field_out() {
    for description in registry::resources() {
        let fields = (description.create_fields)();
        let required = examples(fields, |field| field.uses.create && field.required);
        let made = body::check(fields, Purpose::Create, Value::Object(required), |_, _| {}).unwrap();
        // What was filled in is held against the table once more: defaults are trusted when they are filled in.
        let again = body::check(fields, Purpose::Create, Value::Object(made.clone()), |_, _| {});
        assert_eq!(again.as_ref(), Ok(&made), "{}", description.name);
        for field in fields.iter().filter(|field| field.uses.create) {
            let left_out = !made.contains_key(field.name);
            assert_eq!(left_out, !field.required && field.default.is_none(), "{} {}", description.name, field.name);
            assert!(!left_out || field.nullable, "{} {} would have no value", description.name, field.name);
        }
    }
}

#[test]
fn every_shown_field_has_a_meaning_and_an_example_and_fits_its_kind() {
    for description in registry::resources() {
        let sent = (description.create_fields)().iter().chain((description.update_fields)());
        for field in description.fields.iter().chain(sent) {
            let name = format!("{} {}", description.name, field.name);
            assert_eq!(field.misfit(), None, "{name}");
            assert!(field.description.ends_with(['.', ')']), "{name}: {:?}", field.description);
            assert!(field.example.is_some(), "{name} has no example");
        }
    }
}

#[test]
fn every_path_names_its_parents_outermost_first() {
    for description in registry::resources() {
        let mut parents: Vec<_> = description.parents().map(|parent| format!("{{{}}}", parent.parameter())).collect();
        parents.reverse();
        let named: Vec<_> = description.path.split('/').filter(|part| part.starts_with('{')).collect();
        assert_eq!(named, parents, "{}", description.path);
    }
}
