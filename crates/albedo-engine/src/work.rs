//! One unit of work on the database: a single statement where that is enough, a transaction where it is not. Transactions
//! begin and end here, and the cache is told here.

use std::any::Any;

use albedo_core::cache::{Tag, Writing};
use albedo_core::database::{Session, Transaction};
use albedo_entities::Resource;
use albedo_repositories::RepositoryError;
use uuid::Uuid;

use crate::error::ServiceError;
use crate::services::Services;

/// The connection that a request writes through.
///
/// A single statement is its own transaction, and a begin and a commit around it would double its round trips. So work
/// begins without one; [`Work::transaction`] begins one at its first use, and everything after runs inside.
#[derive(Debug)]
pub struct Work<'s> {
    services: &'s Services,
    kind: Kind,
    // Dropped before `writing`: what is rolled back has changed nothing.
    transaction: Option<Transaction>,
    writing: Option<Writing>,
    outcome: Outcome,
    touched: Vec<Tag>,
    recalled: Vec<(Uuid, Box<dyn Any>)>,
}

/// What becomes of what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It is kept, and needs no transaction for that if it is one statement.
    Plain,
    /// It is kept as a whole.
    Whole,
    /// It is checked, and undone.
    Trial,
}

/// What is known of the one statement of a plain write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It was not sent, or has written nothing.
    Nothing,
    /// It was sent, and what became of it was not told.
    Sent,
    /// It has written.
    Written,
}

impl<'s> Work<'s> {
    pub(crate) const fn new(services: &'s Services) -> Self {
        Self::of(services, Kind::Plain)
    }

    /// Work of several statements that stand or fall together.
    pub(crate) const fn whole(services: &'s Services) -> Self {
        Self::of(services, Kind::Whole)
    }

    /// Work of which nothing will be left.
    pub(crate) const fn on_trial(services: &'s Services) -> Self {
        Self::of(services, Kind::Trial)
    }

    const fn of(services: &'s Services, kind: Kind) -> Self {
        Self {
            services,
            kind,
            transaction: None,
            writing: None,
            outcome: Outcome::Nothing,
            touched: Vec::new(),
            recalled: Vec::new(),
        }
    }

    /// Whether the next statement cannot stand alone.
    pub(crate) fn wants_transaction(&self) -> bool {
        self.kind != Kind::Plain
    }

    /// Whether nothing will be left of it.
    pub(crate) fn is_trial(&self) -> bool {
        self.kind == Kind::Trial
    }

    /// Where to read: inside the transaction, if one has begun.
    #[must_use]
    pub fn reader(&self) -> Session<'_> {
        match &self.transaction {
            Some(transaction) => Session::Transaction(transaction),
            None => Session::Connections(self.services.database.read()),
        }
    }

    /// Where the one statement of a plain write goes; what becomes of it is for [`Work::settle`].
    pub fn writer(&mut self) -> Session<'_> {
        self.outcome = Outcome::Sent;
        match &self.transaction {
            Some(transaction) => Session::Transaction(transaction),
            None => Session::Connections(self.services.database.write()),
        }
    }

    /// The transaction, begun now if it has not been. What is written through it stands or falls with the row itself.
    ///
    /// # Errors
    /// When the database gives none, or when the row was already written outside of one: such rules want
    /// `const ATOMIC: bool = true`.
    pub async fn transaction(&mut self) -> Result<Session<'_>, ServiceError> {
        if self.transaction.is_none() {
            if self.outcome != Outcome::Nothing {
                return Err(ServiceError::internal(
                    "the row was written without a transaction; set `const ATOMIC: bool = true`",
                ));
            }
            let begun = self.services.database.begin_write().await;
            self.transaction = Some(begun.map_err(|error| unavailable(error.into()))?);
        }
        Ok(self.writer())
    }

    /// What a rule has learned of this row in this work, by [`Work::recall`]: a bulk asks it for each of its rows, and they have
    /// one parent.
    #[must_use]
    pub fn recalled<T: Copy + 'static>(&self, id: Uuid) -> Option<T> {
        let mut of_this = self.recalled.iter().filter(|(known, _)| *known == id);
        of_this.find_map(|(_, what)| what.downcast_ref().copied())
    }

    /// Keeps what a rule has learned of this row, as long as the work lasts.
    pub fn recall<T: Copy + 'static>(&mut self, id: Uuid, what: T) {
        self.recalled.push((id, Box::new(what)));
    }

    /// Says that the rules write another resource's table too, so that nothing of it is served as it was before.
    pub fn touches<S: Resource>(&mut self) {
        self.touched.push(Tag::table((S::description().table)()));
    }

    /// Marks for the cache what a statement is about to change.
    pub async fn changes(&mut self, tags: &[Tag]) {
        if self.is_trial() {
            return;
        }
        match &mut self.writing {
            Some(writing) => writing.also(tags).await,
            None => self.writing = Some(self.services.shared.cache.write(tags).await),
        }
    }

    /// Notes what became of the statement: one that was refused has written nothing, and one that the database did not
    /// answer may have.
    ///
    /// # Errors
    /// The outcome, as it came.
    pub fn settle<T>(
        &mut self,
        outcome: Result<T, RepositoryError>,
        has_written: impl FnOnce(&T) -> bool,
    ) -> Result<T, RepositoryError> {
        self.outcome = match &outcome {
            Ok(outcome) if has_written(outcome) => Outcome::Written,
            Err(RepositoryError::Unavailable(_) | RepositoryError::Database(_)) => Outcome::Sent,
            Ok(_) | Err(_) => Outcome::Nothing,
        };
        outcome
    }

    /// Commits, and tells the cache: after the commit, before the answer. What was on trial is checked and undone.
    pub(crate) async fn end(mut self) -> Result<(), ServiceError> {
        if self.is_trial() {
            let Some(transaction) = self.transaction else { return Ok(()) };
            return transaction.try_out().await.map_err(|error| unavailable(error.into()));
        }
        if !self.touched.is_empty() {
            let touched = std::mem::take(&mut self.touched);
            self.changes(&touched).await;
        }
        // A commit that fails may have been one: then the mark stays until nothing can come of it any more.
        if let Some(transaction) = self.transaction {
            transaction.commit().await.map_err(|error| unavailable(error.into()))?;
        }
        if let Some(writing) = self.writing {
            writing.done().await;
        }
        Ok(())
    }

    /// Gives up, and tells the cache what that leaves behind. The error is handed on.
    pub(crate) async fn fail(self, error: ServiceError) -> ServiceError {
        let nothing = self.transaction.is_some() || self.outcome == Outcome::Nothing;
        drop(self.transaction);
        match self.writing {
            Some(writing) if nothing => writing.undone().await,
            Some(writing) if self.outcome == Outcome::Written => writing.done().await,
            // The statement may still run: the mark stays until nothing can come of it any more.
            Some(_) | None => {}
        }
        error
    }
}

/// An error outside any resource: the database is away, or something is wrong with us.
pub fn unavailable(error: RepositoryError) -> ServiceError {
    match error {
        RepositoryError::Unavailable(_) => {
            ServiceError::Unavailable { what: "the database", source: Some(Box::new(error)) }
        }
        other => ServiceError::internal(other),
    }
}
