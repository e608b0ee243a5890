//! Conditional requests (RFC 9110, 13): entity tags are the versions of rows.

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use albedo_core::fault::{Code, Fault};
use albedo_engine::Expected;

use crate::error::ApiError;

/// The strong entity tag of a row: its version, such as `"3"`; and a digest, such as `"3.9c56cc51b374c3ba"`, where more is
/// shown of it than the version counts.
#[must_use]
pub fn entity_tag(version: i64, digest: Option<u64>) -> HeaderValue {
    // Digits, letters and quotes: nothing that a header could not hold.
    HeaderValue::from_str(&entity_tag_text(version, digest)).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// The same as text.
#[must_use]
pub fn entity_tag_text(version: i64, digest: Option<u64>) -> String {
    match digest {
        Some(digest) => format!("\"{version}.{digest:016x}\""),
        None => format!("\"{version}\""),
    }
}

/// What a tag ends with where the row was sent compressed: other bytes, another tag, the same version.
const PACKED: &str = "-gzip";

/// The tag of the same version as a client gets it compressed; for tags of ours alone.
pub(crate) fn packed_tag(tag: &HeaderValue) -> Option<HeaderValue> {
    let version = tag.to_str().ok()?.strip_prefix('"')?.strip_suffix('"')?;
    HeaderValue::try_from(format!("\"{version}{PACKED}\"")).ok()
}

/// What `If-Match` expects.
///
/// # Errors
/// 400 where the header is none.
pub fn if_match(request: &HttpRequest) -> Result<Expected, ApiError> {
    Ok(match read(request, &header::IF_MATCH)? {
        None => Expected::Unsaid,
        Some(Tags::Any) => Expected::Any,
        // A weak tag never matches here; what is no version of ours matches no row.
        Some(Tags::These(tags)) => {
            Expected::Versions(tags.into_iter().filter(|tag| !tag.weak).filter_map(|tag| tag.version).collect())
        }
    })
}

/// What a text expects that stands for `If-Match`; `None` where it is none.
#[must_use]
pub fn expected(text: &str) -> Option<Expected> {
    let text = text.trim();
    let versions = |tags: Vec<Tag>| tags.into_iter().filter(|tag| !tag.weak).filter_map(|tag| tag.version).collect();
    if text == "*" { Some(Expected::Any) } else { Some(Expected::Versions(versions(list(text)?))) }
}

/// Whether `If-None-Match` says that the client has this already; the digest is asked for where it says anything.
///
/// # Errors
/// 400 where the header is none.
pub fn is_unchanged(
    request: &HttpRequest,
    version: i64,
    digest: impl FnOnce() -> Option<u64>,
) -> Result<bool, ApiError> {
    Ok(match read(request, &header::IF_NONE_MATCH)? {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::These(tags)) => {
            let current = (Some(version), digest());
            tags.iter().any(|tag| (tag.version, tag.digest) == current)
        }
    })
}

enum Tags {
    Any,
    These(Vec<Tag>),
}

struct Tag {
    weak: bool,
    /// `None` where it is none of ours.
    version: Option<i64>,
    digest: Option<u64>,
}

fn read(request: &HttpRequest, name: &HeaderName) -> Result<Option<Tags>, ApiError> {
    let mut tags = Vec::new();
    for value in request.headers().get_all(name) {
        let text = value.to_str().map(str::trim).unwrap_or_default();
        if text == "*" {
            return Ok(Some(Tags::Any));
        }
        tags.extend(list(text).ok_or_else(|| malformed(name))?);
    }
    Ok((!tags.is_empty()).then_some(Tags::These(tags)))
}

/// The tags of one header line. A comma inside a tag is part of it: other servers' tags may hold one.
fn list(text: &str) -> Option<Vec<Tag>> {
    let mut tags = Vec::new();
    let mut rest = text;
    loop {
        let (tag, after) = first(rest)?;
        tags.push(tag);
        match after.trim_start().strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None if after.trim().is_empty() => return Some(tags),
            None => return None,
        }
    }
}

