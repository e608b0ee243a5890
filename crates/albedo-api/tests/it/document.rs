//! The document as a whole.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use albedo_api::routes;
use albedo_http::openapi::{breaking, json, pretty_json};

fn whole() -> Value {
    serde_json::from_slice(&json(&routes::api())).unwrap()
}

/// Each operation with its method and path.
fn operations(document: &Value) -> Vec<(String, &Map<String, Value>)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &'_ Value)| {
        let path = path.clone();
        let operations = item.as_object().unwrap().clone();
        operations.keys().map(|method| (path.clone(), method.clone())).collect::<Vec<_>>()
    };
    let all = paths.iter().flat_map(of_path);
    all.map(|(path, method)| (format!("{method} {path}"), document["paths"][&path][&method].as_object().unwrap()))
        .collect()
}

/// What a reference points to, or the value itself.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference}")),
        None => value,
    }
}

#[test]
fn the_document_in_the_repository_is_the_one_that_is_served() {
    let kept = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json")).unwrap();
    let served = pretty_json(&routes::api());
    if kept == served {
        return;
    }
    let [old, new] = [&kept, &served].map(|json| serde_json::from_slice(json).unwrap());
    let broken: Vec<_> = breaking::breaks(&old, &new).iter().map(ToString::to_string).collect();
    assert!(
        broken.is_empty(),
        "clients of docs/openapi.json would break; what has to change all the same belongs under a new version:\n{}",
        broken.join("\n")
    );
    panic!("docs/openapi.json is not what is served, though nothing breaks; `make openapi` writes it anew");
}

#[test]
fn the_same_resources_give_the_same_bytes() {
    assert_eq!(json(&routes::api()), json(&routes::api()));
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = whole();
    let mut seen = BTreeSet::new();
    for (place, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{place}"));
        assert!(seen.insert(id.to_owned()), "{id} is used twice");
        assert!(operation["summary"].is_string() && operation["description"].is_string(), "{place}");
        assert!(operation["security"].is_array(), "{place}");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{place}");
    }
    for verb in ["list", "create", "get", "update", "delete"] {
        assert!(seen.contains(&format!("assistants.{verb}")), "{verb}");
    }
}

#[test]
fn everything_sent_and_answered_has_an_example() {
    let document = whole();
    let mut looked_at = 0;
    for (place, operation) in operations(&document) {
        let body = operation.get("requestBody").into_iter();
        let answers = operation["responses"].as_object().unwrap().values();
        for content in body.chain(answers).filter_map(|part| resolved(&document, part).get("content")) {
            for media_type in content.as_object().unwrap().values() {
                let schema = resolved(&document, &media_type["schema"]);
                let either = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array);
                for schema in either.map_or(vec![schema], |schemas| schemas.iter().collect()) {
                    let schema = resolved(&document, schema);
                    let properties = schema["properties"].as_object().unwrap();
                    let has_examples = |property: &Value| {
                        let item = property.get("items").map(|item| item.pointer("/anyOf/0").unwrap_or(item));
                        let item = item.map(|item| resolved(&document, item));
                        // A row in a row, or rows, have examples in their own schemas.
                        let rows = [Some(resolved(&document, property)), item];
                        property.get("examples").is_some()
                            || rows.into_iter().flatten().any(|row| row.get("properties").is_some())
                    };
                    let exemplified = media_type.get("example").is_some() || properties.values().all(has_examples);
                    assert!(exemplified, "{place}: {schema}");
                    looked_at += 1;
                }
            }
        }
    }
    assert!(looked_at > 100, "{looked_at}");
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(document: &Value, value: &Value) {
        resolved(document, value);
        match value {
            Value::Array(items) => items.iter().for_each(|item| walk(document, item)),
            Value::Object(object) => object.values().for_each(|item| walk(document, item)),
            _ => {}
        }
    }
    let document = whole();
    walk(&document, &document);
}

#[test]
fn secured_operations_tell_what_happens_without_a_token() {
    let document = whole();
    for (place, operation) in operations(&document) {
        let secured = !operation["security"].as_array().unwrap().is_empty();
        let signs_in = place.contains("/auth/");
        assert_eq!(operation["responses"].get("401").is_some() || signs_in, secured || signs_in, "{place}");
    }
}

#[test]
fn bodies_refuse_what_they_do_not_know() {
    let document = whole();
    for (place, operation) in operations(&document) {
        let Some(body) = operation.get("requestBody") else { continue };
        for (media_type, content) in body["content"].as_object().unwrap() {
            let schema = resolved(&document, &content["schema"]);
            let open = media_type == "application/x-www-form-urlencoded";
            assert!(open || schema["additionalProperties"] == false, "{place}");
        }
    }
}
