//! The controllers of routes of one's own. No rule lives here.

mod matching;

pub use matching::find_mentions;
