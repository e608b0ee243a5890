//! Refresh tokens: opaque to everyone, found by their id, proven by their secret.
//!
//! `art_<id>.<secret>`, the id as 32 hexadecimal digits, the secret as 32 random bytes in base64url. Only the SHA-256
//! of the secret is stored: of 256 random bits, no slower hash is needed. Nothing is stored or looked up here.

use std::fmt::Write;

use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

const PREFIX: &str = "art_";
const SECRET_BYTES: usize = 32;
const SECRET_LENGTH: usize = 43;
const LENGTH: usize = PREFIX.len() + 32 + 1 + SECRET_LENGTH;

/// A refresh token, just made or just sent by a client.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    id: Uuid,
    secret: SecretString,
}

impl RefreshToken {
    /// A new token with a secret of 256 random bits.
    #[must_use]
    #[expect(clippy::expect_used, reason = "aws-lc ends the process before it gives bytes that are not random")]
    pub fn generate(id: Uuid) -> Self {
        let mut bytes = [0; SECRET_BYTES];
        rand::fill(&mut bytes).expect("the system gives random bytes");
        Self { id, secret: SecretString::from(URL_SAFE_NO_PAD.encode(bytes)) }
    }

    /// The token a client sent, if it is written exactly as [`RefreshToken::text`] writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != LENGTH {
            return None;
        }
        let (id_text, secret) = text.strip_prefix(PREFIX)?.split_once('.')?;
        let id = Uuid::try_parse(id_text).ok()?;
        // One spelling for one token: no upper case, no hyphens, no spare bits at the end of the secret.
        if id.simple().to_string() != id_text || URL_SAFE_NO_PAD.decode(secret).ok()?.len() != SECRET_BYTES {
            return None;
        }
        Some(Self { id, secret: SecretString::from(secret) })
    }

    /// What the client gets.
    #[must_use]
    pub fn text(&self) -> SecretString {
        SecretString::from(format!("{PREFIX}{}.{}", self.id.simple(), self.secret.expose_secret()))
    }

    /// Which row it is.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// What is stored: SHA-256 of the secret in lower-case hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        let digest = Sha256::digest(self.secret.expose_secret().as_bytes());
        digest.iter().fold(String::with_capacity(64), |mut hash, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hash, "{byte:02x}");
            hash
        })
    }

    /// Whether a stored hash is of this secret, in a time that tells nothing of either.
    #[must_use]
    pub fn matches(&self, stored_hash: &str) -> bool {
        self.hash().as_bytes().ct_eq(stored_hash.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> Uuid {
        Uuid::from_u128(0x0192_f3a1_7c00_7abc_8def_0123_4567_89ab)
    }

    #[test]
    fn a_token_reads_back_what_it_wrote() {
        let token = RefreshToken::generate(id());
        let read = RefreshToken::parse(token.text().expose_secret()).unwrap();
        assert_eq!(read.id(), id());
        assert_eq!(read.hash(), token.hash());
        assert!(read.matches(&token.hash()));
    }

    #[test]
    fn two_tokens_never_share_a_secret() {
        let (one, other) = (RefreshToken::generate(id()), RefreshToken::generate(id()));
        assert!(!one.matches(&other.hash()));
        assert!(!one.matches(""));
    }

    #[test]
    fn the_hash_is_sha_256_in_lower_case_hexadecimal() {
        let text = format!("art_0192f3a17c007abc8def0123456789ab.{}", "A".repeat(43));
        let token = RefreshToken::parse(&text).unwrap();
        assert_eq!(token.hash(), "0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1a");
    }

    #[test]
    fn only_the_exact_spelling_is_a_token() {
        let good = format!("art_0192f3a17c007abc8def0123456789ab.{}", "A".repeat(43));
        assert!(RefreshToken::parse(&good).is_some());
        for bad in [
            String::new(),
            good.to_uppercase(),
            good.replacen("art_", "alb_", 1),
            good.replacen('.', ":", 1),
            good.replacen("abc", "ABC", 1),
            good.replacen("0192f3a1", "0192f3a-", 1),
            good.replacen("AA", "A=", 1),
            good.replacen("AA", "A+", 1),
            format!("{}B", good.get(..79).unwrap()),
            format!(" {}", good.get(..79).unwrap()),
            format!("{good}A"),
            good.get(..79).unwrap().to_owned(),
            format!("art_0192f3a1-7c00-7abc-8def-0123456789ab.{}", "A".repeat(39)),
            "é".repeat(40),
            "a".repeat(1_000_000),
        ] {
            assert!(RefreshToken::parse(&bad).is_none(), "{:.100}", bad);
        }
    }

    #[test]
    fn debug_output_hides_the_secret() {
        let token = RefreshToken::generate(id());
        assert!(!format!("{token:?}").contains(token.secret.expose_secret()));
    }
}
