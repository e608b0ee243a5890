//! Readers and writers at once, in memory and on Redis.

use std::{sync::Arc, time::Duration};

use albedo_core::cache::{Cache, Tag};
use albedo_testing::Redis;
use tokio::{task::JoinSet, time::sleep};
use uuid::Uuid;

use super::{PATIENT, TABLE, ask, cache, namespace, read, terms, until, world, write};

const SLOW: Duration = Duration::from_millis(60);

/// The body on a cache of each kind.
macro_rules! on_both_layers {
    ($($(#[$attribute:meta])* async fn $name:ident($cache:ident: Cache) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn body($cache: Cache) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_memory() {
                body(cache(None, "none", &[]).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_redis() {
                let Some(redis) = Redis::shared() else { return };
                body(cache(Some(&redis.url()), &namespace(), &[PATIENT]).await).await;
            }
        }
    )+};
}

/// Lets arrive what is stored or told behind the answer, so that what is kept can be told from what is not.
async fn settle() {
    sleep(Duration::from_millis(50)).await;
}

on_both_layers! {
    async fn many_who_miss_at_once_read_once(cache: Cache) {
        let (world, id) = (world(), Uuid::now_v7());
        let mut readers = JoinSet::new();
        for _ in 0..200 {
            let (cache, world) = (cache.clone(), Arc::clone(&world));
            readers.spawn(async move { ask(&cache, &world, id, SLOW).await });
        }
        for answer in readers.join_all().await {
            assert_eq!(answer, Ok(1));
        }
        assert_eq!(world.reads(), 1);
    }

    async fn what_was_read_past_it_is_never_followed_by_what_is_kept(cache: Cache) {
        for in_flight in [false, true] {
            let (world, id) = (world(), Uuid::now_v7());
            let first = tokio::spawn({
                let (cache, world) = (cache.clone(), Arc::clone(&world));
                async move { ask(&cache, &world, id, SLOW).await }
            });
            until(Duration::from_secs(5), || world.reads() == 1).await;
            if !in_flight {
                until(Duration::from_secs(5), || first.is_finished()).await;
                settle().await;
            }
            // A write of our own that comes to nothing, since another replica is faster; and its news is still under way.
            let refused = cache.write(&[Tag::row(TABLE, id)]).await;
            world.set(2);
            assert_eq!(read(&cache, &world, id).await, 2);
            refused.undone().await;
            assert_eq!(first.await.unwrap(), Ok(1));
            assert_eq!(read(&cache, &world, id).await, 2, "in flight: {in_flight}");
        }
    }

    async fn many_who_miss_while_the_world_is_away_fail_together(cache: Cache) {
        let (world, id) = (world(), Uuid::now_v7());
        world.set(-1);
        let mut readers = JoinSet::new();
        for _ in 0..50 {
            let (cache, world) = (cache.clone(), Arc::clone(&world));
            readers.spawn(async move { ask(&cache, &world, id, SLOW).await });
        }
        assert!(readers.join_all().await.iter().all(Result::is_err));
        assert_eq!(world.reads(), 1, "the others wait for the one, and not one after the other");
        world.set(2);
        assert_eq!(read(&cache, &world, id).await, 2, "a failure is not kept");
    }

    async fn a_reader_that_goes_away_leaves_the_others_their_answer(cache: Cache) {
        let (world, id) = (world(), Uuid::now_v7());
        let first = tokio::spawn({
            let (cache, world) = (cache.clone(), Arc::clone(&world));
            async move { ask(&cache, &world, id, Duration::from_secs(60)).await }
        });
        until(Duration::from_secs(5), || world.reads() == 1).await;
        let second = tokio::spawn({
            let (cache, world) = (cache.clone(), Arc::clone(&world));
            async move { read(&cache, &world, id).await }
        });
        sleep(Duration::from_millis(20)).await;
        first.abort();
        assert_eq!(second.await.unwrap(), 1);
    }

    async fn what_was_read_before_a_write_is_not_kept_after_it(cache: Cache) {
        let (world, id) = (world(), Uuid::now_v7());
        let slow = tokio::spawn({
            let (cache, world) = (cache.clone(), Arc::clone(&world));
            async move { ask(&cache, &world, id, SLOW).await }
        });
        until(Duration::from_secs(5), || world.reads() == 1).await;
        write(&cache, &world, id, 2).await;
        assert_eq!(read(&cache, &world, id).await, 2, "who begins after the write does not wait for who began before it");
        assert_eq!(slow.await.unwrap(), Ok(1));
        assert_eq!(read(&cache, &world, id).await, 2);
    }

    async fn while_it_is_written_everybody_reads_the_world_and_nothing_is_kept(cache: Cache) {
        let (world, id) = (world(), Uuid::now_v7());
        assert_eq!(read(&cache, &world, id).await, 1);
        let writing = cache.write(&[Tag::row(TABLE, id)]).await;
        assert_eq!(read(&cache, &world, id).await, 1);
        world.set(2);
        assert_eq!(read(&cache, &world, id).await, 2);
        world.set(3);
        assert_eq!(read(&cache, &world, id).await, 3);
        writing.done().await;
        settle().await;
        assert_eq!(read(&cache, &world, id).await, 3);
        settle().await;
        world.set(4);
        assert_eq!(read(&cache, &world, id).await, 3, "it is kept again");
    }

    async fn two_writers_of_one_row_are_waited_for_both(cache: Cache) {
        let (world, id) = (world(), Uuid::now_v7());
        let (one, other) = (cache.write(&[Tag::row(TABLE, id)]).await, cache.write(&[Tag::row(TABLE, id)]).await);
        one.done().await;
        assert_eq!(read(&cache, &world, id).await, 1);
        world.set(2);
        assert_eq!(read(&cache, &world, id).await, 2);
        other.done().await;
        settle().await;
        assert_eq!(read(&cache, &world, id).await, 2);
        settle().await;
        world.set(3);
        assert_eq!(read(&cache, &world, id).await, 2);
    }

    async fn a_write_that_came_to_nothing_forgets_nothing(cache: Cache) {
        let (world, id) = (world(), Uuid::now_v7());
        assert_eq!(read(&cache, &world, id).await, 1);
        settle().await;
        let writing = cache.write(&[Tag::row(TABLE, id)]).await;
        world.set(2);
        writing.undone().await;
        settle().await;
        assert_eq!(read(&cache, &world, id).await, 1);
    }

    async fn a_write_that_nobody_saw_the_end_of_is_waited_for(cache: Cache) {
        let (world, id) = (world(), Uuid::now_v7());
        assert_eq!(read(&cache, &world, id).await, 1);
        drop(cache.write(&[Tag::row(TABLE, id)]).await);
        assert_eq!(read(&cache, &world, id).await, 1);
        // Its statement ran on in the database.
        world.set(2);
        assert_eq!(read(&cache, &world, id).await, 2);
    }

    async fn what_does_not_depend_on_it_stays(cache: Cache) {
        let (world, [here, there]) = (world(), [Uuid::now_v7(), Uuid::now_v7()]);
        assert_eq!(read(&cache, &world, here).await, 1);
        world.set(2);
        write(&cache, &world, there, 2).await;
        assert_eq!(read(&cache, &world, here).await, 1);
        let writing = cache.write(&[Tag::table(TABLE)]).await;
        writing.done().await;
        assert_eq!(read(&cache, &world, here).await, 2);
    }

    async fn that_there_is_nothing_is_kept_for_two_seconds(cache: Cache) {
        let (world, id) = (world(), Uuid::now_v7());
        world.set(0);
        assert_eq!(read(&cache, &world, id).await, 0);
        world.set(5);
        assert_eq!(read(&cache, &world, id).await, 0);
        sleep(Duration::from_millis(2_100)).await;
        assert_eq!(read(&cache, &world, id).await, 5);
    }

    async fn nothing_lives_longer_than_the_resource_or_the_settings_say(cache: Cache) {
        let (world, id) = (world(), Uuid::now_v7());
        let brief = || super::super::Terms { time_to_live: Some(Duration::from_millis(200)), ..terms(id) };
        let ask = async || cache.read(super::super::key(id), brief, || world.read(Duration::ZERO)).await.unwrap().mark;
        let first = ask().await;
        world.set(2);
        assert_eq!(ask().await, first);
        sleep(Duration::from_millis(250)).await;
        assert_ne!(ask().await, first);
    }
}

#[tokio::test]
async fn the_layer_in_the_process_is_bounded_by_bytes() {
    let cache = cache(None, "none", &[("ALBEDO_CACHE_BYTES", "1048576")]).await;
    for _ in 0..20_000 {
        read(&cache, &world(), Uuid::now_v7()).await;
    }
    until(Duration::from_secs(5), || cache.figures().bytes <= 1_048_576).await;
    let figures = cache.figures();
    assert_eq!((figures.missed, figures.near), (20_000, 0));
    assert!(figures.bytes > 500_000, "{figures:?}");
}
