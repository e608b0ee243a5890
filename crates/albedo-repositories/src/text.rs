//! Tests on text that mean the same on both databases: one of the few rooms that know which one answers.
//!
//! `LIKE` would differ: SQLite's ignores the case of ASCII, PostgreSQL's does not, and both read `%`, `_` and the escape
//! character. So letters are compared by functions, and any-case search by one regular expression, written out letter by
//! letter here: neither the locale of a server nor a build of SQLite has a say in it.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};
use sea_orm::DbBackend;
use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};

/// The column holds `text`, letter by letter.
pub(crate) fn contains(backend: DbBackend, column: Expr, text: &str) -> SimpleExpr {
    let function = if backend == DbBackend::Sqlite { "instr" } else { "strpos" };
    Expr::from(Func::cust(function).arg(column).arg(text)).gt(0)
}

/// The column begins with `text`, letter by letter.
pub(crate) fn starts_with(backend: DbBackend, column: Expr, text: &str) -> SimpleExpr {
    match backend {
        DbBackend::Sqlite => Expr::from(Func::cust("substr").arg(column).arg(1).arg(length(text))).eq(text),
        _ => Expr::from(Func::cust("starts_with").arg(column).arg(text)),
    }
}

/// The column ends with `text`, letter by letter.
pub(crate) fn ends_with(backend: DbBackend, column: Expr, text: &str) -> SimpleExpr {
    match backend {
        // From zero counted from the end, SQLite would give the whole text.
        DbBackend::Sqlite if text.is_empty() => column.is_not_null(),
        DbBackend::Sqlite => Expr::from(Func::cust("substr").arg(column).arg(-length(text))).eq(text),
        _ => Expr::from(Func::cust("right").arg(column).arg(length(text))).eq(text),
    }
}

/// The column holds `text` in any case, by Unicode's simple case folding.
pub(crate) fn contains_any_case(backend: DbBackend, column: Expr, text: &str) -> SimpleExpr {
    let pattern = any_case_pattern(text);
    match backend {
        DbBackend::Sqlite => Expr::cust_with_exprs("? REGEXP ?", [column, Expr::val(pattern)]),
        _ => Expr::cust_with_exprs("$1 ~ $2", [column, Expr::val(pattern)]),
    }
}

fn length(text: &str) -> i32 {
    i32::try_from(text.chars().count()).unwrap_or(i32::MAX)
}

/// A regular expression for `text` in any case, in the syntax that PostgreSQL and Rust's `regex` (behind SQLite's
/// `REGEXP`) share: letters with cases as classes such as `[kKK]`, all else as itself.
fn any_case_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() * 4);
    for letter in text.chars() {
        let mut variants = ClassUnicode::new([ClassUnicodeRange::new(letter, letter)]);
        variants.case_fold_simple();
        let letters = || variants.iter().flat_map(|range| range.start()..=range.end());
        if letters().nth(1).is_some() {
            pattern.push('[');
            pattern.extend(letters());
            pattern.push(']');
        } else {
            if r"\.+*?()|[]{}^$".contains(letter) {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_with_cases_become_classes_and_marks_are_escaped() {
        assert_eq!(any_case_pattern("aß1"), "[Aa][ßẞ]1");
        assert_eq!(any_case_pattern("Σ"), "[Σςσ]");
        assert_eq!(any_case_pattern("50%_(x"), r"50%_\([Xx]");
        assert_eq!(any_case_pattern(r"\d"), r"\\[Dd]");
    }
}
