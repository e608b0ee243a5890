//! Rates that replicas share, and what becomes of them when Redis goes.

use std::time::{Duration, Instant};

use albedo_core::cache::Cache;
use albedo_core::rate::{Rate, RateLimiter, Subject};
use albedo_core::settings::{Settings, Sources};
use albedo_testing::{Redis, Signal};
use tokio::time::sleep;
use uuid::Uuid;

const ADA: Subject = Subject { policy: "test", id: 1 };
const EVE: Subject = Subject { policy: "test", id: 2 };

/// One of several replicas, in contact with Redis.
async fn replica(redis: &Redis, namespace: &str) -> (RateLimiter, Cache) {
    let pairs = [("REDIS_URL", redis.url()), ("ALBEDO_CACHE_NAMESPACE", namespace.to_owned())];
    let settings = Settings::load(&Sources::new(None, pairs.map(|(name, value)| (name.to_owned(), value)))).unwrap();
    let cache = Cache::start(&settings.cache, settings.redis.as_ref()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !cache.redis().unwrap().is_up() {
        assert!(Instant::now() < deadline, "Redis is not found");
        sleep(Duration::from_millis(5)).await;
    }
    (RateLimiter::in_redis(cache.redis().unwrap().clone(), namespace), cache)
}

fn namespace() -> String {
    format!("r{}", &Uuid::now_v7().simple().to_string()[8..])
}

async fn passes(limiter: &RateLimiter, subject: Subject, rate: Rate) -> bool {
    limiter.spend(subject, rate).await.retry_after.is_none()
}

#[tokio::test]
async fn replicas_count_together() {
    let Some(redis) = Redis::shared() else { return };
    let namespace = namespace();
    let ((here, _one), (there, _other)) = (replica(redis, &namespace).await, replica(redis, &namespace).await);
    let rate: Rate = "10/h".parse().unwrap();
    for left in (0..10).rev() {
        let verdict = [&here, &there][left % 2].spend(ADA, rate).await;
        assert_eq!((verdict.remaining, verdict.retry_after), (u32::try_from(left).unwrap(), None));
        let full = Duration::from_secs(360) * (10 - u32::try_from(left).unwrap());
        assert!(verdict.reset <= full && verdict.reset + Duration::from_secs(10) > full, "{:?}", verdict.reset);
    }
    for replica in [&here, &there] {
        let wait = replica.spend(ADA, rate).await.retry_after.unwrap();
        assert!(wait <= Duration::from_secs(360) && wait > Duration::from_secs(350), "{wait:?}");
        assert!(passes(replica, EVE, rate).await);
    }
}

#[tokio::test]
async fn what_was_spent_comes_back_evenly() {
    let Some(redis) = Redis::shared() else { return };
    let (limiter, _cache) = replica(redis, &namespace()).await;
    let rate: Rate = "20/s".parse().unwrap();
    while passes(&limiter, ADA, rate).await {}
    sleep(limiter.spend(ADA, rate).await.retry_after.unwrap_or_default()).await;
    assert!(passes(&limiter, ADA, rate).await);
}

#[tokio::test]
async fn without_redis_each_replica_counts_for_itself() {
    let Some(redis) = Redis::start() else { return };
    let (limiter, _cache) = replica(&redis, &namespace()).await;
    let rate: Rate = "3/h".parse().unwrap();
    assert!(passes(&limiter, ADA, rate).await);
    redis.signal(Signal::SIGKILL).unwrap();
    let mut passed = 0;
    let started = Instant::now();
    for _ in 0..20 {
        passed += u32::from(passes(&limiter, ADA, rate).await);
    }
    assert_eq!(passed, 3);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}
