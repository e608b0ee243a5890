//! The files that people meet first: they must not promise what is not there.

use std::fs;

use albedo_core::settings::variables;

use crate::{assert_none, workspace};

/// The names that a settings example sets, those in comments too.
fn settings(example: &str) -> Vec<&str> {
    let assignments = example.lines().filter_map(|line| line.trim_start_matches('#').split_once('='));
    assignments.map(|(name, _)| name).filter(|name| !name.is_empty() && !name.contains(' ')).collect()
}

/// The targets that `make help` does not tell of.
fn silent_targets(makefile: &str) -> Vec<String> {
    let phony = makefile.lines().filter_map(|line| line.strip_prefix(".PHONY:")).flat_map(str::split_whitespace);
    let told = |target: &str| {
        let rule = format!("{target}:");
        makefile.lines().any(|line| line.starts_with(&rule) && line.contains(" ## "))
    };
    phony.filter(|target| !told(target)).map(|target| format!("make {target} has no ## line")).collect()
}

#[test]
fn the_settings_example_sets_only_what_the_server_reads() {
    let example = fs::read_to_string(workspace().workspace_root.join(".env.example")).unwrap();
    let names = settings(&example);
    assert!(names.contains(&"DATABASE_URL"), "nothing was read");
    let known = |name: &str| variables().iter().any(|variable| variable.name == name);
    let unknown: Vec<String> = names.into_iter().filter(|name| !known(name)).map(str::to_owned).collect();
    assert_none(&unknown);
}

#[test]
fn make_help_lists_every_target() {
    let makefile = fs::read_to_string(workspace().workspace_root.join("Makefile")).unwrap();
    assert!(makefile.contains("\n.PHONY: "), "nothing was read");
    assert_none(&silent_targets(&makefile));
}

#[test]
fn a_setting_in_a_comment_counts_and_a_sentence_does_not() {
    assert_eq!(settings("# Say a=b here.\nONE=1\n#TWO=\n"), ["ONE", "TWO"]);
}

#[test]
fn a_target_without_a_word_is_told() {
    let makefile = ".PHONY: run secret\nrun: ## Serve\nsecret:\n";
    assert_eq!(silent_targets(makefile), ["make secret has no ## line"]);
}
