//! The cache through its front door, with a world beneath it that tests change as they like.

mod away;
mod groups;
mod races;
mod sharing;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use albedo_core::{
    cache::{Cache, Entry, Failure, Key, Mark, Part, Tag, Terms},
    settings::{Settings, Sources},
};
use bytes::Bytes;
use tokio::time::sleep;
use uuid::Uuid;

const TABLE: &str = "things";

/// For tests of what is served from Redis, which a busy machine may be slow to give.
const PATIENT: (&str, &str) = ("ALBEDO_REDIS_WAIT_SECONDS", "5");

/// One row, and how often it was read.
#[derive(Debug, Default)]
struct World {
    version: AtomicI64,
    reads: AtomicUsize,
}

impl World {
    fn set(&self, version: i64) {
        self.version.store(version, Ordering::SeqCst);
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    /// The row as it was at the begin of a read that takes its time.
    async fn read(&self, takes: Duration) -> Result<Entry, &'static str> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let version = self.version.load(Ordering::SeqCst);
        if !takes.is_zero() {
            sleep(takes).await;
        }
        match version {
            0 => Ok(Entry::missing()),
            -1 => Err("the world is away"),
            version => Ok(Entry { mark: Mark::Row(version), body: Bytes::from(format!("version {version}")) }),
        }
    }
}

fn key(id: Uuid) -> Key {
    Key { table: TABLE, owner: None, parents: Vec::new(), part: Part::Row(id) }
}

fn terms(id: Uuid) -> Terms {
    Terms { tags: vec![Tag::row(TABLE, id), Tag::table(TABLE)], time_to_live: None, shape: 0 }
}

/// The version that a read gives; 0 where there is none.
async fn ask(cache: &Cache, world: &World, id: Uuid, takes: Duration) -> Result<i64, String> {
    let entry = cache.read(key(id), || terms(id), || world.read(takes)).await;
    match entry {
        Ok(Entry { mark: Mark::Row(version), body }) => {
            assert_eq!(body, format!("version {version}"));
            Ok(version)
        }
        Ok(_) => Ok(0),
        Err(Failure::Own(error)) => Err(error.to_owned()),
        Err(Failure::Joined) => Err("joined".to_owned()),
    }
}

async fn read(cache: &Cache, world: &World, id: Uuid) -> i64 {
    ask(cache, world, id, Duration::ZERO).await.unwrap()
}

async fn write(cache: &Cache, world: &World, id: Uuid, version: i64) {
    let writing = cache.write(&[Tag::row(TABLE, id)]).await;
    world.set(version);
    writing.done().await;
}

/// A cache with these settings on top; with Redis, waits until it is in use.
async fn cache(redis: Option<&str>, namespace: &str, more: &[(&str, &str)]) -> Cache {
    let mut pairs = vec![("ALBEDO_CACHE_NAMESPACE", namespace), ("ALBEDO_CACHE_SECONDS", "60")];
    pairs.extend(redis.map(|url| ("REDIS_URL", url)));
    pairs.extend(more);
    let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = Settings::load(&Sources::new(None, pairs)).unwrap();
    let cache = Cache::start(&settings.cache, settings.redis.as_ref()).unwrap();
    if redis.is_some() {
        until(Duration::from_secs(20), || cache.redis().unwrap().is_up()).await;
    }
    cache
}

async fn until(within: Duration, mut true_at_last: impl FnMut() -> bool) {
    let deadline = Instant::now() + within;
    while !true_at_last() {
        assert!(Instant::now() < deadline, "it does not come true");
        sleep(Duration::from_millis(1)).await;
    }
}

fn namespace() -> String {
    format!("t{}", &Uuid::now_v7().simple().to_string()[8..])
}

fn world() -> Arc<World> {
    let world = Arc::new(World::default());
    world.set(1);
    world
}
