//! The layer that replicas share: entries in Redis, and what tells whether they still hold.
//!
//! Each thing that may change has a token there. An entry is written with the tokens that were seen before its row was
//! read, and is good for as long as they are the same. A writer puts a lock in the place of the token before it writes,
//! and a new token there after the commit: so what was read before a commit is never good after it, whoever stores it
//! and whenever; and a writer that dies in between leaves a lock, around which everybody reads the database, until it goes by itself.
//!
//! Keys: `ns:e:table:digest` an entry, `ns:t:number` a token, `ns:i:counter` changed to tell replicas of a change,
//! `ns:i:all` a token that all entries depend on. No command names two keys but `MGET`, so a cluster will do.

use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

use super::{
    entry::{self, Entry, Token, Tokens},
    generations::place,
    key::{Key, Tag},
};
use crate::redis::{Away, Cmd, Redis, Value, cmd};

/// Gives the token, which is made where it is missing.
const TOKEN: &str = "local v = redis.call('GET', KEYS[1]) if v then return v end \
    redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) return ARGV[1]";
/// Puts a new token in the place of a lock or a token, but not of another writer's lock: that one is still writing.
const CHANGE: &str = "local v = redis.call('GET', KEYS[1]) \
    if v and v ~= ARGV[1] and string.sub(v, 1, 1) == 'w' then return 0 end \
    redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) return 1";
/// Puts back what stood in the place of this lock.
const RESTORE: &str = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end \
    redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) return 1";

const IS_TOKEN: u8 = b't';
const IS_LOCK: u8 = b'w';
/// The token of all lives as long as those of tables.
const MONTH: u64 = 30 * 24 * 3600;

/// The layer that replicas share.
#[derive(Clone, Debug)]
pub struct Far {
    pub(super) redis: Redis,
    namespace: String,
    longest_write: Duration,
}

/// What Redis knows of an entry.
pub(super) enum Fetched {
    /// The entry and the rest of its life.
    Hit(Entry, Duration),
    /// Somebody is writing what it depends on.
    Busy,
    /// Nothing, or nothing good; what is read now may be stored with these.
    Miss(Tokens),
}

/// The lock of one writer, and what stood in its place.
#[derive(Clone, Debug)]
pub(super) struct Lock {
    tag: Tag,
    own: [u8; 17],
    before: Option<Vec<u8>>,
}

impl Lock {
    pub(super) fn new(tag: Tag) -> Self {
        Self { tag, own: with_kind(IS_LOCK, fresh()), before: None }
    }

    pub(super) const fn tag(&self) -> Tag {
        self.tag
    }
}

/// The keys that replicas watch begin so.
pub(super) fn watched(namespace: &str) -> String {
    format!("{namespace}:i:")
}

/// The token of all.
pub(super) fn of_all(namespace: &str) -> String {
    format!("{namespace}:i:all")
}

impl Far {
    pub(super) fn new(redis: Redis, namespace: &str, longest_write: Duration) -> Self {
        Self { redis, namespace: namespace.to_owned(), longest_write }
    }

    pub(super) fn name(&self, key: &Key, shape: u64) -> String {
        key.name(&self.namespace, shape)
    }

    /// What there is under this name; where it is not `believed`, no entry, and only what the next one is stored with.
    pub(super) async fn fetch(&self, name: &str, tags: &[Tag], believed: bool) -> Result<Fetched, Away> {
        let tokens: Vec<String> = tags.iter().map(|tag| self.token_of(*tag)).collect();
        let ask = cmd("MGET").arg(name).arg(of_all(&self.namespace)).arg(&tokens).take();
        let mut values = match self.redis.run(&[ask]).await?.pop() {
            Some(Value::Array(values)) => values.into_iter(),
            _ => return Err(Away),
        };
        let stored = values.next();
        let all = values.next().as_ref().and_then(all_token);
        let mut known = vec![all];
        for value in values {
            match text(&value) {
                Some([IS_LOCK, ..]) => return Ok(Fetched::Busy),
                other => known.push(other.and_then(token)),
            }
        }
        if known.len() != tags.len() + 1 {
            return Err(Away);
        }
        if let Some(tokens) = known.iter().copied().collect::<Option<Vec<_>>>() {
            let tokens = Tokens(tokens);
            if let Some(Value::BulkString(bytes)) = stored.filter(|_| believed)
                && let Some((entry, left)) = entry::read(&Bytes::from(bytes), &tokens)
            {
                return Ok(Fetched::Hit(entry, left));
            }
            return Ok(Fetched::Miss(tokens));
        }
        self.make_missing(&known, tags).await
    }

