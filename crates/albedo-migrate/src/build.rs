//! For a project's `build.rs`: collects `versions/*.rs`, so that no list is kept by hand and two branches never conflict
//! in one.
//!
//! Add this crate to `[build-dependencies]` with `default-features = false`: then only the graph and this room are
//! compiled for the build script, without a database driver.
//!
//! ```no_run
//! // build.rs
//! fn main() -> albedo_migrate::Result<()> {
//!     albedo_migrate::build::collect("versions")
//! }
//! ```
//!
//! ```ignore
//! // src/lib.rs
//! include!(concat!(env!("OUT_DIR"), "/versions.rs"));
//!
//! pub fn history() -> albedo_migrate::Result<albedo_migrate::History> {
//!     albedo_migrate::History::builder().collected(VERSIONS).build()
//! }
//! ```

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::generate::Directory;
use crate::revision::{Graph, Revision};

/// Writes `versions.rs` into the build's folder: a module for each file, and `VERSIONS`, the list of them.
///
/// # Errors
/// When two files have one id, a parent is missing, the revisions go in a circle, or a header cannot be read. Cargo
/// shows the error and the build stops.
pub fn collect(folder: impl AsRef<Path>) -> Result<()> {
    collect_after(folder, &[])
}

/// As [`collect`], for a project whose first revisions follow migrations written for SeaORM's own runner: `adopted`
/// names those that are followed.
///
/// # Errors
/// As [`collect`].
pub fn collect_after(folder: impl AsRef<Path>, adopted: &[&str]) -> Result<()> {
    let variable = |name: &str| {
        std::env::var_os(name).map(PathBuf::from).ok_or_else(|| {
            Error::usage(format!("{name} is not set")).hint("this function is called from a build script")
        })
    };
    let folder = variable("CARGO_MANIFEST_DIR")?.join(folder);
    let text = source(&folder, adopted)?;
    std::fs::write(variable("OUT_DIR")?.join("versions.rs"), text)?;
    let mut tell = std::io::stdout();
    std::io::Write::write_all(&mut tell, format!("cargo::rerun-if-changed={}\n", folder.display()).as_bytes())?;
    Ok(())
}

/// The text of `versions.rs`, the graph checked.
fn source(folder: &Path, adopted: &[&str]) -> Result<String> {
    let directory = Directory::read(folder)?;
    let mut revisions = directory.revisions.clone();
    let known: BTreeSet<String> = revisions.iter().map(|revision| revision.id.clone()).collect();
    for name in adopted.iter().filter(|name| !known.contains(**name)) {
        revisions.push(Revision { id: (*name).to_owned(), stem: (*name).to_owned(), ..Revision::default() });
    }
    Graph::new(revisions)?;
    let mut modules = String::new();
    let mut list = String::new();
    for revision in &directory.revisions {
        let path = folder.join(format!("{}.rs", revision.stem)).display().to_string();
        // Writing into a String cannot fail.
        let _ = write!(modules, "#[doc(hidden)]\n#[path = {path:?}]\npub mod revision_{};\n", revision.id);
        let replaces =
            if revision.replaces.is_empty() { "&[]".to_owned() } else { format!("revision_{}::REPLACES", revision.id) };
        let _ = writeln!(
            list,
            "    ::albedo_migrate::Collected {{ stem: {:?}, source: include_str!({path:?}), migration: revision_{}::MIGRATION, replaces: {replaces} }},",
            revision.stem, revision.id
        );
    }
    Ok(format!(
        "{modules}\n/// Every revision of the folder, in the order of the file names.\npub const VERSIONS: &[::albedo_migrate::Collected] = &[\n{list}];\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (id, after) in files {
            let text = format!(
                "pub const MIGRATION: Migration = Migration {{ id: {id:?}, after: &[{after}], message: \"m\" }};"
            );
            std::fs::write(folder.path().join(format!("{id}_file.rs")), text).unwrap();
        }
        folder
    }

    #[test]
    fn every_file_becomes_a_module_and_an_entry() {
        let folder = folder(&[("aaaa1", ""), ("bbbb1", "\"aaaa1\"")]);
        let text = source(folder.path(), &[]).unwrap();
        assert!(text.contains("mod revision_aaaa1;") && text.contains("stem: \"bbbb1_file\""), "{text}");
    }

    #[test]
    fn a_faulty_graph_stops_the_build_with_its_path() {
        let circle = folder(&[("aaaa1", "\"bbbb1\""), ("bbbb1", "\"aaaa1\"")]);
        assert!(source(circle.path(), &[]).unwrap_err().report().contains("aaaa1 -> bbbb1 -> aaaa1"));
        let missing = folder(&[("bbbb1", "\"m2022_old\"")]);
        assert!(source(missing.path(), &[]).unwrap_err().report().contains("m2022_old"));
        assert!(source(missing.path(), &["m2022_old"]).is_ok());
    }
}
