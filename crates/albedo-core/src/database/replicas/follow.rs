//! Asks the primary and the replicas where they are, again and again, on the thread of its own.
//!
//! Ten times a second, and at once when a reader waits for a replica. An answer costs each server a tenth of a
//! millisecond; no request waits for one but those that would otherwise keep to the primary.

use std::{
    sync::{
        Arc,
        atomic::Ordering::{Relaxed, SeqCst},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection, Row, postgres::PgConnectOptions};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{Follower, Replicas, State, track::without_page_head};

/// How often positions are asked for.
const PERIOD: Duration = Duration::from_millis(100);
/// The same while somebody waits.
const HURRY: Duration = Duration::from_millis(2);
/// How long an answer may take, a new connection included.
const ANSWER: Duration = Duration::from_secs(1);
/// Pause before a server that did not answer is asked again.
const PAUSE: Duration = Duration::from_millis(500);

/// Which installation a server belongs to: replicas have the one of their primary.
const IDENTITY: &str = "SELECT system_identifier FROM pg_control_system()";
/// Where the primary writes, also what it has not written to its disk yet, and the size of its pages.
const WRITTEN: &str = "SELECT (pg_current_wal_insert_lsn() - '0/0')::int8, current_setting('wal_block_size')::int8";
/// Whether a server is a replica, and how far it shows the log of its primary.
const REPLAYED: &str = "SELECT pg_is_in_recovery(), COALESCE((pg_last_wal_replay_lsn() - '0/0')::int8, 0)";

/// Until the last one who reads is gone.
pub(super) async fn follow(replicas: &Arc<Replicas>, primary: PgConnectOptions) {
    let (asked, answered) = watch::channel(None);
    let mut tasks = JoinSet::new();
    tasks.spawn(ask_primary(Arc::clone(replicas), primary, asked));
    for follower in &replicas.followers {
        tasks.spawn(ask_replica(Arc::clone(replicas), Arc::clone(follower), answered.clone()));
    }
    replicas.ended.notified().await;
}

/// Tells followers which installation the primary is, with each answer of it.
async fn ask_primary(replicas: Arc<Replicas>, options: PgConnectOptions, answered: watch::Sender<Option<i64>>) {
    let mut link = None;
    loop {
        let (tick, begun) = (replicas.ledger.begin_tick(), Instant::now());
        match timeout(ANSWER, written(&mut link, &options)).await {
            Ok(Ok((identity, position))) => {
                if !replicas.track().note(tick, position, begun) {
                    tracing::warn!("the primary is behind where it was: reads go to it until replicas follow");
                    replicas.ledger.all_written();
                }
                answered.send_replace(Some(identity));
            }
            // Without answers no write is covered, and what was written is read where it was written.
            Ok(Err(_)) | Err(_) => {
                link = None;
                sleep(PAUSE).await;
            }
        }
        if timeout(PERIOD, replicas.hurry.notified()).await.is_ok() {
            sleep(HURRY.saturating_sub(begun.elapsed())).await;
        }
    }
}

/// The installation and the position of the primary.
async fn written(
    link: &mut Option<(PgConnection, i64)>,
    options: &PgConnectOptions,
) -> Result<(i64, u64), sqlx::Error> {
    let (connection, identity) = match link {
        Some(link) => link,
        None => link.insert(connect(options).await?),
    };
    let row = sqlx::query(WRITTEN).fetch_one(connection).await?;
    let (position, page) = (row.try_get::<i64, _>(0)?.unsigned_abs(), row.try_get::<i64, _>(1)?.unsigned_abs());
    Ok((*identity, without_page_head(position, page)))
}

/// A connection, and the installation that it leads to.
pub(super) async fn connect(options: &PgConnectOptions) -> Result<(PgConnection, i64), sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    let identity = sqlx::query_scalar(IDENTITY).fetch_one(&mut connection).await?;
    Ok((connection, identity))
}

