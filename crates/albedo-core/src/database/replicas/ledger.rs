//! What was written and what was shown, in ticks: pure numbers, no connection.
//!
//! The primary is asked for its position in its log again and again; each such question is a tick. Whatever was written
//! before a tick began is covered by its answer, so a write notes the tick that begins next, and costs nothing else. A
//! replica that has replayed the answer of a tick shows all that notes it or an earlier one.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use crate::cache::{COUNTERS, Tag};

/// For each thing that may change, the tick that covers its last change, and the last one that somebody was shown. Things
/// are numbers, as of a [`Tag`](crate::cache::Tag); two that share a place cost a needless read of the primary.
pub struct Ledger {
    begun: AtomicU64,
    /// Covers all things: after a start, a change of replica, or news that were missed.
    all: AtomicU64,
    written: Box<[AtomicU64]>,
    shown: Box<[AtomicU64]>,
}

/// Where a read may go, given what a replica has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// To the replica.
    Replica,
    /// To the replica once it has reached this tick: what was shown from the primary is no older than that, and the
    /// primary would only show more of it.
    Soon(u64),
    /// To the primary: the replica lacks a write.
    Primary,
}

impl Ledger {
    pub(super) fn new() -> Self {
        let places = || (0..COUNTERS).map(|_| AtomicU64::new(0)).collect();
        // What was shown before this process began is covered by the first tick.
        Self { begun: AtomicU64::new(0), all: AtomicU64::new(1), written: places(), shown: places() }
    }

    /// It was written, or may have been. To be said after the commit, and before anybody is told.
    pub(crate) fn written(&self, thing: u64) {
        self.note(&self.written, thing);
    }

    /// What depends on these was shown as the primary has it, or somebody who asked the primary. That concerns this answer
    /// alone: others of the same table need not wait for it.
    pub(crate) fn shown(&self, tags: &[Tag]) {
        let own = tags.iter().filter(|tag| tag.is_of_one_answer());
        own.for_each(|tag| self.note(&self.shown, tag.number()));
    }

    /// Anything may have been written, or shown.
    pub(crate) fn all_written(&self) {
        self.all.fetch_max(self.next(), SeqCst);
    }

    /// Begins a tick: to be called before the primary is asked.
    pub(super) fn begin_tick(&self) -> u64 {
        self.begun.fetch_add(1, SeqCst) + 1
    }

    pub(super) fn verdict(&self, tags: &[Tag], reached: u64) -> Verdict {
        let last = |of: &[AtomicU64]| {
            let ticks = tags.iter().filter_map(|tag| of.get(place(tag.number()))).map(|tick| tick.load(SeqCst));
            ticks.max().unwrap_or_default()
        };
        if reached < last(&self.written).max(self.all.load(SeqCst)) {
            return Verdict::Primary;
        }
        match last(&self.shown) {
            shown if reached < shown => Verdict::Soon(shown),
            _ => Verdict::Replica,
        }
    }

    fn note(&self, of: &[AtomicU64], thing: u64) {
        if let Some(tick) = of.get(place(thing)) {
            tick.fetch_max(self.next(), SeqCst);
        }
    }

    fn next(&self) -> u64 {
        self.begun.load(SeqCst) + 1
    }
}

/// Replicas of the server tell each other places, as of their generations.
fn place(thing: u64) -> usize {
    usize::try_from(thing % COUNTERS).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn row(number: u128) -> Tag {
        Tag::row("cities", Uuid::from_u128(number))
    }

    #[test]
    fn what_was_written_is_read_from_the_primary_until_the_replica_has_it() {
        let ledger = Ledger::new();
        let first = ledger.begin_tick();
        assert_eq!(ledger.verdict(&[row(7)], first), Verdict::Replica);
        ledger.written(row(7).number());
        assert_eq!(ledger.verdict(&[row(7)], first), Verdict::Primary, "the tick had begun before the write");
        assert_eq!(ledger.verdict(&[row(8), row(9)], first), Verdict::Replica, "others are not concerned");
        let second = ledger.begin_tick();
        assert_eq!(ledger.verdict(&[row(8), row(7)], second), Verdict::Replica);
    }

    #[test]
    fn what_the_primary_has_shown_waits_for_the_replica() {
        let ledger = Ledger::new();
        let first = ledger.begin_tick();
        ledger.shown(&[row(7), Tag::table("cities")]);
        assert_eq!(ledger.verdict(&[row(7)], first), Verdict::Soon(2));
        assert_eq!(ledger.verdict(&[row(8), Tag::table("cities")], first), Verdict::Replica);
        ledger.written(row(7).number());
        assert_eq!(ledger.verdict(&[row(7)], first), Verdict::Primary);
        assert_eq!(ledger.verdict(&[row(7)], ledger.begin_tick()), Verdict::Replica);
    }

    #[test]
    fn nothing_is_known_at_first_and_after_missed_news() {
        let ledger = Ledger::new();
        assert_eq!(ledger.verdict(&[], 0), Verdict::Primary);
        let first = ledger.begin_tick();
        ledger.all_written();
        assert_eq!(ledger.verdict(&[row(7)], first), Verdict::Primary);
        assert_eq!(ledger.verdict(&[row(7)], ledger.begin_tick()), Verdict::Replica);
    }
}
