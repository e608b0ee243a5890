//! What a client says about a write that it may have to send twice: a key of its own, and what was asked for with it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// A key, and the request that it stands for.
///
/// The body counts as the JSON value that it is: spaces and the order of names may differ from one try to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What the client calls the write.
    pub key: String,
    /// SHA-256 of the request, in lower-case hexadecimal. Not to be stored: whoever has it can try passwords on it.
    pub fingerprint: String,
    /// How long the write is remembered.
    pub lives: Duration,
}

/// A request, as far as its fingerprint goes.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// `POST`.
    pub method: &'a str,
    /// The path, without a slash at its end.
    pub path: &'a str,
    /// The query, as sent.
    pub query: &'a str,
    /// The body; `null` where there is none.
    pub body: &'a Value,
}

impl Claim {
    /// A longer key is refused.
    pub const LONGEST_KEY: usize = 255;

    /// The claim of a request, if the key is one: 1 to 255 visible ASCII characters.
    #[must_use]
    pub fn new(key: &str, lives: Duration, asked: Asked<'_>) -> Option<Self> {
        Self::is_key(key).then(|| Self { key: key.to_owned(), fingerprint: fingerprint(asked), lives })
    }

    /// Whether this can be a key.
    #[must_use]
    pub fn is_key(text: &str) -> bool {
        (1..=Self::LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    }
}

fn fingerprint(asked: Asked<'_>) -> String {
    let mut digest = Sha256::new();
    for part in [asked.method, asked.path, asked.query] {
        add_text(&mut digest, part);
    }
    add(&mut digest, asked.body);
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// With its length before it, so that no two rows of texts look alike.
fn add_text(digest: &mut Sha256, text: &str) {
    digest.update(text.len().to_be_bytes());
    digest.update(text);
}

fn add(digest: &mut Sha256, value: &Value) {
    match value {
        Value::Null => digest.update(b"n"),
        Value::Bool(value) => digest.update(if *value { b"t" } else { b"f" }),
        Value::Number(number) => {
            digest.update(b"#");
            add_text(digest, &number.to_string());
        }
        Value::String(text) => {
            digest.update(b"s");
            add_text(digest, text);
        }
        Value::Array(items) => {
            digest.update(b"a");
            digest.update(items.len().to_be_bytes());
            items.iter().for_each(|item| add(digest, item));
        }
        Value::Object(object) => {
            digest.update(b"o");
            digest.update(object.len().to_be_bytes());
            // Sorted here, whatever order another crate has chosen for all maps.
            for (name, value) in object.iter().collect::<BTreeMap<_, _>>() {
                add_text(digest, name);
                add(digest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn of(path: &str, query: &str, body: &Value) -> String {
        Claim::new("k", HOUR, Asked { method: "POST", path, query, body }).unwrap().fingerprint
    }

    #[test]
    fn a_key_is_visible_and_short() {
        let body = json!({});
        let accepted =
            |key: &str| Claim::new(key, HOUR, Asked { method: "POST", path: "/", query: "", body: &body }).is_some();
        assert!(accepted("8e03978e-40d5-43dd-bc93-6894a57f9324") && accepted(&"k".repeat(255)) && accepted("\"q\""));
        for key in ["", "two words", "tab\t", "é", "\u{7f}", &"k".repeat(256)] {
            assert!(!accepted(key), "{key}");
        }
    }

    #[test]
    fn one_value_has_one_fingerprint_however_it_is_written() {
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let written = of("/c", "", &read(r#"{"a": 1, "b": [true, null]}"#));
        assert_eq!(written, of("/c", "", &read(r#"{"b":[true,null],"a":1}"#)));
        assert_eq!(written.len(), 64);
    }

    #[test]
    fn whatever_differs_differs_in_its_fingerprint() {
        let bodies = [
            json!(null),
            json!(false),
            json!(true),
            json!(0),
            json!("0"),
            json!(""),
            json!([]),
            json!({}),
            json!(["a", "b"]),
            json!(["ab"]),
            json!([["a"], "b"]),
            json!({"a": "b"}),
            json!({"a": ["b"]}),
            json!({"ab": ""}),
            json!([null]),
        ];
        let mut all: Vec<_> = bodies.iter().map(|body| of("/c", "", body)).collect();
        all.extend([of("/d", "", &json!(null)), of("/c", "d", &json!(null)), of("/", "cd", &json!(null))]);
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
