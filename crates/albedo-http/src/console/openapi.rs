//! `albedo-api openapi`: the document that the server would serve, and what it breaks of an older one.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::Value;

use super::answer::Answer;
use crate::openapi;
use crate::routes::Api;

/// Prints the document, as it is served or for people.
pub(super) fn print(api: &Api, pretty: bool) -> Result<(), Box<dyn Error>> {
    let mut out = Answer::start();
    if pretty {
        return Ok(out.write_all(&openapi::pretty_json(api))?);
    }
    out.write_all(&openapi::json(api))?;
    Ok(writeln!(out)?)
}

/// Prints a line for each promise of the file that the document does not keep; an error then.
pub(super) fn compare(api: &Api, file: &Path) -> Result<(), Box<dyn Error>> {
    let name = file.display();
    let old = fs::read(file).map_err(|error| format!("{name} cannot be read: {error}"))?;
    let old: Value = serde_json::from_slice(&old).map_err(|error| format!("{name} is no JSON: {error}"))?;
    if !old.get("paths").is_some_and(Value::is_object) {
        return Err(format!("{name} is no OpenAPI document: it has no paths").into());
    }
    let new = serde_json::from_slice(&openapi::json(api))?;
    let broken = openapi::breaking::breaks(&old, &new);
    let mut out = Answer::start();
    for promise in &broken {
        writeln!(out, "{promise}")?;
    }
    match broken.len() {
        0 => Ok(()),
        1 => Err(format!("clients of {name} would break by this change").into()),
        count => Err(format!("clients of {name} would break by these {count} changes").into()),
    }
}
