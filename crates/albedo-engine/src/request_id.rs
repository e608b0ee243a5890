//! What a request is called, in the log, in answers and in the audit trail.

use std::fmt;

const LONGEST: usize = 128;

/// The name of a request: up to 128 letters of ASCII. Copied with the caller, so that a request that needs no name pays for
/// no allocation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId {
    letters: [u8; LONGEST],
    length: u8,
}

impl RequestId {
    /// No request: the console, or a test.
    pub const NONE: Self = Self { letters: [0; LONGEST], length: 0 };

    /// Of this name. One that is too long is cut, and what is no ASCII is no name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let mut id = Self::NONE;
        if name.is_ascii() {
            let length = id.letters.iter_mut().zip(name.bytes()).map(|(letter, byte)| *letter = byte).count();
            id.length = u8::try_from(length).unwrap_or_default();
        }
        id
    }

    /// The name, where there is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        let letters = self.letters.get(..usize::from(self.length)).filter(|letters| !letters.is_empty())?;
        std::str::from_utf8(letters).ok()
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestId").field(&self.text().unwrap_or_default()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_is_up_to_its_bound() {
        assert_eq!(RequestId::of("order-7").text(), Some("order-7"));
        assert_eq!(
            (RequestId::of("").text(), RequestId::of("\u{e9}").text(), RequestId::NONE.text()),
            (None, None, None)
        );
        assert_eq!(RequestId::of(&"a".repeat(200)).text(), Some(&*"a".repeat(128)));
    }
}
