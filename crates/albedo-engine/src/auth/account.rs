//! One's own account, and the first admin.

use albedo_core::database::Transaction;
use albedo_core::fault::{Code, Fault, Faults};
use albedo_core::scalar;
use albedo_core::security::password::Verdict;
use albedo_entities::audit_event::AuditAction;
use albedo_entities::user::{self, UserView};
use albedo_entities::{Identity, Resource, Role};
use albedo_repositories::{RefreshTokens, RepositoryError, Users};
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use uuid::Uuid;

use super::{Auth, NewPassword, now, passwords};
use crate::audit::{self, Actor, Deed};
use crate::caller::Caller;
use crate::crud::Row;
use crate::error::ServiceError;
use crate::work::unavailable;

/// What became of an admin's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminOutcome {
    /// A new account was made.
    Created,
    /// An account that was there is an admin's now, and has the new password.
    Promoted,
    /// There is an active admin already; nothing was done.
    AlreadyThere,
    /// The address belongs to somebody who is no admin; nothing was done.
    AddressTaken,
}

impl Auth<'_> {
    /// The caller's own account.
    ///
    /// # Errors
    /// When the account is gone, or the database does not answer.
    pub async fn me(&self, caller: &Caller) -> Result<Row<UserView>, ServiceError> {
        let found = Users::on(self.services.database.read()).find(caller.user).await.map_err(unavailable)?;
        found.map(row).ok_or(ServiceError::Unauthenticated)
    }

    /// Changes the caller's password and ends all their sessions, this one too.
    ///
    /// # Errors
    /// The faults of the body, one at `/current_password` where that is wrong, and when something does not answer.
    pub async fn change_password(&self, caller: &Caller, body: Value) -> Result<(), ServiceError> {
        let (database, shared) = (&self.services.database, &self.services.shared);
        let found = Users::on(database.read()).find(caller.user).await.map_err(unavailable)?;
        let user = found.ok_or(ServiceError::Unauthenticated)?;
        let own_words = [&*user.email, user.full_name.as_deref().unwrap_or_default()];
        let form: NewPassword = self.read(body, |body, faults| {
            passwords::check_field(self.services, body, "new_password", &own_words, faults);
        })?;
        let verdict = shared.passwords.verify(&form.current_password, &user.password_hash).await?;
        if verdict == Verdict::Wrong {
            return Err(wrong_current_password());
        }
        let hash = shared.passwords.hash(&form.new_password).await?;
        let now = now();
        let transaction = self.begin().await?;
        let changed = Users::on(&transaction)
            .set_password(user.id, Some(&user.password_hash), &hash, now)
            .await
            .map_err(unavailable)?;
        // Another change came between the look and the write: what was the current password is none any more.
        if !changed {
            return Err(wrong_current_password());
        }
        let after = read_again(&transaction, user.id).await?;
        // Whatever else has changed since the look is somebody else's doing.
        let before = user::Model { password_hash: user.password_hash, ..after.clone() };
        write_down(&transaction, Some(caller), now, Some(&before), &after).await?;
        RefreshTokens::on(&transaction).revoke_user(user.id, now).await.map_err(unavailable)?;
        transaction.commit().await.map_err(|error| unavailable(error.into()))?;
        shared.sessions.forget_user(user.id);
        Ok(())
    }

    /// Makes the first admin at start. Never touches an account that is there: whoever registered that address first
    /// would become an admin at the next start.
    ///
    /// # Errors
    /// The faults of the address and the password, and when something does not answer.
    pub async fn ensure_admin(&self, email: &str, password: &SecretString) -> Result<AdminOutcome, ServiceError> {
        let users = Users::on(self.services.database.read());
        if users.count_admins().await.map_err(unavailable)? > 0 {
            return Ok(AdminOutcome::AlreadyThere);
        }
        let email = email.to_lowercase();
        if users.find_by_email(&email).await.map_err(unavailable)?.is_some() {
            return Ok(AdminOutcome::AddressTaken);
        }
        let hash = self.hash_for_admin(&email, password).await?;
        let (transaction, now) = (self.begin().await?, now());
        match Users::on(&transaction).insert(new_admin(email, hash), now).await {
            Ok(admin) => {
                write_down(&transaction, None, now, None, &admin).await?;
                transaction.commit().await.map_err(|error| unavailable(error.into()))?;
                Ok(AdminOutcome::Created)
            }
            // Another replica that starts at this moment was faster.
            Err(RepositoryError::Taken { .. }) => Ok(AdminOutcome::AlreadyThere),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Makes an admin on an operator's word: a new account, or the one with this address and the new password.
    ///
    /// # Errors
    /// The faults of the address and the password, and when something does not answer.
    pub async fn make_admin(&self, email: &str, password: &SecretString) -> Result<AdminOutcome, ServiceError> {
        let email = email.to_lowercase();
        let hash = self.hash_for_admin(&email, password).await?;
        let now = now();
        let transaction = self.begin().await?;
        let users = Users::on(&transaction);
        let found = users.find_by_email(&email).await.map_err(unavailable)?;
        if let Some(user) = &found {
            users.promote(user.id, now).await.map_err(unavailable)?;
            users.set_password(user.id, None, &hash, now).await.map_err(unavailable)?;
            let after = read_again(&transaction, user.id).await?;
            write_down(&transaction, None, now, Some(user), &after).await?;
            RefreshTokens::on(&transaction).revoke_user(user.id, now).await.map_err(unavailable)?;
        } else {
            let inserted = users.insert(new_admin(email, hash), now).await;
            let inserted = inserted.map_err(|error| ServiceError::of(user::Entity::description(), error))?;
            write_down(&transaction, None, now, None, &inserted).await?;
        }
        transaction.commit().await.map_err(|error| unavailable(error.into()))?;
        Ok(match found {
            Some(user) => {
                self.services.shared.sessions.forget_user(user.id);
                AdminOutcome::Promoted
            }
            None => AdminOutcome::Created,
        })
    }

    /// The hash of an admin's password, if it and the address are good.
    async fn hash_for_admin(&self, email: &str, password: &SecretString) -> Result<String, ServiceError> {
        let mut faults = Faults::none();
        if !scalar::is_email(email) {
            faults.add(Fault::in_field("email", Code::InvalidFormat, "This is not an email address."));
        }
        passwords::check_text(self.services, password.expose_secret(), "password", &[email], &mut faults);
        faults.none_or(()).map_err(ServiceError::Invalid)?;
        Ok(self.services.shared.passwords.hash(password).await?)
    }
}

/// Writes down what became of an account past the resource's own verbs.
pub(super) async fn write_down(
    transaction: &Transaction,
    caller: Option<&Caller>,
    at: DateTime<Utc>,
    before: Option<&user::Model>,
    after: &user::Model,
) -> Result<(), ServiceError> {
    let action = if before.is_some() { AuditAction::Update } else { AuditAction::Create };
    let (before, after) = (audit::snapshot::<user::Entity>(before)?, audit::snapshot::<user::Entity>(Some(after))?);
    let deed = Deed { action, verb: None, before, after };
    audit::record(transaction.into(), Actor { caller, at }, user::Entity::description(), vec![deed]).await
}

async fn read_again(transaction: &Transaction, id: Uuid) -> Result<user::Model, ServiceError> {
    let found = Users::on(transaction).find(id).await.map_err(unavailable)?;
    found.ok_or(ServiceError::Unauthenticated)
}

fn new_admin(email: String, password_hash: String) -> user::ActiveModel {
    user::ActiveModel {
        email: Set(email),
        password_hash: Set(password_hash),
        full_name: Set(None),
        role: Set(Role::Admin),
        is_active: Set(true),
        email_verified_at: Set(None),
        last_login_at: Set(None),
        ..Default::default()
    }
}

fn wrong_current_password() -> ServiceError {
    let detail = "This is not the current password.";
    ServiceError::invalid(Fault::in_field("current_password", Code::Contradiction, detail))
}

pub(super) fn row(user: user::Model) -> Row<UserView> {
    let identity: Identity = user::Entity::identity(&user);
    Row { identity, view: UserView::from(user) }
}
