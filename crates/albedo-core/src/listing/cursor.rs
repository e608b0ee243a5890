//! Places in an ordered list, as clients carry them from page to page.
//!
//! A place is told by the sort keys of a row, not by its number: what is inserted or deleted before it moves nothing.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use super::filter::{Filter, Test};
use super::request::ListRequest;
use super::sort::{Direction, SortKey};
use crate::fault::{Code, Fault};
use crate::field::Kind;
use crate::scalar::Scalar;
use crate::security::seal::Seals;

/// A place in a list: a row, or where one was, and the side of it that is meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Anchor {
    /// Where.
    pub at: At,
    /// On which side of it.
    pub side: Side,
    /// Whether the row itself is meant too.
    pub inclusive: bool,
}

/// How a place is told.
#[derive(Clone, Debug, PartialEq)]
pub enum At {
    /// The values of the sort keys, the id last.
    Keys(Vec<Option<Scalar>>),
    /// The row alone, where its keys are too long to be carried about; it has to be there still.
    Row(Uuid),
}

/// The rows on one side of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Those that come later.
    After,
    /// Those that came earlier.
    Before,
}

impl Anchor {
    /// All that this anchor leaves out.
    #[must_use]
    pub fn turned(&self) -> Self {
        let side = if self.side == Side::After { Side::Before } else { Side::After };
        Self { at: self.at.clone(), side, inclusive: !self.inclusive }
    }
}

/// Some rows of a list, and where the others are.
#[derive(Clone, Debug)]
pub struct Walk<T, P> {
    /// The rows.
    pub items: Vec<T>,
    /// Rows of the whole list, where they were counted.
    pub total: Option<u64>,
    /// Where the rows before these are.
    pub prev: Option<P>,
    /// Where the rows after these are.
    pub next: Option<P>,
}

impl<T, P> Walk<T, P> {
    /// The same rows and places, told in another way.
    #[must_use]
    pub fn map<U, Q>(self, item: impl FnMut(T) -> U, place: impl Fn(P) -> Q) -> Walk<U, Q> {
        let Self { items, total, prev, next } = self;
        let items = items.into_iter().map(item).collect();
        Walk { items, total, prev: prev.map(&place), next: next.map(&place) }
    }
}

/// Whose walk through which list: what a cursor is good for.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'g> {
    /// The path of the list, with its parameters unfilled.
    pub list: &'g str,
    /// The parents that fill them.
    pub parents: &'g [Uuid],
    /// Who walks.
    pub user: Uuid,
    /// What is asked for: its filters and its search count.
    pub request: &'g ListRequest,
    /// The order in which the list is.
    pub order: &'g [SortKey],
}

/// Makes cursors of places, and places of cursors.
pub struct Cursors(Seals);

/// The version of the form below.
const FORM: u8 = 1;

impl Cursors {
    /// The longest cursor, in characters.
    pub const MAX_LENGTH: usize = 1_024;

    /// With keys that come from the secret.
    #[must_use]
    pub fn new(secret: &SecretString, earlier: &[SecretString]) -> Self {
        Self(Seals::new("cursor/hmac-sha256/v1", secret, earlier))
    }

    /// The cursor of a place.
    #[must_use]
    pub fn write(&self, ground: &Ground<'_>, anchor: &Anchor) -> String {
        let mut payload = bytes(anchor);
        if let At::Keys(keys) = &anchor.at
            && Seals::length(payload.len()) > Self::MAX_LENGTH
            && let Some(Some(Scalar::Uuid(id))) = keys.last()
        {
            payload = bytes(&Anchor { at: At::Row(*id), ..*anchor });
        }
        self.0.seal(&ground.bytes(), &payload)
    }

    /// The place of a cursor.
    ///
    /// # Errors
    /// One fault for every text that is not a cursor of this walk: which part of it is wrong, only who altered it knows.
    pub fn read(&self, ground: &Ground<'_>, text: &str) -> Result<Anchor, Fault> {
        let payload = self.0.open(&ground.bytes(), text);
        payload.and_then(|payload| anchor(&payload)).ok_or_else(|| {
            let detail = "This cursor is of another list, filter, search, sort or user, or was altered. Follow next and prev \
                 as they are given, or begin again with an empty cursor.";
            Fault::in_parameter("cursor", Code::Contradiction, detail)
        })
    }
}

impl fmt::Debug for Cursors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursors")
    }
}

impl Ground<'_> {
    /// The same bytes for the same walk, however its query was written: filters in any order, one twice.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        text(&mut bytes, self.list);
        length(&mut bytes, self.parents.len());
        self.parents.iter().for_each(|parent| bytes.extend(parent.as_bytes()));
        bytes.extend(self.user.as_bytes());
        for key in self.order {
            text(&mut bytes, key.field.name);
            bytes.extend([kind(key.field.kind), u8::from(key.field.nullable)]);
            bytes.push(u8::from(key.direction == Direction::Descending));
        }
        text(&mut bytes, "");
        bytes.push(u8::from(self.request.deleted));
        text(&mut bytes, self.request.search.as_deref().unwrap_or_default());
        let mut filters: Vec<_> = self.request.filters.iter().map(filter).collect();
        filters.sort_unstable();
        filters.dedup();
        bytes.extend(filters.concat());
        bytes
    }
}

