//! Checks of texts that more than one rule asks for, and the key that makes a value unique.

use albedo_core::fault::{Code, Fault, Faults, pointer_to};
use albedo_core::pattern;
use chrono_tz::Tz;
use icu_casemap::CaseMapper;
use oxilangtag::LanguageTag;
use serde_json::{Map, Value};

/// `language` is a BCP 47 tag.
pub(super) fn check_language(body: &Map<String, Value>, faults: &mut Faults) {
    if let Some(Value::String(tag)) = body.get("language")
        && LanguageTag::parse(tag.as_str()).is_err()
    {
        let detail = "This is not a BCP 47 language tag such as en or pt-BR.";
        faults.add(Fault::in_field("language", Code::InvalidFormat, detail).with("format", "bcp47"));
    }
}

/// `time_zone` is an IANA name.
pub(super) fn check_time_zone(body: &Map<String, Value>, faults: &mut Faults) {
    if let Some(Value::String(name)) = body.get("time_zone")
        && name.parse::<Tz>().is_err()
    {
        let detail = "This is not an IANA time zone such as UTC or Europe/Lisbon.";
        faults.add(Fault::in_field("time_zone", Code::InvalidFormat, detail).with("format", "iana-time-zone"));
    }
}

/// Each of `patterns` compiles, into something small.
pub(super) fn check_patterns(body: &Map<String, Value>, faults: &mut Faults) {
    let Some(Value::Array(patterns)) = body.get("patterns") else { return };
    // More and longer ones are refused by the field table, and need no reading.
    for (index, pattern) in patterns.iter().enumerate().take(20) {
        let Some(pattern) = pattern.as_str().filter(|pattern| pattern.chars().count() <= 128) else { continue };
        if !pattern::is_small(pattern) {
            let detail = "This is not a regular expression that runs in linear time and small memory: \
                no look-around, no back-references, no large repetitions.";
            let pointer = pointer_to("/patterns", &index.to_string());
            faults.add(Fault::at(pointer, Code::InvalidFormat, detail).with("format", "regex"));
        }
    }
}

/// The value without its case, by Unicode's full case folding: `Straße`, `STRASSE` and `strasse` are one.
pub(super) fn key_of(value: &str) -> String {
    CaseMapper::new().fold_string(value).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn languages_and_time_zones_exist() {
        let faults = |value: Value| {
            let mut faults = Faults::none();
            check_language(&body(&value), &mut faults);
            check_time_zone(&body(&value), &mut faults);
            faults.as_slice().len()
        };
        assert_eq!(faults(json!({"language": "zh-Hant-TW", "time_zone": "America/Argentina/Ushuaia"})), 0);
        assert_eq!(faults(json!({"language": "english please", "time_zone": "Lisbon"})), 2);
        assert_eq!(faults(json!({"language": 1})), 0, "the field table tells that");
    }

    #[test]
    fn patterns_compile_into_something_small() {
        let faults = |patterns: Value| {
            let mut faults = Faults::none();
            check_patterns(&body(&json!({"patterns": patterns})), &mut faults);
            faults.as_slice().len()
        };
        assert_eq!(faults(json!(["[A-Z]{2}-\\d{4}", "(?i)abc"])), 0);
        assert_eq!(faults(json!(["(", "(?=x)", "(a)\\1", "((\\w{50}){50}){50}"])), 4);
    }

    #[test]
    fn the_key_folds_case_fully() {
        assert_eq!(key_of("Straße"), key_of("STRASSE"));
        assert_ne!(key_of("e"), key_of("é"));
    }
}
