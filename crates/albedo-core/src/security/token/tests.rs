//! Tokens that must be let in, and many more that must not.

use std::{hint::black_box, time::Instant};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use super::{ring, *};
use crate::settings::{Settings, Sources};

const SECRET: &str = "7hFq2LkX9vRb4TzN8mWc1YpD6sGj3KeA";
const OTHER_SECRET: &str = "Zt5Vd8Qy1Mw4Jn7Cb0Lx3Hg6Rk9PfSaU";

fn settings(variables: &[(&str, &str)]) -> SecuritySettings {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::load(&Sources::new(None, variables)).unwrap().security
}

fn tokens() -> Tokens {
    Tokens::new(&settings(&[("ALBEDO_JWT_SECRET", SECRET)])).unwrap()
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn user() -> Uuid {
    Uuid::from_u128(1)
}

fn session() -> Uuid {
    Uuid::from_u128(2)
}

fn pair(secret: &str) -> Ed25519KeyPair {
    ring::key_pair(&SecretString::from(secret)).unwrap()
}

/// A token as we make them, to be bent out of shape.
struct Forgery {
    header: Value,
    claims: Value,
    secret: &'static str,
}

impl Forgery {
    fn new() -> Self {
        let at = now().timestamp();
        Self {
            header: json!({"typ": "at+jwt", "alg": "EdDSA", "kid": ring::key_id(&pair(SECRET))}),
            claims: json!({
                "iss": "albedo", "aud": "albedo-api", "sub": user(), "sid": session(), "jti": Uuid::from_u128(3),
                "iat": at, "nbf": at, "exp": at + 900,
            }),
            secret: SECRET,
        }
    }

    fn with_header(mut self, name: &str, value: Value) -> Self {
        fields(&mut self.header).insert(name.to_owned(), value);
        self
    }

    fn without_header(mut self, name: &str) -> Self {
        fields(&mut self.header).remove(name);
        self
    }

    fn with_claim(mut self, name: &str, value: Value) -> Self {
        fields(&mut self.claims).insert(name.to_owned(), value);
        self
    }

    fn without_claim(mut self, name: &str) -> Self {
        fields(&mut self.claims).remove(name);
        self
    }

    fn signed_with(mut self, secret: &'static str) -> Self {
        self.secret = secret;
        self
    }

    fn text(&self) -> String {
        signed(&self.header.to_string(), &self.claims.to_string(), self.secret)
    }
}

fn fields(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().unwrap()
}

fn signed(header: &str, claims: &str, secret: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(pair(secret).sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn part(token: &str, number: usize) -> String {
    token.split('.').nth(number).unwrap().to_owned()
}

#[test]
fn what_is_issued_is_verified() {
    let tokens = tokens();
    let issued = tokens.issue(user(), session(), now()).unwrap();
    assert_eq!(issued.expires_in, Duration::from_secs(900));
    let expected = Claims { user: user(), session: session(), expires_at: now() + TimeDelta::seconds(900) };
    assert_eq!(tokens.verify(issued.token.expose_secret(), now()), Ok(expected));
    assert_eq!(tokens.verify(issued.token.expose_secret(), now()), Ok(expected), "from memory");
}

#[test]
fn the_untouched_forgery_is_good() {
    assert!(tokens().verify(&Forgery::new().text(), now()).is_ok());
}

#[test]
fn no_crafted_token_gets_in() {
    let at = now().timestamp();
    let good = Forgery::new().text();
    let (header, claims, signature) = (part(&good, 0), part(&good, 1), part(&good, 2));
    let kid = ring::key_id(&pair(SECRET));
    let hmac = {
        let key = EncodingKey::from_secret(pair(SECRET).public_key().as_ref());
        let header = Header { typ: Some("at+jwt".to_owned()), kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &Forgery::new().claims, &key).unwrap()
    };
    let duplicate_kid = format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{kid}","kid":"{kid}"}}"#);
    let duplicate_claim = Forgery::new().claims.to_string().replacen('{', r#"{"exp":1800000900,"#, 1);
    let altered_claims = URL_SAFE_NO_PAD.encode(Forgery::new().with_claim("sub", json!(session())).claims.to_string());
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(pair(OTHER_SECRET).public_key())});
    let forgery = Forgery::new;

    let crafted: Vec<(&str, String, TokenError)> = vec![
        // The shape.
        ("nothing", String::new(), TokenError::Malformed),
        ("one part", header.clone(), TokenError::Malformed),
        ("two parts", format!("{header}.{claims}"), TokenError::Malformed),
        ("four parts", format!("{good}.{signature}"), TokenError::Malformed),
        ("five parts, as encrypted ones have", format!("{good}.{signature}.{signature}"), TokenError::Malformed),
        ("empty parts", "..".to_owned(), TokenError::Header),
        ("4,097 bytes", "a".repeat(4097), TokenError::TooLong),
        ("a space before", format!(" {good}"), TokenError::Malformed),
        ("a line end after", format!("{good}\n"), TokenError::Malformed),
        ("a header in no base64url", format!("{{}}.{claims}.{signature}"), TokenError::Malformed),
        ("a padded header", format!("{header}=.{claims}.{signature}"), TokenError::Malformed),
        ("a header that is text", signed("at+jwt", "{}", SECRET), TokenError::Header),
        ("a header that is a list", signed("[]", "{}", SECRET), TokenError::Header),
        ("claims that are a list", signed(&forgery().header.to_string(), "[]", SECRET), TokenError::Claims),
        ("claims that are text", signed(&forgery().header.to_string(), "sub", SECRET), TokenError::Claims),
        // The algorithm.
        ("alg none", forgery().with_header("alg", json!("none")).text(), TokenError::Header),
        (
            "alg none, unsigned",
            format!(
                "{}.{claims}.",
                URL_SAFE_NO_PAD.encode(forgery().with_header("alg", json!("none")).header.to_string())
            ),
            TokenError::Header,
        ),
        ("alg None", forgery().with_header("alg", json!("None")).text(), TokenError::Header),
        ("alg in lower case", forgery().with_header("alg", json!("eddsa")).text(), TokenError::Header),
        ("alg ES256", forgery().with_header("alg", json!("ES256")).text(), TokenError::Header),
        ("alg null", forgery().with_header("alg", json!(null)).text(), TokenError::Header),
        ("alg missing", forgery().without_header("alg").text(), TokenError::Header),
        ("HS256 keyed with the public key", hmac, TokenError::Header),
        // The type and the key.
        ("typ JWT", forgery().with_header("typ", json!("JWT")).text(), TokenError::Header),
        ("typ missing", forgery().without_header("typ").text(), TokenError::Header),
        ("kid missing", forgery().without_header("kid").text(), TokenError::Header),
        ("kid a number", forgery().with_header("kid", json!(1)).text(), TokenError::Header),
        ("kid too long", forgery().with_header("kid", json!("k".repeat(65))).text(), TokenError::Header),
        ("kid unknown", forgery().with_header("kid", json!("unknown")).text(), TokenError::UnknownKey),
        ("kid a path", forgery().with_header("kid", json!("../../dev/null")).text(), TokenError::UnknownKey),
        ("kid empty", forgery().with_header("kid", json!("")).text(), TokenError::UnknownKey),
        (
            "kid of another secret",
            forgery().with_header("kid", json!(ring::key_id(&pair(OTHER_SECRET)))).signed_with(OTHER_SECRET).text(),
            TokenError::UnknownKey,
        ),
        ("kid twice", signed(&duplicate_kid, &forgery().claims.to_string(), SECRET), TokenError::Header),
        // Headers that bring their own key or their own rules.
        ("crit", forgery().with_header("crit", json!(["exp"])).text(), TokenError::Header),
        ("crit empty", forgery().with_header("crit", json!([])).text(), TokenError::Header),
        ("jku", forgery().with_header("jku", json!("https://attacker.example/keys")).text(), TokenError::Header),
        ("jwk", forgery().with_header("jwk", jwk).signed_with(OTHER_SECRET).text(), TokenError::Header),
        ("x5u", forgery().with_header("x5u", json!("https://attacker.example/cert")).text(), TokenError::Header),
        ("x5c", forgery().with_header("x5c", json!(["MIIB"])).text(), TokenError::Header),
        ("b64 false", forgery().with_header("b64", json!(false)).text(), TokenError::Header),
        ("zip", forgery().with_header("zip", json!("DEF")).text(), TokenError::Header),
        ("cty", forgery().with_header("cty", json!("JWT")).text(), TokenError::Header),
        // The signature.
        ("signed with another secret", forgery().signed_with(OTHER_SECRET).text(), TokenError::Signature),
        ("no signature", format!("{header}.{claims}."), TokenError::Signature),
        ("a short signature", format!("{header}.{claims}.AAAA"), TokenError::Signature),
        (
            "a signature of zeros",
            format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode([0; 64])),
            TokenError::Signature,
        ),
        ("a padded signature", format!("{good}=="), TokenError::Malformed),
        ("altered claims", format!("{header}.{altered_claims}.{signature}"), TokenError::Signature),
        ("header and claims swapped", format!("{claims}.{header}.{signature}"), TokenError::Header),
        // Claims missing or of the wrong type.
        ("no iss", forgery().without_claim("iss").text(), TokenError::Claims),
        ("no aud", forgery().without_claim("aud").text(), TokenError::Claims),
        ("no sub", forgery().without_claim("sub").text(), TokenError::Claims),
        ("no sid", forgery().without_claim("sid").text(), TokenError::Claims),
        ("no jti", forgery().without_claim("jti").text(), TokenError::Claims),
        ("no iat", forgery().without_claim("iat").text(), TokenError::Claims),
        ("no nbf", forgery().without_claim("nbf").text(), TokenError::Claims),
        ("no exp", forgery().without_claim("exp").text(), TokenError::Claims),
        ("exp null", forgery().with_claim("exp", json!(null)).text(), TokenError::Claims),
        ("exp text", forgery().with_claim("exp", json!((at + 900).to_string())).text(), TokenError::Claims),
        ("exp a fraction", forgery().with_claim("exp", json!(at as f64 + 900.5)).text(), TokenError::Claims),
        ("exp the largest number", forgery().with_claim("exp", json!(u64::MAX)).text(), TokenError::Claims),
        ("exp the largest time", forgery().with_claim("exp", json!(i64::MAX)).text(), TokenError::Claims),
        ("exp negative", forgery().with_claim("exp", json!(-1)).text(), TokenError::Claims),
        ("exp twice", signed(&forgery().header.to_string(), &duplicate_claim, SECRET), TokenError::Claims),
        ("sub no UUID", forgery().with_claim("sub", json!("admin")).text(), TokenError::Claims),
        ("sub a number", forgery().with_claim("sub", json!(1)).text(), TokenError::Claims),
        ("sid no UUID", forgery().with_claim("sid", json!("")).text(), TokenError::Claims),
        ("jti empty", forgery().with_claim("jti", json!("")).text(), TokenError::Claims),
        // Claims for someone else.
        ("another iss", forgery().with_claim("iss", json!("other")).text(), TokenError::Claims),
        ("iss in a list", forgery().with_claim("iss", json!(["albedo"])).text(), TokenError::Claims),
        ("iss null", forgery().with_claim("iss", json!(null)).text(), TokenError::Claims),
        ("another aud", forgery().with_claim("aud", json!("other")).text(), TokenError::Claims),
        ("aud in a list", forgery().with_claim("aud", json!(["albedo-api", "other"])).text(), TokenError::Claims),
        ("aud in another case", forgery().with_claim("aud", json!("Albedo-API")).text(), TokenError::Claims),
        // Times.
        (
            "expired",
            forgery().with_claim("exp", json!(at - 10)).with_claim("iat", json!(at - 900)).text(),
            TokenError::Expired,
        ),
        ("issued in the future", forgery().with_claim("iat", json!(at + 11)).text(), TokenError::NotYetValid),
        ("not before the future", forgery().with_claim("nbf", json!(at + 11)).text(), TokenError::NotYetValid),
        ("living over an hour", forgery().with_claim("exp", json!(at + 3601)).text(), TokenError::Claims),
        ("ending before it begins", forgery().with_claim("exp", json!(at - 1)).text(), TokenError::Claims),
        ("issued before 1970", forgery().with_claim("iat", json!(-1)).text(), TokenError::Claims),
    ];
    let tokens = tokens();
    for (what, token, expected) in &crafted {
        assert_eq!(tokens.verify(token, now()), Err(*expected), "{what}");
        assert_eq!(tokens.verify(token, now()), Err(*expected), "{what}, tried again");
    }
}

#[test]
fn clocks_may_differ_by_ten_seconds() {
    let tokens = tokens();
    let token = tokens.issue(user(), session(), now()).unwrap().token;
    let at = |seconds| tokens.verify(token.expose_secret(), now() + TimeDelta::seconds(seconds)).map(drop);
    assert_eq!(at(-11), Err(TokenError::NotYetValid));
    assert_eq!(at(-10), Ok(()));
    assert_eq!(at(909), Ok(()));
    assert_eq!(at(910), Err(TokenError::Expired), "also when it is remembered");
    assert_eq!(at(-11), Err(TokenError::NotYetValid), "also when it is remembered");
}

#[test]
fn a_previous_secret_verifies_and_does_not_sign() {
    let before = tokens();
    let token = before.issue(user(), session(), now()).unwrap().token;
    let rotated = [("ALBEDO_JWT_SECRET", OTHER_SECRET), ("ALBEDO_JWT_PREVIOUS_SECRETS", SECRET)];
    let after = Tokens::new(&settings(&rotated)).unwrap();
    assert!(after.verify(token.expose_secret(), now()).is_ok());
    let fresh = after.issue(user(), session(), now()).unwrap().token;
    assert_eq!(before.verify(fresh.expose_secret(), now()), Err(TokenError::UnknownKey));
    let forgotten = Tokens::new(&settings(&[("ALBEDO_JWT_SECRET", OTHER_SECRET)])).unwrap();
    assert_eq!(forgotten.verify(token.expose_secret(), now()), Err(TokenError::UnknownKey));
}

#[test]
fn replicas_with_one_secret_accept_each_other() {
    let token = tokens().issue(user(), session(), now()).unwrap().token;
    assert!(tokens().verify(token.expose_secret(), now()).is_ok());
}

#[test]
fn debug_output_hides_keys_and_tokens() {
    let tokens = tokens();
    let issued = tokens.issue(user(), session(), now()).unwrap();
    let shown = format!("{tokens:?} {issued:?}");
    assert!(!shown.contains(SECRET) && !shown.contains(issued.token.expose_secret()));
}

#[test]
#[ignore = "a measurement: cargo test --release -p albedo-core -- --ignored --nocapture measured"]
fn measured_time_to_issue_and_verify() {
    let tokens = tokens();
    let token = tokens.issue(user(), session(), now()).unwrap().token;
    let token = token.expose_secret();
    println!("issue: {:?}", time_of(2_000, || tokens.issue(user(), session(), now())));
    println!("verify, not remembered: {:?}", time_of(2_000, || tokens.0.verify_afresh(token)));
    println!("verify, remembered: {:?}", time_of(200_000, || tokens.verify(token, now())));
}

fn time_of<T>(rounds: u32, work: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..rounds {
        black_box(work());
    }
    start.elapsed() / rounds
}
