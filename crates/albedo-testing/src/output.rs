//! What a process has said so far, read by a thread of its own so that the process never waits for us.

use std::{
    io::{BufRead, BufReader, Read},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// The lines of one process, standard output and standard error as they came.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    shared: Arc<(Mutex<Spoken>, Condvar)>,
}

#[derive(Debug, Default)]
struct Spoken {
    lines: Vec<String>,
    ended: bool,
}

/// The line waited for did not come: the process ended without it, or the time was up.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    Ended,
    TooLong,
}

impl Output {
    /// Follows `source` until its end, which for a process is its exit.
    pub(crate) fn follow(source: impl Read + Send + 'static) -> Self {
        let output = Self { shared: Arc::default() };
        let writer = output.clone();
        thread::spawn(move || {
            let mut source = BufReader::new(source);
            let mut line = Vec::new();
            while source.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                writer.change(|spoken| spoken.lines.push(text));
                line.clear();
            }
            writer.change(|spoken| spoken.ended = true);
        });
        output
    }

    /// Everything said so far.
    pub(crate) fn text(&self) -> String {
        self.lock().lines.join("\n")
    }

    /// The first answer that `read` has for a line, past or to come.
    pub(crate) fn wait_for<T>(&self, within: Duration, mut read: impl FnMut(&str) -> Option<T>) -> Result<T, Silence> {
        let deadline = Instant::now() + within;
        let mut seen = 0;
        let mut spoken = self.lock();
        loop {
            for line in spoken.lines.iter().skip(seen) {
                if let Some(answer) = read(line) {
                    return Ok(answer);
                }
            }
            seen = spoken.lines.len();
            if spoken.ended {
                return Err(Silence::Ended);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Silence::TooLong);
            }
            spoken = self.shared.1.wait_timeout(spoken, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether the process has ended within that time.
    pub(crate) fn ends(&self, within: Duration) -> bool {
        self.wait_for(within, |_| None::<()>) == Err(Silence::Ended)
    }

    fn change(&self, change: impl FnOnce(&mut Spoken)) {
        change(&mut self.lock());
        self.shared.1.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Spoken> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;
    const SOON: Duration = Duration::from_secs(5);

    #[test]
    fn a_line_that_was_said_before_is_found() {
        let output = Output::follow(&b"one\ntwo\n"[..]);
        assert!(output.ends(SOON));
        assert_eq!(output.wait_for(NOW, |line| line.strip_prefix("tw").map(str::to_owned)), Ok("o".to_owned()));
    }

    #[test]
    fn a_line_that_never_comes_is_told_by_the_end_of_the_process() {
        let output = Output::follow(&b"one\n"[..]);
        assert_eq!(output.wait_for(SOON, |line| line.contains("two").then_some(())), Err(Silence::Ended));
    }

    #[test]
    fn bytes_that_are_no_text_are_kept_readable() {
        let output = Output::follow(&b"caf\xe9\n"[..]);
        assert!(output.ends(SOON));
        assert_eq!(output.text(), "caf\u{fffd}");
    }
}
