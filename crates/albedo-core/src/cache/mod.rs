//! Answers that are kept: in the process, and with Redis in a layer that all replicas share.
//!
//! [`Cache::read`] gives an answer from the nearest layer that has it, and stores what it had to read. [`Cache::write`]
//! marks what a write changes. What depends on what is said by [`Tag`]s, so that lists, missing rows and rows that go with
//! their parents are covered like any row. Who may see an answer is part of its [`Key`]; that somebody may look at all is
//! decided before anyone calls in. No HTTP and no table here.

mod entry;
mod far;
mod flights;
mod generations;
mod key;
mod near;
mod writing;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use uuid::Uuid;

pub(crate) use self::generations::COUNTERS;
pub use self::{
    entry::{Brought, Entry, Mark},
    far::Far,
    key::{Key, Part, Tag},
    near::Near,
    writing::Writing,
};
use self::{
    far::Fetched,
    flights::{Flight, Landing, landed},
    generations::Seen,
    near::Tally,
};
use crate::{
    database::Ledger,
    redis::{Event, Redis, StartError, Watch},
    settings::{CacheSettings, RedisSettings},
};

/// That there is nothing is remembered for so long at most.
const MISSING_LIVES: Duration = Duration::from_secs(2);
/// So often a reader waits for another one whose answer has changed meanwhile; then it reads by itself.
const MOST_FLIGHTS: usize = 3;
/// A larger answer is not kept: a few of them would drive out everything else.
const LARGEST: usize = 1024 * 1024;

/// The cache of answers. Clones share it.
#[derive(Clone, Debug)]
pub enum Cache {
    /// Nothing is kept.
    Off(Option<Redis>, Option<Arc<Ledger>>),
    /// In the process.
    Memory(Arc<Near>),
    /// In the process, and in Redis behind it.
    Redis(Arc<Near>, Far),
}

/// What an answer depends on, and how long it may live.
#[derive(Clone, Debug)]
pub struct Terms {
    /// All that changes it.
    pub tags: Vec<Tag>,
    /// How long it may live; where the settings say less, they hold.
    pub time_to_live: Option<Duration>,
    /// A number that differs when the program shows something else for the same row.
    pub shape: u64,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure<E> {
    /// Reading it failed.
    Own(E),
    /// Somebody else was reading it, and failed.
    Joined,
}

/// How often what has happened since the start, and what the cache holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Answers from the process.
    pub near: u64,
    /// Answers from Redis.
    pub far: u64,
    /// Answers that were read from the database and stored.
    pub missed: u64,
    /// Answers that were read from the database and not stored: something was being written, or Redis was away.
    pub passed: u64,
    /// Bytes in the process.
    pub bytes: u64,
}

impl Cache {
    /// The cache that the settings ask for. That Redis is not there now is no fault.
    ///
    /// # Errors
    /// When the URL of Redis cannot be used, or the system gives no thread.
    pub fn start(settings: &CacheSettings, redis: Option<&RedisSettings>) -> Result<Self, StartError> {
        Self::start_with(settings, redis, None)
    }

    /// [`Cache::start`] where the database has replicas: the ledger is told of all writes that the cache is told of.
    ///
    /// # Errors
    /// As [`Cache::start`].
    pub fn start_with(
        settings: &CacheSettings,
        redis: Option<&RedisSettings>,
        ledger: Option<Arc<Ledger>>,
    ) -> Result<Self, StartError> {
        let near = settings.enabled.then(|| Arc::new(Near::new(settings, ledger.clone())));
        let redis = match redis {
            Some(redis) => Some(Redis::start(redis, watch(&settings.namespace, near.clone()))?),
            None => None,
        };
        Ok(match (near, redis) {
            (None, redis) => Self::Off(redis, ledger),
            (Some(near), None) => Self::Memory(near),
            (Some(near), Some(redis)) => {
                Self::Redis(near, Far::new(redis, &settings.namespace, settings.longest_write))
            }
        })
    }

    /// The answer under this key: kept, or read by `read` and kept as `terms` say.
    ///
    /// Never older than a write that this process has finished before the call, and never older than what it has given
    /// before under this key.
    ///
    /// # Errors
    /// As `read`, or [`Failure::Joined`] when the same read by another request has failed.
    pub async fn read<E, B: Into<Brought>, Reading: Future<Output = Result<B, E>>>(
        &self,
        key: Key,
        terms: impl FnOnce() -> Terms,
        read: impl FnOnce() -> Reading,
    ) -> Result<Entry, Failure<E>> {
        // Nobody tells us of changes while Redis is away, and the own layer would not know of them.
        let Some(near) = self.near().filter(|_| self.far().is_none_or(|far| far.redis.is_up())) else {
            return read().await.map(|brought| brought.into().entry).map_err(Failure::Own);
        };
        if let Some(entry) = near.get(&key) {
            Tally::count(&near.tally.near);
            return Ok(entry);
        }
        let terms = terms();
        for _ in 0..MOST_FLIGHTS {
            let Some(seen) = near.see(&key, &terms.tags) else { break };
            let pilot = match near.flights.board(&key) {
                Flight::Pilot(pilot) => pilot,
                Flight::Passenger(flight) => match landed(flight).await {
                    Some(Landing::Entry(entry, seen)) if near.generations.hold(&seen) => {
                        Tally::count(&near.tally.near);
                        return Ok(entry);
                    }
                    Some(Landing::Failed) => return Err(Failure::Joined),
                    // It changed while it was read, or its reader went away: on with the next one.
                    _ => continue,
                },
            };
            // The one before us may have landed between our look and our start.
            if let Some(entry) = near.get(&key) {
                pilot.land(Landing::Entry(entry.clone(), seen));
                return Ok(entry);
            }
            let read = self.read_through(near, key, &terms, seen.clone(), read()).await;
            pilot.land(read.as_ref().map_or(Landing::Failed, |entry| Landing::Entry(entry.clone(), seen)));
            return read.map_err(Failure::Own);
        }
        let brought = read().await.map_err(Failure::Own)?;
        near.passed(key);
        Ok(brought.into().entry)
    }

