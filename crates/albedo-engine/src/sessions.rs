//! Which sessions live: asked of the database, remembered for two seconds.
//!
//! An access token lives for minutes and cannot be taken back, so it is never trusted alone. A session that ends here is
//! forgotten here at once; on other replicas it lives for at most two seconds more.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use albedo_core::database::Database;
use albedo_repositories::{RefreshTokens, Session};
use moka::sync::Cache;
use uuid::Uuid;

use crate::caller::Caller;
use crate::error::ServiceError;
use crate::request_id::RequestId;
use crate::work::unavailable;

const REMEMBERED: Duration = Duration::from_secs(2);
const MOST: u64 = 10_000;

#[derive(Debug)]
pub(crate) struct Sessions {
    living: Cache<Uuid, Session>,
    /// How often something was forgotten. What was read before the last time must not be remembered after it.
    forgotten: AtomicU64,
}

impl Sessions {
    pub(crate) fn new() -> Self {
        let living =
            Cache::builder().max_capacity(MOST).time_to_live(REMEMBERED).support_invalidation_closures().build();
        Self { living, forgotten: AtomicU64::new(0) }
    }

    /// The caller behind a session of `user`, if it lives. When the database is away nobody is let in.
    pub(crate) async fn caller(&self, database: &Database, user: Uuid, session: Uuid) -> Result<Caller, ServiceError> {
        let found = match self.living.get(&session) {
            Some(found) => found,
            None => {
                let forgotten = self.forgotten.load(Ordering::SeqCst);
                let found = RefreshTokens::on(database.read()).session(session).await.map_err(unavailable)?;
                let found = found.ok_or(ServiceError::Unauthenticated)?;
                self.living.insert(session, found);
                // Looked at after the insert: whoever forgets counts first, so one of the two sees the other.
                if self.forgotten.load(Ordering::SeqCst) != forgotten {
                    self.living.invalidate(&session);
                }
                found
            }
        };
        if found.user != user {
            return Err(ServiceError::Unauthenticated);
        }
        Ok(Caller { user, session, role: found.role, request: RequestId::NONE })
    }

    /// Forgets one session.
    pub(crate) fn forget(&self, session: Uuid) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.living.invalidate(&session);
    }

    /// Forgets all sessions of a user.
    pub(crate) fn forget_user(&self, user: Uuid) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        // Fails only without `support_invalidation_closures`, which `new` asks for.
        let _ = self.living.invalidate_entries_if(move |_, session| session.user == user);
    }
}
