//! The revisions themselves: nothing in them may hurt a database in use.

use std::path::Path;

use albedo_migrate::lint::{IDS, Rules, history};
use albedo_migrate::revision::NodeSet;
use albedo_migrate::settings::Settings;

#[test]
fn every_revision_is_safe_or_somebody_says_why_it_is() {
    let migrations = migration::history().unwrap();
    let settings = Settings::beside(&Path::new(env!("CARGO_MANIFEST_DIR")).join("versions"), Some(IDS)).unwrap();
    let rules = Rules::new(settings.lint, settings.timeouts.lock);
    let all: NodeSet = migrations.graph().nodes().collect();
    let findings = history(&migrations, &all, &rules);
    assert!(findings.is_empty(), "`make db-lint` tells the safe way: {findings:#?}");
}
