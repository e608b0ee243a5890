//! Which sessions live: asked of the database, remembered for two seconds.
//!
//! An access token lives for minutes and cannot be taken back, so it is never trusted alone. A session that ends here is
//! forgotten here at once; on other replicas it lives for at most two seconds more.

use std::time::Duration;

use albedo_core::database::Database;
use albedo_repositories::{RefreshTokens, Session};
use moka::sync::Cache;
use uuid::Uuid;

use crate::caller::Caller;
use crate::error::ServiceError;
use crate::work::unavailable;

const REMEMBERED: Duration = Duration::from_secs(2);
const MOST: u64 = 10_000;

#[derive(Debug)]
pub(crate) struct Sessions {
    living: Cache<Uuid, Session>,
}

impl Sessions {
    pub(crate) fn new() -> Self {
        let living =
            Cache::builder().max_capacity(MOST).time_to_live(REMEMBERED).support_invalidation_closures().build();
        Self { living }
    }

    /// The caller behind a session of `user`, if it lives. When the database is away nobody is let in.
    pub(crate) async fn caller(&self, database: &Database, user: Uuid, session: Uuid) -> Result<Caller, ServiceError> {
        let found = match self.living.get(&session) {
            Some(found) => found,
            None => {
                let found = RefreshTokens::on(database.read()).session(session).await.map_err(unavailable)?;
                let found = found.ok_or(ServiceError::Unauthenticated)?;
                self.living.insert(session, found);
                found
            }
        };
        if found.user != user {
            return Err(ServiceError::Unauthenticated);
        }
        Ok(Caller { user, session, role: found.role })
    }

    /// Forgets one session.
    pub(crate) fn forget(&self, session: Uuid) {
        self.living.invalidate(&session);
    }

    /// Forgets all sessions of a user.
    pub(crate) fn forget_user(&self, user: Uuid) {
        // Fails only without `support_invalidation_closures`, which `new` asks for.
        let _ = self.living.invalidate_entries_if(move |_, session| session.user == user);
    }
}
