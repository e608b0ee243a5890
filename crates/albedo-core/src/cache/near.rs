//! The layer in the process: bounded by bytes, and checked against the generations at each look.

use std::{
    fmt,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use moka::{Expiry, sync::Cache};

use super::{
    entry::Entry,
    flights::Flights,
    generations::{COUNTERS, Generations, Seen, place},
    key::{Key, Tag},
};
use crate::{database::Ledger, settings::CacheSettings};

/// What an entry costs beside its body and its key.
const OVERHEAD: usize = 256;

/// An entry with what it saw.
pub(super) struct Stored {
    entry: Entry,
    seen: Seen,
    lives: Duration,
}

/// The layer in the process.
pub struct Near {
    entries: Cache<Key, Arc<Stored>>,
    pub(super) generations: Generations,
    pub(super) flights: Flights,
    pub(super) tally: Tally,
    /// How long a statement may still run when nobody waits for it any more.
    pub(super) straggler: Duration,
    pub(super) time_to_live: Duration,
    /// Who has to know of changes so that replicas of the database are not read too early.
    pub(super) ledger: Option<Arc<Ledger>>,
}

/// How often what happened, since the start.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) near: AtomicU64,
    pub(super) far: AtomicU64,
    pub(super) missed: AtomicU64,
    pub(super) passed: AtomicU64,
}

impl Tally {
    pub(super) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl Near {
    pub(super) fn new(settings: &CacheSettings, ledger: Option<Arc<Ledger>>) -> Self {
        let weigh = |key: &Key, stored: &Arc<Stored>| {
            u32::try_from(key.bytes() + stored.entry.body.len() + OVERHEAD).unwrap_or(u32::MAX)
        };
        let entries = Cache::builder().max_capacity(settings.bytes).weigher(weigh).expire_after(OwnTime).build();
        let (generations, flights, tally) = (Generations::new(), Flights::default(), Tally::default());
        let CacheSettings { straggler, time_to_live, .. } = *settings;
        Self { entries, generations, flights, tally, straggler, time_to_live, ledger }
    }

    /// The entry, if it still holds.
    pub(super) fn get(&self, key: &Key) -> Option<Entry> {
        let stored = self.entries.get(key)?;
        self.generations.hold(&stored.seen).then(|| stored.entry.clone())
    }

    /// What the answer under this key depends on, as it looks before it is read.
    pub(super) fn see(&self, key: &Key, tags: &[Tag]) -> Option<Seen> {
        self.generations.see(tags.iter().map(|tag| place(*tag)).chain([own_place(key)]))
    }

    /// Somebody has read it past the cache, and may have been shown what nobody was told of yet: what is kept of it, and what
    /// is being read for it, may be older.
    pub(super) fn passed(&self, key: Key) {
        Tally::count(&self.tally.passed);
        let place = own_place(&key);
        self.keep(key, Entry::missing(), Seen::never(place), self.time_to_live);
        self.generations.changed(place);
    }

    /// Whether it was read past the cache since it was last read for this layer. Then what Redis has may be older as well.
    pub(super) fn was_passed(&self, key: &Key) -> bool {
        self.entries.get(key).is_some_and(|stored| !self.generations.hold_last(&stored.seen))
    }

    pub(super) fn keep(&self, key: Key, entry: Entry, seen: Seen, lives: Duration) {
        self.entries.insert(key, Arc::new(Stored { entry, seen, lives }));
    }

    /// Bytes that entries take now, roughly.
    pub(super) fn weight(&self) -> u64 {
        self.entries.weighted_size()
    }
}

// What is kept is somebody's, and none of a log's business.
impl fmt::Debug for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Near").field("bytes", &self.weight()).finish_non_exhaustive()
    }
}

/// Which counter stands for the answer itself.
fn own_place(key: &Key) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(key) % COUNTERS
}

/// Each entry lives for its own time.
struct OwnTime;

impl Expiry<Key, Arc<Stored>> for OwnTime {
    fn expire_after_create(&self, _: &Key, stored: &Arc<Stored>, _: Instant) -> Option<Duration> {
        Some(stored.lives)
    }

    fn expire_after_update(&self, _: &Key, stored: &Arc<Stored>, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(stored.lives)
    }
}
