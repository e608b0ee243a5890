//! How wide rustfmt lets things be, so that a new file is as it would leave it.

use std::path::Path;

/// How wide things may be on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widths {
    /// A whole line.
    pub line: usize,
    /// A chain of calls.
    pub chain: usize,
    /// The arguments of a call.
    pub arguments: usize,
    /// A list in brackets.
    pub array: usize,
    /// The fields of a struct.
    pub fields: usize,
}

impl Default for Widths {
    /// What rustfmt does when nobody says otherwise.
    fn default() -> Self {
        Self::scaled(100)
    }
}

impl Widths {
    /// rustfmt's shares of a line: as of a hundred characters where it is shorter, more in steps of ten where it is longer.
    const fn scaled(line: usize) -> Self {
        let tenths = if line > 100 { (line + 5) / 10 } else { 10 };
        let share = 60 * tenths / 10;
        Self { line, chain: share, arguments: share, array: share, fields: (18 * tenths + 5) / 10 }
    }

    /// The widths that rustfmt would use for a file in this folder: those of the `rustfmt.toml` nearest above it.
    #[must_use]
    pub fn beside(folder: &Path) -> Self {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let places =
            folder.ancestors().flat_map(|folder| ["rustfmt.toml", ".rustfmt.toml"].map(|name| folder.join(name)));
        let text = places.into_iter().find_map(|path| std::fs::read_to_string(path).ok());
        text.map_or_else(Self::default, |text| Self::of_settings(&text))
    }

    /// The widths that a `rustfmt.toml` asks for.
    #[must_use]
    pub fn of_settings(text: &str) -> Self {
        let value = |key: &str| {
            text.lines().find_map(|line| {
                let (name, value) = line.split('#').next()?.split_once('=')?;
                (name.trim() == key).then(|| value.trim().trim_matches('"').to_owned())
            })
        };
        let number = |key: &str| value(key).and_then(|value| value.parse().ok());
        let line = number("max_width").unwrap_or(100);
        let mut widths = match value("use_small_heuristics").as_deref() {
            Some("Max") => Self { line, chain: line, arguments: line, array: line, fields: line },
            Some("Off") => Self { line, chain: 0, arguments: 0, array: 0, fields: 0 },
            _ => Self::scaled(line),
        };
        widths.chain = number("chain_width").unwrap_or(widths.chain);
        widths.arguments = number("fn_call_width").unwrap_or(widths.arguments);
        widths.array = number("array_width").unwrap_or(widths.array);
        widths.fields = number("struct_lit_width").unwrap_or(widths.fields);
        widths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projects_own_widths_are_read() {
        let widths =
            Widths::of_settings("edition = \"2024\"\nmax_width = 120 # wide\nuse_small_heuristics = \"Max\"\n");
        assert_eq!(widths, Widths { line: 120, chain: 120, arguments: 120, array: 120, fields: 120 });
        assert_eq!(Widths::of_settings("").chain, 60);
        assert_eq!(Widths::of_settings("chain_width = 80").chain, 80);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".rustfmt.toml"), "max_width = 90").unwrap();
        std::fs::create_dir(folder.path().join("versions")).unwrap();
        assert_eq!(Widths::beside(&folder.path().join("versions")).line, 90);
    }
}
