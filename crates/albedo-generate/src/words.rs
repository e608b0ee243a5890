//! How a resource is called: in Rust, in SQL, in a path, in a sentence; and the names that are taken before anybody begins.

use cruet::{to_plural, to_singular};

/// Words of Rust, in all editions.
const RUST: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Words that a check or an index could not name without quotes, in SQLite or in PostgreSQL.
const SQL: &[&str] = &[
    "add",
    "all",
    "alter",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "asc",
    "asymmetric",
    "authorization",
    "autoincrement",
    "between",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "commit",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "delete",
    "desc",
    "distinct",
    "drop",
    "end",
    "escape",
    "except",
    "exists",
    "fetch",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "index",
    "initially",
    "inner",
    "insert",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "nothing",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "rowid",
    "select",
    "session_user",
    "set",
    "similar",
    "some",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "transaction",
    "union",
    "unique",
    "update",
    "user",
    "using",
    "values",
    "variadic",
    "verbose",
    "when",
    "window",
    "with",
];

/// Columns that every table of PostgreSQL has, out of sight.
const SYSTEM: &[&str] = &["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"];

/// Crates that the files of a resource import from; a module beside those imports would hide them.
const CRATES: &[&str] =
    &["albedo_entities", "albedo_macros", "albedo_testing", "core", "reqwest", "sea_orm", "serde", "serde_json", "std"];

/// Parameters of lists, which a filter of the same name would hide, and columns that every resource has.
const OURS: &[&str] = &[
    "count",
    "created_at",
    "cursor",
    "deleted",
    "deleted_at",
    "expand",
    "fields",
    "id",
    "owner_id",
    "page",
    "q",
    "size",
    "sort",
    "updated_at",
    "version",
];

/// Why a column cannot have this name.
pub(crate) fn taken_column(name: &str) -> Option<&'static str> {
    let known = |words: &[&str]| words.contains(&name);
    match () {
        () if known(RUST) => Some("is a word of Rust"),
        () if known(SQL) => Some("is a word of SQL"),
        () if known(SYSTEM) => Some("is a column of every table in PostgreSQL"),
        () if known(OURS) => Some("means something to every resource already"),
        () => None,
    }
}

/// Why a module cannot have this name.
pub(crate) fn taken_module(name: &str) -> Option<&'static str> {
    match () {
        () if RUST.contains(&name) => Some("is a word of Rust"),
        () if CRATES.contains(&name) => Some("is a crate that its files import"),
        () => None,
    }
}

/// Why a relation cannot have this name: it is a field of the struct, and no column.
pub(crate) fn taken_relation(name: &str) -> Option<&'static str> {
    match () {
        () if RUST.contains(&name) => Some("is a word of Rust"),
        () if OURS.contains(&name) => Some("means something to every resource already"),
        () => None,
    }
}

/// Lower-case words of letters and digits, joined by single underscores.
pub(crate) fn is_snake(name: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('_').all(word)
}

/// `river_bank` as `RiverBank`.
pub(crate) fn camel(name: &str) -> String {
    name.split('_').map(capital).collect()
}

/// `RiverBank` as `river_bank`, as `#[choice]` does it.
pub(crate) fn snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

/// `river_bank` as `river bank`.
pub(crate) fn spoken(name: &str) -> String {
    name.replace('_', " ")
}

/// With a capital at its beginning.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The word with `a` or `an` before it.
pub(crate) fn with_article(words: &str) -> String {
    let vowel = words.starts_with(['a', 'e', 'i', 'o', 'u']) && !words.starts_with("uni") && !words.starts_with("use");
    format!("{} {words}", if vowel { "an" } else { "a" })
}

/// `river_bank` as `river_banks`: the last word says how many there are.
pub(crate) fn plural(name: &str) -> String {
    let (before, last) = name.rsplit_once('_').map_or(("", name), |(before, last)| (before, last));
    let many = to_plural(last);
    if before.is_empty() { many } else { format!("{before}_{many}") }
}

/// `river_banks` as `river_bank`.
pub(crate) fn singular(name: &str) -> String {
    let (before, last) = name.rsplit_once('_').map_or(("", name), |(before, last)| (before, last));
    let one = to_singular(last);
    if before.is_empty() { one } else { format!("{before}_{one}") }
}

/// What `#[resource]` takes for the singular of a tag; another one has to be said by `name = "..."`.
pub(crate) fn singular_of_tag(tag: &str) -> String {
    let word = tag.replace('-', "_");
    match (word.strip_suffix("ies"), word.strip_suffix('s')) {
        (Some(stem), _) => format!("{stem}y"),
        (None, Some(stem)) => stem.to_owned(),
        (None, None) => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_many_lead_to_each_other() {
        for (one, many) in [
            ("river", "rivers"),
            ("city", "cities"),
            ("river_bank", "river_banks"),
            ("box", "boxes"),
            ("day", "days"),
            ("invoice_address", "invoice_addresses"),
            ("shelf", "shelves"),
        ] {
            assert_eq!((plural(one).as_str(), singular(many).as_str()), (many, one));
            assert_eq!(singular(one), one, "the singular of a singular is itself");
        }
        assert_eq!(plural("person"), "people");
    }

    #[test]
    fn a_name_is_made_of_lower_case_words() {
        assert!(["a", "river_bank", "line2"].into_iter().all(is_snake));
        assert!(!["", "River", "2nd", "river__bank", "_river", "river-bank", "fluß"].into_iter().any(is_snake));
    }

    #[test]
    fn sentences_say_an_where_they_should() {
        assert_eq!(with_article("order"), "an order");
        assert_eq!(with_article("unit"), "a unit");
        assert_eq!(with_article("river bank"), "a river bank");
    }
}
