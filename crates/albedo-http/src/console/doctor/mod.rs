//! `albedo-api doctor`: what is wrong or weak in this installation, and what to type next.
//!
//! Looks and changes nothing. Each room gives its findings; here they are printed, worst told by the exit code.

mod database;
mod machine;
mod redis;
mod settings;

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use albedo_core::settings::{Settings, Sources};

use super::answer::Answer;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Ok,
    Warn,
    Fail,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        })
    }
}

/// One line of the report.
#[derive(Debug)]
struct Finding {
    level: Level,
    subject: &'static str,
    detail: String,
    next: Option<String>,
}

impl Finding {
    fn ok(subject: &'static str, detail: impl Into<String>) -> Self {
        Self { level: Level::Ok, subject, detail: detail.into(), next: None }
    }

    fn warn(subject: &'static str, detail: impl Into<String>, next: impl Into<String>) -> Self {
        Self { level: Level::Warn, subject, detail: detail.into(), next: Some(next.into()) }
    }

    fn fail(subject: &'static str, detail: impl Into<String>, next: impl Into<String>) -> Self {
        Self { level: Level::Fail, subject, detail: detail.into(), next: Some(next.into()) }
    }
}

/// Examines everything and prints a line for each finding; fails where one of them does.
pub(super) async fn examine() -> ExitCode {
    let mut findings = vec![Finding::ok("version", concat!("albedo-api ", env!("CARGO_PKG_VERSION")))];
    match Settings::load(&Sources::from_process()) {
        Ok(settings) => {
            findings.extend(settings::examine(&settings));
            findings.extend(database::examine(&settings).await);
            findings.extend(redis::examine(&settings).await);
            findings.extend(machine::examine(&settings));
        }
        Err(error) => findings.extend(error.faults().iter().map(|fault| {
            Finding::fail(
                "settings",
                fault.as_str(),
                "correct it in the environment or in albedo.toml; see .env.example",
            )
        })),
    }
    // Where not even the report can be told, the exit code has to do.
    let _ = report(&mut Answer::start(), &findings);
    let worst = findings.iter().map(|finding| finding.level).max();
    if worst == Some(Level::Fail) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn report(out: &mut impl Write, findings: &[Finding]) -> io::Result<()> {
    for Finding { level, subject, detail, next } in findings {
        writeln!(out, "{level:<5} {subject:<9} {detail}")?;
        if let Some(next) = next {
            writeln!(out, "{:>15} -> {next}", "")?;
        }
    }
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (ok, warn, fail) = (count(Level::Ok), count(Level::Warn), count(Level::Fail));
    writeln!(out, "\n{ok} ok, {warn} to think about, {fail} to mend")
}