fn filter(filter: &Filter) -> Vec<u8> {
    let mut bytes = Vec::new();
    text(&mut bytes, filter.field.name);
    text(&mut bytes, filter.test.operator().text());
    match &filter.test {
        Test::Equal(value)
        | Test::NotEqual(value)
        | Test::Greater(value)
        | Test::GreaterOrEqual(value)
        | Test::Less(value)
        | Test::LessOrEqual(value) => scalar(&mut bytes, Some(value)),
        Test::Between(from, to) => [from, to].iter().for_each(|value| scalar(&mut bytes, Some(value))),
        Test::In(values) | Test::NotIn(values) => {
            length(&mut bytes, values.len());
            values.iter().for_each(|value| scalar(&mut bytes, Some(value)));
        }
        Test::Contains(wanted) | Test::ContainsAnyCase(wanted) | Test::StartsWith(wanted) | Test::EndsWith(wanted) => {
            text(&mut bytes, wanted)
        }
        Test::IsNull(truth) => bytes.push(u8::from(*truth)),
    }
    bytes
}

const fn kind(kind: Kind) -> u8 {
    match kind {
        Kind::Text | Kind::Choice(_) | Kind::Object | Kind::Texts => 1,
        Kind::Integer32 | Kind::Integer64 => 2,
        Kind::Number => 3,
        Kind::Boolean => 4,
        Kind::Uuid => 5,
        Kind::Time => 6,
    }
}

const BEFORE: u8 = 1;
const INCLUSIVE: u8 = 2;
const ROW: u8 = 4;

/// The place in bytes: form, flags, and each key as its kind and its value.
fn bytes(anchor: &Anchor) -> Vec<u8> {
    let mut flags = 0;
    if anchor.side == Side::Before {
        flags |= BEFORE;
    }
    if anchor.inclusive {
        flags |= INCLUSIVE;
    }
    let mut bytes = Vec::with_capacity(32);
    match &anchor.at {
        At::Row(id) => {
            bytes.extend([FORM, flags | ROW]);
            bytes.extend(id.as_bytes());
        }
        At::Keys(keys) => {
            bytes.extend([FORM, flags]);
            keys.iter().for_each(|key| scalar(&mut bytes, key.as_ref()));
        }
    }
    bytes
}

fn anchor(bytes: &[u8]) -> Option<Anchor> {
    let ([FORM, flags], mut rest) = bytes.split_first_chunk::<2>()? else { return None };
    let at = if flags & ROW == 0 {
        let mut keys = Vec::new();
        while !rest.is_empty() {
            keys.push(read_scalar(&mut rest)?);
        }
        At::Keys(keys)
    } else {
        At::Row(Uuid::from_slice(rest).ok()?)
    };
    let side = if flags & BEFORE == 0 { Side::After } else { Side::Before };
    Some(Anchor { at, side, inclusive: flags & INCLUSIVE != 0 })
}

fn length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    length(bytes, text.len());
    bytes.extend(text.as_bytes());
}

fn scalar(bytes: &mut Vec<u8>, value: Option<&Scalar>) {
    match value {
        None => bytes.push(0),
        Some(Scalar::Text(value)) => {
            bytes.push(1);
            text(bytes, value);
        }
        Some(Scalar::Integer(value)) => {
            bytes.push(2);
            bytes.extend(value.to_be_bytes());
        }
        // The bits themselves: a double written in decimals may come back as its neighbour.
        Some(Scalar::Number(value)) => {
            bytes.push(3);
            bytes.extend(value.to_bits().to_be_bytes());
        }
        Some(Scalar::Boolean(value)) => bytes.extend([4, u8::from(*value)]),
        Some(Scalar::Uuid(value)) => {
            bytes.push(5);
            bytes.extend(value.as_bytes());
        }
        Some(Scalar::Time(value)) => {
            bytes.push(6);
            bytes.extend(value.timestamp_micros().to_be_bytes());
        }
    }
}

#[expect(
    clippy::option_option,
    reason = "the outer one says whether the bytes can be read, the inner one is the value"
)]
fn read_scalar(bytes: &mut &[u8]) -> Option<Option<Scalar>> {
    let [kind] = take::<1>(bytes)?;
    Some(Some(match kind {
        0 => return Some(None),
        1 => {
            let length = usize::try_from(u32::from_be_bytes(take(bytes)?)).ok()?;
            let (text, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Scalar::Text(String::from_utf8(text.to_vec()).ok()?)
        }
        2 => Scalar::Integer(i64::from_be_bytes(take(bytes)?)),
        3 => Scalar::Number(f64::from_bits(u64::from_be_bytes(take(bytes)?))),
        4 => Scalar::Boolean(take::<1>(bytes)? == [1]),
        5 => Scalar::Uuid(Uuid::from_bytes(take(bytes)?)),
        6 => Scalar::Time(DateTime::<Utc>::from_timestamp_micros(i64::from_be_bytes(take(bytes)?))?),
        _ => return None,
    }))
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*first)
}

#[cfg(test)]
mod tests;
