//! Users: addresses in lower case, passwords hashed, and always an admin left.

use albedo_core::body::Purpose;
use albedo_core::fault::{Code, Fault, Faults};
use albedo_entities::{Resource, Role, user};
use albedo_repositories::{DeletedRows, RefreshTokens, Users};
use sea_orm::{ActiveValue, IntoActiveModel};
use serde_json::{Map, Value};

use super::Rules;
use crate::auth::passwords;
use crate::{Context, ServiceError, Services, Work, unavailable};

impl Rules for user::Entity {
    const ATOMIC: bool = true;
    // Of two admins who go in one bulk, the second one has to be seen to be the last.
    const ONE_BY_ONE: bool = true;

    fn check(services: &Services, _: Purpose, body: &Map<String, Value>, faults: &mut Faults) {
        passwords::check(services, body, "password", faults);
    }

    async fn before_create(
        context: Context<'_>,
        _work: &mut Work<'_>,
        mut input: user::CreateUser,
    ) -> Result<user::ActiveModel, ServiceError> {
        input.email = input.email.to_lowercase();
        let hash = context.services.passwords().hash(&input.password).await?;
        let mut row = input.into_active_model();
        row.password_hash = ActiveValue::Set(hash);
        Ok(row)
    }

    async fn before_update(
        _context: Context<'_>,
        work: &mut Work<'_>,
        current: &user::Model,
        input: user::UpdateUser,
    ) -> Result<user::ActiveModel, ServiceError> {
        let email = input.email.as_ref().map(|email| email.to_lowercase());
        if input.role.is_some_and(|role| role != Role::Admin) || input.is_active == Some(false) {
            another_admin_is_left(work, current).await?;
        }
        let mut row = input.into_active_model();
        if let Some(email) = email {
            // An address that nobody has looked at yet.
            if email != current.email {
                row.email_verified_at = ActiveValue::Set(None);
            }
            row.email = ActiveValue::Set(email);
        }
        Ok(row)
    }

    async fn before_delete(
        _context: Context<'_>,
        work: &mut Work<'_>,
        current: &user::Model,
    ) -> Result<(), ServiceError> {
        another_admin_is_left(work, current).await?;
        // What is deleted already holds nobody back; it goes with the account.
        let transaction = work.transaction().await?;
        let purged = DeletedRows::on(&transaction).purge_of(current.id).await;
        purged.map_err(|error| ServiceError::of(user::Entity::description(), error))
    }

    async fn after_update(
        context: Context<'_>,
        work: &mut Work<'_>,
        before: &user::Model,
        after: &user::Model,
    ) -> Result<(), ServiceError> {
        if before.is_active && !after.is_active {
            let transaction = work.transaction().await?;
            RefreshTokens::on(&transaction).revoke_user(after.id, context.now).await.map_err(unavailable)?;
        }
        Ok(())
    }

    fn committed(context: Context<'_>, row: &user::Model) {
        context.services.forget_sessions(row.id);
    }
}

/// Without an admin nobody could ever make one again over the API. Whether this user is one, the lock tells and not the row
/// that was read before it: somebody may just have made them the last.
async fn another_admin_is_left(work: &mut Work<'_>, current: &user::Model) -> Result<(), ServiceError> {
    let transaction = work.transaction().await?;
    let admins = Users::on(&transaction).lock_admins().await.map_err(unavailable)?;
    if admins != [current.id] {
        return Ok(());
    }
    let detail = "This is the last active admin; make another one first.";
    Err(ServiceError::Conflict(Fault::in_parameter("user_id", Code::Contradiction, detail).into()))
}
