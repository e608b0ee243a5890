//! Hashing and checking passwords without starving anyone else.
//!
//! One hash takes some 30 ms of a core and 19 MiB. Done where requests are served, a flood of logins stops the server;
//! done on a thread each, it takes gigabytes. So a few threads with their memory allocated once hash for all workers,
//! behind a short queue that says [`PasswordError::Busy`] instead of growing. No user is known here.

mod policy;
mod worker;

use std::{io, sync::mpsc, time::Duration};

use secrecy::SecretString;
use tokio::{sync::oneshot, time::timeout};

pub use self::policy::{MAX_BYTES, MAX_LENGTH, PasswordFault};
use self::worker::Job;
use crate::settings::SecuritySettings;

/// Hashes passwords on threads of its own. Clones share them; the threads end when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Passwords {
    queue: mpsc::SyncSender<Job>,
    wait: Duration,
    min_length: usize,
    /// A hash that no password has, as costly to verify as a real one.
    nobody: String,
}

/// What a stored hash says of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Another password.
    Wrong,
    /// This password.
    Right,
    /// This password, hashed with less effort than today: hash it again and store that.
    RightButOutdated,
}

/// Why a password could not be hashed or verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// The queue is full, or the wait was too long: try again in a second.
    #[error("too many passwords wait to be hashed; try again, or raise ALBEDO_HASH_THREADS")]
    Busy,
    /// The stored hash is none of ours, or asks for absurd effort.
    #[error("the stored password hash cannot be used: {0}")]
    Hash(&'static str),
    /// Argon2 or the random generator refused.
    #[error("a password cannot be hashed: {0}")]
    Hashing(String),
    /// The hash threads cannot be started.
    #[error("the threads that hash passwords cannot be started: {0}")]
    Start(#[from] io::Error),
    /// The hash threads are gone.
    #[error("the threads that hash passwords have ended")]
    Stopped,
}

impl Passwords {
    /// Starts the hash threads, each with its memory.
    ///
    /// # Errors
    /// When the system gives no thread or no random bytes.
    pub fn start(settings: &SecuritySettings) -> Result<Self, PasswordError> {
        Ok(Self {
            queue: worker::start(settings.hash_threads, settings.hash_queue)?,
            wait: settings.hash_wait,
            min_length: settings.password_min_length,
            nobody: worker::unmatched_hash()?,
        })
    }

    /// The hash to store for a password, as a PHC string.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when there is no room or no time.
    pub async fn hash(&self, password: &SecretString) -> Result<String, PasswordError> {
        let (reply, answer) = oneshot::channel();
        self.ask(Job::Hash { password: password.clone(), reply }, answer).await
    }

    /// What a stored hash says of a password.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when there is no room or no time, [`PasswordError::Hash`] when the stored hash is bad.
    pub async fn verify(&self, password: &SecretString, hash: &str) -> Result<Verdict, PasswordError> {
        let (reply, answer) = oneshot::channel();
        self.ask(Job::Verify { password: password.clone(), hash: hash.to_owned(), reply }, answer).await
    }

    /// Takes as long as [`Passwords::verify`] when there is no such user: a quick answer would tell who has an account.
    ///
    /// # Errors
    /// As [`Passwords::verify`].
    pub async fn verify_nobody(&self, password: &SecretString) -> Result<(), PasswordError> {
        self.verify(password, &self.nobody).await.map(drop)
    }

    /// Whether this may become someone's password. `own_words` are what an attacker tries first: their address and name.
    ///
    /// # Errors
    /// The first rule it breaks.
    pub fn check(&self, password: &str, own_words: &[&str]) -> Result<(), PasswordFault> {
        policy::check(password, self.min_length, own_words)
    }

    // Dropping the receiver is how a job is called off: a hash thread skips what nobody waits for any more.
    async fn ask<T>(&self, job: Job, answer: oneshot::Receiver<Result<T, PasswordError>>) -> Result<T, PasswordError> {
        self.queue.try_send(job).map_err(|refused| match refused {
            mpsc::TrySendError::Full(_) => PasswordError::Busy,
            mpsc::TrySendError::Disconnected(_) => PasswordError::Stopped,
        })?;
        match timeout(self.wait, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(PasswordError::Stopped),
            Err(_) => Err(PasswordError::Busy),
        }
    }
}