/// How far a replica has replayed the log; `None` of a server that is none.
pub(super) async fn replayed(connection: &mut PgConnection) -> Result<Option<u64>, sqlx::Error> {
    let row = sqlx::query(REPLAYED).fetch_one(connection).await?;
    let position: i64 = row.try_get(1)?;
    Ok(row.try_get::<bool, _>(0)?.then_some(position.unsigned_abs()))
}

/// What a replica is found to be, looked at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicaFacts {
    /// It follows, and is so many bytes of the log behind.
    Follows(u64),
    /// It cannot be read from, for this reason.
    Unfit(State),
}

/// Looks at each replica once, for the people who look after it; by place, and none of it kept.
pub(in crate::database) async fn examine(
    replicas: &Replicas,
    primary: &PgConnectOptions,
) -> Vec<(String, ReplicaFacts)> {
    let primary = timeout(ANSWER, written(&mut None, primary)).await.ok().and_then(Result::ok);
    let mut found = Vec::with_capacity(replicas.followers.len());
    for follower in &replicas.followers {
        let looked = timeout(ANSWER, look(follower, primary)).await.ok().and_then(Result::ok);
        found.push((follower.place.clone(), looked.unwrap_or(ReplicaFacts::Unfit(State::Away))));
    }
    found
}

async fn look(follower: &Follower, primary: Option<(i64, u64)>) -> Result<ReplicaFacts, sqlx::Error> {
    let (mut connection, identity) = connect(&follower.options).await?;
    let found = match (replayed(&mut connection).await?, primary) {
        (_, Some((known, _))) if known != identity => ReplicaFacts::Unfit(State::OtherPrimary),
        (None, _) => ReplicaFacts::Unfit(State::NoReplica),
        (Some(position), primary) => {
            ReplicaFacts::Follows(primary.map_or(0, |(_, written)| written.saturating_sub(position)))
        }
    };
    connection.close().await?;
    Ok(found)
}

async fn ask_replica(replicas: Arc<Replicas>, follower: Arc<Follower>, mut primary: watch::Receiver<Option<i64>>) {
    loop {
        // What it says means nothing before the primary has said who it is.
        if primary.wait_for(Option::is_some).await.is_err() {
            return;
        }
        let state = match timeout(ANSWER, connect(&follower.options)).await {
            Ok(Ok((_, identity))) if Some(identity) != *primary.borrow() => State::OtherPrimary,
            Ok(Ok((connection, _))) => {
                // Before it was away it may have shown more than it does now.
                follower.reached.store(0, SeqCst);
                follower.position.store(0, SeqCst);
                replicas.ledger.all_written();
                until_lost(&replicas, &follower, connection, &mut primary).await
            }
            Ok(Err(_)) | Err(_) => State::Away,
        };
        follower.is(state);
        replicas.choose();
        sleep(PAUSE).await;
    }
}

async fn until_lost(
    replicas: &Replicas,
    follower: &Follower,
    mut connection: PgConnection,
    primary: &mut watch::Receiver<Option<i64>>,
) -> State {
    loop {
        match timeout(ANSWER, replayed(&mut connection)).await {
            Ok(Ok(Some(position))) => moved(replicas, follower, position),
            Ok(Ok(None)) => return State::NoReplica,
            Ok(Err(_)) | Err(_) => return State::Away,
        }
        let is_awaited = replicas.waiting.load(SeqCst) > 0 && follower.reached.load(SeqCst) < replicas.track().last();
        if is_awaited {
            sleep(HURRY).await;
        } else if timeout(PERIOD, primary.changed()).await.is_ok_and(|changed| changed.is_err()) {
            return State::Away;
        }
    }
}

/// Notes how far a replica is.
fn moved(replicas: &Replicas, follower: &Follower, position: u64) {
    let progress = replicas.track().progress(position, Instant::now());
    follower.position.fetch_max(position, SeqCst);
    follower.reached.fetch_max(progress.reached, SeqCst);
    follower.lag_microseconds.store(u64::try_from(progress.lag.as_micros()).unwrap_or(u64::MAX), Relaxed);
    follower.is(if progress.lag > replicas.longest_lag { State::Behind } else { State::Usable });
    replicas.choose();
    replicas.advanced.notify_waiters();
}
