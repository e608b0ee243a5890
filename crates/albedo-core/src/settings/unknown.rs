//! Names that nobody reads are faults too: a misspelled setting would otherwise silently keep its default.

use std::collections::BTreeMap;

use config::{Value, ValueKind};

use super::variables::variables;

/// Variables under this prefix steer the tests and are none of the server's business.
const FOR_TESTS: &str = "ALBEDO_TEST_";

pub(super) fn in_environment(environment: &BTreeMap<String, String>) -> Vec<String> {
    let known = variables().iter().flat_map(|variable| [Some(variable.name.to_owned()), variable.file_name()]);
    let known = known.flatten().collect::<Vec<_>>();
    environment
        .keys()
        .filter(|name| name.starts_with("ALBEDO_") && !name.starts_with(FOR_TESTS) && !known.contains(name))
        .map(|name| format!("{name}: is not a setting{}", nearest(name, &known)))
        .collect()
}

pub(super) fn in_file(root: &Value, file_name: &str) -> Vec<String> {
    let known = variables().iter().flat_map(|variable| [variable.key.map(str::to_owned), variable.file_key()]);
    let known = known.flatten().collect::<Vec<_>>();
    let mut found = Vec::new();
    walk(root, "", &known, &mut found);
    found.sort();
    found.iter().map(|key| format!("{key} in {file_name}: is not a setting{}", nearest(key, &known))).collect()
}

fn walk(value: &Value, path: &str, known: &[String], found: &mut Vec<String>) {
    match &value.kind {
        ValueKind::Table(table) if !known.iter().any(|key| key == path) => {
            for (key, value) in table {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(value, &path, known, found);
            }
        }
        _ if path.is_empty() || known.iter().any(|key| key == path) => {}
        _ => found.push(path.to_owned()),
    }
}

fn nearest(name: &str, known: &[String]) -> String {
    known
        .iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| format!("; did you mean {candidate}?"))
        .unwrap_or_default()
}
