//! One's own account, and the first admin.

use albedo_core::fault::{Code, Fault, Faults};
use albedo_core::scalar;
use albedo_core::security::password::Verdict;
use albedo_entities::user::{self, UserView};
use albedo_entities::{Identity, Resource, Role};
use albedo_repositories::{RefreshTokens, Users};
use sea_orm::ActiveValue::Set;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{Auth, NewPassword, now, passwords};
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
        let form: NewPassword =
            self.read(body, |body, faults| passwords::check(self.services, body, "new_password", faults))?;
        let (database, shared) = (&self.services.database, &self.services.shared);
        let found = Users::on(database.read()).find(caller.user).await.map_err(unavailable)?;
        let user = found.ok_or(ServiceError::Unauthenticated)?;
        let verdict = shared.passwords.verify(&form.current_password, &user.password_hash).await?;
        if verdict == Verdict::Wrong {
            let detail = "This is not the current password.";
            return Err(ServiceError::invalid(Fault::in_field("current_password", Code::Contradiction, detail)));
        }
        let hash = shared.passwords.hash(&form.new_password).await?;
        let now = now();
        let transaction = database.begin_write().await.map_err(|error| unavailable(error.into()))?;
        let changed = Users::on(&transaction)
            .set_password(user.id, Some(&user.password_hash), &hash, now)
            .await
            .map_err(unavailable)?;
        if !changed {
            return Err(ServiceError::Changed);
        }
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
        if users.find_by_email(&email.to_lowercase()).await.map_err(unavailable)?.is_some() {
            return Ok(AdminOutcome::AddressTaken);
        }
        self.make_admin(email, password).await
    }

    /// Makes an admin on an operator's word: a new account, or the one with this address and the new password.
    ///
    /// # Errors
    /// The faults of the address and the password, and when something does not answer.
    pub async fn make_admin(&self, email: &str, password: &SecretString) -> Result<AdminOutcome, ServiceError> {
        let email = email.to_lowercase();
        let mut faults = Faults::none();
        if !scalar::is_email(&email) {
            faults.add(Fault::in_field("email", Code::InvalidFormat, "This is not an email address."));
        }
        passwords::check_text(self.services, password.expose_secret(), "password", &[&email], &mut faults);
        faults.none_or(()).map_err(ServiceError::Invalid)?;

        let (database, shared) = (&self.services.database, &self.services.shared);
        let hash = shared.passwords.hash(password).await?;
        let now = now();
        let transaction = database.begin_write().await.map_err(|error| unavailable(error.into()))?;
        let users = Users::on(&transaction);
        let outcome = if let Some(user) = users.find_by_email(&email).await.map_err(unavailable)? {
            users.promote(user.id, now).await.map_err(unavailable)?;
            users.set_password(user.id, None, &hash, now).await.map_err(unavailable)?;
            RefreshTokens::on(&transaction).revoke_user(user.id, now).await.map_err(unavailable)?;
            shared.sessions.forget_user(user.id);
            AdminOutcome::Promoted
        } else {
            let admin = user::ActiveModel {
                email: Set(email),
                password_hash: Set(hash),
                full_name: Set(None),
                role: Set(Role::Admin),
                is_active: Set(true),
                email_verified_at: Set(None),
                last_login_at: Set(None),
                ..Default::default()
            };
            let inserted = users.insert(admin, now).await;
            inserted.map_err(|error| ServiceError::of(user::Entity::description(), error))?;
            AdminOutcome::Created
        };
        transaction.commit().await.map_err(|error| unavailable(error.into()))?;
        Ok(outcome)
    }
}

pub(super) fn row(user: user::Model) -> Row<UserView> {
    let identity: Identity = user::Entity::identity(&user);
    Row { identity, view: UserView::from(user) }
}
