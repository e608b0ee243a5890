//! What stands in the source files, and what must not.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{assert_none, workspace};

const LONGEST_FILE: usize = 400;

/// Names under which things gather that have nothing in common.
const NO_SUBJECT: &[&str] = &["base", "common", "helpers", "manager", "utils"];

/// Words that code under a folder must not use: the first hints of a crossed floor, before any dependency tells.
const FORBIDDEN_WORDS: &[(&str, &[&str], &str)] = &[
    ("crates/albedo-api/src/", &["sea_orm", "albedo_repositories"], "the API speaks to services"),
    ("crates/albedo-http/src/", &["sea_orm", "albedo_repositories"], "HTTP speaks to the engine"),
    ("crates/albedo-services/src/", QUERIES, "queries live in albedo-repositories"),
    ("crates/albedo-matching/src/", QUERIES, "queries live in albedo-repositories"),
    ("crates/albedo-engine/src/", QUERIES, "queries live in albedo-repositories"),
];

/// Words of queries.
const QUERIES: &[&str] = &["sea_query", "Select", "Statement", "execute_unprepared", "query_all_raw", "query_one_raw"];

/// Where no SQL stands.
const WITHOUT_SQL: &[&str] =
    &["crates/albedo-services/src/", "crates/albedo-matching/src/", "crates/albedo-engine/src/"];

/// How a text begins that is SQL, as our code writes it.
const SQL: &[&str] = &["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE ", "\"CREATE ", "\"ALTER ", "\"DROP "];

/// Rustup obeys a file of this name and downloads what it says; spelled so that this line is no mention of it.
const TOOLCHAIN_FILE: &str = concat!("rust-", "toolchain");

/// Everything that is wrong with one source file; `path` counts from the root of the workspace.
fn faults(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut tell = |fault: String| found.push(format!("{path}: {fault}"));

    if !text.starts_with("//!") {
        tell("opens without //!, the sentence that says what lives here".to_owned());
    }
    let lines = text.lines().count();
    if lines > LONGEST_FILE {
        tell(format!("has {lines} lines, {LONGEST_FILE} at most: two subjects?"));
    }
    for name in NO_SUBJECT {
        let file = Path::new(path).with_extension("");
        let inline = format!("mod {name} {{");
        if file.iter().any(|part| part == *name) || code.iter().any(|line| line.contains(&inline)) {
            tell(format!("a module called {name} has no subject"));
        }
    }
    for (_, words, reason) in FORBIDDEN_WORDS.iter().filter(|(folder, ..)| path.starts_with(folder)) {
        for word in words.iter().filter(|word| code.iter().any(|line| has_word(line, word))) {
            tell(format!("names {word}: {reason}"));
        }
    }
    if WITHOUT_SQL.iter().any(|folder| path.starts_with(folder))
        && code.iter().any(|line| SQL.iter().any(|sql| line.contains(sql)))
    {
        tell("writes SQL: queries live in albedo-repositories".to_owned());
    }
    if text.contains(TOOLCHAIN_FILE) {
        tell(format!("mentions {TOOLCHAIN_FILE}: the workspace builds with whatever toolchain is there"));
    }
    found
}

/// Whether the identifier stands in the line, not merely as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let of_identifier = |character: char| character.is_alphanumeric() || character == '_';
    line.split(|character| !of_identifier(character)).any(|identifier| identifier == word)
}

/// The source files of every crate, and their paths from the root of the workspace.
fn sources(root: &Path) -> Vec<(String, String)> {
    let crates = fs::read_dir(root.join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = crates.chain([root.join("migration")]).map(|folder| folder.join("src")).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_source_file_keeps_the_rules() {
    let files = sources(workspace().workspace_root.as_std_path());
    assert!(files.iter().any(|(path, _)| path == "crates/albedo-testing/src/lib.rs"), "nothing was read");
    let all: Vec<String> = files.iter().flat_map(|(path, text)| faults(path, text)).collect();
    assert_none(&all);
}

#[test]
fn no_file_makes_rustup_download_anything() {
    let root = workspace().workspace_root;
    for name in [TOOLCHAIN_FILE.to_owned(), format!("{TOOLCHAIN_FILE}.toml")] {
        assert!(!root.join(&name).exists(), "{name} is there");
    }
}

const CITY: &str = "crates/albedo-services/src/city.rs";

#[test]
fn a_good_file_has_no_faults() {
    let text = "//! Rules for cities. Select is a word of repositories.\n\nstruct SelectedCity;\n";
    assert_none(&faults(CITY, text));
}

#[test]
fn a_file_that_does_not_introduce_itself_is_told() {
    assert_eq!(faults(CITY, "struct City;\n").len(), 1);
}

#[test]
fn a_long_file_is_told() {
    assert_none(&faults(CITY, &"//! long\n".repeat(LONGEST_FILE)));
    assert_eq!(faults(CITY, &"//! long\n".repeat(LONGEST_FILE + 1)).len(), 1);
}

#[test]
fn a_module_without_a_subject_is_told() {
    assert_eq!(faults("crates/albedo-core/src/utils.rs", "//! All sorts.\n").len(), 1);
    assert_eq!(faults("crates/albedo-core/src/helpers/text.rs", "//! All sorts.\n").len(), 1);
    assert_eq!(faults(CITY, "//! Cities.\nmod common {}\n").len(), 1);
    assert_none(&faults("crates/albedo-core/src/database.rs", "//! A word that begins with base is none.\n"));
}

#[test]
fn a_query_in_a_service_is_told() {
    for line in ["let rows: Select<City> = City::find();", "use sea_orm::sea_query::Expr;", "run(\"SELECT 1\");"] {
        assert_eq!(faults(CITY, &format!("//! Cities.\n{line}\n")).len(), 1, "{line}");
    }
}

#[test]
fn the_database_in_the_api_is_told() {
    for line in ["use sea_orm::DbErr;", "use albedo_repositories::Repository;"] {
        assert_eq!(faults("crates/albedo-http/src/error.rs", &format!("//! Errors.\n{line}\n")).len(), 1, "{line}");
        assert_none(&faults("crates/albedo-repositories/src/error.rs", &format!("//! Errors.\n{line}\n")));
    }
}

#[test]
fn a_toolchain_file_in_a_source_is_told() {
    assert_eq!(faults(CITY, &format!("//! Reads {TOOLCHAIN_FILE}.toml.\n")).len(), 1);
}
