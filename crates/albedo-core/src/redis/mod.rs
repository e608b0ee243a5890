//! The way to Redis: one [`Redis`] a process, which never waits long and never fails a request.
//!
//! A thread of its own (`contact.rs`) connects, watches and reconnects; all that requests do is to hand it commands. While
//! there is no contact a command fails at once, so a dead Redis costs nothing. No key and no meaning of ours lives here.

mod contact;
mod lane;
mod servers;
mod session;

use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
    thread,
};

pub use deadpool_redis::redis::{Cmd, Value, cmd};
use deadpool_redis::redis::{ErrorKind, RedisError, ServerErrorKind};
use tokio::{runtime, time::timeout};

use self::{
    lane::Lane,
    servers::Servers,
    session::{Contact, Session, Stage},
};
use crate::settings::RedisSettings;

/// So many failures in a row end the contact.
const MOST_FAILURES: u32 = 5;
/// Connections that requests share; each carries many commands at once.
const LANES: usize = 2;

/// Redis does not answer, or refuses; the reason is in [`Redis::state`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Redis does not answer")]
pub struct Away;

/// What the thread hears from Redis, told where it is heard and before anything that comes after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Changes of watched keys are told from here on; earlier ones may have been missed.
    Connected,
    /// A watched key was changed.
    Changed(Vec<u8>),
    /// Every watched key may have been changed.
    AllChanged,
}

/// Which keys are watched, and by whom.
pub struct Watch {
    /// The keys that begin with this are watched.
    pub prefix: String,
    /// A key below the prefix that gets a new value whenever contact was lost, before it counts as found again: whoever
    /// has missed something meanwhile sees that.
    pub renewed: String,
    /// A key that is written again and again, to see that Redis can be written to.
    pub beat: String,
    /// Hears of everything. Must not block.
    pub hear: Box<dyn Fn(Event) + Send + Sync>,
}

/// Whether Redis can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It can.
    Up,
    /// It cannot, for this reason; nothing in it is secret.
    Away(&'static str),
}

/// Redis, as far as it is there. Clones share it; the last one ends its thread.
#[derive(Clone)]
pub struct Redis {
    contact: Arc<Contact>,
    _end: Arc<End>,
}

/// Ends the thread with the last handle.
struct End(Arc<Contact>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.ended.notify_one();
    }
}

impl Redis {
    /// Begins to look for Redis. That it is not there now is no fault: it is found when it comes.
    ///
    /// # Errors
    /// When the URL cannot be used or the thread cannot start.
    pub fn start(settings: &RedisSettings, watch: Watch) -> Result<Self, StartError> {
        let servers = Servers::of(settings).map_err(|error| StartError::Url(error.to_string()))?;
        let contact = Arc::new(Contact::with(settings.place.clone()));
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Thread)?;
        let shared = Arc::clone(&contact);
        thread::Builder::new()
            .name("redis".to_owned())
            .spawn(move || runtime.block_on(contact::keep(&shared, &servers, Arc::new(watch))))
            .map_err(StartError::Thread)?;
        Ok(Self { _end: Arc::new(End(Arc::clone(&contact))), contact })
    }

    /// Whether there is contact: changes are told, and what lies in Redis may be believed.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.contact.has_come(Stage::Up)
    }

    /// Whether changes can be told. That is so a little earlier than [`Redis::is_up`].
    #[must_use]
    pub fn can_tell(&self) -> bool {
        self.contact.has_come(Stage::Telling)
    }

    /// Whether Redis can be used, and why not.
    #[must_use]
    pub fn state(&self) -> State {
        self.contact.state_now()
    }

    /// Hosts and ports; never a password.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.contact.place
    }

    /// Runs commands and gives all their answers, or fails within the time that a request waits. On one server they run in this order; in a
    /// cluster, where each has to stay within one slot, in any.
    ///
    /// # Errors
    /// [`Away`], when one of them fails.
    pub async fn run(&self, commands: &[Cmd]) -> Result<Vec<Value>, Away> {
        let session = self.contact.session().ok_or(Away)?;
        let lane = session.lane().ok_or(Away)?;
        match timeout(session.wait, lane.run(commands)).await {
            Ok(Ok(values)) => {
                session.failures.store(0, Ordering::Relaxed);
                Ok(values)
            }
            Ok(Err(error)) => Err(self.failed(&session, reason(&error))),
            Err(_) => Err(self.failed(&session, "it does not answer in time")),
        }
    }

    /// Runs commands of which the second half must not be seen before the first.
    ///
    /// # Errors
    /// [`Away`], when one of them fails.
    pub async fn run_in_order(&self, mut first: Vec<Cmd>, then: Vec<Cmd>) -> Result<Vec<Value>, Away> {
        if self.contact.session().is_some_and(|session| session.lane().is_some_and(Lane::keeps_order)) {
            first.extend(then);
            return self.run(&first).await;
        }
        let mut values = self.run(&first).await?;
        values.extend(self.run(&then).await?);
        Ok(values)
    }

    /// Ends the contact: something that all have to know could not be told. It is sought anew at once, and everybody learns
    /// then that something was missed.
    pub fn give_up(&self, reason: &'static str) {
        if let Some(session) = self.contact.session() {
            session.hurried.store(true, Ordering::Relaxed);
            self.contact.end(&session, reason);
        }
    }

    /// Notes that something happened which could not be told: everybody learns of it when there is contact again. Whether
    /// there is contact by now, so that the caller can tell it after all.
    #[must_use]
    pub fn note_untold(&self) -> bool {
        // The thread begins to tell first and looks at this second, so one of the two sees the other.
        self.contact.untold.store(true, Ordering::SeqCst);
        self.can_tell()
    }

    fn failed(&self, session: &Arc<Session>, reason: &'static str) -> Away {
        if session.failures.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_FAILURES {
            self.contact.end(session, reason);
        }
        Away
    }
}

/// Why there will be no Redis, now or later.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The URL names no Redis.
    #[error("REDIS_URL cannot be used: {0}")]
    Url(String),
    /// The system gives no thread.
    #[error("the thread for Redis cannot start: {0}")]
    Thread(std::io::Error),
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("place", &self.contact.place).field("state", &self.state()).finish()
    }
}

/// An error in words of ours: what Redis says may hold what no log should.
fn reason(error: &RedisError) -> &'static str {
    match error.kind() {
        ErrorKind::AuthenticationFailed => "it refuses user and password",
        ErrorKind::Server(ServerErrorKind::ReadOnly) => "it is read-only",
        ErrorKind::Server(ServerErrorKind::BusyLoading) => "it is loading its data",
        ErrorKind::Server(ServerErrorKind::ClusterDown | ServerErrorKind::MasterDown) => "the cluster is down",
        ErrorKind::Server(ServerErrorKind::NoPerm) => "the user may not do what has to be done",
        ErrorKind::MasterNameNotFoundBySentinel => "the sentinels know no such primary",
        ErrorKind::RESP3NotSupported => "it is older than version 6",
        _ if error.code() == Some("OOM") => "its memory is full",
        _ if matches!(error.code(), Some("NOAUTH" | "WRONGPASS")) => "it refuses user and password",
        _ if error.is_timeout() => "it does not answer in time",
        // TLS tells it in a message alone, and a message of its own knows no secret.
        _ if error.is_io_error() && error.to_string().contains("certificate") => {
            "its certificate is not trusted, or not for this host; SSL_CERT_FILE names the authority where it is one's own"
        }
        _ if error.is_io_error() || error.is_connection_dropped() => "it cannot be reached",
        _ => "it answers with an error",
    }
}
