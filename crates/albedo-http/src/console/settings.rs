//! `albedo-api settings`: what is set, and from where.

use std::error::Error;
use std::io::Write;

use albedo_core::settings::{self, Settings, Sources};

use super::answer::Answer;
use super::table;

/// Prints every setting; then fails if they are not good together, as the server would.
pub(super) fn print(json: bool) -> Result<(), Box<dyn Error>> {
    let sources = Sources::from_process();
    let told = settings::told(&sources);
    let mut out = Answer::start();
    if json {
        serde_json::to_writer_pretty(&mut out, &told)?;
        writeln!(out)?;
    } else {
        let rows = told.iter().map(|setting| {
            let value = setting.value.as_deref().unwrap_or("-");
            [setting.name, setting.origin.name(), value].map(str::to_owned)
        });
        table::write(&mut out, ["SETTING", "FROM", "VALUE"], rows.collect())?;
    }
    Settings::load(&sources)?;
    Ok(())
}
