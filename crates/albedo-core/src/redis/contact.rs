//! Keeps contact with Redis: connect, watch, notice the loss, look again after a second.
//!
//! The one place that connects. A contact counts from when changes of the watched keys are told, so whoever sees
//! [`Redis::is_up`](super::Redis::is_up) misses none; and it ends with the first connection that breaks.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use deadpool_redis::{
    PoolError,
    redis::{Client, Cmd, ConnectionInfo, PushInfo, PushKind, RedisResult, Value, aio::MultiplexedConnection, cmd},
};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use super::{
    Event, LANES, State, Watch, reason, servers,
    servers::Servers,
    session::{Contact, Session},
};

/// How often Redis is asked whether it is still there.
const BEAT: Duration = Duration::from_millis(500);
/// Pause before it is looked for again.
const PAUSE: Duration = Duration::from_secs(1);
/// Longest time that all of connecting may take.
const OPENING: Duration = Duration::from_secs(3);
const BROKE: &str = "its connection broke";
/// The key of the beat goes by itself when nobody is left who writes it.
const BEAT_LIVES: u64 = 60;

/// Until the last handle is gone.
pub(super) async fn keep(contact: &Arc<Contact>, servers: &Servers, watch: Arc<Watch>) {
    loop {
        tokio::select! {
            () = contact.ended.notified() => return,
            () = one_contact(contact, servers, &watch) => {}
        }
    }
}

/// From looking for Redis to losing it again, or not finding it.
async fn one_contact(contact: &Arc<Contact>, servers: &Servers, watch: &Arc<Watch>) {
    let opened = match timeout(OPENING, open(contact, servers, watch)).await {
        Ok(opened) => opened,
        Err(_) => Err("it does not answer in time"),
    };
    match opened {
        Ok(open) => {
            (watch.hear)(Event::Connected);
            let begun = Instant::now();
            match begin(contact, &open.session, watch).await {
                Ok(()) => {
                    tracing::info!(place = contact.place, "Redis is in use");
                    until_lost(contact, servers, watch, &open).await;
                }
                Err(why) => contact.end(&open.session, why),
            }
            contact.untold.store(true, Ordering::SeqCst);
            tracing::warn!(place = contact.place, state = ?contact.state_now(), "Redis is not in use; the database does its work");
            // A contact that is given up again and again has no hurry.
            if open.session.hurried.load(Ordering::Relaxed) && begun.elapsed() > PAUSE {
                return;
            }
        }
        Err(why) => {
            contact.untold.store(true, Ordering::SeqCst);
            // Once for each reason: a Redis that is away for a day is one line, not ninety thousand.
            if contact.set_state(State::Away(why)) {
                tracing::warn!(place = contact.place, why, "Redis cannot be used; the database does its work");
            }
        }
    }
    sleep(PAUSE).await;
}

/// All connections of one contact.
struct Open {
    session: Arc<Session>,
    /// One to each server that holds keys, with the changes of watched keys told over it.
    watched: Vec<MultiplexedConnection>,
    primaries: Vec<ConnectionInfo>,
}

async fn open(contact: &Arc<Contact>, servers: &Servers, watch: &Arc<Watch>) -> Result<Open, &'static str> {
    let mut lanes = Vec::with_capacity(LANES);
    for _ in 0..LANES {
        lanes.push(servers.lane().await.map_err(|error| pool_reason(&error))?);
    }
    let session = Arc::new(Session::over(lanes, servers.wait));
    let primaries = servers.primaries().await.map_err(|error| reason(&error))?;
    let mut watched = Vec::with_capacity(primaries.len());
    for server in &primaries {
        let connection = listen(contact, &session, server, watch).await;
        watched.push(connection.map_err(|error| reason(&error))?);
    }
    write(&session, beat(watch)).await?;
    // Made now where there is none: made later, it would look like a change.
    write(&session, renewal(watch).arg("NX").take()).await?;
    Ok(Open { session, watched, primaries })
}

/// Writers tell what they do from here on, and then everybody is told of what was missed before. Only then may what lies
/// in Redis be read: the other way round, a write that ended in between would be read as it was before.
async fn begin(contact: &Contact, session: &Arc<Session>, watch: &Watch) -> Result<(), &'static str> {
    contact.begin(Arc::clone(session));
    renew(contact, session, watch).await?;
    // One that broke before the begin has told nobody.
    if session.broken.load(Ordering::SeqCst) || !contact.believe(session) { Err(BROKE) } else { Ok(()) }
}

