//! Raw SQL, as far as its first words tell what it does. What is not understood is left alone.

use super::Rule;
use super::columns::Said;
use crate::dialect::Dialect;
use crate::lexer::{Token, tokens};

const PG: Option<Dialect> = Some(Dialect::Postgres);

/// What one statement does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw {
    /// It changes rows.
    Data {
        table: Option<String>,
    },
    /// It changes the structure of something, or locks it.
    Structure {
        table: Option<String>,
        said: Vec<Said>,
        /// PostgreSQL does it outside of a transaction alone.
        concurrent: bool,
    },
    /// It bounds how long others are waited for, or says `ever`.
    LockTimeout {
        ever: bool,
    },
    Other,
}

impl Raw {
    pub(super) fn is_concurrent(&self) -> bool {
        matches!(self, Self::Structure { concurrent: true, .. })
    }
}

/// The statements of a text. Bodies of functions and triggers are not looked into: they run later.
pub(super) fn statements(text: &str) -> Vec<Raw> {
    let words = tokens(text);
    let has_body = |statement: &[Token<'_>]| {
        let mut first = statement.iter().take(5);
        statement.first().is_some_and(|word| word.is("DO"))
            || (statement.first().is_some_and(|word| word.is("CREATE"))
                && first.any(|word| word.is("FUNCTION") || word.is("PROCEDURE") || word.is("TRIGGER")))
    };
    let mut list = Vec::new();
    for statement in words.split(|token| token.is_sign(';')).filter(|statement| !statement.is_empty()) {
        if has_body(statement) {
            break;
        }
        list.push(one(statement));
    }
    list
}

