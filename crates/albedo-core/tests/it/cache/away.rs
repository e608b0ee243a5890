//! Redis that dies, hangs, refuses or is full: reads and writes go on, and nothing old comes back with it.

use std::time::{Duration, Instant};

use albedo_core::{cache::Cache, redis::State};
use albedo_testing::{Redis, Signal};
use tokio::time::sleep;
use uuid::Uuid;

use super::{World, cache, namespace, read, until, world, write};

const SOON: Duration = Duration::from_secs(10);

fn is_up(cache: &Cache) -> bool {
    cache.redis().unwrap().is_up()
}

/// Reads and writes for a while: all of them right, and none of them slow.
async fn work(cache: &Cache, world: &World, id: Uuid, from: i64) -> i64 {
    let mut version = from;
    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(700) {
        version += 1;
        let one = Instant::now();
        write(cache, world, id, version).await;
        assert_eq!(read(cache, world, id).await, version);
        // Twice fifty milliseconds for the write and once for the read, and what a busy machine takes.
        assert!(one.elapsed() < Duration::from_millis(400), "{:?}", one.elapsed());
        sleep(Duration::from_millis(5)).await;
    }
    version
}

/// Waits until Redis is away, for this reason.
async fn until_away(cache: &Cache, reason: &str) {
    let deadline = Instant::now() + SOON;
    loop {
        let state = cache.redis().unwrap().state();
        if matches!(state, State::Away(why) if why == reason) {
            return;
        }
        assert!(Instant::now() < deadline, "{state:?}, not {reason}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// One fault from begin to end, on two replicas.
async fn survive(redis: &Redis, begin: impl Fn(&Redis), end: impl Fn(&Redis), reason: &str) {
    let namespace = namespace();
    let [here, there] =
        [cache(Some(&redis.url()), &namespace, &[]).await, cache(Some(&redis.url()), &namespace, &[]).await];
    let (world, id) = (world(), Uuid::now_v7());
    assert_eq!([read(&here, &world, id).await, read(&there, &world, id).await], [1, 1]);
    sleep(Duration::from_millis(50)).await;

    begin(redis);
    let version = work(&here, &world, id, 1).await;
    for cache in [&here, &there] {
        until_away(cache, reason).await;
    }
    // Without contact it costs nothing at all.
    let started = Instant::now();
    for _ in 0..100 {
        assert_eq!(read(&here, &world, id).await, version);
    }
    assert!(started.elapsed() < Duration::from_millis(200), "{:?}", started.elapsed());
    let version = work(&here, &world, id, version).await;

    end(redis);
    until(SOON, || is_up(&here) && is_up(&there)).await;
    for cache in [&here, &there] {
        assert_eq!(read(cache, &world, id).await, version, "what was written meanwhile was not seen");
    }
    // And the cache is one again, when each has told that it missed something. For another row: a lock that Redis has
    // heard too late still stands before this one, until it goes by itself.
    sleep(Duration::from_millis(300)).await;
    let (world, id) = (super::world(), Uuid::now_v7());
    assert_eq!(read(&here, &world, id).await, 1);
    sleep(Duration::from_millis(50)).await;
    world.set(2);
    assert_eq!([read(&here, &world, id).await, read(&there, &world, id).await], [1, 1]);
    write(&there, &world, id, 3).await;
    assert_eq!(read(&there, &world, id).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_hangs() {
    let Some(redis) = Redis::start() else { return };
    let stop = |redis: &Redis| redis.signal(Signal::SIGSTOP).unwrap();
    let go_on = |redis: &Redis| redis.signal(Signal::SIGCONT).unwrap();
    survive(&redis, stop, go_on, "it does not answer in time").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_is_full() {
    let Some(redis) = Redis::start() else { return };
    let fill = |redis: &Redis| {
        redis.ask(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
        redis.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    };
    let empty = |redis: &Redis| redis.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    survive(&redis, fill, |redis| drop(empty(redis)), "its memory is full").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_is_read_only() {
    let Some((redis, primary)) = Redis::start().zip(Redis::start()) else { return };
    let port = primary.port().to_string();
    let follow = |redis: &Redis| drop(redis.ask(&["REPLICAOF", "127.0.0.1", &port]));
    let lead = |redis: &Redis| drop(redis.ask(&["REPLICAOF", "NO", "ONE"]));
    survive(&redis, follow, lead, "it is read-only").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_refuses_the_password() {
    let Some(redis) = Redis::start() else { return };
    let lock = |redis: &Redis| {
        redis.ask(&["CONFIG", "SET", "requirepass", "another"]);
        // Who is in already may stay: everybody is shown out.
        redis.ask(&["AUTH", "another"]);
        redis.ask_after(&["AUTH", "another"], &["CLIENT", "KILL", "TYPE", "normal"]);
    };
    let unlock = |redis: &Redis| drop(redis.ask_after(&["AUTH", "another"], &["CONFIG", "SET", "requirepass", ""]));
    survive(&redis, lock, unlock, "it refuses user and password").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_is_killed_and_started_again() {
    let Some(mut redis) = Redis::start() else { return };
    let cache = cache(Some(&redis.url()), &namespace(), &[]).await;
    let (world, id) = (world(), Uuid::now_v7());
    assert_eq!(read(&cache, &world, id).await, 1);
    redis.kill();
    let version = work(&cache, &world, id, 1).await;
    assert!(!is_up(&cache));
    let version = work(&cache, &world, id, version).await;
    redis.start_again();
    until(SOON, || is_up(&cache)).await;
    assert_eq!(read(&cache, &world, id).await, version);
    world.set(version + 1);
    assert_eq!(read(&cache, &world, id).await, version, "it keeps again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_comes_later() {
    let Some(mut redis) = Redis::start() else { return };
    redis.kill();
    let pairs = [("REDIS_URL", redis.url()), ("ALBEDO_CACHE_NAMESPACE", namespace())];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value));
    let settings = albedo_core::settings::Settings::load(&albedo_core::settings::Sources::new(None, pairs)).unwrap();
    let cache = Cache::start(&settings.cache, settings.redis.as_ref()).unwrap();
    let (world, id) = (world(), Uuid::now_v7());
    work(&cache, &world, id, 1).await;
    assert_eq!(cache.redis().unwrap().state(), State::Away("it cannot be reached"));
    redis.start_again();
    until(SOON, || is_up(&cache)).await;
    let version = world.version.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(read(&cache, &world, id).await, version);
}