/// Tells everybody that something was missed, if anything was.
async fn renew(contact: &Contact, session: &Session, watch: &Watch) -> Result<(), &'static str> {
    if !contact.untold.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    write(session, renewal(watch)).await.inspect_err(|_| contact.untold.store(true, Ordering::SeqCst))
}

fn renewal(watch: &Watch) -> Cmd {
    cmd("SET").arg(&watch.renewed).arg(Uuid::now_v7().as_bytes()).take()
}

async fn write(session: &Session, command: Cmd) -> Result<(), &'static str> {
    let lane = session.lane().ok_or("no server is named")?;
    match timeout(BEAT.max(session.wait), lane.run(&[command])).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(reason(&error)),
        Err(_) => Err("it does not answer in time"),
    }
}

/// A connection to one server, over which it tells of changes.
async fn listen(
    contact: &Arc<Contact>,
    session: &Arc<Session>,
    server: &ConnectionInfo,
    watch: &Arc<Watch>,
) -> RedisResult<MultiplexedConnection> {
    let (contact, session, watcher) = (Arc::clone(contact), Arc::clone(session), Arc::clone(watch));
    let config = servers::patience(session.wait).set_push_sender(move |told: PushInfo| {
        match told.kind {
            PushKind::Invalidate => changed(&told.data, &watcher),
            PushKind::Disconnection => {
                session.broken.store(true, Ordering::SeqCst);
                contact.end(&session, BROKE);
            }
            _ => {}
        }
        Ok::<(), ()>(())
    });
    let mut connection = Client::open(server.clone())?.get_multiplexed_async_connection_with_config(&config).await?;
    let mut tracking = cmd("CLIENT");
    tracking.arg("TRACKING").arg("ON").arg("BCAST").arg("PREFIX").arg(&watch.prefix);
    tracking.exec_async(&mut connection).await?;
    Ok(connection)
}

/// The keys that a push names; none are named when all are gone.
fn changed(data: &[Value], watch: &Watch) {
    for value in data {
        match value {
            Value::Array(keys) => keys.iter().for_each(|key| match key {
                Value::BulkString(key) if key == watch.renewed.as_bytes() => (watch.hear)(Event::AllChanged),
                Value::BulkString(key) => (watch.hear)(Event::Changed(key.clone())),
                _ => (watch.hear)(Event::AllChanged),
            }),
            _ => (watch.hear)(Event::AllChanged),
        }
    }
}

async fn until_lost(contact: &Contact, servers: &Servers, watch: &Watch, open: &Open) {
    loop {
        let asked = tokio::select! {
            () = open.session.lost.notified() => return,
            asked = async {
                // Noted by a write while this contact began, or by one that could not be told over it.
                renew(contact, &open.session, watch).await?;
                sleep(BEAT).await;
                ask(servers, watch, open).await
            } => asked,
        };
        if let Err(why) = asked {
            contact.end(&open.session, why);
            return;
        }
    }
}

/// Whether every server answers, is still the one to write to, and takes what is written.
async fn ask(servers: &Servers, watch: &Watch, open: &Open) -> Result<(), &'static str> {
    for connection in &open.watched {
        let role: Value = cmd("ROLE").query_async(&mut connection.clone()).await.map_err(|error| reason(&error))?;
        if !is_primary(&role) {
            return Err("it is read-only");
        }
    }
    write(&open.session, beat(watch)).await?;
    // Another primary would change keys without telling us.
    let primaries = timeout(BEAT * 2, servers.primaries()).await.map_err(|_| "it does not answer in time")?;
    let primaries = primaries.map_err(|error| reason(&error))?;
    let same = primaries.iter().map(ConnectionInfo::addr).eq(open.primaries.iter().map(ConnectionInfo::addr));
    if same { Ok(()) } else { Err("another server has taken over") }
}

fn is_primary(role: &Value) -> bool {
    let Value::Array(parts) = role else { return false };
    match parts.first() {
        Some(Value::BulkString(role)) => role == b"master",
        Some(Value::SimpleString(role)) => role == "master",
        _ => false,
    }
}

fn beat(watch: &Watch) -> Cmd {
    cmd("SET").arg(&watch.beat).arg("").arg("EX").arg(BEAT_LIVES).take()
}

fn pool_reason(error: &PoolError) -> &'static str {
    match error {
        PoolError::Backend(error) => reason(error),
        _ => "it does not answer in time",
    }
}
