//! Two replicas: two caches over one Redis and one world.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use albedo_core::cache::{Cache, Tag};
use albedo_testing::Redis;
use tokio::{sync::Mutex, task::JoinSet, time::sleep};
use uuid::Uuid;

use super::{PATIENT, TABLE, World, cache, namespace, read, world, write};

async fn replicas(more: &[(&str, &str)]) -> Option<[Cache; 2]> {
    let (redis, namespace) = (Redis::shared()?.url(), namespace());
    Some([cache(Some(&redis), &namespace, more).await, cache(Some(&redis), &namespace, more).await])
}

#[tokio::test]
async fn what_one_has_read_the_other_finds_in_redis() {
    let Some([here, there]) = replicas(&[PATIENT]).await else { return };
    let (world, id) = (world(), Uuid::now_v7());
    assert_eq!(read(&here, &world, id).await, 1);
    // It is stored after the answer.
    sleep(Duration::from_millis(100)).await;
    assert_eq!(read(&there, &world, id).await, 1);
    assert_eq!((world.reads(), there.figures().far), (1, 1));
    assert_eq!(read(&there, &world, id).await, 1);
    assert_eq!(there.figures().near, 1, "and keeps it");
}

#[tokio::test]
async fn a_write_here_is_seen_there_within_a_tenth_of_a_second() {
    let Some([here, there]) = replicas(&[PATIENT]).await else { return };
    let (world, id) = (world(), Uuid::now_v7());
    let mut took = Vec::new();
    for version in 2..102 {
        while read(&there, &world, id).await != version - 1 {}
        read(&there, &world, id).await;
        write(&here, &world, id, version).await;
        let written = Instant::now();
        loop {
            let asked = written.elapsed();
            if read(&there, &world, id).await == version {
                took.push(written.elapsed());
                break;
            }
            assert!(asked < Duration::from_millis(100), "still the old one {asked:?} after the write");
        }
    }
    took.sort();
    println!("seen after {:?} at half, {:?} at worst", took[took.len() / 2], took[took.len() - 1]);
}

#[tokio::test]
async fn who_dies_between_its_write_and_the_news_of_it_leaves_nothing_old_behind() {
    let Some([here, there]) = replicas(&[PATIENT]).await else { return };
    let (world, id) = (world(), Uuid::now_v7());
    assert_eq!(read(&there, &world, id).await, 1);
    let writing = here.write(&[Tag::row(TABLE, id)]).await;
    world.set(2);
    // As a process that was killed: its memory is gone, and nothing of it speaks any more.
    std::mem::forget(writing);
    let died = Instant::now();
    until_async(Duration::from_millis(500), async || read(&there, &world, id).await == 2).await;
    assert!(died.elapsed() < Duration::from_millis(500));
    world.set(3);
    assert_eq!(read(&there, &world, id).await, 3, "and until its lock goes, nothing is kept");
}

#[tokio::test]
async fn an_emptied_redis_costs_reads_and_no_more() {
    let Some(redis) = Redis::start() else { return };
    let cache = cache(Some(&redis.url()), &namespace(), &[]).await;
    let (world, id) = (world(), Uuid::now_v7());
    assert_eq!(read(&cache, &world, id).await, 1);
    for version in 2..20 {
        redis.ask(&["FLUSHALL"]);
        write(&cache, &world, id, version).await;
        assert_eq!(read(&cache, &world, id).await, version);
    }
    redis.ask(&["FLUSHALL"]);
    world.set(99);
    // Somebody has emptied it, and nobody knows why: what is in the process is not trusted either.
    until_async(Duration::from_secs(1), async || read(&cache, &world, id).await == 99).await;
}

async fn until_async(within: Duration, mut true_at_last: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + within;
    while !true_at_last().await {
        assert!(Instant::now() < deadline, "it does not come true");
        sleep(Duration::from_millis(1)).await;
    }
}

