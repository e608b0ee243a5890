//! The database: there, of which version, migrated, and with a clock like ours.

use std::time::{Duration, Instant};

use albedo_core::database::{Backend, Connector, Database, Facts, ReplicaFacts, ReplicaState};
use albedo_core::settings::Settings;
use chrono::{DateTime, Utc};

use super::Finding;

/// Tokens are refused when clocks differ by more than ten seconds; this is on the way there.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(2);
/// Above this, what one replica issues the next one refuses.
const CLOCK_LIMIT: Duration = Duration::from_secs(10);

pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let mut once = settings.database.clone();
    // A person is waiting.
    once.connect_attempts = 1;
    if let Some(file) = once.sqlite_file().filter(|file| !file.exists()) {
        // Connecting would create it, and this command changes nothing.
        let detail = format!("the SQLite file {} does not exist yet", file.display());
        return vec![Finding::warn("database", detail, "make db-setup, or make run")];
    }
    let opened = async {
        let connector = Connector::new(&once).await?;
        let database = connector.open().await?;
        Ok::<_, albedo_core::database::ConnectError>((connector, database))
    };
    let started = Instant::now();
    let (connector, database) = match opened.await {
        Ok(opened) => opened,
        Err(error) => return vec![Finding::fail("database", error.to_string(), "make doctor, once that is done")],
    };
    let mut findings = Vec::new();
    match database.facts().await {
        Ok(facts) => findings.extend(described(&connector, &facts, started.elapsed())),
        Err(error) => findings.push(Finding::fail("database", error.to_string(), "see the log of the database")),
    }
    findings.push(schema(&database).await);
    findings.extend(connector.examine_replicas().await.into_iter().map(|(place, facts)| replica(&place, &facts)));
    connector.close().await;
    findings
}

fn described(connector: &Connector, facts: &Facts, took: Duration) -> Vec<Finding> {
    let place = match connector.backend() {
        Backend::Sqlite => format!("SQLite {} in {}", facts.version, connector.place()),
        Backend::Postgres => connector.place().replacen("PostgreSQL", &format!("PostgreSQL {}", facts.version), 1),
    };
    let mut findings = vec![Finding::ok("database", format!("{place}, reached in {} ms", took.as_millis()))];
    if facts.superuser {
        let detail = "our user is a superuser, who may do anything to all databases of the server";
        findings.push(Finding::warn(
            "database",
            detail,
            "make a role that owns this database alone, and use it in DATABASE_URL",
        ));
    }
    findings.push(clock(facts.clock, Utc::now()));
    findings
}

fn replica(place: &str, facts: &ReplicaFacts) -> Finding {
    match facts {
        ReplicaFacts::Follows(behind) => Finding::ok("replica", format!("{place}, {behind} bytes behind the primary")),
        ReplicaFacts::Unfit(state @ ReplicaState::Away) => {
            let next = "see whether it runs, and the host and password in DATABASE_REPLICA_URLS";
            Finding::warn("replica", format!("{place}: {}", state.reason()), next)
        }
        ReplicaFacts::Unfit(state) => {
            let next = "name streaming replicas of the server in DATABASE_URL in DATABASE_REPLICA_URLS, each by itself";
            Finding::fail("replica", format!("{place}: {}", state.reason()), next)
        }
    }
}

fn clock(theirs: Option<DateTime<Utc>>, ours: DateTime<Utc>) -> Finding {
    let Some(theirs) = theirs else {
        return Finding::ok("clock", format!("{}; SQLite has no other to compare it with", ours.format("%F %T UTC")));
    };
    let apart = (theirs - ours).abs().to_std().unwrap_or_default();
    let detail = format!("{} ms from the database's", apart.as_millis());
    let next = "let both machines follow one time server: timedatectl set-ntp true";
    match apart {
        apart if apart > CLOCK_LIMIT => Finding::fail("clock", detail, next),
        apart if apart > CLOCK_TOLERANCE => Finding::warn("clock", detail, next),
        _ => Finding::ok("clock", detail),
    }
}

async fn schema(database: &Database) -> Finding {
    let known = migration::history().map_or(0, |history| history.graph().len());
    match migration::pending(database).await {
        Ok(0) => Finding::ok("schema", format!("all {known} revisions are applied")),
        Ok(pending) => {
            Finding::fail("schema", format!("{pending} of {known} revisions are not applied"), "make db-migrate")
        }
        Err(error) => Finding::fail("schema", error.to_string(), "make db-verify"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_told_before_tokens_are_refused() {
        let ours = Utc::now();
        for (apart, level) in [(0, Level::Ok), (-1_900, Level::Ok), (3_000, Level::Warn), (-11_000, Level::Fail)] {
            let theirs = ours + chrono::TimeDelta::milliseconds(apart);
            assert_eq!(clock(Some(theirs), ours).level, level, "{apart} ms");
        }
        assert_eq!(clock(None, ours).level, Level::Ok);
    }
}
