//! Taking a resource away that was made here: its files, its lines, and its revision while nobody can have applied it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::catalogue::ENTITIES;
use crate::change::{Change, Placed, diff, read};
use crate::error::{Error, Result};
use crate::lines;
use crate::record::Record;
use crate::render;
use crate::workspace::Workspace;

/// What came of it.
#[derive(Debug)]
pub struct Destroyed {
    /// The files that are gone, and those that have lost lines.
    pub files: Vec<(String, bool)>,
    /// What to type next, each with the reason.
    pub next: Vec<(String, String)>,
}

/// The diff of what would be taken away.
///
/// # Errors
/// With all that stands against it.
pub fn preview_destroy(workspace: &Workspace, name: &str, force: bool) -> Result<String> {
    Ok(diff(&plan(workspace, name, force)?.changes))
}

/// Takes a resource away.
///
/// # Errors
/// With all that stands against it, or what failed; then everything is as it was.
pub fn destroy(workspace: &Workspace, name: &str, force: bool) -> Result<Destroyed> {
    let plan = plan(workspace, name, force)?;
    let changes = Placed::new(&workspace.root, &workspace.target, plan.changes, None)?.keep()?;
    let files = changes.into_iter().map(|change| (change.path, change.after.is_none())).collect();
    Ok(Destroyed { files, next: plan.next })
}

struct Plan {
    changes: Vec<Change>,
    next: Vec<(String, String)>,
}

fn plan(workspace: &Workspace, name: &str, force: bool) -> Result<Plan> {
    let root = &workspace.root;
    let record = Record::find(root, name)?;
    let lines = lines::of(&record.name, &record.plural);
    // A revision that is in a commit may have been applied by anybody; one that others build on is part of their history.
    let keeps = workspace.is_committed(&record.revision) || has_successor(root, &record.revision)?;
    let mut faults = mentions(root, &record, &lines)?;
    if !force {
        let edited = record.edited(root)?.into_iter().filter(|path| !(keeps && path.starts_with(&record.revision)));
        let edited: Vec<_> = edited.collect();
        if !edited.is_empty() {
            faults.push(format!("edited since it was made: {}; with FORCE=1 that is lost", edited.join(", ")));
        }
        if !keeps && read(root, &record.revision)?.is_some() {
            let revision = id(&record.revision);
            faults.extend(stands_in_a_database(workspace.db(&["current", "--json", "--connect-wait", "3"]), revision));
        }
    }
    if !faults.is_empty() {
        return Err(Error::Refused(faults));
    }
    let gone = |path: &str| -> Result<Option<Change>> {
        Ok(read(root, path)?.map(|before| Change { path: path.to_owned(), before: Some(before), after: None }))
    };
    let mut changes = Vec::new();
    for path in record.files().filter(|path| !keeps || *path != record.revision) {
        changes.extend(gone(path)?);
    }
    changes.extend(gone(&Record::path(name))?);
    for (path, lines) in lines {
        let Some(before) = read(root, &path)? else { continue };
        let after = lines.iter().fold(before.clone(), |text, line| line.take_from(&text).unwrap_or(text));
        let after = Some(render::formatted(&path, &after, root)?);
        if after.as_ref() != Some(&before) {
            changes.push(Change { path, before: Some(before), after });
        }
    }
    Ok(Plan { changes, next: next(&record, keeps) })
}

/// Where others speak of the resource: they would not compile without it.
fn mentions(root: &Path, record: &Record, lines: &[(String, Vec<lines::Line>)]) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let (module, tests) = (format!("{}::", record.name), format!("{}::factory", record.plural));
    for path in sources(root)? {
        let Ok(name) = path.strip_prefix(root) else { continue };
        let name = name.display().to_string();
        if record.files().any(|own| own == name) {
            continue;
        }
        let Some(mut text) = read(root, &name)? else { continue };
        // Its own lines go anyway.
        for line in lines.iter().filter(|(path, _)| *path == name).flat_map(|(_, lines)| lines) {
            text = line.take_from(&text).unwrap_or(text);
        }
        // Elsewhere a module of the same name may be another one, such as those of the examples in CONTRIBUTING.md.
        let roots: &[&str] = if name.starts_with(ENTITIES) {
            &["super::", "crate::", "albedo_entities::"]
        } else {
            &["albedo_entities::"]
        };
        let reaches = roots.iter().any(|root| reaches(&text, root, &record.name));
        let refers = |line: &str| (reaches && names(line, &module)) || names(line, &tests);
        for (number, line) in text.lines().enumerate().filter(|(_, line)| refers(line)) {
            faults.push(format!("{name}:{} refers to it: {}", number + 1, line.trim()));
        }
    }
    Ok(faults)
}

/// Whether a source takes this module from where the entities are: alone, or among others in braces.
fn reaches(text: &str, root: &str, module: &str) -> bool {
    let mut taken = text.split(root).skip(1).flat_map(|after| {
        let list = after.strip_prefix('{').and_then(|after| after.split_once('}'));
        list.map_or(after, |(list, _)| list).split(',').take(if list.is_some() { usize::MAX } else { 1 })
    });
    taken.any(|name| {
        name.trim_start().split(|letter: char| !letter.is_alphanumeric() && letter != '_').next() == Some(module)
    })
}

