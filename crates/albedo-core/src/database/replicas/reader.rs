//! Where one read goes: to the replica where that shows enough, else to the primary, and there as well when a replica fails.

use std::{
    fmt,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use tokio::time::{Instant, timeout_at};

use super::{Follower, Replicas, Verdict};
use crate::{cache::Tag, database::Connections};

/// How long a read waits for the replica to show what the primary has shown. Keeping to the primary instead would show more
/// each time, and what is read often would never come back to the replica.
const CATCHING_UP: Duration = Duration::from_millis(30);
/// Nobody waits for a replica that is as far behind as this.
const WORTH_WAITING: u64 = 100_000;
/// PostgreSQL's code for a statement that took too long: it would elsewhere as well.
const CANCELED: &str = "57014";

/// Statements of one read. What they show is noted when it is dropped.
pub struct Reader<'d> {
    primary: &'d Connections,
    replica: Option<&'d Connections>,
    noting: Option<Noting<'d>>,
}

struct Noting<'d> {
    replicas: &'d Arc<Replicas>,
    tags: Vec<Tag>,
    /// Whether the primary has shown anything.
    by_primary: AtomicBool,
}

impl<'d> Reader<'d> {
    pub(in crate::database) const fn of_primary(primary: &'d Connections) -> Self {
        Self { primary, replica: None, noting: None }
    }

    /// Decides for a read that depends on these.
    pub(in crate::database) async fn decide(
        primary: &'d Connections,
        replicas: &'d Arc<Replicas>,
        pools: &'d [Connections],
        tags: Vec<Tag>,
    ) -> Self {
        let chosen = replicas.chosen.load(SeqCst);
        let replica = match replicas.followers.get(chosen) {
            Some(follower) if shows(replicas, follower, &tags).await => pools.get(chosen),
            _ => None,
        };
        let counted = if replica.is_some() { &replicas.tally.replica } else { &replicas.tally.primary };
        counted.fetch_add(1, Relaxed);
        let by_primary = AtomicBool::new(replica.is_none());
        Self { primary, replica, noting: Some(Noting { replicas, tags, by_primary }) }
    }

    /// Whether all that was read came from the primary, so that it may be shared with others.
    #[must_use]
    pub fn is_of_primary(&self) -> bool {
        self.replica.is_none()
    }

    /// Has the primary asked from here on; whether that makes a difference. For what a replica does not have: a row that is
    /// new was not there to be noted as written.
    #[must_use]
    pub fn turn_to_primary(&self) -> bool {
        let turned = self.replica().is_some();
        if let Some(noting) = self.noting.as_ref().filter(|_| turned) {
            noting.by_primary.store(true, Relaxed);
            noting.replicas.tally.again.fetch_add(1, Relaxed);
        }
        turned
    }

    /// The replica, unless it has failed before.
    fn replica(&self) -> Option<&Connections> {
        let failed = self.noting.as_ref().is_some_and(|noting| noting.by_primary.load(Relaxed));
        self.replica.filter(|_| !failed)
    }

    /// Whether the primary is to be asked what the replica has failed to answer.
    fn is_for_primary<T>(&self, answer: &Result<T, DbErr>) -> bool {
        let Err(error) = answer else { return false };
        let code = match error {
            DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
                error.as_database_error().and_then(|told| told.code())
            }
            _ => None,
        };
        if code.is_some_and(|code| code == CANCELED) {
            return false;
        }
        tracing::debug!(%error, "a replica failed; the primary is asked");
        self.turn_to_primary()
    }
}

/// Whether the replica shows all that a read of these has to show, perhaps after a moment.
async fn shows(replicas: &Replicas, follower: &Follower, tags: &[Tag]) -> bool {
    let verdict = || replicas.ledger.verdict(tags, follower.reached.load(SeqCst));
    match verdict() {
        Verdict::Replica => return true,
        Verdict::Primary => return false,
        Verdict::Soon(_) if follower.lag_microseconds.load(Relaxed) > WORTH_WAITING => return false,
        Verdict::Soon(_) => {}
    }
    let (_waiting, deadline) = (Waiting::among(replicas), Instant::now() + CATCHING_UP);
    loop {
        let mut advanced = pin!(replicas.advanced.notified());
        // From here on nothing is missed, though it is waited for only below.
        advanced.as_mut().enable();
        match verdict() {
            Verdict::Replica => return true,
            Verdict::Primary => return false,
            Verdict::Soon(_) => replicas.hurry.notify_one(),
        }
        if timeout_at(deadline, advanced).await.is_err() {
            return false;
        }
    }
}

/// One more who waits, until it is dropped.
struct Waiting<'r>(&'r Replicas);

impl<'r> Waiting<'r> {
    fn among(replicas: &'r Replicas) -> Self {
        replicas.waiting.fetch_add(1, SeqCst);
        Self(replicas)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, SeqCst);
    }
}

impl Drop for Noting<'_> {
    fn drop(&mut self) {
        if self.by_primary.load(Relaxed) {
            self.replicas.ledger.shown(&self.tags);
        }
    }
}

#[async_trait]
impl ConnectionTrait for Reader<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.primary.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.primary.take().await?.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.primary.take().await?.run(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        if let Some(replica) = self.replica() {
            let answer = match replica.take().await {
                Ok(mut held) => held.one(statement.clone()).await,
                Err(error) => Err(error),
            };
            if !self.is_for_primary(&answer) {
                return answer;
            }
        }
        self.primary.take().await?.one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if let Some(replica) = self.replica() {
            let answer = match replica.take().await {
                Ok(mut held) => held.all(statement.clone()).await,
                Err(error) => Err(error),
            };
            if !self.is_for_primary(&answer) {
                return answer;
            }
        }
        self.primary.take().await?.all(statement).await
    }
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("of_primary", &self.is_of_primary()).finish_non_exhaustive()
    }
}
