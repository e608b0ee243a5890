//! Access tokens: issued, and let in again only after every check there is.
//!
//! The defaults of JWT libraries accept too much, so this is the one place that decodes a token; Clippy refuses the
//! call elsewhere. A token says who and which session and no more: rights are read from the database at each request.

mod ring;
mod wire;

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Validation};
use moka::sync::Cache;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use self::{
    ring::Ring,
    wire::{Verified, WireClaims},
};
use crate::settings::SecuritySettings;

/// Longest text that is looked at: ours have some 400 bytes.
const LONGEST_TOKEN: usize = 4096;
/// Tokens remembered as verified, and how long: verifying an Ed25519 signature takes 50 microseconds.
const REMEMBERED_TOKENS: u64 = 10_000;
const REMEMBERED_FOR: Duration = Duration::from_secs(60);

/// Issues and verifies access tokens. Clones share the keys and the memory of verified tokens.
#[derive(Clone)]
pub struct Tokens(Arc<Inner>);

struct Inner {
    ring: Ring,
    validation: Validation,
    issuer: String,
    audience: String,
    ttl: Duration,
    /// By SHA-256 of the token, so that no usable token lies in memory. Only verified ones get in.
    verified: Cache<[u8; 32], Verified>,
}

/// A token for a client.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// What the client sends back as a bearer token.
    pub token: SecretString,
    /// How long it lives.
    pub expires_in: Duration,
}

/// What a verified token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The user.
    pub user: Uuid,
    /// The login this token belongs to.
    pub session: Uuid,
    /// When the token ends.
    pub expires_at: DateTime<Utc>,
}

/// Why a token is not accepted, or cannot be made. For logs and counters: clients are told nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Longer than any of ours.
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of base64url with JSON in them.
    #[error("the token is malformed")]
    Malformed,
    /// A header that ours do not have, or lacks what ours have.
    #[error("the token has another header than ours")]
    Header,
    /// Signed by a key we do not have, or have no more.
    #[error("the token names an unknown key")]
    UnknownKey,
    /// Not signed by the key it names.
    #[error("the token's signature is wrong")]
    Signature,
    /// A claim is missing, of the wrong type, or for someone else.
    #[error("the token's claims are wrong")]
    Claims,
    /// Used after its end.
    #[error("the token has expired")]
    Expired,
    /// Used before its beginning.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// No key can be made from the secret.
    #[error("no signing key can be made from ALBEDO_JWT_SECRET")]
    Key,
    /// A token cannot be signed.
    #[error("a token cannot be signed")]
    Signing,
}

impl Tokens {
    /// The keys of these secrets: the first signs, all verify.
    ///
    /// # Errors
    /// [`TokenError::Key`] when the cryptography refuses a key.
    pub fn new(settings: &SecuritySettings) -> Result<Self, TokenError> {
        Ok(Self(Arc::new(Inner {
            ring: Ring::new(&settings.jwt_secret, &settings.jwt_previous_secrets)?,
            validation: validation(&settings.issuer, &settings.audience),
            issuer: settings.issuer.clone(),
            audience: settings.audience.clone(),
            ttl: settings.access_token_ttl,
            verified: Cache::builder().max_capacity(REMEMBERED_TOKENS).time_to_live(REMEMBERED_FOR).build(),
        })))
    }

    /// A token for one user in one session, good from now on.
    ///
    /// # Errors
    /// [`TokenError::Signing`] when the cryptography refuses to sign.
    pub fn issue(&self, user: Uuid, session: Uuid, now: DateTime<Utc>) -> Result<AccessToken, TokenError> {
        let inner = &*self.0;
        let claims = WireClaims::new(&inner.issuer, &inner.audience, user, session, now, inner.ttl);
        Ok(AccessToken { token: inner.ring.sign(&claims)?, expires_in: inner.ttl })
    }

    /// What a token says, if it is ours, for us, and good now.
    ///
    /// # Errors
    /// The first check it fails.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenError::TooLong);
        }
        let inner = &*self.0;
        let digest = <[u8; 32]>::from(Sha256::digest(token.as_bytes()));
        if let Some(verified) = inner.verified.get(&digest) {
            return verified.at(now);
        }
        let verified = inner.verify_afresh(token)?;
        let claims = verified.at(now)?;
        inner.verified.insert(digest, verified);
        Ok(claims)
    }
}

impl Inner {
    #[expect(clippy::disallowed_methods, reason = "the one place where tokens are decoded, with every check around it")]
    fn verify_afresh(&self, token: &str) -> Result<Verified, TokenError> {
        let kid = wire::key_id(token)?;
        let key = self.ring.find(&kid).ok_or(TokenError::UnknownKey)?;
        let decoded = jsonwebtoken::decode::<WireClaims>(token, key, &self.validation).map_err(wire::refusal)?;
        decoded.claims.check(&self.issuer, &self.audience)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("issuer", &self.0.issuer)
            .field("audience", &self.0.audience)
            .finish_non_exhaustive()
    }
}

/// The library checks algorithm, signature, issuer and audience. The clock is ours: it is told by the caller.
#[expect(clippy::disallowed_methods, reason = "the one place where tokens are decoded, with every check around it")]
fn validation(issuer: &str, audience: &str) -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}
