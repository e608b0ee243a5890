//! How far a replica is, from positions in the primary's log: pure, so that it can be tried without servers.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// More than a replica that may lag can be behind, at one tick each tenth of a second and a few hundred in a hurry.
const MOST: usize = 8192;

/// A tick with the answer of the primary.
#[derive(Clone, Copy, Debug)]
struct Sample {
    tick: u64,
    position: u64,
    begun: Instant,
}

/// The last answers of the primary, in order.
#[derive(Debug, Default)]
pub(super) struct Track(VecDeque<Sample>);

/// What a replayed position amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    /// The last tick that it covers.
    pub(super) reached: u64,
    /// How long ago the first began that it does not; zero where it covers all.
    pub(super) lag: Duration,
}

impl Track {
    /// Notes an answer. Whether it fits those before: a primary that has gone back is another one.
    pub(super) fn note(&mut self, tick: u64, position: u64, begun: Instant) -> bool {
        let fits = self.0.back().is_none_or(|last| last.position <= position);
        if !fits {
            self.0.clear();
        }
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(Sample { tick, position, begun });
        fits
    }

    /// The last tick that was answered.
    pub(super) fn last(&self) -> u64 {
        self.0.back().map_or(0, |last| last.tick)
    }

    pub(super) fn progress(&self, replayed: u64, now: Instant) -> Progress {
        let covered = self.0.partition_point(|sample| sample.position <= replayed);
        let reached = covered.checked_sub(1).and_then(|last| self.0.get(last)).map_or(0, |sample| sample.tick);
        let lag = self.0.get(covered).map_or(Duration::ZERO, |first| now.saturating_duration_since(first.begun));
        Progress { reached, lag }
    }
}

/// The start of the page where a position stands behind the head of one: the primary counts the head of a page that it has
/// begun, and a replica does not before there is something in it.
pub(super) const fn without_page_head(position: u64, page: u64) -> u64 {
    let Some(within) = position.checked_rem(page) else { return position };
    if within == 24 || within == 40 { position - within } else { position }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_reaches_the_last_tick_that_it_has_replayed() {
        let (mut track, start) = (Track::default(), Instant::now());
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        for (tick, position) in [(1, 100), (2, 100), (4, 250), (5, 300)] {
            assert!(track.note(tick, position, at(tick * 100)));
        }
        let progress = |replayed| {
            let Progress { reached, lag } = track.progress(replayed, at(600));
            (reached, lag.as_millis())
        };
        assert_eq!(progress(99), (0, 500));
        assert_eq!(progress(100), (2, 200));
        assert_eq!(progress(299), (4, 100));
        assert_eq!(progress(300), (5, 0));
        assert_eq!(track.last(), 5);
    }

    #[test]
    fn a_primary_that_has_gone_back_is_another_one() {
        let (mut track, now) = (Track::default(), Instant::now());
        assert!(track.note(1, 500, now));
        assert!(!track.note(2, 400, now));
        assert_eq!(track.progress(450, now).reached, 2);
    }

    #[test]
    fn the_head_of_a_page_is_not_waited_for() {
        assert_eq!(without_page_head(8192 * 3 + 24, 8192), 8192 * 3);
        assert_eq!(without_page_head(8192 * 4 + 40, 8192), 8192 * 4);
        assert_eq!(without_page_head(8192 * 3 + 48, 8192), 8192 * 3 + 48);
        assert_eq!(without_page_head(8192 * 3, 8192), 8192 * 3);
    }
}
