//! The files that people meet first: they must not promise what is not there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// What make would run, one argument a line, and where the machine is called `host` as WSL does it.
fn made(arguments: &[&str]) -> Option<Vec<String>> {
    let mut make = Command::new("make");
    make.args(["--silent", r"DB=printf '%s\n'", r"GENERATE=printf '%s\n'"]).args(arguments).env("NAME", "host");
    // Of a make that runs this test.
    make.env_remove("MAKEFLAGS").env_remove("MAKELEVEL");
    let output = make.current_dir(&workspace().workspace_root).output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

#[test]
fn make_hands_on_what_its_command_line_says_word_for_word() {
    let name = r#"it's "vip" $(shell pwd) $(pwd) `pwd` $HOME $$ \ # *"#;
    let said = format!("NAME={name}");
    assert_eq!(made(&["db-create", &said, "OPTIONS=--rename a.b=c"]).unwrap(), ["create", name, "--rename", "a.b=c"]);
    assert_eq!(made(&["db-squash", "RANGE=a:b", &said]).unwrap(), ["squash", "a:b", "-m", name]);
    assert_eq!(made(&["db-merge", "REVISION=abc xyz", &said]).unwrap(), ["merge", "abc", "xyz", "-m", name]);
    assert_eq!(made(&["db-merge"]).unwrap(), ["merge"]);
    assert_eq!(made(&["db-create"]), None, "a name from elsewhere is no name");
    assert_eq!(made(&["db-create", "NAME="]), None);
}

#[test]
fn a_switch_of_make_is_off_where_it_says_so() {
    let switched = |how: &str| {
        let switches = ["FORCE", "DRY_RUN"].map(|switch| format!("{switch}={how}"));
        made(&["destroy-resource", "NAME=river", &switches[0], &switches[1]]).unwrap()
    };
    assert_eq!(switched("1"), ["destroy", "river", "--force", "--dry-run"]);
    for off in ["0", "no", "false", ""] {
        assert_eq!(switched(off), ["destroy", "river"], "{off}");
    }
}

/// What `.dockerignore` leaves out wherever it is: the last parts of such patterns.
fn left_out_everywhere(ignored: &str) -> Vec<&str> {
    ignored.lines().filter_map(|line| line.strip_prefix("**/")).filter(|name| !name.contains('*')).collect()
}

/// The folders below `folder`, itself among them.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let below = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<_> = below.filter(|path| path.is_dir()).flat_map(|path| folders(&path)).collect();
    found.push(folder.to_owned());
    found
}

fn holds_sources(folder: &Path) -> bool {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    files.into_iter().any(|path| path.extension().is_some_and(|extension| extension == "rs"))
}

#[test]
fn the_image_is_built_from_all_sources() {
    let workspace = workspace();
    let ignored = fs::read_to_string(workspace.workspace_root.join(".dockerignore")).unwrap();
    let names = left_out_everywhere(&ignored);
    assert!(names.contains(&"tests"), "nothing was read");
    let packages = workspace.workspace_packages();
    let sources = packages.iter().filter_map(|package| Some(package.manifest_path.parent()?.join("src")));
    let left_out = sources.flat_map(|sources| folders(sources.as_std_path())).filter(|folder| {
        holds_sources(folder) && names.iter().any(|name| folder.file_name().is_some_and(|own| own == *name))
    });
    let told = left_out.map(|folder| format!("{} is left out of the image by .dockerignore", folder.display()));
    assert_none(&told.collect::<Vec<_>>());
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
