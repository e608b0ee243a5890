//! What a token looks like outside, and the checks on what it says.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::errors::{Error, ErrorKind};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Claims, TokenError};

/// Type of an access token (RFC 9068): no other JWT of anyone's passes for one.
pub(super) const TOKEN_TYPE: &str = "at+jwt";
const ALGORITHM: &str = "EdDSA";
const LONGEST_KEY_ID: usize = 64;
/// Seconds that two clocks may differ.
const LEEWAY: i64 = 10;
/// Seconds the longest-lived token lives.
const LONGEST_LIFE: i64 = 3600;

/// Our header has these three fields and no other: `crit`, `jku`, `jwk`, `x5u`, `x5c` and all that may yet be invented
/// are refused for being there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireHeader {
    alg: String,
    typ: String,
    kid: String,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct WireClaims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// A token whose signature and claims were found good; only time can still end it.
#[derive(Clone, Copy)]
pub(super) struct Verified {
    claims: Claims,
    not_before: i64,
}

/// The key that a token names, once its header is exactly as ours are.
pub(super) fn key_id(token: &str) -> Result<String, TokenError> {
    let mut parts = token.split('.');
    let (Some(header), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(TokenError::Malformed);
    };
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| TokenError::Malformed)?;
    let header = serde_json::from_slice::<WireHeader>(&header).map_err(|_| TokenError::Header)?;
    if header.alg != ALGORITHM || header.typ != TOKEN_TYPE || header.kid.len() > LONGEST_KEY_ID {
        return Err(TokenError::Header);
    }
    Ok(header.kid)
}

/// Our word for what the library found.
pub(super) fn refusal(error: Error) -> TokenError {
    match error.into_kind() {
        ErrorKind::InvalidSignature => TokenError::Signature,
        ErrorKind::InvalidAlgorithm => TokenError::Header,
        ErrorKind::InvalidToken | ErrorKind::Base64(_) | ErrorKind::Utf8(_) => TokenError::Malformed,
        _ => TokenError::Claims,
    }
}

impl WireClaims {
    pub(super) fn new(
        issuer: &str,
        audience: &str,
        user: Uuid,
        session: Uuid,
        now: DateTime<Utc>,
        ttl: Duration,
    ) -> Self {
        let now = now.timestamp();
        let life = i64::try_from(ttl.as_secs()).unwrap_or(LONGEST_LIFE).min(LONGEST_LIFE);
        Self {
            iss: issuer.to_owned(),
            aud: audience.to_owned(),
            sub: user,
            sid: session,
            jti: Uuid::now_v7(),
            iat: now,
            nbf: now,
            exp: now.saturating_add(life),
        }
    }

    /// The checks that do not depend on the time of day.
    pub(super) fn check(&self, issuer: &str, audience: &str) -> Result<Verified, TokenError> {
        // A list of audiences is good JWT and none of ours.
        if self.iss != issuer || self.aud != audience {
            return Err(TokenError::Claims);
        }
        let sane = |seconds| DateTime::from_timestamp(seconds, 0).filter(|_| seconds >= 0);
        let (Some(_), Some(_), Some(expires_at)) = (sane(self.iat), sane(self.nbf), sane(self.exp)) else {
            return Err(TokenError::Claims);
        };
        if !(1..=LONGEST_LIFE).contains(&(self.exp - self.iat)) {
            return Err(TokenError::Claims);
        }
        let claims = Claims { user: self.sub, session: self.sid, expires_at };
        Ok(Verified { claims, not_before: self.iat.max(self.nbf) })
    }
}

impl Verified {
    /// The claims, if they hold at this time.
    pub(super) fn at(&self, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        let now = now.timestamp();
        if now.saturating_sub(LEEWAY) >= self.claims.expires_at.timestamp() {
            return Err(TokenError::Expired);
        }
        if self.not_before > now.saturating_add(LEEWAY) {
            return Err(TokenError::NotYetValid);
        }
        Ok(self.claims)
    }
}
