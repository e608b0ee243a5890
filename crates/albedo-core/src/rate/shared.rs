//! The counts of all replicas, in Redis; each replica counts for itself while Redis is away.

use super::gcra::decide;
use super::local::Table;
use super::{Rate, Subject, Verdict};
use crate::redis::{Cmd, Redis, Value, cmd};

/// The same arithmetic as [`decide`], by the clock of Redis, in one step. It answers how far the subject was ahead of now before
/// this one, in microseconds: the verdict follows from that. One key, so it runs in a cluster as well.
const SCRIPT: &str = "\
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local before = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local after = before + ARGV[1]
if after <= now + ARGV[2] then
    redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
end
return before - now";

/// Counts in Redis.
#[derive(Debug)]
pub struct Shared {
    redis: Redis,
    namespace: String,
    alone: Table,
}

impl Shared {
    pub(super) fn new(redis: Redis, namespace: &str) -> Self {
        Self { redis, namespace: namespace.to_owned(), alone: Table::new() }
    }

    pub(super) async fn spend(&self, subject: Subject, rate: Rate) -> Verdict {
        match self.ask(subject, rate).await {
            Some(ahead) => decide(rate, ahead, 0).1,
            // Never no limit: a replica that is alone lets through what it would let through alone.
            None => self.alone.spend(subject, rate),
        }
    }

    async fn ask(&self, subject: Subject, rate: Rate) -> Option<u64> {
        let command = self.command(subject, rate);
        match self.redis.run(&[command]).await.ok()?.as_slice() {
            [Value::Int(ahead)] => u64::try_from(*ahead).ok(),
            _ => None,
        }
    }

    fn command(&self, subject: Subject, rate: Rate) -> Cmd {
        let key = format!("{}:rate:{}:{:032x}", self.namespace, subject.policy, subject.id);
        let mut command = cmd("EVAL");
        command.arg(SCRIPT).arg(1).arg(key).arg(rate.interval()).arg(rate.tolerance());
        command
    }
}
