//! Reads on streaming replicas of PostgreSQL that never show less than was written or shown here.
//!
//! One [`Replicas`] a process: its thread (`follow.rs`) asks the primary and each replica for their positions, `ledger.rs`
//! knows what was written and shown, and `reader.rs` sends a read where that allows. All reads of a process go to one
//! replica at a time: two would have to be as far as each other. No table and no query of ours lives here.

mod follow;
mod ledger;
mod reader;
mod track;

use std::{
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use sqlx::{PgConnection, postgres::PgConnectOptions};
use tokio::{runtime, sync::Notify};

pub(super) use self::follow::examine;
pub use self::{follow::ReplicaFacts, ledger::Ledger, reader::Reader};
use self::{ledger::Verdict, track::Track};
use super::{postgres::server, pulse::Pulse};

/// No replica is read from.
const NONE: usize = usize::MAX;

/// The replicas of a database, as far as they can be read from.
pub struct Replicas {
    ledger: Arc<Ledger>,
    followers: Vec<Arc<Follower>>,
    /// The follower that is read from, or [`NONE`].
    chosen: AtomicUsize,
    /// Held while another one is chosen.
    choice: Mutex<()>,
    longest_lag: Duration,
    track: Mutex<Track>,
    /// Somebody waits for the next positions.
    hurry: Notify,
    waiting: AtomicUsize,
    /// A replica has come further.
    advanced: Notify,
    ended: Notify,
    tally: Tally,
}

/// One replica.
pub(super) struct Follower {
    place: String,
    options: PgConnectOptions,
    pulse: Arc<Pulse>,
    usable: AtomicBool,
    /// The last tick that it has replayed.
    reached: AtomicU64,
    /// How far it has replayed the log, in bytes; a connection that is not as far has come to another server.
    position: AtomicU64,
    lag_microseconds: AtomicU64,
    state: Mutex<State>,
}

/// How many reads went where, since the start.
#[derive(Debug, Default)]
struct Tally {
    replica: AtomicU64,
    primary: AtomicU64,
    again: AtomicU64,
}

/// Whether a replica can be read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It can.
    Usable,
    /// It was not asked yet.
    Unasked,
    /// It does not answer, or refuses us.
    Away,
    /// It is further behind than the settings allow.
    Behind,
    /// It is in no recovery: a server of its own, perhaps promoted.
    NoReplica,
    /// It follows another primary.
    OtherPrimary,
}

impl State {
    /// For people.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Usable => "usable",
            Self::Unasked => "not asked yet",
            Self::Away => "it does not answer, or refuses us",
            Self::Behind => "it is too far behind the primary",
            Self::NoReplica => "it is no replica, or not any more",
            Self::OtherPrimary => "it follows another primary",
        }
    }
}

/// One replica as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaFigures {
    /// Host and port; never a password.
    pub place: String,
    /// Whether it can be read from.
    pub state: State,
    /// Whether this process reads from it.
    pub chosen: bool,
    /// How long ago the primary was where it is.
    pub lag: Duration,
}

/// How many reads that a replica could serve went where, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadFigures {
    /// To a replica.
    pub replica: u64,
    /// To the primary.
    pub primary: u64,
    /// To the primary, after the replica had failed, or had nothing.
    pub again: u64,
}

impl Replicas {
    pub(super) fn of(replicas: Vec<(PgConnectOptions, Arc<Pulse>)>, longest_lag: Duration) -> Self {
        let follower = |(options, pulse): (PgConnectOptions, Arc<Pulse>)| {
            Arc::new(Follower {
                place: server(&options),
                options,
                pulse,
                usable: AtomicBool::new(false),
                reached: AtomicU64::new(0),
                position: AtomicU64::new(0),
                lag_microseconds: AtomicU64::new(0),
                state: Mutex::new(State::Unasked),
            })
        };
        Self {
            ledger: Arc::new(Ledger::new()),
            followers: replicas.into_iter().map(follower).collect(),
            chosen: AtomicUsize::new(NONE),
            choice: Mutex::default(),
            longest_lag,
            track: Mutex::default(),
            hurry: Notify::new(),
            waiting: AtomicUsize::new(0),
            advanced: Notify::new(),
            ended: Notify::new(),
            tally: Tally::default(),
        }
    }

