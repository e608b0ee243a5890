//! Where in a bulk a fault lies: `/operations/57/body/name`.

use albedo_core::fault::{Code, Fault, Faults, Place};
use albedo_entities::Description;

use crate::error::ServiceError;

/// The pointer to a part of an operation.
pub(super) fn at(index: usize, part: &str) -> String {
    format!("/operations/{index}{part}")
}

/// The faults of an operation, as faults of the bulk. What a single request says in its path or its headers stands beside
/// the body here.
pub(super) fn beneath(index: usize, faults: Faults) -> impl Iterator<Item = Fault> {
    faults.into_iter().map(move |fault| {
        let pointer = match &fault.place {
            Place::Pointer(pointer) => at(index, &format!("/body{pointer}")),
            Place::Parameter(_) => at(index, "/id"),
            Place::Header(_) => at(index, "/if_match"),
        };
        Fault { place: Place::Pointer(pointer), ..fault }
    })
}

/// An operation's error, as one of the bulk. All that stands against single rows is one conflict: a bulk has one status,
/// and each fault a code.
pub(super) fn located(description: &Description, index: usize, error: ServiceError) -> ServiceError {
    let all = |faults| collected(beneath(index, faults));
    match error {
        ServiceError::Invalid(faults) => ServiceError::Invalid(all(faults)),
        ServiceError::Conflict(faults) => ServiceError::Conflict(all(faults)),
        ServiceError::NotFound(what) if what == description.name => {
            ServiceError::Conflict(missing(description, index).into())
        }
        ServiceError::Changed => ServiceError::Conflict(changed(index).into()),
        other => other,
    }
}

/// The same for what is known of several operations together.
pub fn located_together(
    description: &Description,
    operations: std::ops::Range<usize>,
    error: ServiceError,
) -> ServiceError {
    if operations.len() == 1 {
        return located(description, operations.start, error);
    }
    let all = |faults: Faults| {
        collected(faults.into_iter().map(|fault| Fault { place: Place::Pointer("/operations".to_owned()), ..fault }))
    };
    match error {
        ServiceError::Invalid(faults) => ServiceError::Invalid(all(faults)),
        ServiceError::Conflict(faults) => ServiceError::Conflict(all(faults)),
        other => other,
    }
}

pub(super) fn missing(description: &Description, index: usize) -> Fault {
    let name = description.name.replace('_', " ");
    Fault::at(at(index, "/id"), Code::NotFound, format!("There is no such {name}, or it is not yours."))
}

pub(super) fn changed(index: usize) -> Fault {
    Fault::at(at(index, "/if_match"), Code::Contradiction, "The entity tag is not the current one.")
}

pub(super) fn collected(faults: impl Iterator<Item = Fault>) -> Faults {
    let mut all = Faults::none();
    faults.for_each(|fault| all.add(fault));
    all
}
