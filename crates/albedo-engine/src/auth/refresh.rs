//! Exchanging and giving back refresh tokens.

use albedo_core::security::refresh::RefreshToken;
use albedo_entities::refresh_token;
use albedo_repositories::RefreshTokens;
use secrecy::ExposeSecret;
use serde_json::Value;

use super::{Auth, Family, Grant, Origin, RefreshForm, now};
use crate::error::ServiceError;
use crate::work::unavailable;

/// What became of the attempt to use a token.
enum Use {
    /// It buys a new pair.
    Won,
    /// It was used a moment ago: perhaps a client that lost the answer, perhaps fifty requests of one client at once.
    Late,
    /// It was used long ago: somebody has a copy.
    Stolen,
    /// It has expired or was taken back.
    Dead,
}

impl Auth<'_> {
    /// A new grant for a refresh token, which is used up by it.
    ///
    /// Of many requests with one token, one wins. Within the grace time one more gets a grant, since an answer may be lost
    /// on its way; the others are refused. A token used again after that time is taken for stolen, and its whole family is
    /// taken back.
    ///
    /// # Errors
    /// The faults of the body, [`ServiceError::Unauthenticated`], and when the database does not answer.
    pub async fn refresh(&self, body: Value, origin: Origin) -> Result<Grant, ServiceError> {
        let form: RefreshForm = self.read(body, |_, _| {})?;
        let database = &self.services.database;
        let stored = self.stored(&form).await?.ok_or(ServiceError::Unauthenticated)?;
        // A closed account refreshes nothing, even while its family lives.
        let session = RefreshTokens::on(database.read()).session(stored.family_id).await.map_err(unavailable)?;
        session.ok_or(ServiceError::Unauthenticated)?;

        let now = now();
        let transaction = database.begin_write().await.map_err(|error| unavailable(error.into()))?;
        let mut is_stolen = false;
        let outcome = match self.try_use(&RefreshTokens::on(&transaction), &stored, now).await? {
            Use::Won => {
                let family =
                    Family { user: stored.user_id, id: stored.family_id, logged_in_at: stored.logged_in_at, origin };
                Ok(self.grant(&transaction, family, now).await?)
            }
            Use::Stolen => {
                tracing::warn!(user = %stored.user_id, session = %stored.family_id, "a used refresh token came again; its session is ended");
                RefreshTokens::on(&transaction).revoke_family(stored.family_id, now).await.map_err(unavailable)?;
                is_stolen = true;
                Err(ServiceError::Unauthenticated)
            }
            Use::Late | Use::Dead => Err(ServiceError::Unauthenticated),
        };
        transaction.commit().await.map_err(|error| unavailable(error.into()))?;
        if is_stolen {
            // Not before: who asks in between would still find it living, and remember that.
            self.services.shared.sessions.forget(stored.family_id);
        }
        outcome
    }

    /// Ends the session of a refresh token. A token that nobody knows ends nothing, and is no fault.
    ///
    /// # Errors
    /// The faults of the body, and when the database does not answer.
    pub async fn logout(&self, body: Value) -> Result<(), ServiceError> {
        let form: RefreshForm = self.read(body, |_, _| {})?;
        if let Some(stored) = self.stored(&form).await? {
            let tokens = RefreshTokens::on(self.services.database.write());
            tokens.revoke_family(stored.family_id, now()).await.map_err(unavailable)?;
            self.services.shared.sessions.forget(stored.family_id);
        }
        Ok(())
    }

    /// The row of a token whose secret is right.
    async fn stored(&self, form: &RefreshForm) -> Result<Option<refresh_token::Model>, ServiceError> {
        let Some(token) = RefreshToken::parse(form.refresh_token.expose_secret()) else { return Ok(None) };
        let found = RefreshTokens::on(self.services.database.read()).find(token.id()).await.map_err(unavailable)?;
        Ok(found.filter(|stored| token.matches(&stored.token_hash)))
    }

    async fn try_use<C: sea_orm::ConnectionTrait>(
        &self,
        tokens: &RefreshTokens<'_, C>,
        stored: &refresh_token::Model,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<Use, ServiceError> {
        if tokens.use_once(stored, now).await.map_err(unavailable)? {
            return Ok(Use::Won);
        }
        let grace = self.services.shared.security.refresh_grace;
        if !grace.is_zero() && tokens.give_sibling(stored, now - grace, now).await.map_err(unavailable)? {
            return Ok(Use::Won);
        }
        // Looked at again: what was read before may be older than the winner.
        let current = tokens.find(stored.id).await.map_err(unavailable)?;
        Ok(match current.map(|token| (token.used_at, token.revoked_at)) {
            Some((Some(used), None)) if !grace.is_zero() && used >= now - grace => Use::Late,
            Some((Some(_), None)) => Use::Stolen,
            _ => Use::Dead,
        })
    }
}