/// Whether the line has the words, and not as the end of a longer one.
fn names(line: &str, words: &str) -> bool {
    let before = |place: usize| line.get(..place).and_then(|before| before.chars().last());
    let code = line.trim_start();
    !code.starts_with("//")
        && line
            .match_indices(words)
            .any(|(place, _)| before(place).is_none_or(|letter| !letter.is_alphanumeric() && letter != '_'))
}

/// Every source file of ours, but for the generator's own, which speak of resources that there are not.
fn sources(root: &Path) -> Result<Vec<PathBuf>> {
    let (mut folders, mut files) = (vec![root.join("crates"), root.join("migration")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
            let path = entry.map_err(Error::file(&folder))?.path();
            if path.ends_with("albedo-generate") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The id in the name of a revision's file, which stands in the file as well.
fn id(revision: &str) -> &str {
    let is_id = |part: &&str| part.len() == 12 && part.chars().all(|letter| letter.is_ascii_hexdigit());
    revision.split(['_', '/']).find(is_id).unwrap_or(revision)
}

fn has_successor(root: &Path, revision: &str) -> Result<bool> {
    let quoted = format!("\"{}\"", id(revision));
    for path in crate::make::versions(root)?.iter().filter(|path| *path != revision) {
        if read(root, path)?.is_some_and(|text| text.contains(&quoted)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Why the revision cannot go, by what the database at hand says of itself. One that was never made has it not; of one that cannot
/// be asked nobody knows.
fn stands_in_a_database(said: Result<String>, revision: &str) -> Option<String> {
    let (said, failed) = match said {
        Ok(said) => (said, false),
        Err(error) => (error.to_string(), true),
    };
    if said.contains(revision) {
        return Some(format!(
            "the database at DATABASE_URL has the revision {revision}; take it back first (`make db-rollback` while it is the \
             last, the rows go with it), or say FORCE=1 to leave that database to itself"
        ));
    }
    // One that knows revisions of other branches fails as well, and has told of all its own before.
    let is_known = ["the SQLite file", "and there is no such file"].into_iter().any(|reason| said.contains(reason));
    (failed && !is_known).then(|| {
        format!(
            "it cannot be told whether the database at DATABASE_URL has the revision {revision}; make it answer, or say FORCE=1 \
             if it has not, or may be left to itself (as where the workspace does not compile): {said}"
        )
    })
}

fn next(record: &Record, keeps: bool) -> Vec<(String, String)> {
    let step = |command: String, reason: &str| (command, reason.to_owned());
    let drop =
        format!("make db-create NAME=\"drop {}\" OPTIONS=\"--allow-destructive\"", record.plural.replace('_', " "));
    let mut steps = Vec::new();
    if keeps {
        steps.push(step(drop, "its revision stays, since others may have applied it; this one takes the table away"));
        steps.push(step("make db-migrate".to_owned(), "apply it to DATABASE_URL"));
    }
    steps.push(step("make db-erd".to_owned(), "draw docs/erd.svg without it"));
    steps.push(step(
        "make openapi BREAKING=1".to_owned(),
        "take its operations out of docs/openapi.json; whoever calls them stands there alone",
    ));
    steps
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const ENTITY: &str = "crates/albedo-entities/src/river.rs";
    const REVISION: &str = "migration/versions/20260123_090000_5b1f0c7e9a41_create_rivers.rs";

    /// A checkout with a river in it, and nothing else.
    fn world() -> (tempfile::TempDir, Workspace) {
        let folder = tempfile::tempdir().unwrap();
        let made = [ENTITY, REVISION].map(|path| {
            let change = Change { path: path.to_owned(), before: None, after: Some(format!("// {path}\n")) };
            crate::workspace::write(folder.path(), path, change.after.as_deref().unwrap()).unwrap();
            change
        });
        let record = Record::new("make".to_owned(), "river", "rivers", REVISION.to_owned(), &made);
        crate::workspace::write(folder.path(), &Record::path("river"), &record.text()).unwrap();
        let (root, target) = (folder.path().to_owned(), folder.path().join("target"));
        (folder, Workspace { root, target })
    }

    fn git(workspace: &Workspace, arguments: &[&str]) {
        let somebody = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
        let mut git = Command::new("git");
        git.args(somebody).args(arguments).current_dir(&workspace.root).env("GIT_CONFIG_GLOBAL", "/dev/null");
        let git = git.output().unwrap();
        assert!(git.status.success(), "{git:?}");
    }

    fn refusal(workspace: &Workspace) -> String {
        destroy(workspace, "river", false).unwrap_err().to_string()
    }

    #[test]
    fn a_revision_that_is_in_a_commit_stays_and_the_next_step_is_told() {
        let (_folder, workspace) = world();
        git(&workspace, &["init", "--quiet"]);
        git(&workspace, &["add", "--all"]);
        git(&workspace, &["commit", "--quiet", "--message", "Rivers"]);
        // Changed since, but not lost.
        fs::write(workspace.root.join(REVISION), "// read and mended\n").unwrap();
        let gone = destroy(&workspace, "river", false).unwrap();
        assert_eq!(gone.files, [(ENTITY.to_owned(), true), (Record::path("river"), true)]);
        assert!(gone.next[0].0.contains("\"drop rivers\"") && gone.next[0].1.contains("stays"), "{:?}", gone.next);
        assert!(workspace.root.join(REVISION).exists() && !workspace.root.join(ENTITY).exists());
    }

    #[test]
    fn a_revision_that_others_stand_on_stays() {
        let (_folder, workspace) = world();
        let next = "migration/versions/20260124_090000_9c0d4e6f7a1b_add_depth.rs";
        crate::workspace::write(&workspace.root, next, "after: &[\"5b1f0c7e9a41\"],\n").unwrap();
        destroy(&workspace, "river", false).unwrap();
        assert!(workspace.root.join(REVISION).exists() && !workspace.root.join(ENTITY).exists());
    }

    #[test]
    fn what_was_edited_goes_only_by_force() {
        let (_folder, workspace) = world();
        fs::write(workspace.root.join(ENTITY), "// mine\n").unwrap();
        let told = refusal(&workspace);
        assert!(told.contains(&format!("edited since it was made: {ENTITY}; with FORCE=1")), "{told}");
        assert!(workspace.root.join(ENTITY).exists());
        let shown = preview_destroy(&workspace, "river", true).unwrap();
        assert!(shown.contains("-// mine") && shown.contains(REVISION), "{shown}");
        assert!(workspace.root.join(ENTITY).exists());
        destroy(&workspace, "river", true).unwrap();
        assert!(!workspace.root.join("crates").exists() && !workspace.root.join("migration").exists());
    }

    #[test]
    fn a_revision_goes_only_where_the_database_says_that_it_has_it_not() {
        let (_folder, workspace) = world();
        let failed = |said: &str| Err(Error::Command { command: "db current".to_owned(), said: said.to_owned() });
        let told = |said| stands_in_a_database(said, "5b1f0c7e9a41");
        for said in [
            Ok("[]".to_owned()),
            failed("the SQLite file albedo.db does not exist"),
            failed("[] the database has 9c0d4e6f7a1b applied, and there is no such file"),
        ] {
            assert_eq!(told(said), None);
        }
        assert!(told(Ok("[\"5b1f0c7e9a41\"]".to_owned())).unwrap().contains("db-rollback"));
        let both = "5b1f0c7e9a41; the database has 9c0d4e6f7a1b applied, and there is no such file";
        assert!(told(failed(both)).unwrap().contains("db-rollback"));
        assert!(told(failed("password authentication failed")).unwrap().contains("cannot be told"));
        // Here is no `db` to be asked.
        let told = refusal(&workspace);
        assert!(told.contains("cannot be told") && told.contains("FORCE=1"), "{told}");
        assert!(workspace.root.join(REVISION).exists());
        destroy(&workspace, "river", true).unwrap();
        assert!(!workspace.root.join(REVISION).exists());
    }

    #[test]
    fn who_refers_to_it_is_named_also_where_force_is_said() {
        let (_folder, workspace) = world();
        let bank = "crates/albedo-entities/src/bank.rs";
        crate::workspace::write(&workspace.root, bank, "pub river: BelongsTo<super::river::Entity>,\n").unwrap();
        let told = destroy(&workspace, "river", true).unwrap_err().to_string();
        assert!(told.contains(&format!("{bank}:1 refers to it")), "{told}");
    }

    #[test]
    fn a_line_that_speaks_of_it_is_found_and_one_that_only_sounds_so_is_not() {
        assert!(names("    pub river: BelongsTo<super::river::Entity>,", "river::"));
        assert!(names("use albedo_entities::{city, river::Entity};", "river::"));
        assert!(!names("use driver::Entity;", "river::"));
        assert!(!names("// river::Entity", "river::"));
    }

    #[test]
    fn a_module_of_the_same_name_elsewhere_is_another_one() {
        for text in [
            "use albedo_entities::river;",
            "use albedo_entities::{Shape,\n    city, river::Entity};",
            "fn of(_: albedo_entities::river::Model) {}",
        ] {
            assert!(reaches(text, "albedo_entities::", "river"), "{text}");
        }
        for text in ["use super::river;", "use albedo_entities::{city, river_bank}; use x::{river};", "mod river;"] {
            assert!(!reaches(text, "albedo_entities::", "river"), "{text}");
        }
        let (_folder, workspace) = world();
        let bank = "crates/albedo-entities/src/bank.rs";
        crate::workspace::write(&workspace.root, bank, "use albedo_core::river::Field;\n").unwrap();
        destroy(&workspace, "river", true).unwrap();
    }

    #[test]
    fn the_id_is_in_the_name_of_the_file() {
        assert_eq!(id("migration/versions/20260123_090000_5b1f0c7e9a41_create_users.rs"), "5b1f0c7e9a41");
    }
}