fn one(words: &[Token<'_>]) -> Raw {
    let begins = |keywords: &[&str]| {
        words.len() >= keywords.len() && words.iter().zip(keywords).all(|(word, keyword)| word.is(keyword))
    };
    let has = |keyword: &str| words.iter().any(|word| word.is(keyword));
    let after = |keyword: &str| words.iter().position(|word| word.is(keyword)).and_then(|at| named(words, at + 1));
    let says = |table: Option<String>, rule: Rule, database: Option<Dialect>, reason: &str| {
        let what = table.clone().unwrap_or_else(|| "its table".to_owned());
        let said = vec![(rule, database, reason.replace("{}", &what))];
        Raw::Structure { table, said, concurrent: false }
    };
    if begins(&["UPDATE"]) {
        return Raw::Data { table: named(words, 1) };
    }
    if begins(&["INSERT"]) || begins(&["REPLACE"]) {
        return Raw::Data { table: after("INTO") };
    }
    if begins(&["DELETE"]) || begins(&["MERGE"]) {
        return Raw::Data { table: after("FROM").or_else(|| after("INTO")) };
    }
    if begins(&["WITH"]) && ["UPDATE", "INSERT", "DELETE"].iter().any(|verb| has(verb)) {
        return Raw::Data { table: after("INTO").or_else(|| after("UPDATE")).or_else(|| after("FROM")) };
    }
    if begins(&["SET"]) && has("lock_timeout") {
        let value = words.last().and_then(Token::name).or_else(|| words.last().map(|word| word.text.to_owned()));
        return Raw::LockTimeout { ever: value.is_some_and(|value| value.trim_start_matches('0').is_empty()) };
    }
    if has("CONCURRENTLY") && !has("REFRESH") {
        return Raw::Structure { table: after("ON"), said: Vec::new(), concurrent: true };
    }
    if begins(&["CREATE", "INDEX"]) || begins(&["CREATE", "UNIQUE", "INDEX"]) {
        return says(after("ON"), Rule::IndexNotConcurrent, PG, "nobody may write to {} until the index is built");
    }
    if begins(&["DROP", "INDEX"]) {
        return says(None, Rule::IndexNotConcurrent, PG, "to drop an index, all readers of {} are waited for");
    }
    if begins(&["DROP", "TABLE"]) {
        return says(
            named(words, 2),
            Rule::DropTable,
            None,
            "the rows of {} are lost, and a program that still uses it fails",
        );
    }
    if begins(&["ALTER", "TABLE"]) {
        return altered(words, named(words, 2));
    }
    let locks = begins(&["LOCK"])
        || begins(&["TRUNCATE"])
        || begins(&["CLUSTER"])
        || begins(&["REINDEX"])
        || (begins(&["VACUUM"]) && has("FULL"))
        || (begins(&["REFRESH", "MATERIALIZED", "VIEW"]) && !has("CONCURRENTLY"));
    if locks {
        let first = words.first().map(|word| word.text.to_ascii_uppercase()).unwrap_or_default();
        let table = ["TABLE", "VIEW", "FULL"].iter().find_map(|keyword| after(keyword)).or_else(|| named(words, 1));
        return says(table, Rule::LockingSql, PG, &format!("nobody may use {{}} while {first} is at work"));
    }
    Raw::Other
}

fn altered(words: &[Token<'_>], table: Option<String>) -> Raw {
    let has = |keywords: &[&str]| {
        words.windows(keywords.len()).any(|window| window.iter().zip(keywords).all(|(word, keyword)| word.is(keyword)))
    };
    let what = table.clone().unwrap_or_else(|| "its table".to_owned());
    let mut said: Vec<Said> = Vec::new();
    let mut say = |rule, database, reason: String| said.push((rule, database, reason));
    if has(&["DROP", "COLUMN"]) {
        say(Rule::DropColumn, None, format!("values of {what} are lost, and a program that still reads them fails"));
    }
    if has(&["RENAME", "TO"]) {
        say(Rule::RenameTable, None, format!("a program that still says {what} fails"));
    } else if has(&["RENAME"]) && !has(&["RENAME", "CONSTRAINT"]) {
        say(Rule::RenameColumn, None, format!("a program that still says the old name of a column of {what} fails"));
    }
    if has(&["TYPE"]) {
        say(Rule::ChangeType, PG, format!("{what} may be rewritten, and nobody may read it meanwhile"));
    }
    if has(&["SET", "NOT", "NULL"]) {
        say(Rule::SetNotNull, PG, format!("all of {what} is read while nobody may use it"));
    }
    if has(&["ADD"]) && !has(&["NOT", "VALID"]) && !has(&["USING", "INDEX"]) {
        if has(&["FOREIGN", "KEY"]) {
            say(Rule::ValidatingForeignKey, PG, format!("nobody may write to {what} until all rows are looked up"));
        } else if has(&["CHECK"]) && !has(&["ADD", "COLUMN"]) {
            say(Rule::ValidatingCheck, PG, format!("nobody may use {what} until all its rows are checked"));
        } else if has(&["UNIQUE"]) {
            say(Rule::AddUnique, None, format!("nobody may use {what} until the index is built"));
        } else if has(&["PRIMARY", "KEY"]) {
            say(Rule::AddPrimaryKey, PG, format!("nobody may use {what} until the index is built"));
        }
    }
    Raw::Structure { table, said, concurrent: false }
}

/// The name at this place, `IF EXISTS`, `ONLY` and a schema before it passed over.
fn named(words: &[Token<'_>], at: usize) -> Option<String> {
    let passes = ["IF", "NOT", "EXISTS", "ONLY", "TABLE", "MATERIALIZED", "VIEW", "INDEX"];
    let mut rest = words.iter().skip(at).skip_while(|word| passes.iter().any(|pass| word.is(pass)));
    let mut name = rest.next()?.name()?;
    while let (Some(dot), Some(next)) = (rest.next(), rest.next()) {
        if !dot.is_sign('.') {
            break;
        }
        name = next.name()?;
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<&'static str> {
        let told = |raw: Raw| match raw {
            Raw::Structure { said, .. } => said.into_iter().map(|(rule, ..)| rule.id()).collect(),
            _ => Vec::new(),
        };
        statements(text).into_iter().flat_map(told).collect()
    }

    #[test]
    fn the_first_words_tell_what_a_statement_does() {
        assert_eq!(statements("update \"t\" set a = 1"), [Raw::Data { table: Some("t".into()) }]);
        assert_eq!(statements("INSERT INTO s.t VALUES (1)"), [Raw::Data { table: Some("t".into()) }]);
        assert_eq!(rules("CREATE UNIQUE INDEX i ON t (a)"), ["index_not_concurrent"]);
        assert!(statements("CREATE INDEX CONCURRENTLY i ON t (a)")[0].is_concurrent());
        assert_eq!(rules("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)"), ["validating_check"]);
        assert_eq!(rules("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID"), [""; 0]);
        assert_eq!(rules("ALTER TABLE t RENAME a TO b; DROP TABLE IF EXISTS u"), ["rename_column", "drop_table"]);
        assert_eq!(rules("VACUUM FULL t; TRUNCATE t; LOCK TABLE t; VACUUM t"), ["locking_sql"; 3]);
        assert_eq!(statements("SET LOCAL lock_timeout = 0"), [Raw::LockTimeout { ever: true }]);
        assert_eq!(statements("SET lock_timeout = '5s'"), [Raw::LockTimeout { ever: false }]);
    }

    #[test]
    fn bodies_of_functions_are_left_alone() {
        assert!(
            statements("CREATE OR REPLACE FUNCTION f() RETURNS trigger AS $$ BEGIN DELETE FROM t; END $$").is_empty()
        );
        assert!(statements("CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM u; END").is_empty());
    }
}
