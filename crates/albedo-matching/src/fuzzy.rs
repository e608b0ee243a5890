//! Misspelt terms, found without comparing every word with every term.
//!
//! Two texts at a small edit distance share a text that is made from each by leaving letters out. So each term is filed
//! under what its first letters become with up to two of them left out, and a word is looked up under the same.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use strsim::osa_distance;

/// Letters from which variants are made; the rest is compared when a candidate is found.
const PREFIX: usize = 7;
/// A term of fewer letters is matched exactly or not at all: at three letters, everything is one letter from something.
const FEWEST_LETTERS: usize = 4;
/// From this many letters on, two mistakes are forgiven.
const LONG: usize = 8;
/// Terms of more words than this are matched exactly alone.
const MOST_WORDS: usize = 5;

/// Terms by what they become when letters are left out.
#[derive(Debug, Default)]
pub(crate) struct FuzzyIndex {
    /// Hashes of the variants, with the places of their terms; in order when it is closed. Two variants of one hash only
    /// make a candidate more, whose distance is looked at like any other's.
    variants: Vec<(u64, u32)>,
    words: BTreeSet<usize>,
}

impl FuzzyIndex {
    /// Files a term under its place.
    pub(crate) fn add(&mut self, text: &str, place: usize) {
        let words = text.split_whitespace().count();
        if allowed(text) == 0 || words > MOST_WORDS {
            return;
        }
        self.words.insert(words);
        let Ok(place) = u32::try_from(place) else { return };
        self.variants.extend(variants(text).iter().map(|variant| (hash(variant), place)));
    }

    /// Puts in order what was filed. Before that, nothing is found for certain.
    pub(crate) fn close(&mut self) {
        self.variants.sort_unstable();
        self.variants.shrink_to_fit();
    }

    fn filed(&self, variant: &str) -> impl Iterator<Item = usize> + '_ {
        let hash = hash(variant);
        let first = self.variants.partition_point(|(other, _)| *other < hash);
        let from = self.variants.get(first..).unwrap_or_default().iter();
        from.take_while(move |(other, _)| *other == hash).map(|(_, place)| *place as usize)
    }

    /// How many words terms have.
    pub(crate) fn word_counts(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().copied()
    }

    /// The places of terms that may be meant, with what `text_of` says is their text, and how sure that is. Equal texts are
    /// left out: those are found exactly.
    pub(crate) fn candidates<'a>(&self, said: &str, text_of: impl Fn(usize) -> Option<&'a str>) -> Vec<(usize, f64)> {
        if allowed(said) == 0 && said.chars().count() + 1 < FEWEST_LETTERS {
            return Vec::new();
        }
        let places: BTreeSet<usize> = variants(said).iter().flat_map(|variant| self.filed(variant)).collect();
        let judged = places.into_iter().filter_map(|place| {
            let term = text_of(place)?;
            let (letters, said_letters) = (term.chars().count(), said.chars().count());
            if letters.abs_diff(said_letters) > allowed(term) {
                return None;
            }
            let distance = osa_distance(said, term);
            #[expect(clippy::cast_precision_loss, reason = "a term has at most 128 letters")]
            let confidence = 1.0 - distance as f64 / letters.max(said_letters) as f64;
            ((1..=allowed(term)).contains(&distance)).then_some((place, confidence))
        });
        judged.collect()
    }

    /// How much memory it takes.
    pub(crate) const fn bytes(&self) -> usize {
        self.variants.len() * size_of::<(u64, u32)>()
    }
}

fn hash(variant: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(variant)
}

/// How many mistakes a term forgives.
fn allowed(text: &str) -> usize {
    match text.chars().count() {
        letters if letters < FEWEST_LETTERS => 0,
        letters if letters < LONG => 1,
        _ => 2,
    }
}

/// The first letters, and what they become with one or two left out.
fn variants(text: &str) -> BTreeSet<String> {
    let prefix: String = text.chars().take(PREFIX).collect();
    let mut all = BTreeSet::from([prefix.clone()]);
    let mut last = vec![prefix];
    for _ in 0..2 {
        let shorter: Vec<String> = last.iter().flat_map(|text| one_left_out(text)).collect();
        all.extend(shorter.iter().cloned());
        last = shorter;
    }
    all
}

fn one_left_out(text: &str) -> impl Iterator<Item = String> + '_ {
    text.char_indices().map(|(start, _)| {
        let (before, after) = text.split_at(start);
        before.chars().chain(after.chars().skip(1)).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confidence(term: &str, said: &str) -> Option<f64> {
        let mut index = FuzzyIndex::default();
        index.add(term, 0);
        index.close();
        index.candidates(said, |_| Some(term)).first().map(|(_, confidence)| *confidence)
    }

    #[test]
    fn short_terms_forgive_nothing_long_ones_two_mistakes() {
        assert_eq!(confidence("rio", "rip"), None);
        assert_eq!(confidence("porto", "prto"), Some(0.8));
        assert_eq!(confidence("porto", "poorto"), Some(1.0 - 1.0 / 6.0));
        assert_eq!(confidence("porto", "ptoro"), None);
        assert_eq!(confidence("barcelona", "bracelone"), Some(1.0 - 2.0 / 9.0));
        assert_eq!(confidence("barcelona", "barzelohna x"), None);
        assert_eq!(confidence("porto", "porto"), None, "that one is exact");
    }
}
