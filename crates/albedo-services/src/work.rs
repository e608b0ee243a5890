//! One unit of work on the database: a single statement where that is enough, a transaction where it is not.

use albedo_core::cache::Tag;
use albedo_core::database::{Database, Session, Transaction};

use albedo_entities::Resource;

use crate::error::ServiceError;
use albedo_repositories::RepositoryError;

/// The connection that a request writes through.
///
/// A single statement is its own transaction, and a begin and a commit around it would double its round trips. So work
/// begins without one; [`Work::transaction`] begins one at its first use, and everything after runs inside.
#[derive(Debug)]
pub struct Work<'s> {
    database: &'s Database,
    transaction: Option<Transaction>,
    written: bool,
    touched: Vec<Tag>,
}

impl<'s> Work<'s> {
    pub(crate) const fn new(database: &'s Database) -> Self {
        Self { database, transaction: None, written: false, touched: Vec::new() }
    }

    /// Where to read: inside the transaction, if one has begun.
    #[must_use]
    pub fn reader(&self) -> Session<'_> {
        match &self.transaction {
            Some(transaction) => Session::Transaction(transaction),
            None => Session::Connections(self.database.read()),
        }
    }

    /// Where the one statement of a plain write goes.
    pub(crate) fn writer(&mut self) -> Session<'_> {
        self.written = true;
        match &self.transaction {
            Some(transaction) => Session::Transaction(transaction),
            None => Session::Connections(self.database.write()),
        }
    }

    /// The transaction, begun now if it has not been. What is written through it stands or falls with the row itself.
    ///
    /// # Errors
    /// When the database gives none, or when the row was already written outside of one: such rules want
    /// `const ATOMIC: bool = true`.
    pub async fn transaction(&mut self) -> Result<Session<'_>, ServiceError> {
        if self.transaction.is_none() {
            if self.written {
                return Err(ServiceError::internal(
                    "the row was written without a transaction; set `const ATOMIC: bool = true`",
                ));
            }
            let begun = self.database.begin_write().await;
            self.transaction = Some(begun.map_err(|error| unavailable(error.into()))?);
        }
        Ok(self.writer())
    }

    /// Says that the rules write another resource's table too, so that nothing of it is served as it was before.
    pub fn touches<S: Resource>(&mut self) {
        self.touched.push(Tag::table((S::description().table)()));
    }

    pub(crate) fn touched(&self) -> &[Tag] {
        &self.touched
    }

    /// Whether nothing is written unless it is committed.
    pub(crate) const fn is_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    pub(crate) async fn commit(self) -> Result<(), ServiceError> {
        match self.transaction {
            Some(transaction) => transaction.commit().await.map_err(|error| unavailable(error.into())),
            None => Ok(()),
        }
    }
}

/// An error outside any resource: the database is away, or something is wrong with us.
pub(crate) fn unavailable(error: RepositoryError) -> ServiceError {
    match error {
        RepositoryError::Unavailable(_) => {
            ServiceError::Unavailable { what: "the database", source: Some(Box::new(error)) }
        }
        other => ServiceError::internal(other),
    }
}
