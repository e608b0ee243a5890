//! The header of a revision file: the fields of its `MIGRATION`, read without a compiler.

use std::iter::Peekable;
use std::str::CharIndices;

use crate::error::{Error, Result};
use crate::revision::{Replaced, Revision};

/// Reads the header of a file.
///
/// # Errors
/// When there is no `MIGRATION`, or a field of it is not written as plain text between quotes.
pub fn parse(stem: &str, source: &str) -> Result<Revision> {
    let words = words(source);
    let faulty = |why: String| {
        Error::usage(format!("{stem}.rs: {why}"))
            .on_revision(stem)
            .hint("a file holds `pub const MIGRATION: Migration = Migration { id: \"...\", after: &[...], ... };`")
    };
    let is = |word: Option<&Word>, text: &str| matches!(word, Some(Word::Plain(plain)) if plain == text);
    let start = words
        .iter()
        .position(|word| is(Some(word), "MIGRATION"))
        .and_then(|at| words.iter().skip(at).position(|word| is(Some(word), "{")).map(|offset| at + offset + 1))
        .ok_or_else(|| faulty("there is no MIGRATION".to_owned()))?;
    let mut revision = Revision { stem: stem.to_owned(), ..Revision::default() };
    let mut seen_id = false;
    let mut at = start;
    while let Some(word) = words.get(at).filter(|word| !is(Some(word), "}")) {
        let Word::Plain(field) = word else { return Err(faulty("a field has no name".to_owned())) };
        let field = field.clone();
        at += 1;
        if is(words.get(at), ":") {
            at += 1;
        }
        // The value goes on to the next comma outside of all brackets.
        let (mut depth, mut texts, mut odd) = (0_usize, Vec::new(), false);
        while let Some(word) = words.get(at) {
            match word {
                Word::Text(text) => texts.push(text.clone()),
                Word::Plain(sign) if matches!(sign.as_str(), "[" | "{" | "(") => depth += 1,
                Word::Plain(sign) if matches!(sign.as_str(), "]" | "}" | ")") => {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                }
                Word::Plain(sign) if sign == "," && depth == 0 => {
                    at += 1;
                    break;
                }
                Word::Plain(sign) if sign == "," || sign == "&" => {}
                Word::Plain(_) => odd = true,
            }
            at += 1;
        }
        let known = ["id", "after", "depends_on", "labels", "message"].contains(&field.as_str());
        if known && odd {
            return Err(faulty(format!("the field `{field}` is not plain text")));
        }
        match field.as_str() {
            "id" => {
                revision.id = texts.pop().unwrap_or_default();
                seen_id = true;
            }
            "message" => revision.message = texts.pop().unwrap_or_default(),
            "after" => revision.parents = texts,
            "depends_on" => revision.depends_on = texts,
            "labels" => revision.labels = texts,
            _ => {}
        }
    }
    revision.replaces = replaces(&words).map_err(faulty)?;
    if seen_id { Ok(revision) } else { Err(faulty("its MIGRATION has no id".to_owned())) }
}

/// The pairs of `const REPLACES: &[(&str, &str)] = &[("id", "stem"), ...];`, if there is one.
fn replaces(words: &[Word]) -> std::result::Result<Vec<Replaced>, String> {
    let is = |word: &Word, text: &str| matches!(word, Word::Plain(plain) if plain == text);
    let begins = |pair: &[Word]| matches!(pair, [first, second] if is(first, "const") && is(second, "REPLACES"));
    let Some(start) = words.windows(2).position(begins) else { return Ok(Vec::new()) };
    let value = words.iter().skip(start).skip_while(|word| !is(word, "=")).skip(1).take_while(|word| !is(word, ";"));
    let mut texts = Vec::new();
    for word in value {
        match word {
            Word::Text(text) => texts.push(text.clone()),
            Word::Plain(sign) if ["&", "[", "]", "(", ")", ","].contains(&sign.as_str()) => {}
            Word::Plain(_) => return Err("REPLACES is not a list of pairs of texts".to_owned()),
        }
    }
    if texts.is_empty() || texts.len() % 2 == 1 {
        return Err("REPLACES is not a list of pairs: (\"id\", \"file without .rs\")".to_owned());
    }
    let pair = |pair: &[String]| match pair {
        [id, stem] => Some(Replaced { id: id.clone(), stem: stem.clone() }),
        _ => None,
    };
    Ok(texts.chunks(2).filter_map(pair).collect())
}

