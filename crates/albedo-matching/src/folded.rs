//! A text without its case, letter for letter, so that a place in one is a place in the other.

use icu_casemap::CaseMapper;

/// A text, folded or not, with its letters counted.
#[derive(Debug)]
pub(crate) struct Folded {
    text: String,
    /// The byte at which each letter begins, and the end.
    starts: Vec<usize>,
}

impl Folded {
    /// The text as it is.
    pub(crate) fn exact(text: &str) -> Self {
        Self::of(text.to_owned())
    }

    /// Each letter by Unicode's simple case folding: one for one, unlike the full one.
    pub(crate) fn without_case(text: &str) -> Self {
        Self::of(fold(text))
    }

    fn of(text: String) -> Self {
        let starts = text.char_indices().map(|(start, _)| start).chain([text.len()]).collect();
        Self { text, starts }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The letter that begins at this byte; that of the end is the number of letters.
    pub(crate) fn letter_at(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start < byte)
    }
}

/// The text by simple case folding.
pub(crate) fn fold(text: &str) -> String {
    let folding = CaseMapper::new();
    text.chars().map(|letter| folding.simple_fold(letter)).collect()
}