    async fn read_through<E>(
        &self,
        near: &Near,
        key: Key,
        terms: &Terms,
        seen: Seen,
        read: impl Future<Output = Result<impl Into<Brought>, E>>,
    ) -> Result<Entry, E> {
        let Some(far) = self.far() else {
            let Brought { entry, .. } = read.await?.into();
            near.store(key, &entry, seen, terms.time_to_live);
            return Ok(entry);
        };
        let name = far.name(&key, terms.shape);
        let believed = !near.was_passed(&key);
        match far.fetch(&name, &terms.tags, believed).await {
            Ok(Fetched::Hit(entry, left)) => {
                Tally::count(&near.tally.far);
                // It may be newer than what a replica shows.
                if let Some(ledger) = &near.ledger {
                    ledger.shown(&terms.tags);
                }
                near.keep(key, entry.clone(), seen, left.min(near.longest(terms.time_to_live)));
                Ok(entry)
            }
            Ok(Fetched::Miss(tokens)) => {
                let Brought { entry, shared } = read.await?.into();
                let lives = near.store(key, &entry, seen, terms.time_to_live);
                if shared && entry.mark != Mark::Missing && entry.body.len() <= LARGEST {
                    let (far, tags, entry) = (far.clone(), terms.tags.clone(), entry.clone());
                    tokio::spawn(async move { far.store(&name, &tokens, &tags, &entry, lives).await });
                }
                Ok(entry)
            }
            // Somebody writes it, or Redis does not say whether anybody does.
            Ok(Fetched::Busy) | Err(_) => {
                let brought = read.await?;
                near.passed(key);
                Ok(brought.into().entry)
            }
        }
    }

    /// A write of these begins: until it is known how it ended, nothing that depends on them is served from here.
    pub async fn write(&self, tags: &[Tag]) -> Writing {
        let mut writing = Writing::over(self.clone());
        writing.also(tags).await;
        writing
    }

    /// Redis, whether answers are kept in it or not.
    #[must_use]
    pub const fn redis(&self) -> Option<&Redis> {
        match self {
            Self::Off(redis, _) => redis.as_ref(),
            Self::Memory(_) => None,
            Self::Redis(_, far) => Some(&far.redis),
        }
    }

    /// How the cache does.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let Some(near) = self.near() else { return Figures::default() };
        let Tally { near: own, far, missed, passed } = &near.tally;
        let [near_hits, far, missed, passed] = [own, far, missed, passed].map(|count| count.load(Ordering::Relaxed));
        Figures { near: near_hits, far, missed, passed, bytes: near.weight() }
    }

    fn near(&self) -> Option<&Near> {
        match self {
            Self::Off(..) => None,
            Self::Memory(near) | Self::Redis(near, _) => Some(near),
        }
    }

    fn ledger(&self) -> Option<&Arc<Ledger>> {
        match self {
            Self::Off(_, ledger) => ledger.as_ref(),
            Self::Memory(near) | Self::Redis(near, _) => near.ledger.as_ref(),
        }
    }

    const fn far(&self) -> Option<&Far> {
        if let Self::Redis(_, far) = self { Some(far) } else { None }
    }
}

impl Near {
    /// Somebody else has changed what this counter stands for. The ledger is told first: whoever sees the counter moved
    /// reads where the change is shown.
    fn changed(&self, counter: u64) {
        if let Some(ledger) = &self.ledger {
            ledger.written(counter);
        }
        self.generations.changed(counter);
    }

    fn all_changed(&self) {
        if let Some(ledger) = &self.ledger {
            ledger.all_written();
        }
        self.generations.all_changed();
    }

    /// How long an answer may live that says so itself, or not.
    fn longest(&self, own: Option<Duration>) -> Duration {
        own.map_or(self.time_to_live, |own| own.min(self.time_to_live))
    }

    /// Keeps what was read, and says for how long.
    fn store(&self, key: Key, entry: &Entry, seen: Seen, own: Option<Duration>) -> Duration {
        Tally::count(&self.tally.missed);
        let longest = self.longest(own);
        let longest = if entry.mark == Mark::Missing { longest.min(MISSING_LIVES) } else { longest };
        let lives = shortened(longest);
        if entry.body.len() <= LARGEST {
            self.keep(key, entry.clone(), seen, lives);
        }
        lives
    }
}

/// Up to a tenth less, so that what was stored together does not end together.
fn shortened(longest: Duration) -> Duration {
    let chance = Uuid::now_v7().into_bytes().last().copied().unwrap_or_default();
    longest.mul_f64(1.0 - f64::from(chance) / 2550.0)
}

/// What the own layer does with what Redis tells.
fn watch(namespace: &str, near: Option<Arc<Near>>) -> Watch {
    let prefix = far::watched(namespace);
    let start = prefix.len();
    let hear = move |event: Event| {
        let Some(near) = &near else { return };
        match event {
            Event::Changed(key) => {
                let counter = key.get(start..).and_then(|rest| str::from_utf8(rest).ok()?.parse().ok());
                match counter {
                    Some(counter) => near.changed(counter),
                    None => near.all_changed(),
                }
            }
            Event::Connected | Event::AllChanged => near.all_changed(),
        }
    };
    Watch { prefix, renewed: far::of_all(namespace), beat: format!("{namespace}:beat"), hear: Box::new(hear) }
}
