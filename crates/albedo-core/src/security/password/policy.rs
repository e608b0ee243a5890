//! Which passwords are good enough: length, and not among the first that anyone would guess.
//!
//! No rule asks for digits or capitals: such rules make people write `Password1!`. Any character counts as it is, and
//! nothing is trimmed or normalized.

use std::cmp::Reverse;

use zxcvbn::{Score, zxcvbn};

/// Longest password in Unicode code points.
pub const MAX_LENGTH: usize = 256;
/// Longest password in bytes of UTF-8.
pub const MAX_BYTES: usize = 1024;

/// Beginning of a password whose strength is estimated: the estimate takes time with the square of the length.
const ESTIMATED_LENGTH: usize = 32;
/// Own words that are tried against a password, and the longest one.
const MAX_OWN_WORDS: usize = 16;
const MAX_OWN_WORD: usize = 64;
/// Characters that a password needs beside the own words.
const FEWEST_FOREIGN: usize = 6;

/// Why a text may not become a password. Never holds any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordFault {
    /// Too few characters.
    #[error("a password needs at least {min} characters")]
    TooShort {
        /// Characters needed.
        min: usize,
        /// Characters given.
        length: usize,
    },
    /// Too many characters.
    #[error("a password has at most {max} characters")]
    TooLong {
        /// Characters allowed.
        max: usize,
        /// Characters given.
        length: usize,
    },
    /// Too many bytes, for texts of few but long characters.
    #[error("a password has at most {max} bytes in UTF-8")]
    TooManyBytes {
        /// Bytes allowed.
        max: usize,
        /// Bytes given.
        length: usize,
    },
    /// Among the first that anyone would guess.
    #[error("the password is easy to guess: common words, repetitions, or the own name or address")]
    TooCommon,
}

pub(super) fn check(password: &str, min: usize, own_words: &[&str]) -> Result<(), PasswordFault> {
    if password.len() > MAX_BYTES {
        return Err(PasswordFault::TooManyBytes { max: MAX_BYTES, length: password.len() });
    }
    let length = password.chars().count();
    if length > MAX_LENGTH {
        return Err(PasswordFault::TooLong { max: MAX_LENGTH, length });
    }
    if length < min {
        return Err(PasswordFault::TooShort { min, length });
    }
    let own_words = guessable(own_words);
    let beginning = password.chars().take(ESTIMATED_LENGTH).map(plain_letter).collect::<String>();
    if zxcvbn(&beginning, &own_words).score() < Score::Three || is_made_of(&beginning, own_words) {
        return Err(PasswordFault::TooCommon);
    }
    Ok(())
}

/// The own words, and what they are made of: `ana@example.com` also gives `ana` and `example`.
fn guessable<'a>(own_words: &[&'a str]) -> Vec<&'a str> {
    let parts = own_words.iter().flat_map(|word| word.split(|letter: char| !letter.is_alphanumeric()));
    let words = own_words.iter().copied().chain(parts).filter(|word| (3..=MAX_OWN_WORD).contains(&word.len()));
    words.take(MAX_OWN_WORDS).chain(["albedo"]).collect()
}

/// The letter that a look-alike stands for.
///
/// The estimate tries every meaning of every look-alike in a password: several hundred for one that is full of them,
/// which took a second. With one meaning for each sign but the digits, it is four at most. Digits stay, for the dates
/// and rows among them.
fn plain_letter(letter: char) -> char {
    match letter {
        '@' => 'a',
        '(' | '{' | '[' | '<' => 'c',
        '!' => 'i',
        '|' => 'l',
        '$' => 's',
        '+' => 't',
        '%' => 'x',
        other => other,
    }
}

/// Whether little is left without the own words. The estimate rates three of them in a row as hard to guess, and an
/// address has three.
fn is_made_of(password: &str, mut words: Vec<&str>) -> bool {
    words.sort_by_key(|word| Reverse(word.len()));
    let rest = words.iter().fold(password.to_lowercase(), |rest, word| rest.replace(&word.to_lowercase(), ""));
    rest.chars().count() < FEWEST_FOREIGN
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIN: usize = 15;

    #[test]
    fn lengths_are_counted_in_code_points() {
        assert_eq!(check("vo7#kelpie quiz", MIN, &[]), Ok(()));
        assert_eq!(check("vo7#kelpie qui", MIN, &[]), Err(PasswordFault::TooShort { min: 15, length: 14 }));
        assert_eq!(check("мокрый тюлень 7 квасит", MIN, &[]), Ok(()));
        let long = "q7 ".repeat(86);
        assert_eq!(check(&long, MIN, &[]), Err(PasswordFault::TooLong { max: 256, length: 258 }));
        let wide = "🦭".repeat(257);
        assert_eq!(check(&wide, MIN, &[]), Err(PasswordFault::TooManyBytes { max: 1024, length: 1028 }));
    }

    #[test]
    fn what_anyone_would_guess_is_too_common() {
        for common in [
            "passwordpassword",
            "Password12345678",
            "aaaaaaaaaaaaaaaaaaaa",
            "qwertyuiopasdfghjkl",
            "12345678901234567890",
            "albedoalbedoalbedo",
            "abcabcabcabcabcabc",
        ] {
            assert_eq!(check(common, MIN, &[]), Err(PasswordFault::TooCommon), "{common}");
        }
    }

    #[test]
    fn the_own_address_and_name_are_too_common() {
        let own = ["ana.silva@harbourlight.example", "Ana Carolina Silva"];
        for common in ["harbourlightharbourlight", "AnaSilva@harbourlight.example", "CarolinaSilva2024"] {
            assert_eq!(check(common, MIN, &own), Err(PasswordFault::TooCommon), "{common}");
        }
    }

    #[test]
    fn a_sentence_is_good_enough() {
        assert_eq!(check("seven wet seals juggle brass lamps", MIN, &["ana@example.com"]), Ok(()));
    }

    #[test]
    #[ignore = "a measurement: cargo test --release -p albedo-core -- --ignored --nocapture measured"]
    fn measured_time_of_the_check() {
        let own = ["ana.silva@harbourlight.example", "Ana Carolina Silva"];
        let inputs = [
            ("a sentence", "seven wet seals juggle brass lamps ".repeat(7)),
            ("signs", "!\"#$%&()*+,-./:;<=>?@[]^_{|}~".repeat(8)),
            ("one letter", "a".repeat(256)),
            ("a pattern", "abc123".repeat(42)),
            ("random", "kX9#vR2mQ7!zL4pW8@nT5sB1yH6dJ3gF0c".repeat(7)),
            ("leet", "p4$$w0rd@!1|0".repeat(19)),
            ("all leet", "4@8({[<369!1|70$5+7%2".repeat(12)),
            ("keyboard", "qwertyuiop[]asdfghjkl;'".repeat(11)),
            ("dates", "1991-12-13 ".repeat(22)),
            ("digits", "0123456789".repeat(25)),
        ];
        for (what, input) in &inputs {
            let start = std::time::Instant::now();
            let passed = (0..20).filter(|_| check(input, MIN, &own).is_ok()).count();
            println!("{what}: {:?}, {}", start.elapsed() / 20, if passed == 20 { "good" } else { "refused" });
        }
    }
}
