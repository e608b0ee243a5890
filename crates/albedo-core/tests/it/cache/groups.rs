//! A cluster, and a primary that sentinels watch: the same promises as with one server.

use std::time::{Duration, Instant};

use albedo_core::cache::{Cache, Tag};
use albedo_testing::{RedisCluster, RedisSentinel, Signal};
use tokio::time::sleep;
use uuid::Uuid;

use super::{TABLE, cache, namespace, read, until, world, write};

const SOON: Duration = Duration::from_secs(30);

async fn replicas(url: &str) -> [Cache; 2] {
    let namespace = namespace();
    [cache(Some(url), &namespace, &[]).await, cache(Some(url), &namespace, &[]).await]
}

/// Rows in every corner of the key space: kept here, found there, and what is written here is seen there.
async fn keep_the_promises([here, there]: &[Cache; 2]) {
    for _ in 0..40 {
        let (world, id) = (world(), Uuid::now_v7());
        assert_eq!(read(here, &world, id).await, 1);
        // It is stored in the background, for others to find.
        sleep(Duration::from_millis(10)).await;
        assert_eq!(read(there, &world, id).await, 1);
        assert_eq!(read(there, &world, id).await, 1);
        write(here, &world, id, 2).await;
        assert_eq!(read(here, &world, id).await, 2);
        let written = Instant::now();
        loop {
            let asked = written.elapsed();
            if read(there, &world, id).await == 2 {
                break;
            }
            assert!(asked < Duration::from_millis(100), "still the old one after {asked:?}");
        }
        write(there, &world, id, 3).await;
        assert_eq!(read(there, &world, id).await, 3);
        let writing = here.write(&[Tag::row(TABLE, id)]).await;
        writing.undone().await;
        assert_eq!(read(there, &world, id).await, 3);
    }
    let figures = [here, there].map(Cache::figures);
    assert!(figures[1].far >= 20 && figures[1].near >= 20, "{figures:?}");
    assert!([here, there].iter().all(|cache| cache.redis().unwrap().is_up()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_keeps_the_promises_and_one_that_loses_a_server_costs_no_request() {
    let Some(cluster) = RedisCluster::start() else { return };
    let replicas = replicas(&cluster.url()).await;
    keep_the_promises(&replicas).await;

    let (world, id) = (world(), Uuid::now_v7());
    assert_eq!(read(&replicas[1], &world, id).await, 1);
    cluster.nodes()[1].signal(Signal::SIGSTOP).unwrap();
    for version in 2..20 {
        let started = Instant::now();
        write(&replicas[0], &world, id, version).await;
        assert_eq!(read(&replicas[0], &world, id).await, version);
        assert!(started.elapsed() < Duration::from_millis(400), "{:?}", started.elapsed());
    }
    until(SOON, || replicas.iter().all(|cache| !cache.redis().unwrap().is_up())).await;
    world.set(20);
    assert_eq!(read(&replicas[1], &world, id).await, 20);
    cluster.nodes()[1].signal(Signal::SIGCONT).unwrap();
    until(SOON, || replicas.iter().all(|cache| cache.redis().unwrap().is_up())).await;
    assert_eq!(read(&replicas[1], &world, id).await, 20);
    keep_the_promises(&replicas).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_sentinels_another_primary_takes_over() {
    let Some(mut sentinel) = RedisSentinel::start() else { return };
    let replicas = replicas(&sentinel.url()).await;
    keep_the_promises(&replicas).await;

    let (world, id) = (world(), Uuid::now_v7());
    assert_eq!([read(&replicas[0], &world, id).await, read(&replicas[1], &world, id).await], [1, 1]);
    sentinel.kill_primary();
    until(SOON, || replicas.iter().all(|cache| !cache.redis().unwrap().is_up())).await;
    write(&replicas[0], &world, id, 2).await;
    let killed = Instant::now();
    until(SOON, || replicas.iter().all(|cache| cache.redis().unwrap().is_up())).await;
    println!("another primary after {:?}", killed.elapsed());
    for cache in &replicas {
        assert_eq!(read(cache, &world, id).await, 2, "the new primary still had what was kept before");
    }
    keep_the_promises(&replicas).await;
}
