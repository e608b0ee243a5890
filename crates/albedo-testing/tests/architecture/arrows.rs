//! Who may depend on whom.

use cargo_metadata::{DependencyKind, Metadata};

use crate::{assert_none, workspace};

/// Each crate of the workspace with those it may stand on. Dev-dependencies are free: a test may look from outside.
const ARROWS: &[(&str, &[&str])] = &[
    ("albedo-api", &["albedo-core", "albedo-entities", "albedo-http", "albedo-matching", "albedo-services"]),
    ("albedo-http", &["albedo-core", "albedo-engine", "albedo-entities", "migration"]),
    ("albedo-services", &["albedo-core", "albedo-engine", "albedo-entities", "albedo-repositories"]),
    ("albedo-matching", &["albedo-core", "albedo-engine", "albedo-entities", "albedo-repositories"]),
    ("albedo-engine", &["albedo-core", "albedo-entities", "albedo-repositories"]),
    ("albedo-repositories", &["albedo-core", "albedo-entities"]),
    ("albedo-entities", &["albedo-core", "albedo-macros"]),
    ("albedo-core", &[]),
    ("albedo-generate", &[]),
    ("albedo-macros", &[]),
    ("albedo-migrate", &[]),
    ("albedo-testing", &["albedo-core", "migration"]),
    ("migration", &["albedo-core", "albedo-entities", "albedo-migrate"]),
];

/// The crates at the top, the only ones that know HTTP and the only ones that must not know the database.
const TOP: &[&str] = &["albedo-api", "albedo-http"];
const HTTP: &[&str] = &["actix-http", "actix-web", "http", "utoipa-swagger-ui"];
const DATABASE: &[&str] = &["sea-orm", "sea-orm-migration", "sea-query", "sqlx"];

/// One crate of the workspace and what its code, tests aside, depends on.
struct Crate {
    name: String,
    dependencies: Vec<String>,
}

fn crates(metadata: &Metadata) -> Vec<Crate> {
    let of_code = |kind| matches!(kind, DependencyKind::Normal | DependencyKind::Build);
    metadata
        .workspace_packages()
        .iter()
        .map(|package| Crate {
            name: package.name.to_string(),
            dependencies: package
                .dependencies
                .iter()
                .filter(|dependency| of_code(dependency.kind))
                .map(|dependency| dependency.name.clone())
                .collect(),
        })
        .collect()
}

/// Every arrow between our crates that the table does not allow, and every crate that it does not know.
fn wrong_arrows(crates: &[Crate]) -> Vec<String> {
    let mut faults = Vec::new();
    for Crate { name, dependencies } in crates {
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| known == name) else {
            faults.push(format!("{name} is new: give it a line in ARROWS and in ARCHITECTURE.md"));
            continue;
        };
        let ours = dependencies.iter().filter(|dependency| crates.iter().any(|other| other.name == **dependency));
        for dependency in ours.filter(|dependency| !allowed.contains(&dependency.as_str())) {
            faults.push(format!("{name} -> {dependency}: not one of its arrows, {allowed:?}"));
        }
    }
    faults
}

/// Every dependency on HTTP below the top, and every one on the database at the top.
fn wrong_knowledge(crates: &[Crate]) -> Vec<String> {
    let mut faults = Vec::new();
    for Crate { name, dependencies } in crates {
        let (forbidden, reason) = if TOP.contains(&name.as_str()) {
            (DATABASE, "queries live in albedo-repositories")
        } else {
            (HTTP, "HTTP ends in albedo-http")
        };
        for dependency in dependencies.iter().filter(|dependency| forbidden.contains(&dependency.as_str())) {
            faults.push(format!("{name} -> {dependency}: {reason}"));
        }
    }
    faults
}

#[test]
fn crates_stand_on_each_other_only_along_the_arrows() {
    assert_none(&wrong_arrows(&crates(&workspace())));
}

#[test]
fn only_the_top_knows_http_and_it_knows_no_database() {
    assert_none(&wrong_knowledge(&crates(&workspace())));
}

fn fixture(crates: &[(&str, &[&str])]) -> Vec<Crate> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    crates.iter().map(|(name, uses)| Crate { name: (*name).to_owned(), dependencies: owned(uses) }).collect()
}

#[test]
fn an_arrow_upwards_is_told() {
    let faults = wrong_arrows(&fixture(&[("albedo-core", &["serde", "albedo-services"]), ("albedo-services", &[])]));
    assert_eq!(faults, ["albedo-core -> albedo-services: not one of its arrows, []"]);
}

#[test]
fn an_arrow_that_leaves_out_a_floor_is_told() {
    let floors = fixture(&[("albedo-api", &["albedo-repositories"]), ("albedo-repositories", &[])]);
    assert!(
        matches!(wrong_arrows(&floors).as_slice(), [fault] if fault.starts_with("albedo-api -> albedo-repositories"))
    );
}

#[test]
fn test_support_in_code_is_told() {
    let floors = fixture(&[("albedo-services", &["albedo-testing"]), ("albedo-testing", &[])]);
    assert_eq!(wrong_arrows(&floors).len(), 1);
}

#[test]
fn a_crate_nobody_placed_is_told() {
    assert_eq!(wrong_arrows(&fixture(&[("albedo-misc", &[])])).len(), 1);
}

#[test]
fn http_below_the_top_and_a_database_at_the_top_are_told() {
    let floors = fixture(&[("albedo-services", &["http", "serde"]), ("albedo-api", &["actix-web", "sea-orm"])]);
    assert_eq!(
        wrong_knowledge(&floors),
        [
            "albedo-services -> http: HTTP ends in albedo-http",
            "albedo-api -> sea-orm: queries live in albedo-repositories"
        ]
    );
}
