//! Redis: there, new enough, and willing to be written to.

use std::time::{Duration, Instant};

use albedo_core::cache::Cache;
use albedo_core::redis::{Redis, State, Value, cmd};
use albedo_core::settings::{Environment, Settings};
use tokio::time::sleep;

use super::Finding;

/// Longest time that finding Redis may take, sentinels and their primary included.
const PATIENCE: Duration = Duration::from_secs(3);
const NEXT: &str = "check that it runs, and REDIS_URL; until then the server goes on without it, slower";

pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    if settings.redis.is_none() {
        let detail = "not used: answers and rates are kept by each server for itself";
        return vec![match settings.environment {
            Environment::Production => Finding::warn("redis", detail, "set REDIS_URL where there are several servers"),
            Environment::Development => Finding::ok("redis", detail),
        }];
    }
    match Cache::start(&settings.cache, settings.redis.as_ref()) {
        Ok(cache) => match cache.redis() {
            Some(redis) => vec![look(redis).await],
            None => Vec::new(),
        },
        Err(error) => vec![Finding::fail("redis", error.to_string(), "correct REDIS_URL")],
    }
}

async fn look(redis: &Redis) -> Finding {
    let started = Instant::now();
    while !redis.is_up() && started.elapsed() < PATIENCE {
        sleep(Duration::from_millis(10)).await;
    }
    if let State::Away(reason) = redis.state() {
        return Finding::fail("redis", format!("{}: {reason}", redis.place()), NEXT);
    }
    let took = started.elapsed().as_millis();
    let version = version(redis).await.unwrap_or_else(|| "of unknown version".to_owned());
    Finding::ok("redis", format!("Redis {version} at {}, reached in {took} ms", redis.place()))
}

async fn version(redis: &Redis) -> Option<String> {
    let mut info = cmd("INFO");
    info.arg("server");
    let answers = redis.run(&[info]).await.ok()?;
    let text = match answers.first()? {
        Value::BulkString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::VerbatimString { text, .. } => text.clone(),
        _ => return None,
    };
    text.lines().find_map(|line| line.strip_prefix("redis_version:")).map(|version| version.trim().to_owned())
}
