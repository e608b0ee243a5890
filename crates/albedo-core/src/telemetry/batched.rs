//! Lines written together.

use std::io;
use std::thread;
use std::time::Duration;

/// Writes lines together, at most once a millisecond.
///
/// The thread of the log is told of each line that comes while it waits. A server under load would wake it for every
/// request, which costs as much as the rest of the log; a thread that rests a moment finds them all at once.
pub(super) struct Batched<W> {
    lines: Vec<u8>,
    to: W,
}

impl<W> Batched<W> {
    /// More than this is written without waiting for the last of the lines.
    const FULL: usize = 64 * 1024;
    const REST: Duration = Duration::from_millis(1);

    pub(super) const fn to(to: W) -> Self {
        Self { lines: Vec::new(), to }
    }
}

impl<W: io::Write> io::Write for Batched<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.extend_from_slice(line);
        if self.lines.len() >= Self::FULL {
            self.write_out()?;
        }
        Ok(line.len())
    }

    /// Called when no more lines are waiting.
    fn flush(&mut self) -> io::Result<()> {
        self.write_out()?;
        self.to.flush()?;
        thread::sleep(Self::REST);
        Ok(())
    }
}

impl<W: io::Write> Batched<W> {
    fn write_out(&mut self) -> io::Result<()> {
        let written = self.to.write_all(&self.lines);
        // What cannot be written now is lost: nobody reads, and what waits must have an end.
        self.lines.clear();
        written
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::memory::Memory;
    use super::*;

    #[test]
    fn lines_are_written_together_and_none_is_lost() {
        let memory = Memory::default();
        let mut batched = Batched::to(memory.clone());
        batched.write_all(b"one\n").unwrap();
        assert!(memory.bytes().is_empty());
        batched.write_all(b"two\n").unwrap();
        batched.flush().unwrap();
        assert_eq!(memory.bytes(), b"one\ntwo\n");
        batched.write_all(&vec![b'x'; 70_000]).unwrap();
        assert_eq!(memory.bytes().len(), 8 + 70_000);
    }
}
