//! How constraints and indexes are called when nobody gives them a name.
//!
//! A name that follows from the table and its columns is the same on every machine, so a later revision can drop the
//! constraint by it. `pk_`, `uq_`, `ck_`, `fk_`, `ix_`, then the table, then the columns.

/// PostgreSQL cuts longer names silently; two of them could then be one.
pub const LONGEST_NAME: usize = 63;

/// The primary key of a table.
#[must_use]
pub fn primary_key(table: &str) -> String {
    fit(format!("pk_{table}"))
}

/// A unique constraint.
#[must_use]
pub fn unique<S: AsRef<str>>(table: &str, columns: &[S]) -> String {
    fit(format!("uq_{table}_{}", join(columns)))
}

/// An index.
#[must_use]
pub fn index<S: AsRef<str>>(table: &str, columns: &[S]) -> String {
    fit(format!("ix_{table}_{}", join(columns)))
}

/// A foreign key.
#[must_use]
pub fn foreign_key<S: AsRef<str>>(table: &str, columns: &[S]) -> String {
    fit(format!("fk_{table}_{}", join(columns)))
}

/// A check: its own short name follows the table's.
#[must_use]
pub fn check(table: &str, name: &str) -> String {
    fit(format!("ck_{table}_{name}"))
}

fn join<S: AsRef<str>>(columns: &[S]) -> String {
    columns.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("_")
}

/// Cuts a long name and ends it with eight digits computed from the whole, so that two long names stay two.
#[must_use]
pub fn fit(name: String) -> String {
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut end = LONGEST_NAME - 9;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{:08x}", name.get(..end).unwrap_or_default(), (hash >> 32) as u32 ^ hash as u32)
}

/// A project's own convention, for the names that the generator writes.
///
/// It does not change what a revision already says: a name that nobody wrote follows the functions above for ever, so a
/// new convention never renames anything behind a revision that has been applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    primary_key: String,
    unique: String,
    index: String,
    foreign_key: String,
    check: String,
}

impl Default for Naming {
    fn default() -> Self {
        let [primary_key, unique, index, foreign_key, check] = Self::KINDS.map(|(_, pattern, _)| pattern.to_owned());
        Self { primary_key, unique, index, foreign_key, check }
    }
}

impl Naming {
    /// What is named, how when nothing is said, and which words a pattern of it needs and knows.
    const KINDS: [(&'static str, &'static str, &'static [&'static str]); 5] = [
        ("primary_key", "pk_{table}", &["table"]),
        ("unique", "uq_{table}_{columns}", &["table", "columns"]),
        ("index", "ix_{table}_{columns}", &["table", "columns"]),
        ("foreign_key", "fk_{table}_{columns}", &["table", "columns", "referred"]),
        ("check", "ck_{table}_{name}", &["table", "name"]),
    ];

    /// The kinds of names there are, as the settings call them.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        Self::KINDS.iter().map(|(kind, ..)| *kind)
    }

    /// Names this kind so from now on.
    ///
    /// # Errors
    /// What is wrong with the pattern: an unknown word in braces, or one that is missing so that two things of a
    /// database would have one name.
    pub fn set(&mut self, kind: &str, pattern: &str) -> std::result::Result<(), String> {
        let Some((_, usual, known)) = Self::KINDS.iter().find(|(name, ..)| *name == kind) else {
            return Err(format!("`{kind}` is nothing that has a name"));
        };
        let words = placeholders(pattern)?;
        let braces = |names: &[&str]| names.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
        if let Some(word) = words.iter().find(|word| !known.contains(&word.as_str())) {
            return Err(format!("`{{{word}}}` means nothing here; there are {}", braces(known)));
        }
        let needed = placeholders(usual)?;
        if let Some(word) = needed.iter().find(|word| !words.contains(word)) {
            return Err(format!("without {{{word}}} two of them would have one name; the usual one is {usual}"));
        }
        let slot = match kind {
            "primary_key" => &mut self.primary_key,
            "unique" => &mut self.unique,
            "index" => &mut self.index,
            "foreign_key" => &mut self.foreign_key,
            _ => &mut self.check,
        };
        pattern.clone_into(slot);
        Ok(())
    }

    /// The primary key of a table.
    #[must_use]
    pub fn primary_key(&self, table: &str) -> String {
        fit(self.primary_key.replace("{table}", table))
    }

    /// A unique constraint.
    #[must_use]
    pub fn unique<S: AsRef<str>>(&self, table: &str, columns: &[S]) -> String {
        fit(self.unique.replace("{columns}", &join(columns)).replace("{table}", table))
    }

    /// An index.
    #[must_use]
    pub fn index<S: AsRef<str>>(&self, table: &str, columns: &[S]) -> String {
        fit(self.index.replace("{columns}", &join(columns)).replace("{table}", table))
    }

    /// A foreign key to the table `referred`.
    #[must_use]
    pub fn foreign_key<S: AsRef<str>>(&self, table: &str, columns: &[S], referred: &str) -> String {
        let name = self.foreign_key.replace("{columns}", &join(columns));
        fit(name.replace("{referred}", referred).replace("{table}", table))
    }

    /// A check.
    #[must_use]
    pub fn check(&self, table: &str, name: &str) -> String {
        fit(self.check.replace("{name}", name).replace("{table}", table))
    }
}

/// The words in braces of a pattern.
///
/// # Errors
/// When a brace has no partner.
pub(crate) fn placeholders(pattern: &str) -> std::result::Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        let inside = rest.get(at..).and_then(|tail| tail.strip_prefix('{')).and_then(|tail| tail.split_once('}'));
        let Some((word, tail)) = inside.filter(|(word, _)| !word.contains('{')) else {
            return Err("a brace has no partner".to_owned());
        };
        words.push(word.to_owned());
        rest = tail;
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_convention_is_what_the_builders_write() {
        let naming = Naming::default();
        assert_eq!(naming.primary_key("t"), primary_key("t"));
        assert_eq!(naming.unique("t", &["a", "b"]), unique("t", &["a", "b"]));
        assert_eq!(naming.index("t", &["a", "b"]), index("t", &["a", "b"]));
        assert_eq!(naming.foreign_key("t", &["a"], "other"), foreign_key("t", &["a"]));
        assert_eq!(naming.check("t", "c"), check("t", "c"));
    }

    #[test]
    fn a_convention_of_ones_own_is_checked_and_followed() {
        let mut naming = Naming::default();
        naming.set("foreign_key", "{table}_{columns}_to_{referred}_fkey").unwrap();
        assert_eq!(naming.foreign_key("books", &["author_id"], "authors"), "books_author_id_to_authors_fkey");
        assert!(naming.set("index", "ix_{columns}").unwrap_err().contains("{table}"));
        assert!(naming.set("check", "ck_{table}_{columns}").unwrap_err().contains("`{columns}` means nothing"));
        assert!(naming.set("unique", "uq_{table_{columns}").unwrap_err().contains("no partner"));
    }

    #[test]
    fn names_follow_from_table_and_columns() {
        assert_eq!(unique("users", &["team", "email"]), "uq_users_team_email");
        assert_eq!(foreign_key("users", &["team_id"]), "fk_users_team_id");
    }

    #[test]
    fn two_long_names_stay_two_and_fit() {
        let long = "a".repeat(70);
        let (one, two) = (unique(&long, &["x"]), unique(&long, &["y"]));
        assert!(one.len() <= LONGEST_NAME && two.len() <= LONGEST_NAME);
        assert_ne!(one, two);
        assert!(fit("é".repeat(60)).len() <= LONGEST_NAME);
    }
}
