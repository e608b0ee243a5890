//! Trying again while a database starts, or while someone else opens the same file.

use std::time::Duration;

use aws_lc_rs::rand;
use tokio::time::sleep;

use crate::settings::DatabaseSettings;

/// Longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What the last try ended with.
pub(super) struct GivenUp {
    pub(super) attempts: u32,
    pub(super) error: sqlx::Error,
}

/// Tries until it succeeds, the error is one that does not pass, or the tries are used up.
pub(super) async fn try_until<T, Attempt>(
    settings: &DatabaseSettings,
    place: &str,
    may_pass: fn(&sqlx::Error) -> bool,
    attempt: impl Fn() -> Attempt,
) -> Result<T, GivenUp>
where
    Attempt: Future<Output = Result<T, sqlx::Error>>,
{
    let mut pause = settings.connect_backoff;
    let mut attempts = 1;
    loop {
        let error = match attempt().await {
            Ok(success) => return Ok(success),
            Err(error) => error,
        };
        if attempts >= settings.connect_attempts || !may_pass(&error) {
            return Err(GivenUp { attempts, error });
        }
        let wait = with_jitter(pause);
        tracing::warn!(place, attempts, ?wait, reason = reason(&error), "the database does not answer yet");
        sleep(wait).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        attempts += 1;
    }
}

/// The driver's reason, without the words it puts around it.
pub(super) fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(told) => told.message().to_owned(),
        sqlx::Error::Io(told) => told.to_string(),
        sqlx::Error::Configuration(told) | sqlx::Error::Tls(told) => told.to_string(),
        sqlx::Error::PoolTimedOut => "no answer in time".to_owned(),
        other => other.to_string(),
    }
}

/// Between half and all of the pause, so that replicas that start together do not knock together.
fn with_jitter(pause: Duration) -> Duration {
    let mut byte = [0; 1];
    match rand::fill(&mut byte) {
        Ok(()) => pause.mul_f64(0.5 + f64::from(u8::from_ne_bytes(byte)) / 510.0),
        Err(_) => pause,
    }
}
