//! What is shown of a row: which of its fields, and which rows beside it.

use crate::fault::{Code, Fault, Faults};
use crate::field::Field;

/// What can be shown of a row.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'s> {
    /// Its fields.
    pub fields: &'static [Field],
    /// What is computed of it.
    pub computed: &'static [Field],
    /// The relations whose rows can be shown with it.
    pub relations: &'s [&'static str],
}

impl Shown<'_> {
    /// The fields that an answer has when nobody says which.
    fn all(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().filter(|field| field.uses.view).chain(self.computed)
    }
}

impl From<&'static [Field]> for Shown<'_> {
    fn from(fields: &'static [Field]) -> Self {
        Self { fields, computed: &[], relations: &[] }
    }
}

impl<const N: usize> From<&'static [Field; N]> for Shown<'_> {
    fn from(fields: &'static [Field; N]) -> Self {
        Self::from(fields.as_slice())
    }
}

/// What is shown of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Showing {
    /// The fields; `None` shows all.
    pub fields: Option<Selection>,
    /// The relations whose rows are shown with it.
    pub expand: Vec<&'static str>,
}

impl Showing {
    /// Whether the field of this name is shown.
    #[must_use]
    pub fn shows(&self, name: &str) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.shows(name))
    }
}

/// The fields of a row that a client wants to see. The id is always one of them: without it, nobody knows what the rest is
/// about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection(Vec<&'static str>);

impl Selection {
    /// The fields of `fields=name,population`; one that is named twice is shown once. A name that is none is a fault, and
    /// nothing is selected.
    pub fn read(shown: &Shown<'_>, text: &str, faults: &mut Faults) -> Option<Self> {
        let mut names = Vec::new();
        for name in text.split(',').map(str::trim) {
            if let Some(field) = shown.all().find(|field| field.name == name) {
                names.push(field.name);
                continue;
            }
            let allowed: Vec<_> = shown.all().map(|field| field.name).collect();
            let detail = format!("There is no such field; there are {}.", allowed.join(", "));
            faults.add(Fault::in_parameter("fields", Code::Unknown, detail).with("allowed", allowed));
            // The first says it all: the same list of names again and again would help nobody.
            return None;
        }
        Some(Self(names))
    }

    /// Whether the field of this name is one of them.
    #[must_use]
    pub fn shows(&self, name: &str) -> bool {
        name == "id" || self.0.contains(&name)
    }
}

/// The relations of `expand=assistant,values`, each once.
pub(super) fn relations(shown: &Shown<'_>, text: &str, faults: &mut Faults) -> Vec<&'static str> {
    let mut names = Vec::new();
    for name in text.split(',').map(str::trim) {
        match shown.relations.iter().find(|known| **known == name) {
            Some(known) if names.contains(known) => {}
            Some(known) => names.push(*known),
            None => {
                let detail = format!("There is no such relation; there are {}.", shown.relations.join(", "));
                faults.add(Fault::in_parameter("expand", Code::Unknown, detail).with("allowed", shown.relations));
                break;
            }
        }
    }
    names
}
