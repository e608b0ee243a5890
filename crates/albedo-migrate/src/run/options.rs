//! How patiently a runner works, and what it tells while it does.

use std::time::Duration;

use crate::revision::Direction;

/// How patiently a runner works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long a server that does not answer yet is tried again.
    pub connect_wait: Duration,
    /// How long to wait for another runner.
    pub lock_wait: Duration,
    /// How long one statement may wait for a table that somebody else is using (PostgreSQL).
    pub lock_timeout: Duration,
    /// How long one statement of a revision may take in all (PostgreSQL); as long as it wants when none.
    pub statement_timeout: Option<Duration>,
    /// How often a step is tried that found a table in use, or was chosen to give way in a deadlock.
    pub attempts: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_wait: Duration::from_secs(30),
            lock_wait: Duration::from_secs(60),
            lock_timeout: Duration::from_secs(5),
            statement_timeout: None,
            attempts: 5,
        }
    }
}

/// How long a statement of a revision may take (PostgreSQL).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Waiting for a table that somebody else is using.
    pub lock: Duration,
    /// In all; without bounds when none.
    pub statement: Option<Duration>,
}

impl Options {
    /// How long a statement of a revision may take.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        Limits { lock: self.lock_timeout, statement: self.statement_timeout }
    }
}

/// What a runner tells while it works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Another runner is at work.
    Waiting {
        /// Who it is, as far as the database knows.
        holder: String,
    },
    /// A step begins.
    Started {
        /// The revision's id.
        id: String,
        /// Its message.
        message: String,
        /// Which way.
        direction: Direction,
    },
    /// A step found a table in use and is tried again.
    Again {
        /// The revision's id.
        id: String,
        /// Why.
        reason: String,
        /// After how long.
        after: Duration,
    },
    /// A step is done.
    Finished {
        /// The revision's id.
        id: String,
        /// Its message.
        message: String,
        /// Which way.
        direction: Direction,
        /// How long it took.
        took: Duration,
    },
    /// Another runner had done it already.
    Skipped {
        /// The revision's id.
        id: String,
    },
}

/// The time before the next try: doubled each time up to `limit`, and a random part of it, so that many waiting runners
/// do not come back together.
pub(super) fn back_off(attempt: u32, first: Duration, limit: Duration) -> Duration {
    let full = first.saturating_mul(1_u32.checked_shl(attempt.min(16)).unwrap_or(u32::MAX)).min(limit);
    full.mul_f64(0.5 + 0.5 * random())
}

/// A number from 0 to 1. The hasher's keys are random in every process; that is random enough for waiting.
fn random() -> f64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let number = RandomState::new().build_hasher().finish();
    (number % 10_000) as f64 / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_and_stays_below_its_limit() {
        let (first, limit) = (Duration::from_millis(100), Duration::from_secs(2));
        for attempt in 0..40 {
            let wait = back_off(attempt, first, limit);
            assert!(wait <= limit && wait >= first / 2, "{attempt}: {wait:?}");
        }
    }
}
