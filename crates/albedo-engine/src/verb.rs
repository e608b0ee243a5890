//! Verbs of a resource's own as clients know them: their names, and what they say of themselves.

use albedo_core::field::Field;
use albedo_entities::Role;

use crate::caller::Access;

/// A verb as clients know it.
#[derive(Clone, Copy, Debug)]
pub struct VerbDescription {
    /// The last segment of its path, and second half of the operation's id.
    pub name: &'static str,
    /// What it does, in a few words: `Dam a river`.
    pub summary: &'static str,
    /// What else is to be known.
    pub description: &'static str,
    /// The least role that may; without one, that of the resource's other writes.
    pub least: Option<Role>,
    /// The fields of its body; those count that a create uses.
    pub fields: fn() -> &'static [Field],
}

/// Names that every resource has already, for operations of its own or their ids.
const TAKEN: [&str; 7] = ["list", "create", "get", "update", "delete", "bulk", "restore"];

impl VerbDescription {
    /// A verb for all who write the resource.
    ///
    /// # Panics
    /// While it is compiled: where the name cannot stand in a path, or every resource has it already.
    #[must_use]
    pub const fn new(name: &'static str, summary: &'static str, description: &'static str) -> Self {
        assert!(is_segment(name), "a verb's name is lower-case letters, digits and single hyphens between them");
        assert!(
            !is_one_of(name, &TAKEN),
            "a verb cannot be called list, create, get, update, delete, bulk or restore: those are there already"
        );
        Self { name, summary, description, least: None, fields: || &[] }
    }

    /// The same for this role and those above it.
    #[must_use]
    pub const fn for_role(mut self, least: Role) -> Self {
        self.least = Some(least);
        self
    }

    /// What the verb wants to do with the resource.
    #[must_use]
    pub const fn access(&self) -> Access {
        match self.least {
            Some(least) => Access::As(least),
            None => Access::Write,
        }
    }

    /// Whether clients send a body.
    #[must_use]
    pub fn has_body(&self) -> bool {
        (self.fields)().iter().any(|field| field.uses.create)
    }
}

const fn is_segment(name: &str) -> bool {
    let mut rest = name.as_bytes();
    let mut may_end = false;
    let mut may_go_on = false;
    while let [first, after @ ..] = rest {
        may_end = match first {
            b'a'..=b'z' => true,
            b'0'..=b'9' if may_go_on => true,
            b'-' if may_end => false,
            _ => return false,
        };
        may_go_on = true;
        rest = after;
    }
    may_end
}

const fn is_one_of(name: &str, mut names: &[&str]) -> bool {
    while let [first, after @ ..] = names {
        if is_same(name.as_bytes(), first.as_bytes()) {
            return true;
        }
        names = after;
    }
    false
}

const fn is_same(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([first, rest @ ..], [second, others @ ..]) = (one, other) {
        if *first != *second {
            return false;
        }
        one = rest;
        other = others;
    }
    one.is_empty() && other.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_in_a_path() {
        for name in ["dam", "open-gate", "v2", "a-1"] {
            assert!(is_segment(name), "{name}");
        }
        for name in ["", "Dam", "2nd", "-dam", "dam-", "open--gate", "open_gate", "dam/open", "{id}", "für"] {
            assert!(!is_segment(name), "{name}");
        }
    }

    #[test]
    #[should_panic(expected = "a verb cannot be called list, create, get, update, delete, bulk or restore")]
    fn a_verb_that_every_resource_has_already_is_refused() {
        // In a constant, where verbs are declared, that is a fault of the compiler's.
        let _ = VerbDescription::new("restore", "Restore a river", "");
    }

    #[test]
    fn names_that_are_there_already_are_known() {
        assert!(TAKEN.iter().all(|name| is_one_of(name, &TAKEN)));
        assert!(!is_one_of("restores", &TAKEN) && !is_one_of("bul", &TAKEN));
    }
}
