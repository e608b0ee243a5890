//! Bodies against a field table, right and wrong.

use serde_json::json;

use super::*;
use crate::field::{Bounds, Pattern, Uses};

const WRITTEN: Uses = Uses { create: true, update: true, view: true, filter: false, sort: false, search: false };

static LETTERS: Pattern = Pattern::new("^[a-zé]*$");

fn fields() -> Vec<Field> {
    let written = |name, kind| Field { uses: WRITTEN, ..Field::shown(name, kind, "") };
    vec![
        Field::shown("id", Kind::Uuid, ""),
        Field {
            required: true,
            bounds: Bounds { min_len: Some(1), max_len: Some(5), pattern: Some(&LETTERS), ..Bounds::NONE },
            ..written("name", Kind::Text)
        },
        Field { nullable: true, bounds: Bounds { min: Some(0.0), ..Bounds::NONE }, ..written("size", Kind::Integer64) },
        Field { default: Some("7"), ..written("small", Kind::Integer32) },
        written("kind", Kind::Choice(&["list", "pattern"])),
        written("at", Kind::Time),
        Field { bounds: Bounds { max_items: Some(1), ..Bounds::NONE }, ..written("data", Kind::Object) },
        Field {
            bounds: Bounds { max_items: Some(2), item_max_len: Some(3), ..Bounds::NONE },
            ..written("words", Kind::Texts)
        },
    ]
}

fn faults(purpose: Purpose, body: Value) -> Vec<(String, Code)> {
    let Err(faults) = check(&fields(), purpose, body, |_, _| {}) else { return Vec::new() };
    let place = |fault: Fault| match fault.place {
        crate::fault::Place::Pointer(pointer) => (pointer, fault.code),
        other => panic!("{other:?}"),
    };
    faults.into_iter().map(place).collect()
}

#[test]
fn all_faults_of_a_body_are_told_at_once() {
    let body = json!({"name": "TOOLONG", "size": -1, "kind": "x", "at": "yesterday", "words": ["a", 1, "abcd"],
        "id": "mine", "nope/": 1, "data": {"a": 1, "b": {"c": "\u{0}"}}, "small": 3_000_000_000_i64});
    let found = faults(Purpose::Create, body);
    let expected = [
        ("/id", Code::Unknown),
        ("/nope~1", Code::Unknown),
        ("/name", Code::TooLong),
        ("/name", Code::PatternMismatch),
        ("/size", Code::TooSmall),
        ("/small", Code::TooLarge),
        ("/kind", Code::NotAChoice),
        ("/at", Code::InvalidFormat),
        ("/data", Code::TooMany),
        ("/data/b/c", Code::NullCharacter),
        ("/words", Code::TooMany),
        ("/words/1", Code::WrongType),
    ];
    assert_eq!(found, expected.map(|(place, code)| (place.to_owned(), code)));
}

#[test]
fn a_create_wants_what_is_required_and_a_patch_does_not() {
    assert_eq!(faults(Purpose::Create, json!({})), [("/name".to_owned(), Code::Required)]);
    assert_eq!(faults(Purpose::Update, json!({})), []);
}

#[test]
fn null_clears_what_may_be_empty_and_nothing_else() {
    assert_eq!(
        faults(Purpose::Update, json!({"name": null, "size": null})),
        [("/name".to_owned(), Code::NullNotAllowed)]
    );
}

#[test]
fn lengths_count_characters_and_not_bytes() {
    assert_eq!(faults(Purpose::Create, json!({"name": "ééééé"})), []);
}

#[test]
fn whole_numbers_and_times_are_brought_into_one_form() {
    let body = json!({"name": "a", "size": 12.0, "at": "2026-01-01T01:00:00.123456789+01:00"});
    let object = check(&fields(), Purpose::Create, body, |_, _| {}).unwrap();
    assert_eq!(object["size"].to_string(), "12");
    assert_eq!(object["at"], "2026-01-01T00:00:00.123456Z");
    assert_eq!(faults(Purpose::Update, json!({"size": 1.5})), [("/size".to_owned(), Code::WrongType)]);
    assert_eq!(faults(Purpose::Update, json!({"size": 1e30})), [("/size".to_owned(), Code::TooLarge)]);
}

#[test]
fn a_create_gets_the_defaults_and_a_patch_does_not() {
    let small = |purpose| check(&fields(), purpose, json!({"name": "a"}), |_, _| {}).unwrap().remove("small");
    assert_eq!(small(Purpose::Create), Some(json!(7)));
    assert_eq!(small(Purpose::Update), None);
}

#[test]
fn rules_are_asked_even_when_the_table_has_found_faults() {
    let rule = |_: &Map<String, Value>, faults: &mut Faults| faults.add(Fault::in_field("name", Code::Taken, ""));
    let faults = check(&fields(), Purpose::Create, json!({}), rule).unwrap_err();
    assert_eq!(faults.as_slice().len(), 2);
}

#[test]
fn anything_but_an_object_is_one_fault_at_the_root() {
    for body in [json!([]), json!("x"), json!(null), json!(1)] {
        assert_eq!(faults(Purpose::Create, body), [(String::new(), Code::WrongType)]);
    }
}
