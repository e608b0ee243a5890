//! How often each thing has changed, as far as this process knows, and whether it is being changed now.
//!
//! An entry remembers what it saw before its row was read, and is good for as long as it still sees the same. So what was
//! read before a change can never be taken for what was read after it, however late it is stored. A fixed number of
//! counters serves all things there are: two that share one cost a needless miss, and nothing has to be forgotten.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use super::key::Tag;

/// Replicas tell each other counters by their place, so all have as many.
pub(crate) const COUNTERS: u64 = 1 << 15;

/// The low bits count who is writing now, the high ones the changes.
const WRITERS: u64 = (1 << 16) - 1;
const ONE_CHANGE: u64 = WRITERS + 1;

#[derive(Debug)]
pub(super) struct Generations {
    all: AtomicU64,
    counters: Box<[AtomicU64]>,
}

/// What an entry saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    all: u64,
    counters: Box<[(u64, u64)]>,
}

impl Seen {
    /// What nobody ever saw of this counter, so that it never holds.
    pub(super) fn never(place: u64) -> Self {
        Self { all: u64::MAX, counters: [(place, WRITERS)].into() }
    }
}

impl Generations {
    pub(super) fn new() -> Self {
        Self { all: AtomicU64::new(0), counters: (0..COUNTERS).map(|_| AtomicU64::new(0)).collect() }
    }

    /// What these look like now; `None` while one of them is being written, since nobody knows then what is read.
    pub(super) fn see(&self, places: impl Iterator<Item = u64>) -> Option<Seen> {
        let all = self.all.load(SeqCst);
        let see = |place: u64| {
            let now = self.counter(place)?.load(SeqCst);
            (now & WRITERS == 0).then_some((place, now))
        };
        Some(Seen { all, counters: places.map(see).collect::<Option<_>>()? })
    }

    /// Whether all of it still looks the same.
    pub(super) fn hold(&self, seen: &Seen) -> bool {
        self.all.load(SeqCst) == seen.all && seen.counters.iter().all(|counter| self.is_same(counter))
    }

    /// Whether the last thing that was seen still looks the same.
    pub(super) fn hold_last(&self, seen: &Seen) -> bool {
        seen.counters.last().is_none_or(|counter| self.is_same(counter))
    }

    fn is_same(&self, (place, then): &(u64, u64)) -> bool {
        self.counter(*place).is_some_and(|now| now.load(SeqCst) == *then)
    }

    /// A write begins.
    pub(super) fn begin(&self, tag: Tag) {
        self.add(place(tag), 1);
    }

    /// A write has ended, or may have.
    pub(super) fn done(&self, tag: Tag) {
        self.add(place(tag), ONE_CHANGE - 1);
    }

    /// A write has ended without any change.
    pub(super) fn undone(&self, tag: Tag) {
        self.add(place(tag), 1_u64.wrapping_neg());
    }

    /// Somebody else has changed what this counter stands for.
    pub(super) fn changed(&self, place: u64) {
        self.add(place, ONE_CHANGE);
    }

    /// Anything may have been changed.
    pub(super) fn all_changed(&self) {
        self.all.fetch_add(1, SeqCst);
    }

    fn add(&self, place: u64, what: u64) {
        if let Some(counter) = self.counter(place) {
            counter.fetch_add(what, SeqCst);
        }
    }

    fn counter(&self, place: u64) -> Option<&AtomicU64> {
        self.counters.get(usize::try_from(place).ok()?)
    }
}

/// Which counter stands for it.
pub(super) const fn place(tag: Tag) -> u64 {
    tag.number() % COUNTERS
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tags() -> [Tag; 2] {
        [Tag::row("cities", Uuid::from_u128(1)), Tag::table("cities")]
    }

    fn see(generations: &Generations, tags: &[Tag]) -> Option<Seen> {
        generations.see(tags.iter().map(|tag| place(*tag)))
    }

    #[test]
    fn what_was_seen_before_a_change_does_not_hold_after_it() {
        let generations = Generations::new();
        let [row, table] = tags();
        let before = see(&generations, &[row, table]).unwrap();
        assert!(generations.hold(&before));
        generations.begin(row);
        assert!(!generations.hold(&before), "nobody knows what is read while it is written");
        assert_eq!(see(&generations, &[table, row]), None);
        generations.done(row);
        assert!(!generations.hold(&before));
        assert!(generations.hold(&see(&generations, &[row, table]).unwrap()));
    }

    #[test]
    fn a_write_that_came_to_nothing_changes_nothing() {
        let generations = Generations::new();
        let [row, _] = tags();
        let before = see(&generations, &[row]).unwrap();
        generations.begin(row);
        generations.begin(row);
        generations.undone(row);
        assert_eq!(see(&generations, &[row]), None, "the other one is still writing");
        generations.undone(row);
        assert!(generations.hold(&before));
    }

    #[test]
    fn changes_by_others_count_alike() {
        let generations = Generations::new();
        let [row, table] = tags();
        let before = see(&generations, &[row]).unwrap();
        generations.changed(place(table));
        assert!(generations.hold(&before));
        generations.changed(place(row));
        assert!(!generations.hold(&before));
        let before = see(&generations, &[row]).unwrap();
        generations.all_changed();
        assert!(!generations.hold(&before));
        generations.changed(COUNTERS);
    }
}
