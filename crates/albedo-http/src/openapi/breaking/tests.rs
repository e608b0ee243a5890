//! Each change of a document with what it breaks, both ways round.

use serde_json::json;

use super::*;

/// One operation with a query parameter, a body and an answer.
fn document() -> Value {
    json!({
        "paths": {"/cities": {"post": {
            "operationId": "cities.create",
            "security": [{"bearer": []}, {"password": []}],
            "parameters": [
                {"in": "query", "name": "size", "required": false, "schema": {"type": "integer", "maximum": 200}},
                {"in": "query", "name": "kind", "schema": {"type": "string", "enum": ["a", "b"]}}
            ],
            "requestBody": {"required": true, "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/CreateCity"}}
            }},
            "responses": {
                "201": {
                    "headers": {"ETag": {}, "Location": {}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/City"}}}
                },
                "409": {"$ref": "#/components/responses/Conflict"}
            }
        }}},
        "components": {
            "responses": {"Conflict": {"content": {"application/problem+json": {"schema": {"type": "object"}}}}},
            "schemas": {
                "CreateCity": {
                    "type": "object", "additionalProperties": false, "required": ["name"],
                    "properties": {
                        "name": {"type": "string", "maxLength": 120},
                        "population": {"type": ["integer", "null"], "format": "int64"}
                    }
                },
                "City": {
                    "type": "object", "required": ["id", "name"],
                    "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "name": {"type": "string"},
                        "twins": {"type": "array", "items": {"$ref": "#/components/schemas/City"}}
                    }
                }
            }
        }
    })
}

