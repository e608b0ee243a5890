//! `albedo-api purge`.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;

use albedo_core::cache::Cache;
use albedo_core::database::Connector;
use albedo_core::settings::Settings;
use albedo_engine::{Purged, Services, Shared};
use chrono::TimeDelta;

use super::answer::Answer;

/// An age as people write it: `30d`, `12h`, `90m`.
pub(super) fn age(text: &str) -> Result<TimeDelta, String> {
    let wanted = || format!("`{text}` is no age; write days, hours or minutes, such as 30d, 12h or 90m");
    let unit = text.char_indices().next_back().map(|(at, _)| text.split_at(at));
    let (number, unit) = unit.ok_or_else(wanted)?;
    let number = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok()).flatten();
    let age = match (number, unit) {
        (Some(days), "d") => TimeDelta::try_days(days),
        (Some(hours), "h") => TimeDelta::try_hours(hours),
        (Some(minutes), "m") => TimeDelta::try_minutes(minutes),
        _ => None,
    };
    age.ok_or_else(wanted)
}

pub(super) async fn purge(settings: Settings, older_than: TimeDelta) -> Result<(), Box<dyn Error>> {
    let connector = Connector::new(&settings.database).await?;
    let database = connector.open().await?;
    if migration::pending(&database).await? > 0 {
        return Err("the database has pending revisions; run `make db-migrate`, or start the server once".into());
    }
    let services = Services::new(database, Arc::new(Shared::start(settings.security, Cache::Off(None, None))?));
    let purged = services.purge(older_than).await?;
    connector.close().await;
    let mut out = Answer::start();
    for Purged { table, gone, in_use } in purged {
        write!(out, "{table}: {gone} gone for good")?;
        if in_use > 0 {
            write!(out, ", {in_use} still there, since others refer to them")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_days_hours_or_minutes() {
        for (text, minutes) in [("30d", 43_200), ("12h", 720), ("90m", 90), ("0d", 0)] {
            assert_eq!(age(text), Ok(TimeDelta::minutes(minutes)), "{text}");
        }
        for wrong in
            ["", "d", "30", "-1d", "+1d", "1.5d", "3 d", "1w", "99999999999999999999d", "9999999999999d", "1\u{e9}"]
        {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }
}
