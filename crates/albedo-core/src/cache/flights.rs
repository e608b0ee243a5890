//! One reader at a time for each missing entry; the others wait for what it brings.

use std::{
    collections::{HashMap, hash_map::Entry as Place},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::{entry::Entry, generations::Seen, key::Key};

/// The readers under way.
#[derive(Debug, Default)]
pub(super) struct Flights(Mutex<HashMap<Key, watch::Receiver<Option<Landing>>>>);

/// What a reader has brought.
#[derive(Clone, Debug)]
pub(super) enum Landing {
    /// This, as of then: whoever waited has to look whether it still holds.
    Entry(Entry, Seen),
    /// Nothing: the database does not answer.
    Failed,
}

/// Who reads, and who waits.
pub(super) enum Flight<'f> {
    Pilot(Pilot<'f>),
    Passenger(watch::Receiver<Option<Landing>>),
}

/// Reads for all; when it is dropped, done or not, the next one may.
pub(super) struct Pilot<'f> {
    flights: &'f Flights,
    key: Key,
    landing: watch::Sender<Option<Landing>>,
}

impl Flights {
    pub(super) fn board(&self, key: &Key) -> Flight<'_> {
        match self.lock().entry(key.clone()) {
            Place::Occupied(flight) => Flight::Passenger(flight.get().clone()),
            Place::Vacant(place) => {
                let (landing, passengers) = watch::channel(None);
                place.insert(passengers);
                Flight::Pilot(Pilot { flights: self, key: key.clone(), landing })
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, watch::Receiver<Option<Landing>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pilot<'_> {
    pub(super) fn land(self, landing: Landing) {
        self.landing.send_replace(Some(landing));
    }
}

impl Drop for Pilot<'_> {
    fn drop(&mut self) {
        self.flights.lock().remove(&self.key);
    }
}

/// What the pilot has brought; nothing where it went away on its way.
pub(super) async fn landed(mut flight: watch::Receiver<Option<Landing>>) -> Option<Landing> {
    flight.wait_for(Option::is_some).await.ok()?.clone()
}
