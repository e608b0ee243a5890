//! How often somebody may do something: rates, and who counts them.
//!
//! [`Rate`] is the rule and [`decide`](gcra::decide) its arithmetic. A [`RateLimiter`] remembers one number for each
//! subject, in this process or in Redis, where all replicas share it. No HTTP: the caller says who and how much.

mod gcra;
mod local;
mod shared;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use self::local::Table;
pub use self::shared::Shared;
use crate::redis::Redis;

/// So many in so much time. A whole window's worth may come at once; after that they come back evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    window: Duration,
}

impl Rate {
    /// The most that a window may hold.
    pub const MOST: u32 = 1_000_000;

    /// How many.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }

    /// In how much time: a second, a minute or an hour.
    #[must_use]
    pub const fn window(self) -> Duration {
        self.window
    }

    /// Time after which one more comes back; at least a microsecond.
    const fn interval(self) -> u64 {
        let micros = self.window.as_micros() as u64 / self.count as u64;
        if micros == 0 { 1 } else { micros }
    }

    /// Time that a subject may be ahead of itself: a whole window's worth.
    const fn tolerance(self) -> u64 {
        self.interval() * self.count as u64
    }
}

/// Not a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a rate: write a number from 1 to {} by s, m or h, as in 600/m", Rate::MOST)]
pub struct NotARate;

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let (count, unit) = text.split_once('/').ok_or(NotARate)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return Err(NotARate),
        };
        let count = count.parse().ok().filter(|count| (1..=Self::MOST).contains(count)).ok_or(NotARate)?;
        Ok(Self { count, window: Duration::from_secs(seconds) })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.window.as_secs() {
            1 => "s",
            60 => "m",
            _ => "h",
        };
        write!(f, "{}/{unit}", self.count)
    }
}

/// Whether one more was allowed, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How many may follow at once.
    pub remaining: u32,
    /// Time until all of the rate is there again.
    pub reset: Duration,
    /// Time until one more is allowed, where this one was not.
    pub retry_after: Option<Duration>,
}

/// Who is counted, among those of one rate: 16 bytes such as a user's id or an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// Which rate it is; subjects of different rates never meet.
    pub policy: &'static str,
    /// Who.
    pub id: u128,
}

/// Counts.
#[derive(Debug)]
pub enum RateLimiter {
    /// In this process.
    Local(Local),
    /// In Redis, for all replicas.
    Redis(Shared),
}

impl RateLimiter {
    /// One that counts in this process, in bounded memory.
    #[must_use]
    pub fn local() -> Self {
        Self::Local(Local { table: Table::new() })
    }

    /// One that counts in Redis for all replicas of a namespace, and in this process while Redis is away.
    #[must_use]
    pub fn in_redis(redis: Redis, namespace: &str) -> Self {
        Self::Redis(Shared::new(redis, namespace))
    }

    /// Counts one of a subject, if its rate allows it.
    pub async fn spend(&self, subject: Subject, rate: Rate) -> Verdict {
        match self {
            Self::Local(local) => local.table.spend(subject, rate),
            Self::Redis(shared) => shared.spend(subject, rate).await,
        }
    }
}

/// The counts of one process.
#[derive(Debug)]
pub struct Local {
    table: Table,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_reads_back_as_it_was_written() {
        for text in ["1/s", "600/m", "1000000/h"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        for text in ["", "5", "0/s", "1000001/h", "-1/m", "5/d", "5 / m", "1.5/s"] {
            assert_eq!(text.parse::<Rate>(), Err(NotARate), "{text}");
        }
    }
}
