//! What an entry is called, and what it depends on.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The name of an answer: whose it is, and what was asked for.
///
/// The owner and the parents are part of it, so that nobody is ever given what is another's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The table.
    pub table: &'static str,
    /// Who may see it; `None` for what everybody may.
    pub owner: Option<Uuid>,
    /// The rows above, outermost first.
    pub parents: Vec<Uuid>,
    /// What was asked for.
    pub part: Part,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// One row.
    Row(Uuid),
    /// A list, by the query that asks for it.
    List(Box<str>),
}

impl Key {
    /// Its name in Redis. `shape` tells apart what two versions of the program show.
    pub(super) fn name(&self, namespace: &str, shape: u64) -> String {
        let mut digest = Sha256::new();
        digest.update(shape.to_be_bytes());
        digest.update(self.owner.unwrap_or_default());
        digest.update([u8::try_from(self.parents.len()).unwrap_or(u8::MAX)]);
        self.parents.iter().for_each(|parent| digest.update(parent));
        match &self.part {
            Part::Row(id) => {
                digest.update(b"row");
                digest.update(id);
            }
            Part::List(query) => {
                digest.update(b"list");
                digest.update(query.as_bytes());
            }
        }
        let digest = digest.finalize();
        let half = digest.first_chunk::<16>().copied().unwrap_or_default();
        format!("{namespace}:e:{}:{:032x}", self.table, u128::from_be_bytes(half))
    }

    pub(super) fn bytes(&self) -> usize {
        let text = if let Part::List(query) = &self.part { query.len() } else { 0 };
        size_of::<Self>() + self.parents.len() * size_of::<Uuid>() + text
    }
}

/// Something that may change, by a number that all processes agree on. Two with one number cost a needless miss, no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    number: u64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Row,
    Beneath,
    List,
    Gone,
    Table,
    Inside,
    Any,
}

impl Tag {
    /// The row itself: what is shown of it.
    #[must_use]
    pub fn row(table: &str, id: Uuid) -> Self {
        Self::of(Kind::Row, table, id)
    }

    /// All rows beneath this one: they go when it goes.
    #[must_use]
    pub fn beneath(table: &str, id: Uuid) -> Self {
        Self::of(Kind::Beneath, table, id)
    }

    /// The lists of a table for one owner, or beneath one parent; the nil UUID is everybody's.
    #[must_use]
    pub fn list(table: &str, of: Uuid) -> Self {
        Self::of(Kind::List, table, of)
    }

    /// Rows of a table are deleted, and others that refer to them change with them.
    #[must_use]
    pub fn gone(table: &str) -> Self {
        Self::of(Kind::Gone, table, Uuid::nil())
    }

    /// All of a table.
    #[must_use]
    pub fn table(table: &str) -> Self {
        Self::of(Kind::Table, table, Uuid::nil())
    }

    /// Any row of a table is written: for reads that sum up what stands in it.
    #[must_use]
    pub fn any(table: &str) -> Self {
        Self::of(Kind::Any, table, Uuid::nil())
    }

    /// Anything inside this row, however deep: for reads of all of it.
    #[must_use]
    pub fn inside(table: &str, id: Uuid) -> Self {
        Self::of(Kind::Inside, table, id)
    }

    fn of(kind: Kind, table: &str, id: Uuid) -> Self {
        let mut digest = Sha256::new();
        digest.update([kind as u8]);
        digest.update(table.as_bytes());
        digest.update(id);
        let first = digest.finalize().first_chunk::<8>().copied().unwrap_or_default();
        Self { number: u64::from_be_bytes(first), kind }
    }

    /// Whether it stands for one answer, and not for all of a table or all beneath a row.
    pub(crate) const fn is_of_one_answer(self) -> bool {
        matches!(self.kind, Kind::Row | Kind::List | Kind::Inside)
    }

    pub(crate) const fn number(self) -> u64 {
        self.number
    }

    /// How long its token lives in Redis, in seconds. One that goes too early costs misses; rows are many, and the one that is
    /// only looked for should leave no trace for long.
    pub(super) const fn token_lives(self) -> u64 {
        match self.kind {
            Kind::Row | Kind::Inside => 60,
            Kind::Beneath | Kind::List => 24 * 3600,
            Kind::Gone | Kind::Table | Kind::Any => 30 * 24 * 3600,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_differs_shares_a_name() {
        let [one, other] = [1, 2].map(Uuid::from_u128);
        let key = |owner, parents: &[Uuid], part| Key { table: "t", owner, parents: parents.to_vec(), part };
        let names: std::collections::BTreeSet<_> = [
            key(None, &[], Part::Row(one)),
            key(Some(one), &[], Part::Row(one)),
            key(Some(other), &[], Part::Row(one)),
            key(Some(one), &[other], Part::Row(one)),
            key(Some(one), &[one, other], Part::Row(one)),
            key(Some(one), &[other, one], Part::Row(one)),
            key(Some(one), &[], Part::List("".into())),
            key(Some(one), &[], Part::List("page=2".into())),
        ]
        .iter()
        .map(|key| key.name("ns", 0))
        .collect();
        assert_eq!(names.len(), 8);
        assert_ne!(key(None, &[], Part::Row(one)).name("ns", 0), key(None, &[], Part::Row(one)).name("ns", 1));
    }

    #[test]
    fn a_number_is_the_same_in_every_process() {
        // Written down once: replicas of two builds have to agree on it.
        assert_eq!(Tag::row("cities", Uuid::from_u128(1)).number(), 11_790_299_100_927_822_819);
    }
}
