//! What a person may do.

/// What a person may do; each role may do what those before it may.
#[crate::choice]
#[derive(Default, PartialOrd, Ord)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, and writes what is theirs.
    #[default]
    Editor,
    /// Administers accounts and shared data as well.
    Admin,
}

impl Role {
    /// Whether this role may do what `least` may.
    #[must_use]
    pub fn allows(self, least: Self) -> bool {
        self >= least
    }
}