fn first(text: &str) -> Option<(Tag, &str)> {
    let (weak, quoted) = text.strip_prefix("W/").map_or((false, text), |quoted| (true, quoted));
    let (inside, after) = quoted.strip_prefix('"')?.split_once('"')?;
    let inside = inside.strip_suffix(PACKED).unwrap_or(inside);
    let (version, digest) = inside.split_once('.').map_or((inside, None), |(version, digest)| (version, Some(digest)));
    let digest =
        digest.map(|digest| u64::from_str_radix(digest, 16).ok().filter(|number| format!("{number:016x}") == digest));
    // Tags are texts: "03" and "+3" are none of ours, though they are numbers.
    let is_ours = version.starts_with(|first| matches!(first, '1'..='9')) && digest != Some(None);
    Some((Tag { weak, version: version.parse().ok().filter(|_| is_ours), digest: digest.flatten() }, after))
}

fn malformed(name: &HeaderName) -> ApiError {
    let shown = if name == header::IF_MATCH { "If-Match" } else { "If-None-Match" };
    let detail = "Send * or entity tags in double quotes, such as \"3\".";
    ApiError::bad_request(Fault::in_header(shown, Code::InvalidFormat, detail))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn with(name: &'static str, value: &str) -> HttpRequest {
        TestRequest::default().insert_header((name, value)).to_http_request()
    }

    #[test]
    fn if_match_compares_strongly() {
        let expected = |value| if_match(&with("If-Match", value)).ok();
        assert_eq!(expected("*"), Some(Expected::Any));
        assert_eq!(expected("\"3\", \"4\""), Some(Expected::Versions(vec![3, 4])));
        assert_eq!(expected("W/\"3\""), Some(Expected::Versions(vec![])));
        assert_eq!(expected("\"other\""), Some(Expected::Versions(vec![])));
        assert_eq!(expected("\"a,b\" , W/\"1\",\"5\""), Some(Expected::Versions(vec![5])));
        assert_eq!(expected("\"3-gzip\""), Some(Expected::Versions(vec![3])));
        assert_eq!(expected("\"03\", \"+3\", \"-3\""), Some(Expected::Versions(vec![])));
        assert_eq!(expected("\"3\" \"4\""), None);
        assert_eq!(expected("\"3\","), None);
        assert_eq!(expected("3"), None);
        assert_eq!(if_match(&TestRequest::default().to_http_request()).ok(), Some(Expected::Unsaid));
    }

    #[test]
    fn if_none_match_compares_weakly() {
        let unchanged = |value| is_unchanged(&with("If-None-Match", value), 3, || None).ok();
        assert_eq!(unchanged("*"), Some(true));
        assert_eq!(unchanged("\"2\", W/\"3\""), Some(true));
        assert_eq!(unchanged("\"4\""), Some(false));
        assert_eq!(unchanged("abc"), None);
    }

    #[test]
    fn what_is_shown_beside_a_row_counts_for_those_who_read_it_and_not_for_those_who_change_it() {
        let tag = entity_tag_text(3, Some(0x1f));
        assert_eq!(tag, "\"3.000000000000001f\"");
        let unchanged = |value: &str, digest| is_unchanged(&with("If-None-Match", value), 3, || digest).unwrap();
        assert!(unchanged(&tag, Some(0x1f)) && !unchanged(&tag, Some(0x20)) && !unchanged(&tag, None));
        assert!(!unchanged("\"3\"", Some(0x1f)) && unchanged("\"3.000000000000001f-gzip\"", Some(0x1f)));
        let expected = |value: &str| if_match(&with("If-Match", value)).unwrap();
        assert_eq!(expected(&tag), Expected::Versions(vec![3]));
        for none in ["\"3.\"", "\"3.1f\"", "\"3.000000000000001F\"", "\"3.+00000000000001f\""] {
            assert_eq!(expected(none), Expected::Versions(vec![]), "{none}");
        }
    }
}
