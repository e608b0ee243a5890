//! Signing in and out.
//!
//! What a person learns from a refusal, and how long it takes, is the same whether the account exists or not.

mod account;
mod forms;
pub mod passwords;
mod refresh;

use albedo_core::body::{self, Purpose};
use albedo_core::database::Transaction;
use albedo_core::fault::Faults;
use albedo_core::security::password::Verdict;
use albedo_core::security::refresh::RefreshToken;
use albedo_core::settings::Registration;
use albedo_entities::user::{self, UserView};
use albedo_entities::{Resource, Role, Shape};
use albedo_repositories::{NewToken, RefreshTokens, Users};
use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::ConnectionTrait;
use secrecy::SecretString;
use serde_json::{Map, Value};
use uuid::Uuid;

pub use account::AdminOutcome;
pub use forms::{Login, NewPassword, RefreshForm, Register};

use crate::caller::Caller;
use crate::crud::Row;
use crate::error::ServiceError;
use crate::request_id::RequestId;
use crate::services::Services;
use crate::work::unavailable;

/// What a client gets when it signs in.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Goes into `Authorization: Bearer`.
    pub access_token: SecretString,
    /// Buys the next grant, once.
    pub refresh_token: SecretString,
    /// Seconds that the access token lives.
    pub expires_in: u64,
}

/// Where a login comes from; kept beside its tokens, for the person to recognize it.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The program, as it names itself.
    pub user_agent: Option<String>,
    /// Its address.
    pub ip: Option<String>,
}

/// Signing in and out.
#[derive(Clone, Copy, Debug)]
pub struct Auth<'s> {
    services: &'s Services,
}

impl<'s> Auth<'s> {
    pub(crate) const fn new(services: &'s Services) -> Self {
        Self { services }
    }

    /// Who an access token stands for, if its session still lives.
    ///
    /// # Errors
    /// [`ServiceError::Unauthenticated`], and when the database does not answer: nobody is let in unchecked.
    pub async fn caller(&self, access_token: &str) -> Result<Caller, ServiceError> {
        let shared = &self.services.shared;
        let claims = shared.tokens.verify(access_token, Utc::now()).map_err(|error| {
            tracing::debug!(%error, "an access token was refused");
            ServiceError::Unauthenticated
        })?;
        shared.sessions.caller(&self.services.database, claims.user, claims.session).await
    }

    /// A new account. The person signs in with it next.
    ///
    /// # Errors
    /// All the faults of the body, [`ServiceError::Conflict`] where the address has an account,
    /// [`ServiceError::Forbidden`] where accounts are made by admins alone, and when something does not answer.
    pub async fn register(&self, body: Value, request: RequestId) -> Result<Row<UserView>, ServiceError> {
        if self.services.shared.security.registration == Registration::Closed {
            return Err(ServiceError::Forbidden);
        }
        let form: Register =
            self.read(body, |body, faults| passwords::check(self.services, body, "password", faults))?;
        // Hashed before the address is looked at, so that both answers take the same time.
        let password_hash = self.services.shared.passwords.hash(&form.password).await?;
        let row = user::ActiveModel {
            email: Set(form.email.to_lowercase()),
            password_hash: Set(password_hash),
            full_name: Set(form.full_name),
            role: Set(Role::default()),
            is_active: Set(true),
            email_verified_at: Set(None),
            last_login_at: Set(None),
            ..Default::default()
        };
        let (transaction, now) = (self.begin().await?, now());
        let user = Users::on(&transaction).insert(row, now).await;
        let user = user.map_err(|error| ServiceError::of(user::Entity::description(), error))?;
        // Who registers does it themselves, before there is any session.
        let caller = Caller { user: user.id, session: Uuid::nil(), role: user.role, request };
        account::write_down(&transaction, Some(&caller), now, None, &user).await?;
        transaction.commit().await.map_err(|error| unavailable(error.into()))?;
        Ok(account::row(user))
    }

    async fn begin(&self) -> Result<Transaction, ServiceError> {
        self.services.database.begin_write().await.map_err(|error| unavailable(error.into()))
    }

    /// A grant for an address and its password.
    ///
    /// # Errors
    /// The faults of the body, [`ServiceError::WrongCredentials`], and when something does not answer.
    pub async fn login(&self, body: Value, origin: Origin) -> Result<Grant, ServiceError> {
        let form: Login = self.read(body, |_, _| {})?;
        self.sign_in(&form.email, &form.password, origin).await
    }

