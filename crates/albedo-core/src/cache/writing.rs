//! A write under way: what it may change is not served from the cache until it is known how it ended.

use tokio::{runtime::Handle, time::sleep};

use super::{Cache, far::Lock, key::Tag};

const UNTOLD: &str = "a write could not be told to the others";

/// A write under way.
///
/// Say [`Writing::done`] after the commit and before the answer, or [`Writing::undone`] when nothing was written for sure.
/// Dropped without either, it waits for as long as a statement may still run that nobody waits for any more, and then
/// counts as done.
#[must_use = "a write that is not told is read from the cache as it was before"]
#[derive(Debug)]
pub struct Writing {
    cache: Cache,
    locks: Vec<Lock>,
    /// Whether it waits out its straggler; dropped then, the process is at its end.
    left_behind: bool,
}

impl Writing {
    pub(super) const fn over(cache: Cache) -> Self {
        Self { cache, locks: Vec::new(), left_behind: false }
    }

    /// It writes these too. To be said before the commit.
    pub async fn also(&mut self, tags: &[Tag]) {
        let near = self.cache.near();
        if near.is_none() && self.cache.ledger().is_none() {
            return;
        }
        if let Some(near) = near {
            tags.iter().for_each(|tag| near.generations.begin(*tag));
        }
        let known = self.locks.len();
        // Noted before the wait: whoever drops us in its midst has begun all of them.
        self.locks.extend(tags.iter().copied().map(Lock::new));
        if let Some(far) = self.cache.far()
            && let Some(new) = self.locks.get_mut(known..)
            && far.redis.can_tell()
            && far.begin(new).await.is_err()
        {
            far.redis.give_up(UNTOLD);
        }
    }

    /// It is committed, or may be.
    pub async fn done(mut self) {
        self.tell_done().await;
    }

    /// Nothing was written.
    pub async fn undone(mut self) {
        if let Some(far) = self.cache.far()
            && far.redis.can_tell()
        {
            // A lock that cannot be taken away goes by itself.
            let _ = far.undone(&self.locks).await;
        }
        let locks = std::mem::take(&mut self.locks);
        if let Some(near) = self.cache.near() {
            locks.iter().for_each(|lock| near.generations.undone(lock.tag()));
        }
    }

    async fn tell_done(&mut self) {
        // Redis first: until both know, readers of this process go to the database.
        if let Some(far) = self.cache.far()
            && !self.locks.is_empty()
            && (far.redis.can_tell() || far.redis.note_untold())
            && far.done(&self.locks).await.is_err()
        {
            far.redis.give_up(UNTOLD);
        }
        self.tell_near();
    }

    fn tell_near(&mut self) {
        let locks = std::mem::take(&mut self.locks);
        // Before the counters move: whoever sees them moved reads where the write is shown.
        if let Some(ledger) = self.cache.ledger() {
            locks.iter().for_each(|lock| ledger.written(lock.tag().number()));
        }
        if let Some(near) = self.cache.near() {
            locks.iter().for_each(|lock| near.generations.done(lock.tag()));
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if self.locks.is_empty() {
            return;
        }
        let straggler = self.cache.near().map(|near| near.straggler).unwrap_or_default();
        match Handle::try_current() {
            Ok(runtime) if !self.left_behind => {
                let (cache, locks) = (self.cache.clone(), std::mem::take(&mut self.locks));
                let mut left = Self { cache, locks, left_behind: true };
                runtime.spawn(async move {
                    sleep(straggler).await;
                    left.tell_done().await;
                });
            }
            // The process is at its end; locks in Redis go by themselves.
            _ => self.tell_near(),
        }
    }
}
