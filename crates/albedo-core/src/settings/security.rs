//! Secrets, the lives of tokens, and what hashing passwords may cost.

use std::time::Duration;

use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Environment,
    reader::{Read, Reader},
    server::cores,
    variables as var,
};

/// Bytes a signing secret needs: as many as the keys that come from it.
const SHORTEST_SECRET: usize = 32;
/// Different characters a signing secret needs, so that `aaaa...` is none.
const FEWEST_CHARACTERS: usize = 5;
/// Words of the secrets that people copy from examples. At six letters and more, a random secret in base64 holds one
/// of them once in some million times.
const PLACEHOLDERS: [&str; 8] =
    ["secret", "password", "change", "placeholder", "insecure", "example", "albedo", "default"];

/// What logins, tokens and passwords are made from.
#[derive(Clone, Debug)]
pub struct SecuritySettings {
    /// The secret that all signing keys come from.
    pub jwt_secret: SecretString,
    /// Whether the secret was made up at this start: every token ends with the process. Never so in production.
    pub jwt_secret_is_random: bool,
    /// Earlier secrets: their tokens are still verified, none is issued.
    pub jwt_previous_secrets: Vec<SecretString>,
    /// The `iss` of access tokens.
    pub issuer: String,
    /// The `aud` of access tokens.
    pub audience: String,
    /// Life of an access token.
    pub access_token_ttl: Duration,
    /// Life of a refresh token that nobody uses.
    pub refresh_idle: Duration,
    /// Life of a login, however often it is refreshed.
    pub refresh_absolute: Duration,
    /// Time in which a repeated refresh counts as a retry; zero turns it off.
    pub refresh_grace: Duration,
    /// Characters (Unicode code points) a new password needs.
    pub password_min_length: usize,
    /// Threads that hash passwords.
    pub hash_threads: usize,
    /// Passwords that may wait to be hashed.
    pub hash_queue: usize,
    /// How long one password may wait for its hash.
    pub hash_wait: Duration,
    /// Whether anyone may register.
    pub registration: Registration,
}

/// Whether people may make their own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Anyone may.
    Open,
    /// An admin makes accounts.
    Closed,
}

impl SecuritySettings {
    pub(super) fn read(reader: &mut Reader<'_>, environment: Read<Environment>) -> Read<Self> {
        let jwt_secret = read_jwt_secret(reader, environment);
        let jwt_previous_secrets = read_previous_secrets(reader);
        let issuer = reader.required(&var::JWT_ISSUER, NAME, name);
        let audience = reader.required(&var::JWT_AUDIENCE, NAME, name);
        let access_token_ttl = reader.seconds(&var::ACCESS_TOKEN_TTL, 10.0..=3600.0);
        let refresh_idle = reader.seconds(&var::REFRESH_IDLE, 60.0..=31_536_000.0);
        let refresh_absolute = reader.seconds(&var::REFRESH_ABSOLUTE, 60.0..=31_536_000.0);
        let refresh_grace = reader.seconds(&var::REFRESH_GRACE, 0.0..=60.0);
        let password_min_length = reader.number(&var::PASSWORD_MIN_LENGTH, 8..=128);
        let hash_threads = reader.number_or(&var::HASH_THREADS, 1..=64, (cores() / 2).clamp(1, 64));
        let hash_queue = reader.number(&var::HASH_QUEUE, 1..=10_000);
        let hash_wait = reader.seconds(&var::HASH_WAIT, 0.05..=60.0);
        let registration = reader.required(&var::REGISTRATION, "open or closed", |text| match text {
            "open" => Some(Registration::Open),
            "closed" => Some(Registration::Closed),
            _ => None,
        });
        if let (Ok(idle), Ok(absolute)) = (refresh_idle, refresh_absolute)
            && idle > absolute
        {
            reader.fault(&var::REFRESH_IDLE, format_args!("must not be more than {}", var::REFRESH_ABSOLUTE.name));
        }
        let (jwt_secret, jwt_secret_is_random) = jwt_secret?;
        Ok(Self {
            jwt_secret,
            jwt_secret_is_random,
            jwt_previous_secrets: jwt_previous_secrets?,
            issuer: issuer?,
            audience: audience?,
            access_token_ttl: access_token_ttl?,
            refresh_idle: refresh_idle?,
            refresh_absolute: refresh_absolute?,
            refresh_grace: refresh_grace?,
            password_min_length: password_min_length?,
            hash_threads: hash_threads?,
            hash_queue: hash_queue?,
            hash_wait: hash_wait?,
            registration: registration?,
        })
    }
}

const NAME: &str = "1 to 200 characters";

fn name(text: &str) -> Option<String> {
    (1..=200).contains(&text.chars().count()).then(|| text.to_owned())
}

fn read_jwt_secret(reader: &mut Reader<'_>, environment: Read<Environment>) -> Read<(SecretString, bool)> {
    match (reader.secret(&var::JWT_SECRET)?, environment) {
        (Some(secret), _) => match weakness(&secret) {
            Some(weakness) => Err(reader.fault(&var::JWT_SECRET, format_args!("{weakness}; {MAKE_ONE}"))),
            None => Ok((secret, false)),
        },
        (None, Ok(Environment::Development)) => match random_secret() {
            Some(secret) => Ok((secret, true)),
            None => Err(reader.fault(&var::JWT_SECRET, "is missing, and the system gives no random bytes to make one")),
        },
        (None, _) => Err(reader.fault(&var::JWT_SECRET, format_args!("is missing; {MAKE_ONE}"))),
    }
}

fn read_previous_secrets(reader: &mut Reader<'_>) -> Read<Vec<SecretString>> {
    let secrets = reader.secrets(&var::JWT_PREVIOUS_SECRETS)?;
    match secrets.iter().enumerate().find_map(|(at, secret)| Some((at + 1, weakness(secret)?))) {
        Some((nth, weakness)) => {
            Err(reader.fault(&var::JWT_PREVIOUS_SECRETS, format_args!("number {nth} {weakness}; leave it out")))
        }
        None => Ok(secrets),
    }
}

const MAKE_ONE: &str = "make one with: openssl rand -base64 48";

/// What is wrong with a signing secret, in words that tell nothing of it.
fn weakness(secret: &SecretString) -> Option<String> {
    let text = secret.expose_secret();
    if text.len() < SHORTEST_SECRET {
        return Some(format!("has {} bytes and needs {SHORTEST_SECRET}", text.len()));
    }
    let mut characters = text.chars().collect::<Vec<_>>();
    characters.sort_unstable();
    characters.dedup();
    if characters.len() < FEWEST_CHARACTERS {
        return Some(format!("has {} different characters and needs {FEWEST_CHARACTERS}", characters.len()));
    }
    let lower = text.to_lowercase();
    PLACEHOLDERS.iter().any(|word| lower.contains(word)).then(|| "looks like a placeholder".to_owned())
}

fn random_secret() -> Option<SecretString> {
    let mut bytes = [0; SHORTEST_SECRET];
    rand::fill(&mut bytes).ok()?;
    Some(SecretString::from(URL_SAFE_NO_PAD.encode(bytes)))
}
