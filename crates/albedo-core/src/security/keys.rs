//! Many keys out of one secret.
//!
//! One secret to set, to keep and to rotate; each purpose gets a key of its own, so that nothing signed for one can
//! ever be taken for another.

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use secrecy::{ExposeSecret, SecretBox, SecretString};

/// Separates our keys from those of any other program that is given the same secret.
const SALT: &[u8] = b"albedo/keys/v1";

/// Where keys come from.
#[derive(Clone)]
pub struct Keys(Prk);

/// A key of 32 bytes, wiped when dropped.
pub type Key = SecretBox<[u8; 32]>;

impl Keys {
    /// The keys of this secret.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        Self(Salt::new(HKDF_SHA256, SALT).extract(secret.expose_secret().as_bytes()))
    }

    /// The key for one purpose: always the same for one secret and purpose, on every replica (HKDF-SHA256, RFC 5869).
    #[must_use]
    #[expect(clippy::expect_used, reason = "HKDF-SHA256 gives up to 8,160 bytes, and 32 are asked for")]
    pub fn derive(&self, purpose: &str) -> Key {
        SecretBox::init_with_mut(|key: &mut [u8; 32]| {
            self.0
                .expand(&[purpose.as_bytes()], KeyLength)
                .and_then(|material| material.fill(key))
                .expect("32 bytes are within the limit of HKDF");
        })
    }
}

struct KeyLength;

impl KeyType for KeyLength {
    fn len(&self) -> usize {
        32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(secret: &str) -> Keys {
        Keys::new(&SecretString::from(secret))
    }

    #[test]
    fn a_key_is_the_same_for_the_same_secret_and_purpose() {
        assert_eq!(keys("one").derive("cursor").expose_secret(), keys("one").derive("cursor").expose_secret());
    }

    #[test]
    fn a_key_differs_by_purpose_and_by_secret() {
        let key = keys("one").derive("cursor");
        assert_ne!(key.expose_secret(), keys("one").derive("token").expose_secret());
        assert_ne!(key.expose_secret(), keys("two").derive("cursor").expose_secret());
    }
}