    /// [`Auth::login`] with the two texts of an OAuth 2 password form.
    ///
    /// # Errors
    /// As [`Auth::login`].
    pub async fn sign_in(&self, email: &str, password: &SecretString, origin: Origin) -> Result<Grant, ServiceError> {
        let (database, shared) = (&self.services.database, &self.services.shared);
        // A text that no database can hold belongs to nobody.
        let email = if email.contains('\0') { "" } else { email };
        let found = Users::on(database.read()).find_by_email(&email.to_lowercase()).await.map_err(unavailable)?;
        let Some(user) = found else {
            shared.passwords.verify_nobody(password).await?;
            return Err(ServiceError::WrongCredentials);
        };
        let verdict = shared.passwords.verify(password, &user.password_hash).await?;
        if verdict == Verdict::Wrong || !user.is_active {
            return Err(ServiceError::WrongCredentials);
        }
        let now = now();
        let mut hash = user.password_hash;
        if verdict == Verdict::RightButOutdated {
            let stronger = shared.passwords.hash(password).await?;
            let users = Users::on(database.write());
            if users.strengthen(user.id, &hash, &stronger).await.map_err(unavailable)? {
                hash = stronger;
            }
        }
        let transaction = database.begin_write().await.map_err(|error| unavailable(error.into()))?;
        if !Users::on(&transaction).sign_in(user.id, &hash, now).await.map_err(unavailable)? {
            return Err(ServiceError::WrongCredentials);
        }
        RefreshTokens::on(&transaction).sweep(user.id, now).await.map_err(unavailable)?;
        let family = Family { user: user.id, id: Uuid::now_v7(), logged_in_at: now, origin };
        let grant = self.grant(&transaction, family, now).await?;
        transaction.commit().await.map_err(|error| unavailable(error.into()))?;
        Ok(grant)
    }

    /// A grant for an address on an operator's word, without a password; `None` where nobody active has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn issue(&self, email: &str) -> Result<Option<Grant>, ServiceError> {
        let database = &self.services.database;
        let found = Users::on(database.read()).find_by_email(&email.to_lowercase()).await.map_err(unavailable)?;
        let Some(user) = found.filter(|user| user.is_active) else { return Ok(None) };
        let now = now();
        let origin = Origin { user_agent: Some("albedo-api token issue".to_owned()), ip: None };
        let family = Family { user: user.id, id: Uuid::now_v7(), logged_in_at: now, origin };
        self.grant(database.write(), family, now).await.map(Some)
    }

    /// A new pair of tokens in a family; the refresh token is stored through `connection`.
    async fn grant<C: ConnectionTrait>(
        &self,
        connection: &C,
        family: Family,
        now: DateTime<Utc>,
    ) -> Result<Grant, ServiceError> {
        let shared = &self.services.shared;
        let refresh = RefreshToken::generate(Uuid::now_v7());
        let idle = now + shared.security.refresh_idle;
        let absolute = family.logged_in_at + shared.security.refresh_absolute;
        let token = NewToken {
            id: refresh.id(),
            user: family.user,
            family: family.id,
            hash: refresh.hash(),
            logged_in_at: family.logged_in_at,
            expires_at: idle.min(absolute),
            user_agent: family.origin.user_agent,
            ip: family.origin.ip,
        };
        RefreshTokens::on(connection).insert(token, now).await.map_err(unavailable)?;
        let access = shared.tokens.issue(family.user, family.id, now).map_err(ServiceError::internal)?;
        Ok(Grant { access_token: access.token, refresh_token: refresh.text(), expires_in: access.expires_in.as_secs() })
    }

    /// A form, or all that is wrong with it.
    fn read<S: Shape>(
        &self,
        body: Value,
        rules: impl FnOnce(&Map<String, Value>, &mut Faults),
    ) -> Result<S, ServiceError> {
        let object = body::check(S::fields(), Purpose::Create, body, rules).map_err(ServiceError::Invalid)?;
        serde_json::from_value(Value::Object(object)).map_err(ServiceError::internal)
    }
}

/// The login that tokens stem from.
struct Family {
    user: Uuid,
    id: Uuid,
    logged_in_at: DateTime<Utc>,
    origin: Origin,
}

fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
