//! The order of a list.

use crate::fault::{Code, Fault, Faults};
use crate::field::Field;

/// Up or down. Empty values come last in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

impl Direction {
    /// The other way.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// One field to sort by.
#[derive(Clone, Copy, Debug)]
pub struct SortKey {
    /// The field.
    pub field: &'static Field,
    /// Up or down.
    pub direction: Direction,
}

/// The keys of `sort=-name,created_at`.
pub(super) fn read(fields: &'static [Field], most: usize, text: &str, faults: &mut Faults) -> Vec<SortKey> {
    let mut keys: Vec<SortKey> = Vec::new();
    let sortable = || fields.iter().filter(|field| field.uses.sort);
    for part in text.split(',').map(str::trim) {
        if keys.len() == most {
            let detail = format!("At most {most} sort keys are allowed.");
            faults.add(Fault::in_parameter("sort", Code::TooMany, detail).with("max", most));
            break;
        }
        let (name, direction) = match part.strip_prefix('-') {
            Some(name) => (name, Direction::Descending),
            None => (part, Direction::Ascending),
        };
        match sortable().find(|field| field.name == name) {
            Some(field) if keys.iter().any(|key| key.field.name == field.name) => {
                let detail = format!("{name} occurs twice.");
                faults.add(Fault::in_parameter("sort", Code::Duplicate, detail));
            }
            Some(field) => keys.push(SortKey { field, direction }),
            None => {
                let allowed: Vec<_> = sortable().map(|field| field.name).collect();
                let detail = format!("This list sorts by {}; a minus in front turns the order.", allowed.join(", "));
                faults.add(Fault::in_parameter("sort", Code::Unknown, detail).with("allowed", allowed));
            }
        }
    }
    keys
}
