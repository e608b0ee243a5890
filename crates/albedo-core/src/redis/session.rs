//! What requests and the thread share: how far contact has come, and the connections of the one that there is.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;

use super::{State, lane::Lane};

/// Whether there is contact, and what is known of it.
pub(super) struct Contact {
    pub(super) place: String,
    stage: AtomicU8,
    session: Mutex<Option<Arc<Session>>>,
    state: Mutex<State>,
    /// Whether something happened that others were not told of.
    pub(super) untold: AtomicBool,
    pub(super) ended: Notify,
}

/// How far contact has come. First all that was missed is told, and what is written meanwhile; only then is anything believed
/// that lies in Redis, since it may be older than a write that nobody was told of.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Stage {
    Away,
    Telling,
    Up,
}

/// The connections of one contact, from its beginning to its loss.
pub(super) struct Session {
    lanes: Vec<Lane>,
    /// How long a request waits for an answer.
    pub(super) wait: Duration,
    next: AtomicU32,
    pub(super) failures: AtomicU32,
    pub(super) lost: Notify,
    /// Whether a connection broke that changes were told over.
    pub(super) broken: AtomicBool,
    /// Whether to look for Redis again at once.
    pub(super) hurried: AtomicBool,
}

impl Contact {
    /// None yet, with servers that are called so.
    pub(super) fn with(place: String) -> Self {
        Self {
            place,
            stage: AtomicU8::new(Stage::Away as u8),
            session: Mutex::new(None),
            state: Mutex::new(State::Away("it has not been reached yet")),
            untold: AtomicBool::new(false),
            ended: Notify::new(),
        }
    }

    pub(super) fn state_now(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn session(&self) -> Option<Arc<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends this session, unless another one has taken its place.
    pub(super) fn end(&self, session: &Arc<Session>, reason: &'static str) {
        let mut current = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, session)) {
            self.stage.store(Stage::Away as u8, Ordering::SeqCst);
            *current = None;
            self.set_state(State::Away(reason));
            session.lost.notify_one();
        }
    }

    pub(super) fn has_come(&self, stage: Stage) -> bool {
        self.stage.load(Ordering::SeqCst) >= stage as u8
    }

    /// This session takes what there is to tell.
    pub(super) fn begin(&self, session: Arc<Session>) {
        let mut current = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Some(session);
        self.stage.store(Stage::Telling as u8, Ordering::SeqCst);
    }

    /// All that was missed is told. Whether this session is still the one.
    pub(super) fn believe(&self, session: &Arc<Session>) -> bool {
        let current = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let same = current.as_ref().is_some_and(|current| Arc::ptr_eq(current, session));
        if same {
            self.set_state(State::Up);
            self.stage.store(Stage::Up as u8, Ordering::SeqCst);
        }
        same
    }

    /// Whether the state is another one now.
    pub(super) fn set_state(&self, state: State) -> bool {
        let mut known = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = *known != state;
        *known = state;
        changed
    }
}

impl Session {
    pub(super) const fn over(lanes: Vec<Lane>, wait: Duration) -> Self {
        Self {
            lanes,
            wait,
            next: AtomicU32::new(0),
            failures: AtomicU32::new(0),
            lost: Notify::const_new(),
            broken: AtomicBool::new(false),
            hurried: AtomicBool::new(false),
        }
    }

    pub(super) fn lane(&self) -> Option<&Lane> {
        let next = usize::try_from(self.next.fetch_add(1, Ordering::Relaxed)).unwrap_or_default();
        self.lanes.get(next.checked_rem(self.lanes.len())?)
    }
}
