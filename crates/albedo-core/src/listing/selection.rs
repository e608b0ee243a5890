//! Which fields of a row are shown.

use crate::fault::{Code, Fault, Faults};
use crate::field::Field;

/// The fields that a client wants to see. The id is always one of them: without it, nobody knows what the rest is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection(Vec<&'static str>);

impl Selection {
    /// Whether the field of this name is shown.
    #[must_use]
    pub fn shows(&self, name: &str) -> bool {
        name == "id" || self.0.contains(&name)
    }
}

/// The fields of `fields=name,population`; one that is named twice is shown once.
pub(super) fn read(fields: &'static [Field], text: &str, faults: &mut Faults) -> Option<Selection> {
    let shown = || fields.iter().filter(|field| field.uses.view);
    let mut names = Vec::new();
    for name in text.split(',').map(str::trim) {
        if let Some(field) = shown().find(|field| field.name == name) {
            names.push(field.name);
            continue;
        }
        let allowed: Vec<_> = shown().map(|field| field.name).collect();
        let detail = format!("There is no such field; there are {}.", allowed.join(", "));
        faults.add(Fault::in_parameter("fields", Code::Unknown, detail).with("allowed", allowed));
        // The first says it all: the same list of names again and again would help nobody.
        return None;
    }
    Some(Selection(names))
}
