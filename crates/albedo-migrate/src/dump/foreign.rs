//! SQL files of other tools, made ready to be run by a driver.

use crate::dialect::Dialect;
use crate::lexer::tokens;

/// The text without what only a shell understands: lines of `psql` that begin with a backslash, those of `sqlite3` that
/// begin with a dot. Inside of quotes and functions nothing is touched, since no statement there begins a line so.
#[must_use]
pub fn without_shell(text: &str, dialect: Dialect) -> String {
    let sign = if dialect == Dialect::Sqlite { '.' } else { '\\' };
    let mut open = false;
    let mut kept = String::new();
    for line in text.lines() {
        if !open && line.starts_with(sign) {
            continue;
        }
        // A quote that is still open at the end of a line goes on in the next; one in a remark opens nothing.
        let odd = line.matches('\'').count() % 2 == 1;
        open ^= odd && (open || !line.trim_start().starts_with("--"));
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

/// Which database a text is for, by the words that only one of them knows.
#[must_use]
pub fn guess(text: &str) -> Option<Dialect> {
    if let Ok(dump) = super::Dump::parse(text) {
        return Some(dump.dialect);
    }
    const POSTGRES: &[&str] = &[
        "serial",
        "bigserial",
        "jsonb",
        "timestamptz",
        "bytea",
        "identity",
        "extension",
        "pg_catalog",
        "search_path",
        "plpgsql",
    ];
    const SQLITE: &[&str] = &["autoincrement", "pragma", "strict", "rowid", "sqlite_master", "sqlite_sequence"];
    let mut count = (0, 0);
    for token in tokens(text) {
        let Some(name) = token.name() else { continue };
        let name = name.to_ascii_lowercase();
        count.0 += usize::from(POSTGRES.contains(&name.as_str()));
        count.1 += usize::from(SQLITE.contains(&name.as_str()));
    }
    match count.0.cmp(&count.1) {
        std::cmp::Ordering::Greater => Some(Dialect::Postgres),
        std::cmp::Ordering::Less => Some(Dialect::Sqlite),
        std::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_shell_go_and_texts_stay() {
        let text = "\\restrict abc\n-- it's\nSELECT 'a\n\\b\n.c';\n\\unrestrict\nSELECT 1;\n";
        assert_eq!(without_shell(text, Dialect::Postgres), "-- it's\nSELECT 'a\n\\b\n.c';\nSELECT 1;\n");
        assert_eq!(without_shell(".bail on\nSELECT 1;\n", Dialect::Sqlite), "SELECT 1;\n");
    }

    #[test]
    fn the_words_tell_the_database() {
        assert_eq!(guess("CREATE TABLE t (id bigserial, at timestamptz)"), Some(Dialect::Postgres));
        assert_eq!(
            guess("PRAGMA foreign_keys = ON; CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT)"),
            Some(Dialect::Sqlite)
        );
        assert_eq!(guess("CREATE TABLE t (id integer)"), None);
    }
}
