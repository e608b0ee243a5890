//! Texts that we give to clients and get back as they were, or not at all.
//!
//! Signed, not encrypted: what stands in one, its reader may know. A text is good for one context, which is signed along
//! and not sent. And marks, for what shall be known again and not be stored.

use std::fmt;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::keys::Keys;

/// Bytes of the signature that are sent: half of HMAC-SHA256, which RFC 2104 holds to be enough.
const SIGNATURE: usize = 16;

/// The seals of one purpose: one key that signs, and those of earlier secrets that only verify.
pub struct Seals {
    signing: hmac::Key,
    earlier: Vec<hmac::Key>,
}

impl Seals {
    /// For a purpose of its own, so that nothing sealed for one is ever taken for another.
    #[must_use]
    pub fn new(purpose: &str, secret: &SecretString, earlier: &[SecretString]) -> Self {
        let key = |secret: &SecretString| {
            hmac::Key::new(hmac::HMAC_SHA256, Keys::new(secret).derive(purpose).expose_secret())
        };
        Self { signing: key(secret), earlier: earlier.iter().map(key).collect() }
    }

    /// The payload with its signature, in letters that an address can hold.
    #[must_use]
    pub fn seal(&self, context: &[u8], payload: &[u8]) -> String {
        let tag = sign(&self.signing, context, payload);
        let signature = tag.as_ref().get(..SIGNATURE).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([signature, payload].concat())
    }

    /// The payload of a text that was sealed in this context, exactly as it was sealed.
    #[must_use]
    pub fn open(&self, context: &[u8], text: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (signature, payload) = bytes.split_at_checked(SIGNATURE)?;
        let is_ours = |key: &hmac::Key| {
            let tag = sign(key, context, payload);
            tag.as_ref().get(..SIGNATURE).is_some_and(|right| right.ct_eq(signature).into())
        };
        let is_ours = [&self.signing].into_iter().chain(&self.earlier).any(is_ours);
        is_ours.then(|| payload.to_vec())
    }

    /// What tells this payload from every other in this context, and tells nobody without the secret what it is: the signature
    /// alone, in lower-case hexadecimal. The one to keep comes first, and behind it those of earlier secrets.
    #[must_use]
    pub fn marks(&self, context: &[u8], payload: &[u8]) -> Vec<String> {
        let keys = [&self.signing].into_iter().chain(&self.earlier);
        let hexadecimal = |tag: hmac::Tag| tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        keys.map(|key| hexadecimal(sign(key, context, payload))).collect()
    }

    /// How long a sealed payload of this many bytes is.
    #[must_use]
    pub const fn length(payload: usize) -> usize {
        ((SIGNATURE + payload) * 4).div_ceil(3)
    }
}

/// The length of the context stands in front: where the one ends and the other begins must not be open to doubt.
fn sign(key: &hmac::Key, context: &[u8], payload: &[u8]) -> hmac::Tag {
    let mut signing = hmac::Context::with_key(key);
    signing.update(&u64::try_from(context.len()).unwrap_or(u64::MAX).to_be_bytes());
    signing.update(context);
    signing.update(payload);
    signing.sign()
}

impl fmt::Debug for Seals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seals").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seals(purpose: &str, secret: &str, earlier: &[&str]) -> Seals {
        let earlier: Vec<_> = earlier.iter().map(|secret| SecretString::from(*secret)).collect();
        Seals::new(purpose, &SecretString::from(secret), &earlier)
    }

    #[test]
    fn what_was_sealed_opens_where_it_was_sealed_and_nowhere_else() {
        let seals_of = |purpose, secret| seals(purpose, secret, &[]);
        let sealed = seals_of("cursor", "one").seal(b"here", b"payload");
        assert_eq!(sealed.len(), Seals::length(b"payload".len()));
        assert_eq!(seals_of("cursor", "one").open(b"here", &sealed).as_deref(), Some(&b"payload"[..]));
        assert_eq!(seals_of("cursor", "one").open(b"there", &sealed), None);
        assert_eq!(seals_of("cursor", "two").open(b"here", &sealed), None);
        assert_eq!(seals_of("other", "one").open(b"here", &sealed), None);
        // Bytes that move from the payload into the context are other bytes.
        assert_eq!(seals_of("cursor", "one").open(b"herep", &seals_of("cursor", "one").seal(b"here", b"p")), None);
    }

    #[test]
    fn an_earlier_secret_still_opens() {
        let sealed = seals("cursor", "old", &[]).seal(b"", b"payload");
        assert!(seals("cursor", "new", &["older", "old"]).open(b"", &sealed).is_some());
        assert!(seals("cursor", "new", &[]).open(b"", &sealed).is_none());
    }

    #[test]
    fn a_mark_is_made_of_all_there_is_and_known_by_a_later_secret() {
        let old = seals("claim", "old", &[]).marks(b"here", b"payload");
        assert_eq!((old.len(), old[0].len()), (1, 64));
        let new = seals("claim", "new", &["older", "old"]).marks(b"here", b"payload");
        assert_eq!((new.len(), &new[2]), (3, &old[0]));
        for (purpose, context, payload) in
            [("other", "here", "payload"), ("claim", "there", "payload"), ("claim", "here", "")]
        {
            assert_ne!(seals(purpose, "old", &[]).marks(context.as_bytes(), payload.as_bytes()), old);
        }
    }

    #[test]
    fn no_altered_text_opens() {
        let ours = seals("cursor", "one", &[]);
        let sealed = ours.seal(b"", b"a payload of a few bytes");
        for place in 0..sealed.len() {
            for other in ["A", "B", "_", "=", " ", "é"] {
                let (before, after) = (&sealed[..place], &sealed[place + 1..]);
                let altered = format!("{before}{other}{after}");
                assert!(altered == sealed || ours.open(b"", &altered).is_none(), "{altered}");
            }
            assert!(ours.open(b"", &sealed[..place]).is_none());
        }
        assert!(ours.open(b"", &format!("{sealed}A")).is_none());
    }
}
