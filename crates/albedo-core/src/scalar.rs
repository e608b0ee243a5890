//! Single values as clients write them, read into one form: the same for bodies, filters and path parameters.

use std::str::FromStr;

use chrono::{DateTime, Datelike, SecondsFormat, SubsecRound, Utc};
use email_address::EmailAddress;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

/// One typed value.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// Text or a choice.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A double, never NaN or infinite.
    Number(f64),
    /// A truth value.
    Boolean(bool),
    /// A UUID.
    Uuid(Uuid),
    /// A time, cut to microseconds.
    Time(DateTime<Utc>),
}

/// A UUID in its hyphenated form; the braced, URN and bare forms are refused, so that one id has one address.
#[must_use]
pub fn uuid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

/// An RFC 3339 time, cut to microseconds, in the years 1 to 9999 of UTC (beyond them texts no longer sort as times do).
#[must_use]
pub fn time(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc).trunc_subsecs(6);
    (1..=9999).contains(&time.year()).then_some(time)
}

/// The one way that times are written: UTC, `Z`, six digits.
#[must_use]
pub fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The whole number that a JSON number stands for: `12` and `12.0` are the same value (JSON Schema says so), `12.5` is none.
#[must_use]
pub fn whole(value: &Value) -> Option<i128> {
    if let Some(integer) = value.as_i64() {
        return Some(integer.into());
    }
    if let Some(integer) = value.as_u64() {
        return Some(integer.into());
    }
    let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float saturates, and what is beyond 64 bits is refused anyway"
    )]
    Some(number as i128)
}

/// A bound as JSON, without a fraction where it has none.
#[must_use]
pub fn number(value: f64) -> Value {
    let json = Value::from(value);
    match whole(&json).map(i64::try_from) {
        Some(Ok(integer)) => integer.into(),
        _ => json,
    }
}

/// An email address of at most 254 characters, with a plain local part (no quotes, no comments, no literal address).
#[must_use]
pub fn is_email(text: &str) -> bool {
    let plain = !text.contains(['"', '(', ')', '<', '>', '[', ']', ' ']);
    plain && text.len() <= 254 && EmailAddress::from_str(text).is_ok()
}

/// An absolute `http` or `https` address.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_id_has_one_spelling_apart_from_case() {
        let id = "01a20674-1715-76ed-8847-8036cb1fa3c5";
        assert_eq!(uuid(id).map(|id| id.to_string()).as_deref(), Some(id));
        assert!(uuid(&id.to_uppercase()).is_some());
        for wrong in
            ["", "1", "01a20674171576ed88478036cb1fa3c5", "{01a20674-1715-76ed-8847-8036cb1fa3c5}", "urn:uuid:x"]
        {
            assert!(uuid(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn times_keep_microseconds_and_lose_their_offset() {
        assert_eq!(time_text(time("2026-06-01T02:00:00.1234567+02:00").unwrap()), "2026-06-01T00:00:00.123456Z");
        for wrong in ["2026-06-01", "2026-06-01T00:00:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "now"] {
            assert!(time(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn email_addresses_are_the_plain_ones() {
        for right in ["a@b.example", "first.last+tag@sub.example.com", "ü@example.com"] {
            assert!(is_email(right), "{right}");
        }
        for wrong in ["", "a", "a@", "@b", "a b@c.example", "a@b@c.example", "\"a\"@b.example", "a@[127.0.0.1]"] {
            assert!(!is_email(wrong), "{wrong}");
        }
        assert!(!is_email(&format!("a@{}.example", "b".repeat(254))));
    }
}