/// What a change breaks, and what its opposite would. A value is put in its place, or taken from it with `None`; pointers
/// write a slash as `~1`.
fn broken(pointer: &str, value: Option<Value>) -> [Vec<String>; 2] {
    let old = document();
    let mut new = old.clone();
    let (above, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    match (new.pointer_mut(above).unwrap_or_else(|| panic!("{pointer}")), value) {
        (Value::Object(object), None) => drop(object.remove(&key).unwrap()),
        (Value::Object(object), Some(value)) => drop(object.insert(key, value)),
        (Value::Array(array), None) => drop(array.remove(key.parse().unwrap())),
        (Value::Array(array), Some(value)) => array.push(value),
        (other, _) => panic!("{pointer}: {other}"),
    }
    [breaks(&old, &new), breaks(&new, &old)].map(|breaks| breaks.iter().map(ToString::to_string).collect())
}

const OPERATION: &str = "/paths/~1cities/post";
const SENT: &str = "/components/schemas/CreateCity";
const ANSWERED: &str = "/components/schemas/City";

#[test]
fn the_same_document_breaks_nothing() {
    assert_eq!(breaks(&document(), &document()), []);
}

#[test]
fn what_is_gone_is_told_and_what_is_new_is_not() {
    let path = "POST /cities:";
    let cases = [
        ("/paths/~1cities".to_owned(), format!("{path} is gone")),
        (
            format!("{OPERATION}/parameters/0"),
            format!("{path} query parameter size is gone, and refused where it is sent"),
        ),
        (format!("{OPERATION}/responses/201"), format!("{path} 201 is no longer answered")),
        (format!("{OPERATION}/responses/201/headers/ETag"), format!("{path} 201 header ETag is gone")),
        (
            format!("{OPERATION}/responses/201/content/application~1json"),
            format!("{path} 201 application/json is gone"),
        ),
        (format!("{OPERATION}/security/1"), format!("{path} is no longer opened by {{\"password\":[]}}")),
        (
            format!("{SENT}/properties/population"),
            "CreateCity, as sent: population is gone, and refused where it is sent".to_owned(),
        ),
        (format!("{ANSWERED}/properties/twins"), "City, as answered: twins is gone".to_owned()),
        (format!("{ANSWERED}/required/1"), "City, as answered: name may be left out now".to_owned()),
    ];
    for (pointer, told) in cases {
        assert_eq!(broken(&pointer, None), [vec![told], Vec::new()], "{pointer}");
    }
    assert_eq!(broken(&format!("{OPERATION}/responses/409"), None), [Vec::<String>::new(), Vec::new()]);
}

#[test]
fn what_clients_send_may_only_be_taken_more_freely() {
    let place = "CreateCity, as sent:";
    let cases = [
        (format!("{SENT}/properties/name/maxLength"), json!(60), "name has a maxLength of 60 now"),
        (format!("{SENT}/properties/name/minLength"), json!(1), "name has a minLength of 1 now"),
        (format!("{SENT}/properties/name/pattern"), json!("^a"), "name has to fit ^a now"),
        (format!("{SENT}/properties/name/enum"), json!(["a"]), "name takes a few values alone now"),
        (
            format!("{SENT}/properties/population/type"),
            json!("integer"),
            "population is integer and was integer or null",
        ),
        (
            format!("{SENT}/properties/population/format"),
            json!("int32"),
            "population has the format int32 and had int64",
        ),
        (format!("{SENT}/required/1"), json!("population"), "population is required now"),
    ];
    for (pointer, value, told) in cases {
        assert_eq!(broken(&pointer, Some(value)), [vec![format!("{place} {told}")], Vec::new()], "{pointer}");
    }
    let parameter = format!("{OPERATION}/parameters/1/schema/enum");
    let [narrowed, _] = broken(&parameter, Some(json!(["a"])));
    assert_eq!(narrowed, ["POST /cities: query parameter kind no longer takes \"b\""]);
    let wanted = json!({"in": "header", "name": "If-Match", "required": true, "schema": {}});
    let [narrowed, _] = broken(&format!("{OPERATION}/parameters/2"), Some(wanted));
    assert_eq!(narrowed, ["POST /cities: header parameter If-Match is new, and required"]);
}

#[test]
fn what_clients_get_may_only_grow() {
    let place = "City, as answered:";
    let cases = [
        (
            format!("{ANSWERED}/properties/name/type"),
            json!(["string", "null"]),
            "name is null or string and was string",
        ),
        (format!("{ANSWERED}/properties/id/format"), json!(""), "id has the format none and had uuid"),
    ];
    for (pointer, value, told) in cases {
        assert_eq!(broken(&pointer, Some(value)), [vec![format!("{place} {told}")], Vec::new()], "{pointer}");
    }
    let grown = broken(&format!("{ANSWERED}/properties/mayor"), Some(json!({"type": "string"})));
    assert_eq!(grown, [Vec::new(), vec![format!("{place} mayor is gone")]]);
}

#[test]
fn doors_may_open_and_not_close() {
    let opened = broken(&format!("{OPERATION}/security"), Some(json!([])));
    assert_eq!(opened, [Vec::new(), vec!["POST /cities: asks for a token now".to_owned()]]);
    let [renamed, _] = broken(&format!("{OPERATION}/operationId"), Some(json!("cities.add")));
    assert_eq!(renamed.len(), 1);
}

/// Some operations of a bulk, as the document has them.
fn operations(names: &[&str]) -> Value {
    let one = |name: &&str| {
        let field = json!({"type": "integer", "maximum": name.len()});
        json!({
            "type": "object", "additionalProperties": false, "required": ["op", name],
            "properties": {"op": {"type": "string", "enum": [name]}, *name: field}
        })
    };
    json!({"type": "array", "items": {"oneOf": names.iter().map(one).collect::<Vec<_>>()}})
}

/// What one schema of the body breaks that comes in the place of another one.
fn replaced(old: Value, new: Value) -> Vec<String> {
    let with = |schema: Value| {
        let mut document = document();
        document.pointer_mut(&format!("{SENT}/properties/name")).map(|name| *name = schema).unwrap();
        document
    };
    breaks(&with(old), &with(new)).iter().map(ToString::to_string).collect()
}

#[test]
fn an_operation_more_in_a_bulk_breaks_nothing_wherever_it_stands() {
    let few = operations(&["update", "delete"]);
    for names in [&["create", "update", "delete"][..], &["delete", "create", "update"]] {
        assert_eq!(replaced(few.clone(), operations(names)), Vec::<String>::new(), "{names:?}");
        assert_ne!(replaced(operations(names), few.clone()), Vec::<String>::new(), "{names:?}");
    }
    let mut tighter = operations(&["create", "delete", "update"]);
    tighter["items"]["oneOf"][1]["properties"]["delete"]["maximum"] = json!(1);
    assert_eq!(replaced(few, tighter), ["CreateCity, as sent: name items delete has a maximum of 1 now"]);
}

#[test]
fn a_list_that_took_anything_and_a_value_that_had_one_shape_may_not_become_narrower() {
    let (text, number) = (json!({"type": "string"}), json!({"type": "number"}));
    let place = "CreateCity, as sent: name";
    let (any, texts) = (json!({"type": "array"}), json!({"type": "array", "items": text}));
    assert_eq!(replaced(any.clone(), texts.clone()), [format!("{place} takes some items alone now")]);
    assert_eq!(replaced(texts, any), Vec::<String>::new());
    for key in ["anyOf", "oneOf"] {
        let several = json!({key: [number, text]});
        assert_eq!(replaced(text.clone(), several.clone()), Vec::<String>::new());
        assert_eq!(replaced(json!({"type": "boolean"}), several), [format!("{place} has to be one of 2 shapes")]);
    }
    let itself = json!({"$ref": "#/components/schemas/CreateCity"});
    assert_eq!(replaced(itself.clone(), json!({"oneOf": [{"type": "null"}, itself]})), Vec::<String>::new());
}

#[test]
fn a_value_that_is_left_out_stays_what_it_was() {
    let with = |default: u32| json!({"type": "integer", "default": default});
    let place = "CreateCity, as sent: name";
    assert_eq!(replaced(with(20), with(50)), [format!("{place} is 50 where it is left out, and was 20")]);
    assert_eq!(
        replaced(with(20), json!({"type": "integer"})),
        [format!("{place} is no longer 20 where it is left out")]
    );
    assert_eq!(replaced(json!({"type": "integer"}), with(20)), Vec::<String>::new());
}

#[test]
fn the_names_that_generated_clients_take_over_are_kept() {
    let [moved, back] = broken(&format!("{OPERATION}/tags"), Some(json!(["towns"])));
    assert_eq!(
        moved,
        ["POST /cities: is under towns and no longer under no tag; generated clients have a module of each"]
    );
    assert_eq!(back.len(), 1);
    let mut renamed = document();
    renamed["components"]["schemas"]["NewCity"] = renamed["components"]["schemas"]["CreateCity"].clone();
    let body = format!("{OPERATION}/requestBody/content/application~1json/schema/$ref");
    *renamed.pointer_mut(&body).unwrap() = json!("#/components/schemas/NewCity");
    let told: Vec<_> = breaks(&document(), &renamed).iter().map(ToString::to_string).collect();
    let name = "CreateCity, as sent: is called NewCity now; generated clients have a class of that name";
    assert_eq!(told, [name]);
}
