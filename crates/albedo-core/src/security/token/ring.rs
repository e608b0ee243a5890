//! The keys: one that signs, and those of earlier secrets that only verify.

use std::collections::HashMap;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{TokenError, wire::TOKEN_TYPE};
use crate::security::keys::Keys;

/// What the signing keys are derived for.
pub(super) const PURPOSE: &str = "access-token/ed25519/v1";

pub(super) struct Ring {
    signing: EncodingKey,
    header: Header,
    known: HashMap<String, DecodingKey>,
}

impl Ring {
    pub(super) fn new(secret: &SecretString, previous: &[SecretString]) -> Result<Self, TokenError> {
        let pair = key_pair(secret)?;
        let pkcs8 = pair.to_pkcs8().map_err(|_| TokenError::Key)?;
        let header =
            Header { typ: Some(TOKEN_TYPE.to_owned()), kid: Some(key_id(&pair)), ..Header::new(Algorithm::EdDSA) };
        let pairs = previous.iter().map(key_pair).collect::<Result<Vec<_>, _>>()?;
        let known = pairs
            .iter()
            .chain([&pair])
            .map(|pair| (key_id(pair), DecodingKey::from_ed_der(pair.public_key().as_ref())));
        Ok(Self { signing: EncodingKey::from_ed_der(pkcs8.as_ref()), header, known: known.collect() })
    }

    pub(super) fn sign(&self, claims: &impl Serialize) -> Result<SecretString, TokenError> {
        jsonwebtoken::encode(&self.header, claims, &self.signing)
            .map(SecretString::from)
            .map_err(|_| TokenError::Signing)
    }

    pub(super) fn find(&self, kid: &str) -> Option<&DecodingKey> {
        self.known.get(kid)
    }
}

pub(super) fn key_pair(secret: &SecretString) -> Result<Ed25519KeyPair, TokenError> {
    let seed = Keys::new(secret).derive(PURPOSE);
    Ed25519KeyPair::from_seed_unchecked(seed.expose_secret()).map_err(|_| TokenError::Key)
}

/// The thumbprint of the public key (RFC 7638): the same on every replica without anyone handing out names.
pub(super) fn key_id(pair: &Ed25519KeyPair) -> String {
    thumbprint(pair.public_key().as_ref())
}

fn thumbprint(public_key: &[u8]) -> String {
    let x = URL_SAFE_NO_PAD.encode(public_key);
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_rfc_8037() {
        let public_key = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        assert_eq!(thumbprint(&public_key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
