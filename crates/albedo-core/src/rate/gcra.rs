//! The generic cell rate algorithm: one number tells all.
//!
//! The number is the time at which a subject has paid for everything it did. It may lie ahead of now by the rate's whole
//! window; whoever would go further is refused, and the number stays. Unlike a counter for each window, nobody gets twice
//! the rate around the end of one.

use std::time::Duration;

use super::{Rate, Verdict};

/// The verdict at `now` for one that has paid until `paid`, and the new number; both in microseconds of one clock.
pub(super) fn decide(rate: Rate, paid: u64, now: u64) -> (u64, Verdict) {
    let (interval, tolerance) = (rate.interval(), rate.tolerance());
    let before = paid.max(now);
    let after = before + interval;
    let latest = now + tolerance;
    if after > latest {
        let verdict = Verdict {
            remaining: 0,
            reset: Duration::from_micros(before - now),
            retry_after: Some(Duration::from_micros(after - latest)),
        };
        return (paid, verdict);
    }
    let remaining = u32::try_from((latest - after) / interval).unwrap_or(u32::MAX);
    (after, Verdict { remaining, reset: Duration::from_micros(after - now), retry_after: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    #[test]
    fn a_window_s_worth_comes_at_once_and_then_evenly() {
        let rate: Rate = "10/s".parse().unwrap();
        let (mut paid, now) = (0, 5 * SECOND);
        for left in (0..10).rev() {
            let (after, verdict) = decide(rate, paid, now);
            assert_eq!((verdict.remaining, verdict.retry_after), (left, None));
            paid = after;
        }
        let (after, refused) = decide(rate, paid, now);
        assert_eq!((after, refused.retry_after), (paid, Some(Duration::from_millis(100))));
        assert_eq!(refused.reset, Duration::from_secs(1));
        let (paid, verdict) = decide(rate, paid, now + SECOND / 10);
        assert_eq!(verdict.retry_after, None);
        assert!(decide(rate, paid, now + SECOND / 10).1.retry_after.is_some());
    }

    #[test]
    fn one_that_was_away_has_no_more_than_a_window_s_worth() {
        let rate: Rate = "3/m".parse().unwrap();
        assert_eq!(decide(rate, 1, 1_000_000 * SECOND).1.remaining, 2);
    }

    #[test]
    fn no_window_lets_more_through_than_its_rate_twice_over() {
        // The worst that a client can do: all at once, then each one as soon as it may.
        let rate: Rate = "60/m".parse().unwrap();
        let (mut paid, mut passed) = (0, 0);
        for millisecond in 0..60_000 {
            let (after, verdict) = decide(rate, paid, millisecond * 1000);
            passed += u32::from(verdict.retry_after.is_none());
            paid = after;
        }
        assert!((119..=120).contains(&passed), "{passed}");
    }
}
