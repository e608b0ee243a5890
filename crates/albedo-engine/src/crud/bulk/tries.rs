//! What may be refused without an end of the transaction, and all that is wrong with several operations together.

use albedo_core::database::Session;
use albedo_core::fault::Faults;
use albedo_entities::Description;
use albedo_repositories::RepositoryError;

use super::place::located;
use crate::crud::Crud;
use crate::error::ServiceError;
use crate::work::unavailable;

impl Crud<'_> {
    /// Before a statement of which nothing is left where it is refused.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn mark(&self, transaction: &Session<'_>) -> Result<(), ServiceError> {
        transaction.mark().await.map_err(|error| unavailable(error.into()))
    }

    /// Takes back what was refused since the mark. All else that can happen to a statement ends the bulk.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn back(
        &self,
        transaction: &Session<'_>,
        error: RepositoryError,
    ) -> Result<RepositoryError, ServiceError> {
        if matches!(error, RepositoryError::Unavailable(_) | RepositoryError::Database(_)) {
            return Err(self.failed(error));
        }
        transaction.back().await.map_err(|error| unavailable(error.into()))?;
        Ok(error)
    }
}

/// What is wrong with several operations.
pub struct Refused {
    description: &'static Description,
    invalid: Faults,
    conflicts: Faults,
}

impl Refused {
    /// Nothing so far, with operations on this resource.
    #[must_use]
    pub const fn none(description: &'static Description) -> Self {
        Self { description, invalid: Faults::none(), conflicts: Faults::none() }
    }

    /// What a rule says: it goes on after values that are wrong, and ends at all else, since the rule may have asked the
    /// database and nobody knows in which state that has left the transaction.
    ///
    /// # Errors
    /// All but values that are wrong.
    pub fn by_rule(&mut self, index: usize, error: ServiceError) -> Result<(), ServiceError> {
        match located(self.description, index, error) {
            ServiceError::Invalid(faults) => faults.into_iter().for_each(|fault| self.invalid.add(fault)),
            other => return Err(other),
        }
        Ok(())
    }

    /// What a statement has come to that was taken back.
    ///
    /// # Errors
    /// All but conflicts and values that are wrong.
    pub fn by_statement(&mut self, index: usize, error: ServiceError) -> Result<(), ServiceError> {
        match located(self.description, index, error) {
            ServiceError::Conflict(faults) => faults.into_iter().for_each(|fault| self.conflicts.add(fault)),
            ServiceError::Invalid(faults) => faults.into_iter().for_each(|fault| self.invalid.add(fault)),
            other => return Err(other),
        }
        Ok(())
    }

    /// Ends the bulk if anything is wrong.
    ///
    /// # Errors
    /// What was refused.
    pub fn end(self) -> Result<(), ServiceError> {
        self.invalid.none_or(()).map_err(ServiceError::Invalid)?;
        self.conflicts.none_or(()).map_err(ServiceError::Conflict)
    }
}