    /// The tokens, of which those that are missing are made: before the row is read, or they would say nothing.
    async fn make_missing(&self, known: &[Option<Token>], tags: &[Tag]) -> Result<Fetched, Away> {
        let all = || cmd("EVAL").arg(TOKEN).arg(1).arg(of_all(&self.namespace)).arg(&fresh()[..]).arg(MONTH).take();
        let made = |tag: &Tag| {
            let (key, new) = (self.token_of(*tag), with_kind(IS_TOKEN, fresh()));
            cmd("EVAL").arg(TOKEN).arg(1).arg(key).arg(&new).arg(tag.token_lives()).take()
        };
        let missing = known.iter().enumerate().filter(|(_, token)| token.is_none()).map(|(place, _)| place);
        let missing: Vec<usize> = missing.collect();
        let ask: Vec<Cmd> = missing
            .iter()
            .filter_map(|place| place.checked_sub(1).map_or_else(|| Some(all()), |tag| tags.get(tag).map(made)))
            .collect();
        let answers = self.redis.run(&ask).await?;
        let mut tokens = known.to_vec();
        for (place, value) in missing.iter().zip(&answers) {
            let made = match text(value) {
                Some([IS_LOCK, ..]) if *place > 0 => return Ok(Fetched::Busy),
                _ if *place == 0 => all_token(value),
                other => other.and_then(token),
            };
            if let Some(slot) = tokens.get_mut(*place) {
                *slot = made;
            }
        }
        tokens.into_iter().collect::<Option<Vec<_>>>().map(|tokens| Fetched::Miss(Tokens(tokens))).ok_or(Away)
    }

    /// Stores an entry that was read after its tokens.
    pub(super) async fn store(&self, name: &str, tokens: &Tokens, tags: &[Tag], entry: &Entry, lives: Duration) {
        let milliseconds = u64::try_from(lives.as_millis()).unwrap_or(u64::MAX).max(1);
        let bytes = entry::write(entry, tokens, lives);
        let mut commands = vec![cmd("SET").arg(name).arg(bytes).arg("PX").arg(milliseconds).take()];
        // There is a row, so its token may stay for as long as the entry.
        let beyond = lives.as_secs() + 60;
        for tag in tags.iter().filter(|tag| tag.token_lives() < beyond) {
            commands.push(cmd("EXPIRE").arg(self.token_of(*tag)).arg(beyond).take());
        }
        // An entry that is not stored is read again, and that is all.
        let _ = self.redis.run(&commands).await;
    }

    /// Locks what is about to be written. Other replicas stop serving what they have of it.
    pub(super) async fn begin(&self, locks: &mut [Lock]) -> Result<(), Away> {
        let longest = u64::try_from(self.longest_write.as_millis()).unwrap_or(u64::MAX);
        let set = |lock: &Lock| {
            let key = self.token_of(lock.tag);
            cmd("SET").arg(key).arg(&lock.own).arg("PX").arg(longest).arg("GET").take()
        };
        let news = self.news(locks.iter().map(|lock| lock.tag));
        let before = self.redis.run_in_order(locks.iter().map(set).collect(), news).await?;
        for (lock, before) in locks.iter_mut().zip(before) {
            lock.before = text(&before).filter(|before| before.first() == Some(&IS_TOKEN)).map(<[u8]>::to_vec);
        }
        Ok(())
    }

    /// The write is done: new tokens, and the news of it. What could not be locked is changed all the same.
    pub(super) async fn done(&self, locks: &[Lock]) -> Result<(), Away> {
        let change = |lock: &Lock| {
            let (key, new, lives) = (self.token_of(lock.tag), with_kind(IS_TOKEN, fresh()), lock.tag.token_lives());
            cmd("EVAL").arg(CHANGE).arg(1).arg(key).arg(&lock.own).arg(&new).arg(lives).take()
        };
        let news = self.news(locks.iter().map(|lock| lock.tag));
        self.redis.run_in_order(locks.iter().map(change).collect(), news).await.map(drop)
    }

    /// The write came to nothing: what was good before is good again.
    pub(super) async fn undone(&self, locks: &[Lock]) -> Result<(), Away> {
        let restore = |lock: &Lock| {
            let before = lock.before.clone().unwrap_or_else(|| with_kind(IS_TOKEN, fresh()).to_vec());
            let lives = lock.tag.token_lives();
            cmd("EVAL").arg(RESTORE).arg(1).arg(self.token_of(lock.tag)).arg(&lock.own).arg(before).arg(lives).take()
        };
        self.redis.run(&locks.iter().map(restore).collect::<Vec<_>>()).await.map(drop)
    }

    /// What the watches of all replicas see, by the counters that are the same in all of them.
    fn news(&self, tags: impl Iterator<Item = Tag>) -> Vec<Cmd> {
        let prefix = watched(&self.namespace);
        tags.map(|tag| cmd("SET").arg(format!("{prefix}{}", place(tag))).arg("").take()).collect()
    }

    fn token_of(&self, tag: Tag) -> String {
        format!("{}:t:{:016x}", self.namespace, tag.number())
    }
}

fn fresh() -> Token {
    Uuid::now_v7().into_bytes()
}

fn with_kind(kind: u8, token: Token) -> [u8; 17] {
    let mut bytes = [kind; 17];
    if let Some(rest) = bytes.get_mut(1..) {
        rest.copy_from_slice(&token);
    }
    bytes
}

fn text(value: &Value) -> Option<&[u8]> {
    if let Value::BulkString(bytes) = value { Some(bytes) } else { None }
}

fn token(bytes: &[u8]) -> Option<Token> {
    let (kind, token) = bytes.split_first()?;
    if *kind == IS_TOKEN { token.try_into().ok() } else { None }
}

fn all_token(value: &Value) -> Option<Token> {
    text(value)?.try_into().ok()
}
