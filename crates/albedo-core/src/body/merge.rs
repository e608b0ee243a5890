//! JSON merge patch (RFC 7396) of an object that is one field.
//!
//! Columns are patched by leaving them out of the statement; the objects in them have to be merged with what is there.

use serde_json::{Map, Value};

use super::check::check_count;
use crate::fault::{Faults, pointer_to};
use crate::field::{Field, Kind};

/// The fields of a patch that are merged with what is there.
pub fn merged<'f>(fields: &'f [Field], patch: &Map<String, Value>) -> impl Iterator<Item = &'f Field> {
    let is_object = |field: &&Field| patch.get(field.name).is_some_and(Value::is_object);
    fields.iter().filter(|field| field.kind == Kind::Object).filter(is_object)
}

/// The patch with every object merged with the one in `current`.
///
/// # Errors
/// A fault for each object that has more keys now than it may have.
pub fn merge(
    fields: &[Field],
    mut patch: Map<String, Value>,
    current: &Map<String, Value>,
) -> Result<Map<String, Value>, Faults> {
    let mut faults = Faults::none();
    for field in merged(fields, &patch.clone()) {
        let change = patch.remove(field.name).unwrap_or_default();
        let mut target = current.get(field.name).cloned().unwrap_or_default();
        apply(&mut target, change);
        if let Value::Object(object) = &target {
            check_count(&pointer_to("", field.name), object.len(), field.bounds.max_items, "key", &mut faults);
        }
        patch.insert(field.name.to_owned(), target);
    }
    faults.none_or(patch)
}

/// RFC 7396, section 2. No deeper than a body nests.
fn apply(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(object) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            object.remove(&name);
        } else {
            apply(object.entry(name).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fault::Code;
    use crate::field::Bounds;

    #[test]
    fn the_examples_of_the_rfc_hold() {
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut found = target.clone();
            apply(&mut found, patch.clone());
            assert_eq!(found, result, "{target} and {patch}");
        }
    }

    #[test]
    fn only_what_is_left_is_counted() {
        let fields =
            [Field { bounds: Bounds { max_items: Some(2), ..Bounds::NONE }, ..Field::shown("data", Kind::Object, "") }];
        let object = |value: Value| value.as_object().unwrap().clone();
        let current = object(json!({"data": {"a": 1, "b": 2}}));
        let patched = |patch: Value| merge(&fields, object(patch), &current);
        assert_eq!(
            patched(json!({"data": {"a": null, "c": 3}, "name": "x"})).map(Value::Object),
            Ok(json!({"data": {"b": 2, "c": 3}, "name": "x"}))
        );
        assert_eq!(patched(json!({"data": {"c": 3}})).unwrap_err().as_slice()[0].code, Code::TooMany);
    }
}
