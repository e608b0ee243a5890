//! The counts of one process: a table of bounded size.
//!
//! Whoever comes from ever new addresses makes it forget the ones that have spent least, so it neither grows without end
//! nor forgets those it is there for.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::gcra::decide;
use super::{Rate, Subject, Verdict};

/// Parts with a lock each, so that workers seldom wait for each other.
const PARTS: usize = 64;
/// Subjects of one part: some 8 MiB when all parts are full.
const MOST: usize = 2_048;

#[derive(Debug)]
pub(super) struct Table {
    parts: Vec<Mutex<HashMap<Subject, u64>>>,
    hasher: RandomState,
    start: Instant,
}

impl Table {
    pub(super) fn new() -> Self {
        let parts = (0..PARTS).map(|_| Mutex::default()).collect();
        Self { parts, hasher: RandomState::new(), start: Instant::now() }
    }

    pub(super) fn spend(&self, subject: Subject, rate: Rate) -> Verdict {
        let now = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX / 2);
        let part = usize::try_from(self.hasher.hash_one(subject)).unwrap_or_default() % PARTS;
        let Some(part) = self.parts.get(part) else { return decide(rate, 0, now).1 };
        // A number is written whole or not at all: a panic elsewhere leaves nothing broken behind.
        let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
        let (paid, verdict) = decide(rate, part.get(&subject).copied().unwrap_or_default(), now);
        if verdict.retry_after.is_none() {
            if part.len() >= MOST && !part.contains_key(&subject) {
                make_room(&mut part, now);
            }
            part.insert(subject, paid);
        }
        verdict
    }
}

/// Forgets all who have paid, since forgetting them changes nothing, and else a quarter: those nearest to that.
fn make_room(part: &mut HashMap<Subject, u64>, now: u64) {
    part.retain(|_, paid| *paid > now);
    if part.len() < MOST {
        return;
    }
    let mut times: Vec<u64> = part.values().copied().collect();
    let (_, quarter, _) = times.select_nth_unstable(MOST / 4);
    let quarter = *quarter;
    part.retain(|_, paid| *paid > quarter);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(id: u128) -> Subject {
        Subject { policy: "test", id }
    }

    #[test]
    fn subjects_are_counted_apart() {
        let (table, rate) = (Table::new(), "2/h".parse().unwrap());
        for id in [1, 2] {
            for left in [1, 0] {
                assert_eq!(table.spend(subject(id), rate).remaining, left);
            }
            assert!(table.spend(subject(id), rate).retry_after.is_some());
        }
        let other = Subject { policy: "other", id: 1 };
        assert_eq!(table.spend(other, rate).remaining, 1);
    }

    #[test]
    fn ever_new_subjects_fill_no_memory_and_free_nobody_who_spent_more() {
        let (table, rate) = (Table::new(), "100/h".parse().unwrap());
        for _ in 0..100 {
            table.spend(subject(0), rate);
        }
        for id in 1..400_000 {
            table.spend(subject(id), rate);
        }
        let held: usize = table.parts.iter().map(|part| part.lock().unwrap().len()).sum();
        assert!(held <= PARTS * MOST, "{held}");
        assert!(table.spend(subject(0), rate).retry_after.is_some());
    }
}
