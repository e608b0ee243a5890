//! A vocabulary made ready to find with: two automata, a set of patterns, and an index of what may be misspelt.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};
use albedo_entities::entity::{self, EntityKind};
use albedo_entities::value;
use regex::{Regex, RegexBuilder};
use uuid::Uuid;

use crate::Source;
use crate::folded::fold;
use crate::fuzzy::FuzzyIndex;

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
    bytes: u32,
}

impl Lexicon {
    /// Makes the rows ready. Rows that cannot be compiled, which validation refuses, are left out.
    pub(crate) fn compile(entities: &[entity::Model], values: &[value::Model]) -> Self {
        let places: HashMap<Uuid, usize> =
            entities.iter().enumerate().map(|(place, entity)| (entity.id, place)).collect();
        let (mut exact, mut folded, mut patterns) = (TermSet::default(), TermSet::default(), Vec::new());
        for value in values {
            let Some((place, entity)) =
                places.get(&value.entity_id).and_then(|place| Some((*place, entities.get(*place)?)))
            else {
                continue;
            };
            match entity.kind {
                EntityKind::List => {
                    let set = if entity.case_sensitive { &mut exact } else { &mut folded };
                    set.add(place, entity, value);
                }
                EntityKind::Pattern => {
                    let compiled = value.patterns.0.iter().filter_map(|pattern| {
                        let case = !entity.case_sensitive;
                        let regex = RegexBuilder::new(pattern).case_insensitive(case).build().ok()?;
                        Some(PatternTerm { entity: place, value: value.value.clone(), regex })
                    });
                    patterns.extend(compiled);
                }
            }
        }
        exact.close();
        folded.close();
        let named = |entity: &entity::Model| EntityTerm { name: entity.name.clone(), sensitive: entity.sensitive };
        let mut lexicon = Self { entities: entities.iter().map(named).collect(), exact, folded, patterns, bytes: 0 };
        lexicon.bytes = lexicon.weigh();
        lexicon
    }

    /// About how much memory it takes.
    pub(crate) const fn bytes(&self) -> u32 {
        self.bytes
    }

    fn weigh(&self) -> u32 {
        let sets = [&self.exact, &self.folded].map(|set| {
            let texts: usize =
                set.terms.iter().map(|term| term.text.len() + term.value.len() + size_of::<Term>()).sum();
            texts + set.automaton.as_ref().map_or(0, AhoCorasick::memory_usage) + set.fuzzy.bytes()
        });
        // A compiled pattern of 128 letters takes some kilobytes, and as much again for its scratch space.
        let bytes = sets.iter().sum::<usize>() + self.patterns.len() * 16 * 1024 + self.entities.len() * 128;
        u32::try_from(bytes).unwrap_or(u32::MAX)
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
            if entity.fuzzy_match {
                self.fuzzy.add(&text, self.terms.len());
            }
            self.terms.push(Term { entity: place, value: value.value.clone(), source, text });
        }
    }

    fn close(&mut self) {
        let texts = self.terms.iter().map(|term| term.text.as_str());
        // All matches, overlapping ones too: which of them counts is decided when all are known.
        self.automaton =
            AhoCorasick::builder().match_kind(MatchKind::Standard).build(texts).ok().filter(|_| !self.terms.is_empty());
    }
}
