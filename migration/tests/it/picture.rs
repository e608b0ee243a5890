//! The picture of the tables that README shows.

use albedo_migrate::erd::{Diagram, svg};
use albedo_migrate::revision::NodeSet;

#[test]
fn the_picture_shows_the_tables_as_they_are() {
    let history = migration::history().unwrap();
    let all: NodeSet = history.graph().nodes().collect();
    let drawn = svg(&Diagram::new(&history.schema(&all)));
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/erd.svg")).unwrap();
    assert!(kept == drawn, "docs/erd.svg is old: `make db-erd` draws it anew");
}
