//! What a client sent as a JSON body: read strictly, then held against the field table.
//!
//! Two steps. [`read`] turns bytes into a value and refuses what RFC 8259 leaves open: a name that occurs twice, nesting
//! without end. [`check`] walks the object and tells every fault at once, each with its JSON pointer. Only then does serde
//! make the typed struct, which can no longer fail: serde stops at its first error and speaks of Rust.

mod check;
mod json;
mod merge;
mod parts;

pub use check::{Purpose, check};
pub use json::{MAX_DEPTH, Malformed, read};
pub use merge::{merge, merged};
pub use parts::Parts;

use serde::{Deserialize, Deserializer};

/// A field that is there, even as `null`; with `#[serde(default)]` it tells absent, `null` and a value apart.
///
/// # Errors
/// Those of the value itself.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
