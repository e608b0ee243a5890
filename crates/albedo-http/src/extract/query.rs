//! The query of a route of one's own, held against a table of fields as a body is.

use actix_web::HttpRequest;
use albedo_core::body::{self, Purpose};
use albedo_core::fault::{Code, Fault, Faults, Place};
use albedo_core::field::{Field, Kind};
use albedo_core::listing;
use serde_json::{Map, Number, Value};

use crate::error::ApiError;

/// The parameters by their names, each of the kind that its field says; those that are absent have their default, if any.
///
/// # Errors
/// 400 naming each parameter that is unknown, missing, sent twice, of another kind or out of its bounds.
pub fn query(request: &HttpRequest, fields: &[Field]) -> Result<Map<String, Value>, ApiError> {
    read(request.query_string(), fields).map_err(ApiError::bad_request)
}

fn read(query: &str, fields: &[Field]) -> Result<Map<String, Value>, Faults> {
    let (mut faults, mut sent) = (Faults::none(), Map::new());
    let asked = || fields.iter().filter(|field| field.uses.create);
    for (name, text) in &listing::pairs(query)? {
        let Some(field) = asked().find(|field| field.name == name) else {
            let allowed: Vec<_> = asked().map(|field| field.name).collect();
            let shown: String = name.chars().take(64).collect();
            let detail = format!("There is no such parameter; allowed are {}.", allowed.join(", "));
            faults.add(Fault::in_parameter(shown, Code::Unknown, detail).with("allowed", allowed));
            continue;
        };
        if sent.insert(field.name.to_owned(), typed(field.kind, text)).is_some() {
            faults.add(Fault::in_parameter(field.name, Code::Duplicate, "Send this parameter once."));
        }
    }
    match body::check(fields, Purpose::Create, Value::Object(sent), |_, _| {}) {
        Ok(sent) => faults.none_or(sent),
        Err(others) => {
            others.into_iter().map(in_query).for_each(|fault| faults.add(fault));
            Err(faults)
        }
    }
}

/// The text as JSON of this kind; where it is none, as the text that it is, for the check to refuse.
fn typed(kind: Kind, text: &str) -> Value {
    let typed = match kind {
        Kind::Integer32 | Kind::Integer64 => text.parse::<i64>().ok().map(Value::from),
        Kind::Number => text.parse().ok().and_then(Number::from_f64).map(Value::Number),
        Kind::Boolean => text.parse::<bool>().ok().map(Value::Bool),
        Kind::Texts => Some(text.split(',').map(Value::from).collect()),
        Kind::Text | Kind::Choice(_) | Kind::Uuid | Kind::Time | Kind::Object => None,
    };
    typed.unwrap_or_else(|| Value::from(text))
}

/// The same fault, where a parameter has it.
fn in_query(mut fault: Fault) -> Fault {
    if let Place::Pointer(pointer) = &fault.place {
        let name = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
        fault.place = Place::Parameter(name.to_owned());
    }
    fault
}

#[cfg(test)]
mod tests {
    use albedo_core::field::Bounds;
    use serde_json::json;

    use super::*;

    static FIELDS: [Field; 4] = [
        Field::sent("name", Kind::Text, ""),
        Field { required: false, default: Some("10"), bounds: BOUNDS, ..Field::sent("most", Kind::Integer32, "") },
        Field { required: false, ..Field::sent("dry", Kind::Boolean, "") },
        Field { required: false, ..Field::sent("tags", Kind::Texts, "") },
    ];
    const BOUNDS: Bounds = Bounds { min: Some(1.0), max: Some(99.0), ..Bounds::NONE };

    #[test]
    fn parameters_are_of_the_kind_that_their_fields_say() {
        let sent = read("name=a+b&dry=true&tags=x,y", &FIELDS).unwrap();
        assert_eq!(Value::Object(sent), json!({"name": "a b", "most": 10, "dry": true, "tags": ["x", "y"]}));
    }

    #[test]
    fn all_that_is_wrong_is_told_by_parameter() {
        let faults = read("most=many&most=3&dry=1&tags=,x&colour=red", &FIELDS).unwrap_err();
        let place = |fault: Fault| match fault.place {
            Place::Parameter(name) => (name, fault.code),
            other => panic!("{other:?}"),
        };
        let told: Vec<_> = faults.into_iter().map(place).collect();
        let expected = [
            ("most", Code::Duplicate),
            ("colour", Code::Unknown),
            ("name", Code::Required),
            ("dry", Code::WrongType),
            ("tags", Code::TooShort),
        ];
        assert_eq!(told, expected.map(|(name, code)| (name.to_owned(), code)));
        assert_eq!(read("name=a&most=100", &FIELDS).unwrap_err().as_slice().len(), 1);
    }
}
