//! What goes around a write of one row: its work, from the first rule to the commit, and the answer that shows what it leaves.

use albedo_core::claim::Claim;

use super::{Command, Crud, Written};
use crate::context::Context;
use crate::error::ServiceError;
use crate::once::{Kept, Receipt};
use crate::row_bytes::RowBytes;
use crate::work::Work;

impl Crud<'_> {
    /// One write, and the row that it leaves.
    pub(super) async fn alone(&self, command: Command) -> Result<RowBytes, ServiceError> {
        self.done(command).await?.ok_or_else(unanswered)
    }

    /// One write, from its first rule to its commit.
    pub(super) async fn done(&self, command: Command) -> Result<Option<RowBytes>, ServiceError> {
        let context = self.context();
        let mut work = if self.trial { Work::on_trial(self.services) } else { Work::new(self.services) };
        let done = self.resource.typed.perform(self, context, &mut work, command).await;
        self.ended(context, work, done).await
    }

    /// The same once for a key. What cannot be done any more may have been done before.
    pub(super) async fn once(
        &self,
        claim: &Claim,
        command: Result<Command, ServiceError>,
        receipt: &dyn Fn(&RowBytes) -> Receipt,
    ) -> Result<Kept, ServiceError> {
        let command = match command {
            Ok(command) => command,
            Err(error) => return self.answered(claim, error).await,
        };
        let context = self.context();
        let write = async |work: &mut Work<'_>| self.resource.typed.perform(self, context, work, command).await;
        let receipt = |written: &Written<Option<RowBytes>>| written.answer.as_ref().map(receipt).ok_or_else(unanswered);
        let (written, kept) = self.services.once(context.caller, claim, write, receipt).await?;
        if let Some(written) = written {
            written.tell(context);
        }
        Ok(kept)
    }

    /// What the same request was answered when it could be made; where it was not, why it cannot be made now.
    pub(super) async fn answered(&self, claim: &Claim, error: ServiceError) -> Result<Kept, ServiceError> {
        self.services.kept(self.caller, claim).await?.ok_or(error)
    }

    /// Commits what was done, or gives it up.
    pub(super) async fn ended<T>(
        &self,
        context: Context<'_>,
        work: Work<'_>,
        done: Result<Written<T>, ServiceError>,
    ) -> Result<T, ServiceError> {
        match done {
            Ok(written) => {
                // Where the row is as it was, a rule may still have written others.
                work.end().await?;
                Ok(if self.trial { written.answer } else { written.tell(context) })
            }
            Err(error) => Err(work.fail(error).await),
        }
    }
}

impl<T> Written<T> {
    /// Tells the rules that it is committed.
    pub(super) fn tell(self, context: Context<'_>) -> T {
        for committed in self.committed {
            committed(context);
        }
        self.answer
    }
}

fn unanswered() -> ServiceError {
    ServiceError::internal("a row that is still there was not told")
}
