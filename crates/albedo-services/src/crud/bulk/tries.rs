//! What may be refused without an end of the transaction, and what several tries have come to together.

use albedo_core::database::Session;
use albedo_core::fault::Faults;
use albedo_repositories::RepositoryError;

use super::place::located;
use crate::crud::failed;
use crate::error::ServiceError;
use crate::rules::Rules;
use crate::work::unavailable;

/// Runs a statement of which nothing is left where it is refused. All else that can happen to it ends the bulk.
pub(super) async fn tried<R: Rules, T>(
    transaction: &Session<'_>,
    statement: impl Future<Output = Result<T, RepositoryError>>,
) -> Result<Result<T, RepositoryError>, ServiceError> {
    transaction.mark().await.map_err(|error| unavailable(error.into()))?;
    match statement.await {
        Err(error @ (RepositoryError::Unavailable(_) | RepositoryError::Database(_))) => Err(failed::<R>(error)),
        Err(refused) => {
            transaction.back().await.map_err(|error| unavailable(error.into()))?;
            Ok(Err(refused))
        }
        done => Ok(done),
    }
}

/// What each of several operations has come to, or all that is wrong with them.
pub(super) struct Collected<T> {
    good: Vec<T>,
    invalid: Faults,
    conflicts: Faults,
}

impl<T> Collected<T> {
    pub(super) fn with_capacity(most: usize) -> Self {
        Self { good: Vec::with_capacity(most), invalid: Faults::none(), conflicts: Faults::none() }
    }

    /// What a rule says: it goes on after values that are wrong, and ends at all else, since the rule may have asked the
    /// database and nobody knows in which state that has left the transaction.
    pub(super) fn rule<R: Rules>(
        &mut self,
        index: usize,
        outcome: Result<T, ServiceError>,
    ) -> Result<(), ServiceError> {
        match outcome.map_err(|error| located::<R>(index, error)) {
            Ok(good) => self.good.push(good),
            Err(ServiceError::Invalid(faults)) => faults.into_iter().for_each(|fault| self.invalid.add(fault)),
            Err(other) => return Err(other),
        }
        Ok(())
    }

    /// What a statement has come to that was [`tried`].
    pub(super) fn statement<R: Rules>(
        &mut self,
        index: usize,
        outcome: Result<T, ServiceError>,
    ) -> Result<(), ServiceError> {
        match outcome.map_err(|error| located::<R>(index, error)) {
            Err(ServiceError::Conflict(faults)) => faults.into_iter().for_each(|fault| self.conflicts.add(fault)),
            Err(ServiceError::Invalid(faults)) => faults.into_iter().for_each(|fault| self.invalid.add(fault)),
            Err(other) => return Err(other),
            Ok(good) => self.good.push(good),
        }
        Ok(())
    }

    /// All of them, if nothing is wrong with any.
    pub(super) fn end(self) -> Result<Vec<T>, ServiceError> {
        self.invalid.none_or(()).map_err(ServiceError::Invalid)?;
        self.conflicts.none_or(self.good).map_err(ServiceError::Conflict)
    }
}
