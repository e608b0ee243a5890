//! The architecture, held against what is there: `cargo metadata` for the arrows, the sources for the rest.
//!
//! ARCHITECTURE.md tells why each rule is there; this is where a rule bites. The checkers are functions of values, so
//! that each is seen to fail on a small fixture before it is trusted with the workspace.

#![expect(clippy::unwrap_used, reason = "tests may unwrap, their helpers as well")]

mod arrows;
mod doors;
mod sources;

use cargo_metadata::{Metadata, MetadataCommand};

fn workspace() -> Metadata {
    MetadataCommand::new().no_deps().other_options(["--offline".to_owned()]).exec().unwrap()
}

/// Fails with all faults at once.
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n  {}\n", faults.join("\n  "));
}
