//! Regular expressions of clients: whether one becomes something small, told without compiling it.
//!
//! A short text such as `(\w{99}){99}` can stand for a huge automaton, and one that is just within bounds takes
//! milliseconds to compile. A body may hold thousands of them, which are read while other requests of the worker wait. So
//! their size is reckoned from what they are made of, in microseconds.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{self, Ast, ClassPerlKind, ClassSetItem, Flag, FlagsItemKind};
use regex_syntax::hir::translate::Translator;
use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Repetition};
use regex_syntax::utf8::Utf8Sequences;

/// Most bytes that the automaton of a pattern may take, as reckoned here.
const MOST_BYTES: usize = 256 * 1024;
/// Most classes of thousands of letters, such as `\w` and `\p{L}`. Each is made letter range by letter range, and five of
/// them fill an automaton.
const MOST_CLASSES: usize = 8;
/// Most letters in ranges that are spelt out, as `[a-z]` is: to ignore case, each letter is looked at. Twice all there are.
const MOST_LETTERS: usize = 2 * 0x0011_0000;

/// Whether this is a regular expression that runs in linear time and compiles into something small.
#[must_use]
pub fn is_small(pattern: &str) -> bool {
    let Ok(mut ast) = Parser::new().parse(pattern) else { return false };
    // Case decides neither whether it can be compiled nor much about its size, and takes a thousand times as long.
    mind_case(&mut ast);
    let Ok(Spelt { classes, letters }) = ast::visit(&ast, Spelt::default());
    if classes > MOST_CLASSES || letters > MOST_LETTERS {
        return false;
    }
    Translator::new().translate(pattern, &ast).is_ok_and(|hir| bytes(&hir) <= MOST_BYTES)
}

/// Takes `(?i)` away wherever it stands. What is parsed is nested only so deep.
fn mind_case(ast: &mut Ast) {
    let mind = |flags: &mut ast::Flags| {
        flags.items.retain(|item| item.kind != FlagsItemKind::Flag(Flag::CaseInsensitive));
    };
    match ast {
        Ast::Flags(set) => mind(&mut set.flags),
        Ast::Group(group) => {
            if let ast::GroupKind::NonCapturing(flags) = &mut group.kind {
                mind(flags);
            }
            mind_case(&mut group.ast);
        }
        Ast::Repetition(repetition) => mind_case(&mut repetition.ast),
        Ast::Alternation(alternation) => alternation.asts.iter_mut().for_each(mind_case),
        Ast::Concat(concat) => concat.asts.iter_mut().for_each(mind_case),
        Ast::Empty(_)
        | Ast::Literal(_)
        | Ast::Dot(_)
        | Ast::Assertion(_)
        | Ast::ClassUnicode(_)
        | Ast::ClassPerl(_)
        | Ast::ClassBracketed(_) => {}
    }
}

/// How many large classes a pattern spells out, and how many letters in ranges.
#[derive(Default)]
struct Spelt {
    classes: usize,
    letters: usize,
}

impl ast::Visitor for Spelt {
    type Output = Self;
    type Err = std::convert::Infallible;

    fn finish(self) -> Result<Self, Self::Err> {
        Ok(self)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        let is_large = match ast {
            Ast::ClassUnicode(_) => true,
            Ast::ClassPerl(class) => class.kind == ClassPerlKind::Word,
            _ => false,
        };
        self.classes += usize::from(is_large);
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        // Beside others in brackets, all but a few letters are as many as there are.
        let is_large = match item {
            ClassSetItem::Unicode(_) => true,
            ClassSetItem::Perl(class) => class.negated || class.kind == ClassPerlKind::Word,
            ClassSetItem::Bracketed(class) => class.negated,
            _ => false,
        };
        self.classes += usize::from(is_large);
        if let ClassSetItem::Range(range) = item {
            self.letters += (u32::from(range.end.c) as usize).saturating_sub(u32::from(range.start.c) as usize);
        }
        Ok(())
    }
}

/// About how many bytes the automaton takes: what the compiler is seen to take, rather less than more.
fn bytes(hir: &Hir) -> usize {
    let all = |parts: &[Hir]| parts.iter().map(bytes).fold(0, usize::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => 32 * literal.0.len(),
        HirKind::Class(Class::Unicode(class)) => 60 + class_bytes(class),
        HirKind::Class(Class::Bytes(_)) => 60,
        HirKind::Repetition(repetition) => bytes(&repetition.sub).saturating_mul(copies(repetition)),
        HirKind::Capture(capture) => bytes(&capture.sub).saturating_add(60),
        HirKind::Concat(parts) => all(parts),
        HirKind::Alternation(parts) => all(parts).saturating_add(32 * parts.len()),
    }
}

fn copies(repetition: &Repetition) -> usize {
    repetition.max.unwrap_or(repetition.min).max(1) as usize
}

fn class_bytes(class: &ClassUnicode) -> usize {
    let sequences = class.iter().flat_map(|range| Utf8Sequences::new(range.start(), range.end()));
    15 * sequences.map(|sequence| sequence.len()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn what_people_write_is_small() {
        for pattern in [
            r"[A-Z]{2}-\d{4}",
            r"(?i)\w+@\w+\.\w{2,}",
            r"[^,\s]{1,40}",
            r"(?:\+\d{1,3})?[\s-]?\d{3}[\s-]?\d{4,10}",
            r"\w{5}",
            "(?i-u:[a-z]{99})",
            ".{1,250}",
            "(a{9}){99}",
            &format!("{}|é", "x".repeat(126)),
        ] {
            assert!(is_small(pattern), "{pattern}");
            assert!(regex::RegexBuilder::new(pattern).size_limit(4 * MOST_BYTES).build().is_ok(), "{pattern}");
        }
    }

    #[test]
    fn what_is_no_pattern_or_a_large_one_is_not() {
        for pattern in ["(", "(?=x)", r"(a)\1", r"\p{Elvish}", r"(?-u:\xff)", "[z-a]", "x**{"] {
            assert!(!is_small(pattern) && regex::Regex::new(pattern).is_err(), "{pattern}");
        }
        for pattern in [r"((\w{50}){50}){50}", r"\w{9}", r"(\pL|\d){7}", "((x{99}){99}){99}", ".{1000}", r"\W{6}"] {
            assert!(!is_small(pattern), "{pattern}");
        }
    }

    #[test]
    fn the_costliest_patterns_are_told_in_no_time() {
        let costly =
            [r"\w{5}", r"(?i)[!-𐀀]", r"(?i)[x\S]", r"(?i)\pL", r"[^\W]", r"\w", r"\D", r"[\w&&\w]", "(((x{9}){9}){9})"];
        let costly = costly.map(|part| part.repeat(128 / part.chars().count()));
        let begun = Instant::now();
        for pattern in &costly {
            assert!(is_small(pattern) || pattern.len() > 5);
        }
        // A debug build takes some milliseconds for all of them; with a look at each letter, seconds.
        assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    }
}
