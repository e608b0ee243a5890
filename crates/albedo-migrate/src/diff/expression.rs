//! Whether two SQL expressions say the same, though a database has rewritten one of them.
//!
//! PostgreSQL keeps no text: it gives back `((kind)::text = ANY (ARRAY['a'::text, 'b'::text]))` for `kind IN ('a', 'b')`.
//! So an expression is parsed and written down in one canonical form. Only what both forms must mean alike is made
//! alike: brackets, casts of literals and casts to text, `IN` and `ANY`, `BETWEEN` and two comparisons. An expression
//! that is not understood is compared word by word, which may report a difference that is none and never hides one.

use super::expression::parse::Parser;
use crate::dialect::Dialect;
use crate::lexer::{TokenKind, tokens};

mod node;
mod parse;

/// The expression in its canonical form.
#[must_use]
pub fn canonical(text: &str, dialect: Dialect) -> String {
    match Parser::new(text, dialect).whole() {
        Some(node) => node.to_string(),
        None => words(text),
    }
}

/// Whether the two mean the same in this database.
#[must_use]
pub fn same(one: &str, other: &str, dialect: Dialect) -> bool {
    one == other || canonical(one, dialect) == canonical(other, dialect)
}

fn words(text: &str) -> String {
    let plain = |word: &crate::lexer::Token<'_>| match word.kind {
        TokenKind::Word => word.text.to_ascii_lowercase(),
        _ => word.text.to_owned(),
    };
    tokens(text).iter().map(plain).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("price >= 0", "(price >= (0)::numeric)")]
    #[case("position >= 0", "(\"position\" >= 0)")]
    #[case(
        "latitude BETWEEN -90 AND 90",
        "((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision))"
    )]
    #[case(
        "kind IN ('list', 'pattern')",
        "((kind)::text = ANY ((ARRAY['list'::character varying, 'pattern'::character varying])::text[]))"
    )]
    #[case("kind IN ('a', 'b')", "(kind = ANY (ARRAY['a'::text, 'b'::text]))")]
    #[case("kind NOT IN ('a', 'b')", "((kind)::text <> ALL (ARRAY['a'::text, 'b'::text]))")]
    #[case("kind IN ('a')", "((kind)::text = 'a'::text)")]
    #[case("name <> ''", "((name)::text <> ''::text)")]
    #[case("name != ''", "(name <> ''::text)")]
    #[case("\"order\" > 0", "(\"order\" > 0)")]
    #[case("Sold = FALSE and not lent", "((sold = false) AND (NOT lent))")]
    #[case("a AND b AND c OR d", "((a AND b AND c) OR d)")]
    #[case("lower(name) LIKE 'a%'", "(lower((name)::text) ~~ 'a%'::text)")]
    #[case("name NOT LIKE 'a%'", "((name)::text !~~ 'a%'::text)")]
    #[case("name ILIKE 'a%'", "((name)::text ~~* 'a%'::text)")]
    #[case("note IS NOT NULL", "(note IS NOT NULL)")]
    #[case("x NOT BETWEEN 1 AND 2", "((x < 1) OR (x > 2))")]
    #[case("first || ' ' || last", "(((first)::text || ' '::text) || (last)::text)")]
    #[case("CASE WHEN a > 0 THEN 'x' END", "CASE WHEN (a > 0) THEN 'x'::text ELSE NULL::text END")]
    #[case("now() > at", "(CURRENT_TIMESTAMP > at)")]
    #[case("CAST(a AS integer) > 1", "((a)::integer > 1)")]
    #[case("born > '2000-01-01'", "(born > '2000-01-01'::date)")]
    #[case("a - b - c = 1.50", "(((a - b) - c) = 1.5)")]
    #[case("data ->> 'k' = 'v'", "((data ->> 'k'::text) = 'v'::text)")]
    #[case("mood = 'sad'", "(mood = 'sad'::mood)")]
    #[case("coalesce(a, -1) < 3", "(COALESCE(a, '-1'::integer) < 3)")]
    fn what_postgres_gives_back_is_what_was_written(#[case] written: &str, #[case] given: &str) {
        assert_eq!(canonical(written, Dialect::Postgres), canonical(given, Dialect::Postgres));
    }

    #[rstest]
    #[case("a > 0", "a >= 0")]
    #[case("a > 0", "a > 1")]
    #[case("a = 'x'", "a = 'X'")]
    #[case("a = 'x'", "a = x")]
    #[case("a AND b OR c", "a AND (b OR c)")]
    #[case("a - (b - c) = 0", "a - b - c = 0")]
    #[case("kind IN ('a', 'b')", "kind IN ('a', 'b', 'c')")]
    #[case("kind IN ('a', 'b')", "kind NOT IN ('a', 'b')")]
    #[case("\"Order\" > 0", "\"order\" > 0")]
    #[case("a::integer > 1", "a > 1")]
    #[case("a::varchar(3) = 'abc'", "a = 'abc'")]
    #[case("NOT a", "a")]
    #[case("lower(a) = 'x'", "upper(a) = 'x'")]
    #[case("a IS NULL", "a IS NOT NULL")]
    #[case("a = 1", "a = '1x'")]
    #[case("strange $$ a", "strange $$ b")]
    fn what_differs_stays_different(#[case] one: &str, #[case] other: &str) {
        assert_ne!(canonical(one, Dialect::Postgres), canonical(other, Dialect::Postgres));
    }

    #[test]
    fn names_know_no_case_on_sqlite() {
        assert!(!same("\"Order\" > 0", "order_ > 0", Dialect::Sqlite));
        assert!(same("\"Price\" > 0", "price > 0", Dialect::Sqlite));
        assert!(!same("\"Price\" > 0", "price > 0", Dialect::Postgres));
    }
}