    pub(super) fn followers(&self) -> &[Arc<Follower>] {
        &self.followers
    }

    /// What was written and shown; to be told of writes.
    #[must_use]
    pub const fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Each replica as it is now.
    #[must_use]
    pub fn figures(&self) -> Vec<ReplicaFigures> {
        let chosen = self.chosen.load(SeqCst);
        let figures = |(number, follower): (usize, &Arc<Follower>)| ReplicaFigures {
            place: follower.place.clone(),
            state: *follower.state(),
            chosen: number == chosen,
            lag: Duration::from_micros(follower.lag_microseconds.load(Relaxed)),
        };
        self.followers.iter().enumerate().map(figures).collect()
    }

    /// How many reads went where.
    #[must_use]
    pub fn reads(&self) -> ReadFigures {
        let [replica, primary, again] =
            [&self.tally.replica, &self.tally.primary, &self.tally.again].map(|count| count.load(Relaxed));
        ReadFigures { replica, primary, again }
    }

    /// Begins to follow, on a thread of its own; until then, and after the end of what is given, all reads go to the primary.
    pub(super) fn start(self: &Arc<Self>, primary: PgConnectOptions) -> io::Result<Following> {
        let (replicas, following) = (Arc::clone(self), Following(Arc::clone(self)));
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let work = move || runtime.block_on(follow::follow(&replicas, primary));
        thread::Builder::new().name("albedo-replicas".to_owned()).spawn(work)?;
        Ok(following)
    }

    /// Chooses another replica where the one that is read from cannot be any more.
    fn choose(&self) {
        let _one_at_a_time = self.choice.lock().unwrap_or_else(PoisonError::into_inner);
        let chosen = self.chosen.load(SeqCst);
        let is_usable = |number: usize| self.followers.get(number).is_some_and(|one| one.usable.load(SeqCst));
        if is_usable(chosen) {
            return;
        }
        let count = self.followers.len();
        // Processes begin at different ones, so that each has its share.
        let start = usize::try_from(std::process::id()).unwrap_or_default();
        let turn = (0..count).filter_map(|step| (start.wrapping_add(step)).checked_rem(count));
        let next = turn.into_iter().find(|number| is_usable(*number)).unwrap_or(NONE);
        if next != chosen {
            // The one before may have shown more than this one has.
            self.ledger.all_written();
            self.chosen.store(next, SeqCst);
            match self.followers.get(next) {
                Some(follower) => tracing::info!(replica = follower.place, "reads go to this replica"),
                None => tracing::warn!("reads go to the primary: no replica can be read from"),
            }
        }
    }

    fn track(&self) -> MutexGuard<'_, Track> {
        self.track.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Follower {
    pub(super) const fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    pub(super) const fn pulse(&self) -> &Arc<Pulse> {
        &self.pulse
    }

    /// Refuses a new connection to a server that is no replica, or shows less than this one has: it was started anew, and
    /// replays its log once more.
    pub(super) async fn admit(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        match follow::replayed(connection).await? {
            Some(position) if position >= self.position.load(SeqCst) => Ok(()),
            _ => Err(sqlx::Error::Io(io::Error::other("the replica shows less than before"))),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is(&self, state: State) {
        let before = std::mem::replace(&mut *self.state(), state);
        self.usable.store(state == State::Usable, SeqCst);
        if before != state && state != State::Usable {
            tracing::warn!(replica = self.place, reason = state.reason(), "a replica is left out");
        }
    }
}

/// Replicas are followed until this is dropped.
pub struct Following(Arc<Replicas>);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.chosen.store(NONE, SeqCst);
        self.0.ended.notify_one();
    }
}

// The driver's own options show the password.
impl fmt::Debug for Replicas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.figures()).finish()
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}
