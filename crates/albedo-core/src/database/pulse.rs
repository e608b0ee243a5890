//! Whether a PostgreSQL still lives, found out when it has been silent for too long.
//!
//! A server that is stopped, or that a network has swallowed, tells nothing: each statement would wait for as long as its
//! request may take. So whoever has waited for half a second raises a doubt, and one probe for all of them looks over a
//! connection of its own. A server that does not answer that either is away: all who wait fail at once, and nobody waits
//! anew until a probe is answered. One that answers also says which of our connections it works for; a statement whose
//! connection it has not heard of since is lost. A long statement on a living server is neither, and nothing is kept
//! ready for any of this: statements that are answered in time cost a timer each.

use std::{
    collections::HashMap,
    io,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use sqlx::{Connection, PgConnection, Row, postgres::PgConnectOptions};
use tokio::{
    runtime::Handle,
    sync::oneshot,
    time::{sleep, timeout},
};

/// A statement that is silent for so long is doubted.
const DOUBTFUL: Duration = Duration::from_millis(500);
/// How long a probe may take, a new connection included. With the doubt before it, that is when everybody knows.
const LIMIT: Duration = Duration::from_secs(1);
/// Between two probes: an answer that is on its way has come by then, and two of them show that nothing happens.
const PAUSE: Duration = Duration::from_millis(400);

/// What a living server has been doing for a connection.
const LOOK: &str = "SELECT pid, state NOT LIKE 'idle%', state_change::text FROM pg_stat_activity WHERE pid = ANY($1)";

/// The life of one server, as all connections to it see it.
pub(super) struct Pulse {
    options: PgConnectOptions,
    /// Whether the server can be asked for one of our connections: not through a pooler that changes them.
    knows_connections: bool,
    away: AtomicBool,
    /// Whether anything was answered since the last probe began.
    answered: AtomicBool,
    doubts: Mutex<Doubts>,
    next: AtomicU64,
}

#[derive(Default)]
struct Doubts {
    probing: bool,
    /// Whether somebody wants a probe who has no statement under way.
    wanted: bool,
    silent: HashMap<u64, Silent>,
}

/// A statement that waits.
struct Silent {
    process: i32,
    /// Since when its connection has been idle on the server, as of the last probe.
    idle_since: Option<Idle>,
    lost: Option<oneshot::Sender<()>>,
}

/// Since when a connection is idle; `None` where the server has no such connection.
type Idle = Option<String>;

impl Pulse {
    pub(super) fn of(options: PgConnectOptions, knows_connections: bool) -> Self {
        Self {
            options,
            knows_connections,
            away: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            doubts: Mutex::default(),
            next: AtomicU64::new(0),
        }
    }

    /// The answer to a statement on the connection that this process of the server serves, or an error as soon as it is
    /// known that there will be none.
    pub(super) async fn watch<T>(
        self: &Arc<Self>,
        process: i32,
        statement: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let mut statement = pin!(statement);
        match timeout(DOUBTFUL, statement.as_mut()).await {
            Ok(answer) => {
                // Read by all and written by none while all is well.
                if !self.answered.load(SeqCst) {
                    self.answered.store(true, SeqCst);
                }
                answer
            }
            Err(_) => Box::pin(self.doubt(process, statement)).await,
        }
    }

    /// Whether nobody should ask the server now. A probe is under way then.
    pub(super) fn is_away(self: &Arc<Self>) -> bool {
        let away = self.away.load(SeqCst);
        if away {
            self.probe();
        }
        away
    }

    /// Has the server looked at: a connection was waited for in vain.
    pub(super) fn wonder(self: &Arc<Self>) {
        self.doubts().wanted = true;
        self.probe();
    }

    async fn doubt<T>(
        self: &Arc<Self>,
        process: i32,
        mut statement: Pin<&mut impl Future<Output = Result<T, sqlx::Error>>>,
    ) -> Result<T, sqlx::Error> {
        let (lost, mut told) = oneshot::channel();
        let number = self.next.fetch_add(1, SeqCst);
        self.doubts().silent.insert(number, Silent { process, idle_since: None, lost: Some(lost) });
        let _waiting = Waiting { pulse: self, number };
        loop {
            self.probe();
            tokio::select! {
                biased;
                answer = statement.as_mut() => {
                    self.answered.store(true, SeqCst);
                    return answer;
                }
                _ = &mut told => return Err(silence()),
                // The one who probes may go with its thread.
                () = sleep(PAUSE) => {}
            }
        }
    }

    /// Begins to probe, unless somebody does already.
    fn probe(self: &Arc<Self>) {
        let mut doubts = self.doubts();
        if !doubts.probing
            && let Ok(runtime) = Handle::try_current()
        {
            doubts.probing = true;
            runtime.spawn(Probing { pulse: Arc::clone(self), ended: false }.until_certain());
        }
    }

    /// Tells those who wait what a look at the server means for them.
    fn judge(&self, looked: &Looked) {
        let lives = !matches!(looked, Looked::Silent) || self.answered.load(SeqCst);
        if self.away.swap(!lives, SeqCst) == lives {
            let place = super::postgres::place(&self.options);
            if lives {
                tracing::info!(place, "the database answers again");
            } else {
                tracing::warn!(place, "the database does not answer; requests that need it are refused until it does");
            }
        }
        let mut doubts = self.doubts();
        for silent in doubts.silent.values_mut() {
            let is_lost = match looked {
                Looked::Silent => !lives,
                Looked::Answered(active) => silent.is_idle_as_before(active.get(&silent.process)),
                Looked::Alive => false,
            };
            if is_lost && let Some(lost) = silent.lost.take() {
                // Whoever has just been answered does not listen any more.
                let _ = lost.send(());
            }
        }
    }

    async fn look(&self) -> Looked {
        let processes: Vec<i32> = self.doubts().silent.values().map(|silent| silent.process).collect();
        match timeout(LIMIT, self.ask(processes)).await {
            Ok(Ok(Some(active))) => Looked::Answered(active),
            // It refuses us, perhaps since it is full: whoever can say so lives.
            Ok(Ok(None) | Err(sqlx::Error::Database(_))) => Looked::Alive,
            Ok(Err(_)) | Err(_) => Looked::Silent,
        }
    }

    async fn ask(&self, processes: Vec<i32>) -> Result<Option<HashMap<i32, Activity>>, sqlx::Error> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        let rows = sqlx::query(LOOK).bind(processes).persistent(false).fetch_all(&mut connection).await?;
        connection.close().await?;
        if !self.knows_connections {
            return Ok(None);
        }
        let activity = |row: sqlx::postgres::PgRow| {
            // A server that does not say what it does for us is taken to do it.
            let active = row.try_get::<Option<bool>, _>(1)?.unwrap_or(true);
            Ok((row.try_get(0)?, Activity { active, since: row.try_get(2)? }))
        };
        rows.into_iter().map(activity).collect::<Result<_, _>>().map(Some)
    }

    fn doubts(&self) -> MutexGuard<'_, Doubts> {
        self.doubts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a server does for one connection.
struct Activity {
    active: bool,
    since: Option<String>,
}

/// What came of a look at the server.
enum Looked {
    /// It answered, and does this for those who wait.
    Answered(HashMap<i32, Activity>),
    /// It answered, and says no more.
    Alive,
    /// It did not answer.
    Silent,
}

impl Silent {
    /// Whether the server has done nothing for this connection between two looks. One look would not do: the statement may
    /// be on its way there, or its answer on its way here.
    fn is_idle_as_before(&mut self, activity: Option<&Activity>) -> bool {
        let idle_since = match activity {
            Some(Activity { active: true, .. }) => None,
            Some(Activity { since, .. }) => Some(since.clone()),
            None => Some(None),
        };
        let same = idle_since.is_some() && idle_since == self.idle_since;
        self.idle_since = idle_since;
        same
    }
}

/// Somebody waits; no more when this is dropped.
struct Waiting<'p> {
    pulse: &'p Pulse,
    number: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.pulse.doubts().silent.remove(&self.number);
    }
}

/// Somebody probes; another one may when this is dropped.
struct Probing {
    pulse: Arc<Pulse>,
    ended: bool,
}

impl Probing {
    /// Probes until nobody waits and the server lives.
    async fn until_certain(mut self) {
        while self.is_needed() {
            self.pulse.answered.store(false, SeqCst);
            let looked = self.pulse.look().await;
            self.pulse.judge(&looked);
            sleep(PAUSE).await;
        }
    }

    fn is_needed(&mut self) -> bool {
        let mut doubts = self.pulse.doubts();
        let wanted = std::mem::take(&mut doubts.wanted) || !doubts.silent.is_empty();
        if wanted || self.pulse.away.load(SeqCst) {
            return true;
        }
        // Under the lock, so that whoever comes now finds that nobody probes.
        doubts.probing = false;
        self.ended = true;
        false
    }
}

impl Drop for Probing {
    fn drop(&mut self) {
        if !self.ended {
            self.pulse.doubts().probing = false;
        }
    }
}

/// What a statement ends with whose answer will not come.
pub(super) fn silence() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the server does not answer"))
}
