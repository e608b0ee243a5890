//! Making a resource: all of it, or nothing.

use std::collections::BTreeSet;
use std::path::Path;

use crate::catalogue::Catalogue;
use crate::change::{Change, Placed, diff, read};
use crate::error::{Error, Result};
use crate::lines;
use crate::record::Record;
use crate::render;
use crate::resource::{Request, Resource};
use crate::workspace::{self, Workspace};

/// What came of it.
#[derive(Debug)]
pub struct Made {
    /// The path of its list.
    pub path: String,
    /// The files that are new, and those that have new lines.
    pub files: Vec<(String, bool)>,
    /// The text of the revision.
    pub revision: String,
    /// What to type next, each with the reason.
    pub next: Vec<(String, String)>,
}

/// The diff of what a request would make, but for the revision, which is made of what the entity compiles to.
///
/// # Errors
/// With all that stands against it.
pub fn preview(workspace: &Workspace, request: &Request) -> Result<String> {
    let resource = checked(workspace, request)?;
    Ok(diff(&changes(workspace, &resource)?))
}

/// Makes what a request asks for.
///
/// # Errors
/// With all that stands against it, or what failed; then everything is as it was, but for what somebody has edited meanwhile.
pub fn make(workspace: &Workspace, request: &Request) -> Result<Made> {
    let resource = checked(workspace, request)?;
    let changes = changes(workspace, &resource)?;
    let versions = versions(&workspace.root)?;
    let mut placed = Placed::new(&workspace.root, &workspace.target, changes, Some(versions.clone()))?;
    match revise(workspace, request, &resource, &versions, &mut placed) {
        Ok((revision, text)) => {
            let files = placed.keep()?.into_iter().map(|change| (change.path, change.before.is_none())).collect();
            Ok(Made { path: resource.path(), files, revision: text, next: next(&resource, &revision) })
        }
        Err(reason) => Err(Error::Undone { reason: Box::new(reason), left: placed.undo()? }),
    }
}

/// Has the revision written, and the record of all that was. The revision's path and text.
fn revise(
    workspace: &Workspace,
    request: &Request,
    resource: &Resource,
    versions: &BTreeSet<String>,
    placed: &mut Placed,
) -> Result<(String, String)> {
    let message = format!("create {}", resource.plural.replace('_', " "));
    let said = workspace.db(&["create", &message]);
    // Also a command that fails may have written one.
    let new = self::versions(&workspace.root)?.difference(versions).cloned().collect::<Vec<_>>();
    for revision in &new {
        placed.made(revision.clone())?;
    }
    let said = said?;
    let [revision] = new.as_slice() else {
        return Err(Error::Command { command: format!("cargo db create '{message}'"), said });
    };
    let text = placed.changes().last().and_then(|made| made.after.clone()).unwrap_or_default();
    let record = Record::new(command(request), &resource.name, &resource.plural, revision.clone(), placed.changes());
    let record_path = Record::path(&resource.name);
    workspace::write(&workspace.root, &record_path, &record.text())?;
    placed.made(record_path)?;
    Ok((revision.clone(), text))
}

fn checked(workspace: &Workspace, request: &Request) -> Result<Resource> {
    Resource::new(request, &Catalogue::read(&workspace.root)?, &workspace.root)
}

/// The new files, and those that get lines.
fn changes(workspace: &Workspace, resource: &Resource) -> Result<Vec<Change>> {
    let root = &workspace.root;
    let files = render::files(resource, root)?;
    let new = files.into_iter().map(|(path, text)| Change { path, before: None, after: Some(text) });
    let mut changes: Vec<Change> = new.collect();
    for (path, lines) in lines::of_new(resource) {
        let Some(before) = read(root, &path)? else {
            return Err(Error::source(&path, "it is not there, and a line of the resource belongs into it"));
        };
        let after = lines.iter().try_fold(before.clone(), |text, line| line.put_into(&path, &text))?;
        let after = Some(render::formatted(&path, &after, root)?);
        changes.push(Change { path, before: Some(before), after });
    }
    Ok(changes)
}

/// The revisions that are there.
pub(crate) fn versions(root: &Path) -> Result<BTreeSet<String>> {
    let folder = root.join("migration/versions");
    let mut files = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).map_err(Error::file(&folder))? {
        let name = entry.map_err(Error::file(&folder))?.file_name();
        files.insert(format!("migration/versions/{}", name.to_string_lossy()));
    }
    Ok(files)
}

/// The request, as it can be typed.
fn command(request: &Request) -> String {
    let mut words = vec![format!("make new-resource NAME={} FIELDS='{}'", request.name, request.fields)];
    words.extend(request.parent.as_ref().map(|parent| format!("PARENT={parent}")));
    words.extend(request.owner.then(|| "OWNER=1".to_owned()));
    let mut options = Vec::new();
    options.extend(request.plural.as_ref().map(|plural| format!("--plural {plural}")));
    options.extend(request.cache_ttl.map(|seconds| format!("--cache-ttl {seconds}")));
    options.extend(request.require_if_match.then(|| "--require-if-match".to_owned()));
    options.extend(request.soft_delete.then(|| "--soft-delete".to_owned()));
    options.extend(request.audit.then(|| "--audit".to_owned()));
    if !options.is_empty() {
        words.push(format!("OPTIONS='{}'", options.join(" ")));
    }
    words.join(" ")
}

fn next(resource: &Resource, revision: &str) -> Vec<(String, String)> {
    let step = |command: String, reason: &str| (command, reason.to_owned());
    vec![
        step(format!("$EDITOR {revision}"), "read what it does; it is yours to change"),
        step("make db-migrate".to_owned(), "apply it to DATABASE_URL"),
        step("make db-erd".to_owned(), "draw the table into docs/erd.svg"),
        step("make openapi".to_owned(), "write the operations into docs/openapi.json"),
        step(format!("cargo test -p albedo-api --test it -- {}", resource.plural), "its tests, on both databases"),
        step("make run".to_owned(), "http://localhost:4000/docs shows it"),
    ]
}
