//! Writes that are made once, however often they are asked for: a key of the client's own, claimed in the transaction of the
//! write, so that there is never one without the other, whatever is killed when.
//!
//! Any verb may use it: see [`Services::once`]. What is refused leaves no key behind, since nothing was written.

use albedo_core::claim::Claim;
use albedo_entities::idempotency_key;
use albedo_repositories::{Answer, IdempotencyKeys};
use bytes::Bytes;
use chrono::{SubsecRound, Utc};
use uuid::Uuid;

use crate::caller::Caller;
use crate::error::ServiceError;
use crate::services::Services;
use crate::work::{Work, unavailable};

/// A larger answer is not kept, and its write not made: a retry could not be answered.
const LARGEST: usize = 4 * 1024 * 1024;
/// One write in so many clears expired keys away, up to [`SWEPT`] of them: more than come meanwhile, and never many at a time.
const SWEEPS: u8 = 64;
const SWEPT: u64 = 512;

/// What was answered, as far as a retry needs it. What the status means is known above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Status of the answer.
    pub status: u16,
    /// Where the new row is.
    pub location: Option<String>,
    /// Its entity tag.
    pub etag: Option<String>,
    /// The body; cloning shares it.
    pub body: Bytes,
}

/// An answer that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The answer.
    pub receipt: Receipt,
    /// Whether it was given before, and nothing was written this time.
    pub replayed: bool,
}

impl Services {
    /// Does `write`, and keeps what `receipt` makes of it; or gives what an earlier request with the same key was answered,
    /// after waiting for it if it is under way. The work is a transaction from its beginning.
    ///
    /// What was written comes back beside the answer, for those who have something to do after the commit.
    ///
    /// # Errors
    /// Those of `write`, [`ServiceError::KeyReused`], [`ServiceError::AnswerTooLarge`], and when the database does not answer.
    pub async fn once<T>(
        &self,
        caller: &Caller,
        claim: &Claim,
        write: impl AsyncFnOnce(&mut Work<'_>) -> Result<T, ServiceError>,
        receipt: impl FnOnce(&T) -> Result<Receipt, ServiceError>,
    ) -> Result<(Option<T>, Kept), ServiceError> {
        let mut work = Work::whole(self);
        if let Some(receipt) = self.earlier(&mut work, caller.user, claim).await? {
            return Ok((None, Kept { receipt, replayed: true }));
        }
        let done = async {
            let written = write(&mut work).await?;
            let receipt = receipt(&written)?;
            keep(&mut work, caller.user, claim, &receipt).await?;
            Ok((written, receipt))
        };
        let done = done.await;
        match done {
            Ok((written, receipt)) => {
                work.end().await?;
                self.sweep_by_chance();
                Ok((Some(written), Kept { receipt, replayed: false }))
            }
            Err(error) => Err(work.fail(error).await),
        }
    }

    /// What the same request was answered when it was made; `None` where it was not. For one that cannot be made any more, since
    /// what it needs has gone meanwhile: its retry still gets its answer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn kept(&self, caller: &Caller, claim: &Claim) -> Result<Option<Kept>, ServiceError> {
        let keys = IdempotencyKeys::on(self.database.read(), caller.user);
        let found = keys.find(&claim.key).await.map_err(unavailable)?;
        let marks = self.marks(claim);
        let found = found.filter(|found| marks.contains(&found.fingerprint) && found.expires_at > Utc::now());
        Ok(found.map(answered).transpose()?.map(|receipt| Kept { receipt, replayed: true }))
    }

    /// What an earlier request with this key was answered; `None` where this one is the first, and has the key now.
    async fn earlier(&self, work: &mut Work<'_>, user: Uuid, claim: &Claim) -> Result<Option<Receipt>, ServiceError> {
        let transaction = work.transaction().await?;
        let (keys, marks) = (IdempotencyKeys::on(&transaction, user), self.marks(claim));
        let mark = marks.first().map(String::as_str).unwrap_or_default();
        if keys.claim(claim, mark, Utc::now().trunc_subsecs(6)).await.map_err(unavailable)? {
            return Ok(None);
        }
        // Gone between the two looks: its user was deleted, or it has just expired.
        let gone = || ServiceError::Unavailable { what: "the idempotency key", source: None };
        let found = keys.find(&claim.key).await.map_err(unavailable)?.ok_or_else(gone)?;
        if !marks.contains(&found.fingerprint) {
            return Err(ServiceError::KeyReused);
        }
        answered(found).map(Some)
    }

    /// What the request is known by, now and under earlier secrets: a body may hold a password, which nobody shall be able to try
    /// on what is stored.
    fn marks(&self, claim: &Claim) -> Vec<String> {
        self.shared.claims.marks(claim.key.as_bytes(), claim.fingerprint.as_bytes())
    }

    /// In the background: whoever writes does not wait for what others have left.
    fn sweep_by_chance(&self) {
        let chance = Uuid::now_v7().into_bytes().last().copied().unwrap_or_default();
        if chance % SWEEPS != 0 {
            return;
        }
        let database = self.database.clone();
        tokio::spawn(async move {
            if let Err(error) = IdempotencyKeys::sweep(database.write(), Utc::now(), SWEPT).await {
                tracing::warn!(%error, "expired idempotency keys were not cleared away; the next ones will be");
            }
        });
    }
}

fn answered(found: idempotency_key::Model) -> Result<Receipt, ServiceError> {
    let status = found.status.and_then(|status| u16::try_from(status).ok());
    let status = status.ok_or_else(|| ServiceError::internal("an idempotency key was committed without its answer"))?;
    let body = found.body.map(Bytes::from).unwrap_or_default();
    Ok(Receipt { status, location: found.location, etag: found.etag, body })
}

async fn keep(work: &mut Work<'_>, user: Uuid, claim: &Claim, receipt: &Receipt) -> Result<(), ServiceError> {
    if receipt.body.len() > LARGEST {
        return Err(ServiceError::AnswerTooLarge(LARGEST));
    }
    let transaction = work.transaction().await?;
    let Receipt { status, location, etag, body } = receipt;
    let answer = Answer { status: *status, location: location.as_deref(), etag: etag.as_deref(), body };
    IdempotencyKeys::on(&transaction, user).keep(&claim.key, &answer).await.map_err(unavailable)
}
