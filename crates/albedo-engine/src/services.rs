//! Everything a request can ask for, bundled.

use std::sync::Arc;
use std::time::Duration;

use albedo_core::cache::Cache;
use albedo_core::database::Database;
use albedo_core::listing::Cursors;
use albedo_core::security::password::Passwords;
use albedo_core::security::seal::Seals;
use albedo_core::security::token::Tokens;
use albedo_core::settings::SecuritySettings;
use albedo_entities::Description;
use albedo_repositories::{DeletedRows, Purged};
use chrono::{TimeDelta, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use crate::auth::Auth;
use crate::caller::{Access, Caller};
use crate::crud::Crud;
use crate::error::ServiceError;
use crate::memory::Memory;
use crate::related::Served;
use crate::sessions::Sessions;
use crate::work::unavailable;

/// What all workers share.
#[derive(Debug)]
pub struct Shared {
    pub(crate) passwords: Passwords,
    pub(crate) tokens: Tokens,
    pub(crate) cursors: Cursors,
    /// What keyed requests are known by.
    pub(crate) claims: Seals,
    pub(crate) sessions: Sessions,
    memory: Memory,
    pub(crate) security: SecuritySettings,
    pub(crate) cache: Cache,
    served: Vec<Served>,
}

impl Shared {
    /// Starts the threads that hash passwords, and reads the keys.
    ///
    /// # Errors
    /// When a thread cannot start or a key cannot be used.
    pub fn start(security: SecuritySettings, cache: Cache) -> Result<Self, ServiceError> {
        Ok(Self {
            passwords: Passwords::start(&security).map_err(ServiceError::internal)?,
            tokens: Tokens::new(&security).map_err(ServiceError::internal)?,
            cursors: Cursors::new(&security.jwt_secret, &security.jwt_previous_secrets),
            claims: claims(&security),
            sessions: Sessions::new(),
            memory: Memory::default(),
            security,
            cache,
            served: Vec::new(),
        })
    }

    /// With the resources that are served: those that relations may lead to, and whose writes are told to what is computed
    /// from them.
    #[must_use]
    pub fn serving(mut self, resources: impl IntoIterator<Item = Served>) -> Self {
        self.served.extend(resources);
        self
    }

    /// The resource, as the others know it.
    pub(crate) fn served(&self, description: &Description) -> Option<&Served> {
        self.served.iter().find(|served| served.description.name == description.name)
    }

    /// Whether something is computed from rows of this resource.
    pub(crate) fn is_summed_up(&self, description: &Description) -> bool {
        let sources = self.served.iter().flat_map(|served| served.computed_from);
        sources.into_iter().any(|source| source().name == description.name)
    }
}

fn claims(security: &SecuritySettings) -> Seals {
    let SecuritySettings { jwt_secret, jwt_previous_secrets, .. } = security;
    // Made up at a start, which production never does, it knows nothing again that was written before; and a retry after a
    // crash is to be known.
    let fixed = security.jwt_secret_is_random.then(|| SecretString::from("made up"));
    Seals::new("claim/hmac-sha256/v1", fixed.as_ref().unwrap_or(jwt_secret), jwt_previous_secrets)
}

/// The services of one worker: its own connections, and what all share.
#[derive(Clone, Debug)]
pub struct Services {
    pub(crate) database: Database,
    pub(crate) shared: Arc<Shared>,
}

impl Services {
    /// How long a caller whose request found something unavailable should wait.
    pub const RETRY_AFTER: Duration = Duration::from_secs(1);

    /// On a worker's connections.
    #[must_use]
    pub const fn new(database: Database, shared: Arc<Shared>) -> Self {
        Self { database, shared }
    }

    /// The verbs of a resource, for a caller whose role reaches; `parents` as the path names them.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub fn at<'s>(
        &'s self,
        resource: Served,
        caller: &'s Caller,
        access: Access,
        parents: Vec<Uuid>,
    ) -> Result<Crud<'s>, ServiceError> {
        resource.authorize(caller, access)?;
        Ok(Crud::new(self, caller, resource, parents))
    }

    /// Deletes for good what was deleted longer than `age` ago and could be restored until now, but for what others refer to.
    ///
    /// # Errors
    /// When the database does not answer. What is gone by then is gone.
    pub async fn purge(&self, age: TimeDelta) -> Result<Vec<Purged>, ServiceError> {
        let before = Utc::now().checked_sub_signed(age).unwrap_or_default();
        DeletedRows::on(self.database.write()).purge_before(before).await.map_err(unavailable)
    }

    /// Signing in and out.
    #[must_use]
    pub const fn auth(&self) -> Auth<'_> {
        Auth::new(self)
    }

    /// What is kept of answers, for readiness and figures.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        &self.shared.cache
    }

    /// What services keep in memory for all workers: the value of this type, made when it is first asked for. It bounds its own
    /// size.
    #[must_use]
    pub fn memory<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.shared.memory.of()
    }

    /// Where passwords are hashed and looked at.
    #[must_use]
    pub fn passwords(&self) -> &Passwords {
        &self.shared.passwords
    }

    /// Lets nobody in any more with what was remembered of the user's sessions.
    pub fn forget_sessions(&self, user: Uuid) {
        self.shared.sessions.forget_user(user);
    }

    /// The worker's connections; for readiness and migrations.
    #[must_use]
    pub const fn database(&self) -> &Database {
        &self.database
    }
}
