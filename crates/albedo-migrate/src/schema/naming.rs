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

#[cfg(test)]
mod tests {
    use super::*;

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
