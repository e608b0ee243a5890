//! A finished answer, in memory and as Redis keeps it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

/// A finished answer: the bytes of its body, and what its headers need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub mark: Mark,
    /// The body; cloning shares it.
    pub body: Bytes,
}

/// An answer as it was read.
#[derive(Clone, Debug)]
pub struct Brought {
    /// The answer.
    pub entry: Entry,
    /// Whether others may have it: what a replica shows may lack a write of theirs that was not told here yet.
    pub shared: bool,
}

impl From<Entry> for Brought {
    fn from(entry: Entry) -> Self {
        Self { entry, shared: true }
    }
}

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A row in this version.
    Row(i64),
    /// A page, out of how many.
    Page {
        /// Its number, from 1.
        page: u64,
        /// How many there are.
        pages: u64,
    },
    /// There is nothing.
    Missing,
}

impl Entry {
    /// The answer that there is nothing.
    #[must_use]
    pub const fn missing() -> Self {
        Self { mark: Mark::Missing, body: Bytes::new() }
    }
}

/// Sixteen bytes that are never the same twice.
pub(super) type Token = [u8; 16];

/// The tokens of all that an entry depends on: as long as they are the same, nothing of it has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tokens(pub(super) Vec<Token>);

const FORMAT: u8 = 1;
/// Format, kind, two numbers, the end of life, and how many tokens follow.
const HEAD: usize = 1 + 1 + 8 + 8 + 8 + 1;

/// An entry with its tokens in one piece, good until `lives` from now.
pub(super) fn write(entry: &Entry, tokens: &Tokens, lives: Duration) -> Vec<u8> {
    let (kind, one, other) = match entry.mark {
        Mark::Row(version) => (0, version.cast_unsigned(), 0),
        Mark::Page { page, pages } => (1, page, pages),
        Mark::Missing => (2, 0, 0),
    };
    let mut bytes = Vec::with_capacity(HEAD + tokens.0.len() * 16 + entry.body.len());
    bytes.extend([FORMAT, kind]);
    bytes.extend(one.to_be_bytes());
    bytes.extend(other.to_be_bytes());
    bytes.extend(milliseconds(SystemTime::now() + lives).to_be_bytes());
    bytes.push(u8::try_from(tokens.0.len()).unwrap_or(u8::MAX));
    tokens.0.iter().for_each(|token| bytes.extend(token));
    bytes.extend_from_slice(&entry.body);
    bytes
}

/// The entry and the rest of its life, if it was written with these tokens. Its body is a part of `bytes`, not a copy.
pub(super) fn read(bytes: &Bytes, tokens: &Tokens) -> Option<(Entry, Duration)> {
    let (head, rest) = bytes.split_at_checked(HEAD)?;
    let (fixed, numbers) = head.split_at_checked(2)?;
    let number = |place: usize| {
        let part = numbers.get(place * 8..)?.first_chunk::<8>()?;
        Some(u64::from_be_bytes(*part))
    };
    let count = usize::from(*head.last()?);
    let written = rest.get(..count * 16)?;
    if fixed.first() != Some(&FORMAT) || !written.chunks_exact(16).eq(tokens.0.iter().map(Token::as_slice)) {
        return None;
    }
    let mark = match fixed.last()? {
        0 => Mark::Row(number(0)?.cast_signed()),
        1 => Mark::Page { page: number(0)?, pages: number(1)? },
        2 => Mark::Missing,
        _ => return None,
    };
    let left = number(2)?.checked_sub(milliseconds(SystemTime::now()))?;
    Some((Entry { mark, body: bytes.slice(HEAD + count * 16..) }, Duration::from_millis(left)))
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIVES: Duration = Duration::from_secs(60);

    #[test]
    fn what_is_written_is_read_and_nothing_is_copied() {
        let tokens = Tokens(vec![[1; 16], [2; 16]]);
        for mark in [Mark::Row(-7), Mark::Page { page: 2, pages: 9 }, Mark::Missing] {
            let entry = Entry { mark, body: Bytes::from_static(b"{\"a\":1}") };
            let bytes = Bytes::from(write(&entry, &tokens, LIVES));
            let (read, left) = read(&bytes, &tokens).unwrap();
            assert_eq!(read, entry);
            assert!(bytes.as_ptr_range().contains(&read.body.as_ptr()));
            assert!(left <= LIVES && left > LIVES / 2);
        }
    }

    #[test]
    fn what_does_not_fit_is_no_entry() {
        let (tokens, entry) = (Tokens(vec![[1; 16]]), Entry { mark: Mark::Row(1), body: Bytes::from_static(b"x") });
        let good = write(&entry, &tokens, LIVES);
        for others in [Tokens(vec![[2; 16]]), Tokens(vec![]), Tokens(vec![[1; 16], [1; 16]])] {
            assert_eq!(read(&Bytes::from(good.clone()), &others), None);
        }
        for length in 0..HEAD + 16 {
            assert_eq!(read(&Bytes::copy_from_slice(&good[..length]), &tokens), None, "{length}");
        }
        let other_format = [&[FORMAT + 1], &good[1..]].concat();
        assert_eq!(read(&Bytes::from(other_format), &tokens), None);
        std::thread::sleep(Duration::from_millis(5));
        assert_eq!(read(&Bytes::from(write(&entry, &tokens, Duration::ZERO)), &Tokens(vec![[9; 16]])), None);
    }
}
