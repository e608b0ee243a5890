//! The text of a query, split and decoded strictly.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::fault::{Code, Fault, Faults};

/// A name and its value, decoded.
pub type Pair<'q> = (Cow<'q, str>, Cow<'q, str>);

/// The pairs of a query such as `name=a+b&size=20`, in their order.
///
/// A `+` is a space, as in forms. Bytes that are no UTF-8, and the character U+0000, are faults: replacing them would
/// answer a question that nobody asked.
///
/// # Errors
/// A fault for each pair that cannot be decoded.
pub fn pairs(query: &str) -> Result<Vec<Pair<'_>>, Faults> {
    let mut pairs = Vec::new();
    let mut faults = Faults::none();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match (decode(name), decode(value)) {
            (Some(name), Some(value)) => pairs.push((name, value)),
            (name, _) => {
                let name = name.unwrap_or(Cow::Borrowed("?"));
                let detail = "The parameter is not valid UTF-8 text, or holds the character U+0000.";
                faults.add(Fault::in_parameter(name, Code::InvalidFormat, detail));
            }
        }
    }
    faults.none_or(pairs)
}

fn decode(text: &str) -> Option<Cow<'_, str>> {
    let decoded = if text.contains('+') {
        let spaced = text.replace('+', " ");
        Cow::Owned(percent_decode_str(&spaced).decode_utf8().ok()?.into_owned())
    } else {
        percent_decode_str(text).decode_utf8().ok()?
    };
    (!decoded.contains('\0')).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_once() {
        let found = pairs("a=1&b%5Beq%5D=x+y%2B&&c").unwrap();
        let expected = [("a", "1"), ("b[eq]", "x y+"), ("c", "")];
        assert_eq!(found.iter().map(|(name, value)| (&**name, &**value)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_no_text_is_a_fault() {
        assert_eq!(pairs("a=%ff&b=%00&%fe=1").unwrap_err().as_slice().len(), 3);
    }
}