#[derive(Debug, PartialEq)]
enum Word {
    Plain(String),
    Text(String),
}

/// The words of a Rust file: names, signs and texts; comments and spaces are left out.
fn words(source: &str) -> Vec<Word> {
    let mut list = Vec::new();
    let mut chars = source.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let rest = source.get(at..).unwrap_or_default();
        if rest.starts_with("//") {
            while chars.next_if(|(_, c)| *c != '\n').is_some() {}
        } else if rest.starts_with("/*") {
            let end = at + rest.find("*/").map_or(rest.len(), |end| end + 2);
            while chars.next_if(|(next, _)| *next < end).is_some() {}
        } else if c == '"' {
            list.push(Word::Text(text(&mut chars)));
        } else if c.is_alphanumeric() || c == '_' {
            let mut word = String::from(c);
            while let Some((_, next)) = chars.next_if(|(_, c)| c.is_alphanumeric() || *c == '_') {
                word.push(next);
            }
            list.push(Word::Plain(word));
        } else if !c.is_whitespace() {
            list.push(Word::Plain(c.to_string()));
        }
    }
    list
}

fn text(chars: &mut Peekable<CharIndices<'_>>) -> String {
    let mut text = String::new();
    while let Some((_, c)) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, other)) => text.push(other),
                None => break,
            },
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_past_comments_and_line_breaks() {
        let source = r#"//! MIGRATION { of "words" }
            use albedo_migrate::prelude::*;
            /* Migration { id: "no" } */
            pub const MIGRATION: Migration = Migration {
                id: "b1", // the "id"
                after: &[
                    "a1",
                    "a2",
                ],
                depends_on: &["x1"],
                labels: &[],
                message: "say \"hi\", {friend}",
                up: |op| { op.execute("DROP, it"); },
                down,
            };"#;
        let revision = parse("s", source).unwrap();
        assert_eq!(revision.id, "b1");
        assert_eq!(revision.parents, ["a1", "a2"]);
        assert_eq!(revision.depends_on, ["x1"]);
        assert!(revision.labels.is_empty());
        assert_eq!(revision.message, "say \"hi\", {friend}");
    }

    #[test]
    fn what_was_squashed_is_read_and_must_be_pairs() {
        let head = "pub const MIGRATION: Migration = Migration { id: \"b1\", after: &[] };";
        let with =
            |value: &str| parse("s", &format!("{head}\npub const REPLACES: &[(&str, &str)] = {value};\nfn up() {{}}"));
        let read = with("&[(\"a1\", \"1_a1\"), // one\n (\"b1\", \"2_b1\",)]").unwrap();
        assert_eq!(read.replaces.iter().map(|part| part.stem.as_str()).collect::<Vec<_>>(), ["1_a1", "2_b1"]);
        for bad in ["&[(\"a1\")]", "&[]", "OTHERS", "&[(\"a1\", NAME)]"] {
            assert!(with(bad).unwrap_err().report().contains("REPLACES"), "{bad}");
        }
    }

    #[test]
    fn a_file_without_a_migration_is_named() {
        assert!(parse("some_file", "fn main() {}").unwrap_err().report().contains("some_file.rs"));
        assert!(
            parse("s", "const MIGRATION: M = M { id: ID, after: &[] };")
                .unwrap_err()
                .report()
                .contains("not plain text")
        );
    }
}
