//! Finding: all candidates first, then the ones that count.
//!
//! The longest candidate wins over all that overlap it; of equally long ones the surer, then the earlier in the text, then
//! the entity and value that come first in the vocabulary.

use std::cmp::Ordering;

use regex_automata::Input;
use regex_automata::util::iter::Searcher;

use crate::folded::Folded;
use crate::lexicon::{Lexicon, TermSet};
use crate::{Matches, Mention, Source};

/// Most mentions of one text, and most candidates for them: terms that begin alike may all fit at every word.
const MOST_MENTIONS: usize = 1_000;
const MOST_CANDIDATES: usize = 100_000;

/// A place in the text that may be a mention, in letters.
#[derive(Debug)]
struct Candidate<'l> {
    start: usize,
    end: usize,
    confidence: f64,
    source: Source,
    entity: usize,
    value: &'l str,
}

impl Candidate<'_> {
    const fn length(&self) -> usize {
        self.end - self.start
    }

    fn before(&self, other: &Self) -> Ordering {
        let longer = other.length().cmp(&self.length());
        let surer = other.confidence.total_cmp(&self.confidence);
        longer.then(surer).then(self.start.cmp(&other.start))
    }
}

/// The mentions in a text.
pub(crate) fn mentions(lexicon: &Lexicon, text: &str) -> Matches {
    let (exact, folded) = (Folded::exact(text), Folded::without_case(text));
    let letters: Vec<char> = text.chars().collect();
    let words = words(&letters);
    let mut candidates = Vec::new();
    for (set, text) in [(&lexicon.exact, &exact), (&lexicon.folded, &folded)] {
        add_terms(set, text, &letters, &mut candidates);
        add_misspelt(set, text, &words, &mut candidates);
    }
    add_patterns(lexicon, &exact, &mut candidates);
    // Stable: what the vocabulary names first stays first among equals.
    candidates.sort_by(Candidate::before);
    let mut taken = vec![false; letters.len()];
    let mut chosen: Vec<Candidate<'_>> = Vec::new();
    for candidate in candidates {
        let Some(span) = taken.get_mut(candidate.start..candidate.end) else { continue };
        if span.is_empty() || span.contains(&true) || chosen.len() == MOST_MENTIONS {
            continue;
        }
        span.fill(true);
        chosen.push(candidate);
    }
    chosen.sort_by_key(|candidate| candidate.start);
    write(lexicon, &letters, &chosen)
}

fn add_terms<'l>(set: &'l TermSet, text: &Folded, letters: &[char], candidates: &mut Vec<Candidate<'l>>) {
    let Some(automaton) = &set.automaton else { return };
    for found in automaton.find_overlapping_iter(text.text()) {
        let (start, end) = (text.letter_at(found.start()), text.letter_at(found.end()));
        if candidates.len() == MOST_CANDIDATES {
            return;
        }
        if !stands_alone(letters, start, end) {
            continue;
        }
        if let Some(term) = set.terms.get(found.pattern().as_usize()) {
            let (source, entity, value) = (term.source, term.entity, term.value.as_str());
            candidates.push(Candidate { start, end, confidence: 1.0, source, entity, value });
        }
    }
}

/// `Porto` is not in `Portobello`: a term ends where a word ends.
fn stands_alone(letters: &[char], start: usize, end: usize) -> bool {
    let word = |place: usize| letters.get(place).is_some_and(|letter| letter.is_alphanumeric());
    let joined = |left: Option<usize>, right: usize| left.is_some_and(word) && word(right);
    !joined(start.checked_sub(1), start) && !joined(end.checked_sub(1), end)
}

/// The words of a text as spans of letters.
fn words(letters: &[char]) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut start = None;
    for (place, letter) in letters.iter().enumerate() {
        match (start, letter.is_alphanumeric()) {
            (None, true) => start = Some(place),
            (Some(begun), false) => {
                words.push((begun, place));
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|begun| (begun, letters.len())));
    words
}

fn add_misspelt<'l>(set: &'l TermSet, text: &Folded, words: &[(usize, usize)], candidates: &mut Vec<Candidate<'l>>) {
    let letters: Vec<char> = text.text().chars().collect();
    for count in set.fuzzy.word_counts() {
        for window in words.windows(count) {
            let (Some((start, _)), Some((_, end))) = (window.first(), window.last()) else { continue };
            let Some(said) = letters.get(*start..*end) else { continue };
            // No term is longer than a value may be, give or take two mistakes.
            if said.len() > 130 || candidates.len() >= MOST_CANDIDATES {
                continue;
            }
            let said: String = said.iter().collect();
            let text_of = |place: usize| set.terms.get(place).map(|term| term.text.as_str());
            for (place, confidence) in set.fuzzy.candidates(&said, text_of) {
                let Some(term) = set.terms.get(place) else { continue };
                let (source, entity, value) = (term.source, term.entity, term.value.as_str());
                candidates.push(Candidate { start: *start, end: *end, confidence, source, entity, value });
            }
        }
    }
}

fn add_patterns<'l>(lexicon: &'l Lexicon, text: &Folded, candidates: &mut Vec<Candidate<'l>>) {
    for pattern in &lexicon.patterns {
        // What the search needs beside the pattern may take more than the pattern itself, and goes with the search.
        let (mut cache, mut searcher) = (pattern.regex.create_cache(), Searcher::new(Input::new(text.text())));
        let found = || searcher.advance(|input| Ok(pattern.regex.search_with(&mut cache, input)));
        for found in std::iter::from_fn(found).take(MOST_MENTIONS) {
            let (start, end) = (text.letter_at(found.start()), text.letter_at(found.end()));
            let (entity, value) = (pattern.entity, pattern.value.as_str());
            candidates.push(Candidate { start, end, confidence: 1.0, source: Source::Pattern, entity, value });
        }
    }
}

fn write(lexicon: &Lexicon, letters: &[char], chosen: &[Candidate<'_>]) -> Matches {
    let mut mentions = Vec::with_capacity(chosen.len());
    let mut redacted = String::new();
    let (mut any, mut written) = (false, 0);
    let slice = |start: usize, end: usize| letters.get(start..end).unwrap_or_default().iter().collect::<String>();
    for candidate in chosen {
        let Some(entity) = lexicon.entities.get(candidate.entity) else { continue };
        let text = slice(candidate.start, candidate.end);
        if entity.sensitive {
            any = true;
            redacted.push_str(&slice(written, candidate.start));
            redacted.push_str(&format!("[{}]", entity.name));
            written = candidate.end;
        }
        // What a pattern recognizes is its own value, as `AB-1234` is; a list knows a canonical one.
        let value = if candidate.source == Source::Pattern { text.clone() } else { candidate.value.to_owned() };
        mentions.push(Mention {
            entity: entity.name.clone(),
            value,
            text,
            start: candidate.start,
            end: candidate.end,
            confidence: candidate.confidence,
            source: candidate.source,
        });
    }
    redacted.push_str(&slice(written, letters.len()));
    Matches { mentions, text_redacted: any.then_some(redacted) }
}
