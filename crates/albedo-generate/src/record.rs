//! What was made, written down beside the generator: so that taking it away again can tell what somebody has edited since.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::change::{Change, read};
use crate::error::{Error, Result};

/// One resource that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The command, as it can be typed again.
    pub(crate) command: String,
    pub(crate) name: String,
    pub(crate) plural: String,
    /// The revision that makes the table, from the root of the workspace.
    pub(crate) revision: String,
    /// The SHA-256 of each file, as it was made.
    files: BTreeMap<String, String>,
}

impl Record {
    /// Where the record of a resource is.
    pub(crate) fn path(name: &str) -> String {
        format!("crates/albedo-generate/made/{name}.json")
    }

    pub(crate) fn new(command: String, name: &str, plural: &str, revision: String, files: &[Change]) -> Self {
        let of = |change: &Change| Some((change.path.clone(), hash(change.after.as_deref()?)));
        let files = files.iter().filter(|change| change.before.is_none()).filter_map(of).collect();
        Self { command, name: name.to_owned(), plural: plural.to_owned(), revision, files }
    }

    /// The record of a resource.
    pub(crate) fn find(root: &Path, name: &str) -> Result<Self> {
        let path = Self::path(name);
        let Some(text) = read(root, &path)? else {
            return Err(Error::refused(format!(
                "NAME={name}: `make new-resource` has made no such resource ({path} is not there), so it is yours to take away by hand"
            )));
        };
        serde_json::from_str(&text)
            .map_err(|error| Error::source(&path, format!("{error}; `git log` has it as it was")))
    }

    pub(crate) fn text(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// The files that it consists of.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Those of the files that are not as they were made.
    pub(crate) fn edited(&self, root: &Path) -> Result<Vec<String>> {
        let mut edited = Vec::new();
        for (path, made) in &self.files {
            match read(root, path)? {
                Some(text) if hash(&text) == *made => {}
                Some(_) => edited.push(path.clone()),
                None => edited.push(format!("{path} (gone)")),
            }
        }
        Ok(edited)
    }
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_was_edited_since_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let made = |path: &str| Change { path: path.to_owned(), before: None, after: Some("1\n".to_owned()) };
        let record =
            Record::new("make".to_owned(), "river", "rivers", "v.rs".to_owned(), &[made("a"), made("b"), made("c")]);
        fs::write(folder.path().join("a"), "1\n").unwrap();
        fs::write(folder.path().join("b"), "2\n").unwrap();
        assert_eq!(record.edited(folder.path()).unwrap(), ["b", "c (gone)"]);
        let again: Record = serde_json::from_str(&record.text()).unwrap();
        assert_eq!(again, record);
        assert!(Record::find(folder.path(), "river").unwrap_err().to_string().contains("by hand"));
    }
}
