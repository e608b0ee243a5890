//! Where a verb writes what it was asked for.

use std::io::{self, ErrorKind, StdoutLock, Write};

/// The program's output. A reader that has closed the pipe has read enough, so what it does not take is no error: the verb
/// ends as if all were read, with the exit code that is its verdict.
pub(super) struct Answer(StdoutLock<'static>);

impl Answer {
    pub(super) fn start() -> Self {
        Self(io::stdout().lock())
    }
}

impl Write for Answer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        unless_closed(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        unless_closed(self.0.flush(), ())
    }
}

fn unless_closed<T>(outcome: io::Result<T>, as_if_read: T) -> io::Result<T> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(as_if_read),
        outcome => outcome,
    }
}
