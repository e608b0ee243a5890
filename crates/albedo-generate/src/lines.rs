//! The lines that a resource has in files which are there already, and how they go in and out again.
//!
//! A list that is sorted stays so; others grow at their end, since a resource comes after those it stands on. Afterwards the
//! file is formatted, so taking a line out leaves what was there before it came, byte for byte.

use crate::catalogue::ENTITIES;
use crate::error::{Error, Result};
use crate::resource::{RULES, Resource, TESTS};

/// A line, and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// `mod name;`, sorted into the last block of such lines.
    Module { visibility: &'static str, name: String },
    /// `name` in `use from::{...};`.
    Import { from: &'static str, name: String },
    /// The line goes behind the last one that begins like this and ends like that.
    After { begins: &'static str, ends: &'static str, line: String },
}

/// The lines of a resource, by file.
pub(crate) fn of(name: &str, plural: &str) -> Vec<(String, Vec<Line>)> {
    let module = |visibility, name: &str| Line::Module { visibility, name: name.to_owned() };
    let import = |from| Line::Import { from, name: name.to_owned() };
    let after = |begins, ends, line| Line::After { begins, ends, line };
    let description = "::Entity::description(),";
    vec![
        (format!("{ENTITIES}/lib.rs"), vec![module("pub ", name)]),
        (
            format!("{ENTITIES}/registry.rs"),
            vec![import("crate"), after("", description, format!("{name}{description}"))],
        ),
        (format!("{RULES}/mod.rs"), vec![module("", name)]),
        ("crates/albedo-services/src/resources.rs".to_owned(), vec![after("", ",", format!("{name},"))]),
        (
            "crates/albedo-api/src/routes/v1.rs".to_owned(),
            vec![after("resources::", "(),", format!("resources::{name}(),"))],
        ),
        (
            "migration/src/target.rs".to_owned(),
            vec![import("albedo_entities"), after(".entity(", "::Entity)", format!(".entity({name}::Entity)"))],
        ),
        (format!("{TESTS}/main.rs"), vec![module("", plural)]),
    ]
}

/// The lines of a new resource.
pub(crate) fn of_new(resource: &Resource) -> Vec<(String, Vec<Line>)> {
    of(&resource.name, &resource.plural)
}

impl Line {
    /// The text with this line in it.
    pub(crate) fn put_into(&self, path: &str, text: &str) -> Result<String> {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        match self {
            Self::Module { visibility, name } => {
                let line = format!("{visibility}mod {name};");
                let (start, end) = last_block(&lines, &format!("{visibility}mod "))
                    .ok_or_else(|| missing(path, &format!("{visibility}mod ...;")))?;
                let block = lines.iter().enumerate().skip(start).take(end - start);
                let place = block.into_iter().find(|(_, known)| **known > line).map_or(end, |(place, _)| place);
                lines.insert(place, line);
            }
            Self::Import { from, name } => {
                let (place, names) =
                    import(&lines, from).ok_or_else(|| missing(path, &format!("use {from}::{{...}};")))?;
                let names = names.chain([name.as_str()]).collect::<Vec<_>>().join(", ");
                lines.splice(place, [format!("use {from}::{{{names}}};")]);
            }
            Self::After { begins, ends, line } => {
                let known = |known: &String| {
                    known.trim_start().starts_with(begins) && known.trim_end_matches(';').ends_with(ends)
                };
                let place =
                    lines.iter().rposition(known).ok_or_else(|| missing(path, &format!("{begins}...{ends}")))?;
                let (before, closes) = lines
                    .get(place)
                    .map(|last| (last.trim_end_matches(';').to_owned(), last.ends_with(';')))
                    .unwrap_or_default();
                let indent = before.len() - before.trim_start().len();
                let line = format!("{}{line}{}", " ".repeat(indent), if closes { ";" } else { "" });
                lines.splice(place..=place, [before, line]);
            }
        }
        Ok(joined(&lines))
    }

    /// The text without this line, or nothing where it is not there.
    pub(crate) fn take_from(&self, text: &str) -> Option<String> {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        match self {
            Self::Module { visibility, name } => {
                let line = format!("{visibility}mod {name};");
                lines.remove(lines.iter().position(|known| *known == line)?);
            }
            Self::Import { from, name } => {
                let (place, names) = import(&lines, from)?;
                let names: Vec<_> = names.map(str::to_owned).collect();
                let left: Vec<_> = names.iter().filter(|known| *known != name).cloned().collect();
                if left.len() == names.len() {
                    return None;
                }
                lines.splice(place, [format!("use {from}::{{{}}};", left.join(", "))]);
            }
            Self::After { line, .. } => {
                let place = lines.iter().position(|known| known.trim().trim_end_matches(';') == line)?;
                let closes = lines.remove(place).ends_with(';');
                if closes && let Some(before) = place.checked_sub(1).and_then(|before| lines.get_mut(before)) {
                    before.push(';');
                }
            }
        }
        Some(joined(&lines))
    }
}

fn missing(path: &str, what: &str) -> Error {
    Error::source(
        path,
        format!(
            "no line is like `{what}`, after which the new one would go; put it in by hand, as CONTRIBUTING.md tells"
        ),
    )
}

fn joined(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// Where the last run of lines that begin so starts and ends.
fn last_block(lines: &[String], begins: &str) -> Option<(usize, usize)> {
    let is_one = |line: &String| line.starts_with(begins) && line.ends_with(';');
    let last = lines.iter().rposition(is_one)?;
    let before = lines.iter().take(last).rposition(|line| !is_one(line));
    Some((before.map_or(0, |before| before + 1), last + 1))
}

/// Where `use from::{...};` stands, which may be several lines, and its names.
fn import<'l>(
    lines: &'l [String],
    from: &str,
) -> Option<(std::ops::RangeInclusive<usize>, impl Iterator<Item = &'l str>)> {
    let start = lines.iter().position(|line| line.starts_with(&format!("use {from}::{{")))?;
    let end = start + lines.iter().skip(start).position(|line| line.ends_with("};"))?;
    let opening = "use ".len() + from.len() + "::{".len();
    let parts = lines.iter().skip(start).take(end - start + 1).enumerate();
    let names = parts.flat_map(move |(at, line)| {
        let line = if at == 0 { line.get(opening..).unwrap_or_default() } else { line.as_str() };
        line.trim().trim_end_matches("};").split(',').map(str::trim).filter(|name| !name.is_empty())
    });
    Some((start..=end, names))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::render::formatted;

    #[test]
    fn lines_go_in_and_out_of_every_file_and_leave_nothing() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        for (name, plural) in [("aardvark", "aardvarks"), ("mole", "moles"), ("zebra", "zebras")] {
            for (path, lines) in of(name, plural) {
                let before = fs::read_to_string(root.join(&path)).unwrap();
                let with = lines.iter().fold(before.clone(), |text, line| line.put_into(&path, &text).unwrap());
                let with = formatted(&path, &with, root).unwrap();
                assert_ne!(with, before);
                let again = lines.iter().fold(with, |text, line| line.take_from(&text).unwrap());
                assert_eq!(formatted(&path, &again, root).unwrap(), before, "{path}");
                assert!(lines.iter().all(|line| line.take_from(&before).is_none()));
            }
        }
    }

    #[test]
    fn a_module_goes_to_its_place_in_the_last_block() {
        let text = "mod support;\n\nmod lakes;\nmod seas;\n\nuse x;\n";
        let put = |name: &str| {
            let line = Line::Module { visibility: "", name: name.to_owned() };
            line.put_into("main.rs", text).unwrap()
        };
        assert_eq!(put("bays"), "mod support;\n\nmod bays;\nmod lakes;\nmod seas;\n\nuse x;\n");
        assert_eq!(put("rivers"), "mod support;\n\nmod lakes;\nmod rivers;\nmod seas;\n\nuse x;\n");
        assert_eq!(put("wells"), "mod support;\n\nmod lakes;\nmod seas;\nmod wells;\n\nuse x;\n");
    }

    #[test]
    fn an_import_of_several_lines_takes_one_more() {
        let line = Line::Import { from: "ours", name: "river".to_owned() };
        let put = line.put_into("v1.rs", "use ours::{\n    lake, sea,\n    well,\n};\n").unwrap();
        assert_eq!(put, "use ours::{lake, sea, well, river};\n");
        assert_eq!(line.take_from(&put).unwrap(), "use ours::{lake, sea, well};\n");
    }

    #[test]
    fn a_file_that_has_changed_beyond_recognition_is_told() {
        let line = Line::Import { from: "ours", name: "river".to_owned() };
        assert!(line.put_into("v1.rs", "fn main() {}\n").unwrap_err().to_string().contains("by hand"));
    }
}
