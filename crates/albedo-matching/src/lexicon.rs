//! A vocabulary made ready to find with: two automata, a set of patterns, and an index of what may be misspelt.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};
use albedo_core::pattern;
use albedo_entities::entity::{self, EntityKind};
use albedo_entities::value;
use regex_automata::meta::{self, Regex};
use regex_automata::util::syntax;
use uuid::Uuid;

use crate::Source;
use crate::folded::fold;
use crate::fuzzy::FuzzyIndex;

/// The most memory that one vocabulary may take: all that is kept for all of them, or it would be compiled again for each
/// text.
pub(crate) const MOST_BYTES: usize = 64 * 1024 * 1024;
/// The most patterns: each is run over each text.
pub(crate) const MOST_PATTERNS: usize = 2_000;
/// About what the automaton takes for each byte of its terms; for certain it is told only when it is made.
const AUTOMATON_BYTES: usize = 16;
/// The most text of synonyms and patterns: with more, the rest need not be read.
pub(crate) const MOST_TEXT: usize = MOST_BYTES / AUTOMATON_BYTES;
/// The most memory of one pattern. Without case it takes a few times of what validation has reckoned.
const PATTERN_BYTES: usize = 2 * 1024 * 1024;

/// Why a vocabulary is not matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TooLarge {
    /// It has more than [`MOST_PATTERNS`].
    Patterns,
    /// It takes more than [`MOST_BYTES`].
    Bytes,
}

/// An entity, as far as finding needs it.
#[derive(Debug)]
pub(crate) struct EntityTerm {
    pub(crate) name: String,
    pub(crate) sensitive: bool,
}

/// A text that stands for a value.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    /// Index into the entities.
    pub(crate) entity: usize,
    pub(crate) value: String,
    pub(crate) source: Source,
    /// The text itself, folded unless its entity minds case.
    pub(crate) text: String,
}

/// The terms of entities that treat case alike.
#[derive(Debug, Default)]
pub(crate) struct TermSet {
    pub(crate) terms: Vec<Term>,
    pub(crate) automaton: Option<AhoCorasick>,
    pub(crate) fuzzy: FuzzyIndex,
    /// What the terms take, and how much text they have.
    bytes: usize,
    letters: usize,
}

/// A pattern of a value.
#[derive(Debug)]
pub(crate) struct PatternTerm {
    pub(crate) entity: usize,
    pub(crate) value: String,
    pub(crate) regex: Regex,
}

/// A compiled vocabulary.
#[derive(Debug)]
pub(crate) struct Lexicon {
    pub(crate) entities: Vec<EntityTerm>,
    pub(crate) exact: TermSet,
    pub(crate) folded: TermSet,
    pub(crate) patterns: Vec<PatternTerm>,
    /// What the entities and patterns take.
    bytes: usize,
}

impl Lexicon {
    /// Makes the rows ready. Rows that cannot be compiled, which validation refuses, are left out.
    ///
    /// # Errors
    /// When they are more than may be, as soon as that is known.
    pub(crate) fn compile(entities: &[entity::Model], values: &[value::Model]) -> Result<Self, TooLarge> {
        let places: HashMap<Uuid, usize> =
            entities.iter().enumerate().map(|(place, entity)| (entity.id, place)).collect();
        let named = |entity: &entity::Model| EntityTerm { name: entity.name.clone(), sensitive: entity.sensitive };
        let mut lexicon = Self {
            entities: entities.iter().map(named).collect(),
            exact: TermSet::default(),
            folded: TermSet::default(),
            patterns: Vec::new(),
            bytes: entities.iter().map(|entity| entity.name.len() + size_of::<EntityTerm>()).sum(),
        };
        for value in values {
            let Some((place, entity)) =
                places.get(&value.entity_id).and_then(|place| Some((*place, entities.get(*place)?)))
            else {
                continue;
            };
            match entity.kind {
                EntityKind::List => {
                    let set = if entity.case_sensitive { &mut lexicon.exact } else { &mut lexicon.folded };
                    set.add(place, entity, value);
                    lexicon.check()?;
                }
                EntityKind::Pattern => {
                    for pattern in &value.patterns.0 {
                        lexicon.add_pattern(place, entity, value, pattern);
                        lexicon.check()?;
                    }
                }
            }
        }
        lexicon.exact.close();
        lexicon.folded.close();
        lexicon.check()?;
        Ok(lexicon)
    }

    fn add_pattern(&mut self, place: usize, entity: &entity::Model, value: &value::Model, pattern: &str) {
        if !pattern::is_small(pattern) {
            return;
        }
        let compiled = Regex::builder()
            .configure(meta::Config::new().nfa_size_limit(Some(PATTERN_BYTES)))
            .syntax(syntax::Config::new().case_insensitive(!entity.case_sensitive))
            .build(pattern);
        if let Ok(regex) = compiled {
            self.bytes += value.value.len() + size_of::<PatternTerm>() + regex.memory_usage();
            self.patterns.push(PatternTerm { entity: place, value: value.value.clone(), regex });
        }
    }

    fn check(&self) -> Result<(), TooLarge> {
        if self.patterns.len() > MOST_PATTERNS {
            return Err(TooLarge::Patterns);
        }
        if self.bytes() > MOST_BYTES { Err(TooLarge::Bytes) } else { Ok(()) }
    }

    /// How much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes + self.exact.bytes() + self.folded.bytes()
    }
}

impl TermSet {
    fn add(&mut self, place: usize, entity: &entity::Model, value: &value::Model) {
        let own = [(value.value.as_str(), Source::Value)];
        let synonyms = value.synonyms.0.iter().map(|synonym| (synonym.as_str(), Source::Synonym));
        for (text, source) in own.into_iter().chain(synonyms) {
            let text = if entity.case_sensitive { text.to_owned() } else { fold(text) };
            if text.trim().is_empty() {
                continue;
            }
            self.bytes += text.len() + value.value.len() + size_of::<Term>();
            self.letters += text.len();
            if entity.fuzzy_match {
                self.fuzzy.add(&text, self.terms.len());
            }
            self.terms.push(Term { entity: place, value: value.value.clone(), source, text });
        }
    }

    fn bytes(&self) -> usize {
        let automaton = self.automaton.as_ref().map(AhoCorasick::memory_usage);
        self.bytes + self.fuzzy.bytes() + automaton.unwrap_or(self.letters * AUTOMATON_BYTES)
    }

    fn close(&mut self) {
        self.fuzzy.close();
        let texts = self.terms.iter().map(|term| term.text.as_str());
        // All matches, overlapping ones too: which of them counts is decided when all are known.
        self.automaton =
            AhoCorasick::builder().match_kind(MatchKind::Standard).build(texts).ok().filter(|_| !self.terms.is_empty());
    }
}