/// One row, and what is known of it for sure.
#[derive(Debug, Default)]
struct Row {
    id: Uuid,
    world: World,
    /// The newest version that a finished write of each replica has made, or a finished read has shown.
    floor: [AtomicI64; 2],
    lock: Mutex<()>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_older_is_read_after_something_newer() {
    let Some(replicas) = replicas(&[PATIENT]).await else { return };
    read_and_write(replicas, Duration::ZERO).await;
}

/// One of them loses its connections again and again, and the other does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_older_is_read_after_something_newer_where_one_loses_contact() {
    let Some(redis) = Redis::start() else { return };
    redis.ask(&["ACL", "SETUSER", "shaky", "on", ">shaky", "~*", "&*", "+@all"]);
    let (namespace, shaky) = (namespace(), redis.url().replace("redis://", "redis://shaky:shaky@"));
    let replicas = [cache(Some(&shaky), &namespace, &[]).await, cache(Some(&redis.url()), &namespace, &[]).await];
    let stop = Arc::new(AtomicBool::new(false));
    let cuts = thread::spawn({
        let stop = Arc::clone(&stop);
        move || {
            while !stop.load(Ordering::Relaxed) {
                // A lost contact is sought again after a second at the latest, so it has come back in between now and then.
                thread::sleep(Duration::from_millis(1050));
                redis.ask(&["CLIENT", "KILL", "USER", "shaky"]);
            }
        }
    });
    // Its last writes are told when it has found contact again.
    read_and_write(replicas, Duration::from_secs(5)).await;
    stop.store(true, Ordering::Relaxed);
    cuts.join().unwrap();
}

/// Writers and readers on both replicas, over rows that are read slowly and written in between. When all is quiet both say the
/// same, within this time.
#[expect(clippy::indexing_slicing, clippy::print_stdout, reason = "a part of two tests, as free as they are")]
async fn read_and_write(replicas: [Cache; 2], told_within: Duration) {
    const ROWS: usize = 8;
    let rows: Arc<Vec<Row>> = Arc::new((0..ROWS).map(|_| Row { id: Uuid::now_v7(), ..Row::default() }).collect());
    rows.iter().for_each(|row| row.world.set(1));
    let (stop, reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut tasks = JoinSet::new();
    for writer in 0..4_usize {
        let (rows, stop, cache) = (Arc::clone(&rows), Arc::clone(&stop), replicas[writer % 2].clone());
        tasks.spawn(async move {
            let mut turn = writer;
            while !stop.load(Ordering::Relaxed) {
                turn += 3;
                let Row { id, world, floor, lock } = &rows[turn % ROWS];
                let writing = cache.write(&[Tag::row(TABLE, *id)]).await;
                let version = {
                    // A row is locked while it is written, as in a database.
                    let _row = lock.lock().await;
                    let version = world.version.load(Ordering::SeqCst) + 1;
                    sleep(Duration::from_micros(200)).await;
                    world.set(version);
                    version
                };
                match turn % 7 {
                    // The answer may be late.
                    0 => sleep(Duration::from_millis(3)).await,
                    _ => tokio::task::yield_now().await,
                }
                writing.done().await;
                floor[writer % 2].fetch_max(version, Ordering::SeqCst);
                sleep(Duration::from_millis(2)).await;
            }
        });
    }
    for reader in 0..8_usize {
        let (rows, stop, reads) = (Arc::clone(&rows), Arc::clone(&stop), Arc::clone(&reads));
        let cache = replicas[reader % 2].clone();
        tasks.spawn(async move {
            let mut turn = reader;
            while !stop.load(Ordering::Relaxed) {
                turn += 5;
                let Row { id, world, floor: floors, .. } = &rows[turn % ROWS];
                let floor = floors[reader % 2].load(Ordering::SeqCst);
                let takes = Duration::from_micros(if turn % 3 == 0 { 700 } else { 0 });
                let found = super::ask(&cache, world, *id, takes).await.unwrap();
                assert!(found >= floor, "replica {} read {found} after {floor}", reader % 2);
                floors[reader % 2].fetch_max(found, Ordering::SeqCst);
                if reads.fetch_add(1, Ordering::Relaxed) % 64 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        });
    }
    sleep(Duration::from_secs(8)).await;
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    let figures = replicas.each_ref().map(Cache::figures);
    println!("{} reads, {figures:?}", reads.load(Ordering::Relaxed));
    let kept: u64 = figures.iter().map(|figures| figures.near + figures.far).sum();
    let writes: i64 = rows.iter().map(|row| row.world.version.load(Ordering::SeqCst)).sum();
    assert!(kept > 1_000 && writes > 200, "{kept} from the cache, {writes} writes: too little to tell anything");
    for Row { id, world, .. } in rows.iter() {
        let last = world.version.load(Ordering::SeqCst);
        for cache in &replicas {
            until_async(told_within, async || read(cache, world, *id).await == last).await;
        }
    }
}
