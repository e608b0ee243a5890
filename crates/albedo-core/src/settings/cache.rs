//! What is kept of answers, how much of it, and for how long.

use std::time::Duration;

use super::{
    database::DatabaseSettings,
    reader::{Read, Reader},
    redis::RedisSettings,
    server::ServerSettings,
    variables as var,
};

/// How long an entry lives where Redis tells every replica what another one has written.
const WITH_REDIS: Duration = Duration::from_secs(300);
/// And where nobody tells: what another process has written is seen after this long, as with sessions.
const WITHOUT_REDIS: Duration = Duration::from_secs(2);
/// A write ends within this long after its request has, or the database has given it up.
const BEYOND_A_REQUEST: Duration = Duration::from_secs(10);

/// The cache of answers.
#[derive(Clone, Debug)]
pub struct CacheSettings {
    /// Whether answers are kept at all.
    pub enabled: bool,
    /// How much memory of the process entries may take, in bytes.
    pub bytes: u64,
    /// The longest time that an entry lives; a resource may want less.
    pub time_to_live: Duration,
    /// What the names of all keys in Redis begin with.
    pub namespace: String,
    /// Longer than any write takes: a writer that has died is waited for so long.
    pub longest_write: Duration,
    /// How long a statement may still run in the database when its request has gone.
    pub straggler: Duration,
}

impl CacheSettings {
    pub(super) fn read(
        reader: &mut Reader<'_>,
        redis: Read<&Option<RedisSettings>>,
        server: Read<&ServerSettings>,
        database: Read<&DatabaseSettings>,
    ) -> Read<Self> {
        let enabled = reader.required(&var::CACHE, "on or off", |text| match text {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        });
        let bytes = reader.number(&var::CACHE_BYTES, 1024 * 1024..=64 * 1024 * 1024 * 1024);
        let usual = if matches!(redis, Ok(Some(_))) { WITH_REDIS } else { WITHOUT_REDIS };
        let time_to_live = reader.seconds_or(&var::CACHE_TTL, 0.1..=86_400.0, usual);
        let allowed = "1 to 32 letters, digits, hyphens or underscores";
        let namespace = reader.required(&var::CACHE_NAMESPACE, allowed, |text| {
            let plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
            (plain && (1..=32).contains(&text.len())).then(|| text.to_owned())
        });
        let longest_write = server.map(|server| server.body_timeout + server.handler_timeout + BEYOND_A_REQUEST);
        let straggler =
            database.map(|database| database.acquire_timeout + database.lock_timeout + database.statement_timeout);
        Ok(Self {
            enabled: enabled?,
            bytes: bytes?,
            time_to_live: time_to_live?,
            namespace: namespace?,
            longest_write: longest_write?,
            straggler: straggler?,
        })
    }
}
