//! The text of a new revision file, as rustfmt would leave it.

use super::{Widths, header};
use crate::error::{Error, Result};
use crate::revision::{Replaced, Revision};

/// What stands in `up` and `down` of a new file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bodies<'b> {
    /// Lines of `up`; none leaves it empty.
    pub up: &'b [String],
    /// Lines of `down`; none leaves it empty.
    pub down: &'b [String],
}

/// The text of a revision file, with words in double braces where it differs from file to file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(String);

impl Default for Template {
    fn default() -> Self {
        Self("//! {{title}}\n\nuse albedo_migrate::prelude::*;\n\n{{migration}}\n\n{{functions}}\n".to_owned())
    }
}

/// What may stand in double braces.
const WORDS: [&str; 6] = ["title", "message", "id", "parents", "migration", "functions"];

impl Template {
    /// A text of a project's own. It says `{{migration}}` where the header goes and `{{functions}}` where `up` and `down`
    /// go; it may say `{{title}}` (the message as a sentence), `{{message}}`, `{{id}}` and `{{parents}}` (ids with commas
    /// between them).
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(text: &str) -> std::result::Result<Self, String> {
        let said: Vec<&str> =
            text.split("{{").skip(1).map(|part| part.split_once("}}").map_or(part, |(word, _)| word)).collect();
        if let Some(odd) = said.iter().find(|word| !WORDS.contains(word)) {
            let known = WORDS.map(|word| format!("{{{{{word}}}}}")).join(", ");
            return Err(format!("`{{{{{odd}` means nothing; there are {known}"));
        }
        if let Some(missing) = ["migration", "functions"].iter().find(|word| !said.contains(word)) {
            return Err(format!("it needs {{{{{missing}}}}}"));
        }
        let template = Self(text.to_owned());
        let id = |text: &str| text.to_owned();
        let sample = Revision {
            id: id("b1"),
            stem: id("b1"),
            message: id("sample"),
            parents: vec![id("a1")],
            ..Revision::default()
        };
        template.render(&sample, Bodies::default(), &Widths::default()).map_err(|error| error.message().to_owned())?;
        Ok(template)
    }

    /// The whole file.
    ///
    /// # Errors
    /// When the text does not read back as the revision, as one with a header of its own would not.
    pub fn render(&self, revision: &Revision, bodies: Bodies<'_>, widths: &Widths) -> Result<String> {
        let values = [
            sentence(&revision.message),
            revision.message.replace(['\n', '\r'], " "),
            revision.id.clone(),
            revision.parents.join(", "),
            migration(revision, widths),
            functions(bodies),
        ];
        // One pass: what stands in a value is never read as a word of the template.
        let mut text = String::new();
        for (index, part) in self.0.split("{{").enumerate() {
            match part.split_once("}}").filter(|_| index > 0) {
                Some((word, rest)) => {
                    let value = WORDS.iter().position(|known| *known == word).and_then(|at| values.get(at));
                    text.push_str(value.map_or("", String::as_str));
                    text.push_str(rest);
                }
                None => text.push_str(part),
            }
        }
        let read = header::parse(&revision.stem, &text);
        if read.as_ref().is_ok_and(|read| read == revision) {
            return Ok(text);
        }
        let why =
            read.err().map_or_else(|| "its header says something else".to_owned(), |error| error.message().to_owned());
        Err(Error::usage(format!("a file made from the template does not read back: {why}"))
            .hint("leave the header to {{migration}}"))
    }
}

/// On one line where rustfmt would have it so.
fn migration(revision: &Revision, widths: &Widths) -> String {
    let list = |names: &[String]| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let replaces = replaces(revision, widths);
    let fields = [
        format!("id: {:?}", revision.id),
        format!("after: &[{}]", list(&revision.parents)),
        format!("depends_on: &[{}]", list(&revision.depends_on)),
        format!("labels: &[{}]", list(&revision.labels)),
        format!("message: {:?}", revision.message),
        "up".to_owned(),
        "down".to_owned(),
    ];
    let flat = fields.join(", ");
    let head = "pub const MIGRATION: Migration =";
    let literal = format!("Migration {{ {flat} }};");
    let fits = |indent: usize| flat.chars().count() <= widths.fields && indent + literal.chars().count() <= widths.line;
    if fits(head.len() + 1) {
        format!("{head} {literal}{replaces}")
    } else if fits(4) {
        format!("{head}\n    {literal}{replaces}")
    } else {
        format!("{head} Migration {{\n{}}};{replaces}", fields.map(|field| format!("    {field},\n")).concat())
    }
}

/// What was squashed into it, laid out as rustfmt would; nothing for most revisions.
fn replaces(revision: &Revision, widths: &Widths) -> String {
    if revision.replaces.is_empty() {
        return String::new();
    }
    let head = "\n\n/// What was squashed into it: a database that has all of these has it.\npub const REPLACES: &[(&str, &str)] = &[";
    let pairs: Vec<String> = revision.replaces.iter().map(|part| format!("({:?}, {:?})", part.id, part.stem)).collect();
    let flat = pairs.join(", ");
    let last = head.lines().last().unwrap_or_default().chars().count();
    if flat.chars().count() <= widths.array && last + flat.chars().count() + "];".len() <= widths.line {
        return format!("{head}{flat}];");
    }
    let line = |(pair, part): (&String, &Replaced)| {
        if "    ".len() + pair.chars().count() + ",".len() <= widths.line {
            format!("    {pair},\n")
        } else {
            format!("    (\n        {:?},\n        {:?},\n    ),\n", part.id, part.stem)
        }
    };
    let lines: String = pairs.iter().zip(&revision.replaces).map(line).collect();
    format!("{head}\n{lines}];")
}

fn functions(bodies: Bodies<'_>) -> String {
    let parameter = |lines: &[String]| if lines.is_empty() { "_op" } else { "op" };
    let body = |lines: &[String]| {
        if lines.is_empty() {
            " {}".to_owned()
        } else {
            format!(" {{\n{}}}", lines.iter().map(|line| format!("    {line}\n")).collect::<String>())
        }
    };
    format!(
        "fn up({}: &mut Operations){}\n\nfn down({}: &mut Operations){}",
        parameter(bodies.up),
        body(bodies.up),
        parameter(bodies.down),
        body(bodies.down),
    )
}

/// `create users` becomes `Create users.`
fn sentence(message: &str) -> String {
    let line = message.replace(['\n', '\r'], " ");
    let mut chars = line.trim().chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

/// The words of a message as they stand in a file name.
#[must_use]
pub fn slug(message: &str) -> String {
    let plain: String =
        message.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let mut slug = plain.split_whitespace().collect::<Vec<_>>().join("_");
    slug.truncate(50);
    slug.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_reads_back_as_it_was_meant() {
        let revision = Revision {
            id: "b1".into(),
            stem: "s".into(),
            message: "say \"hi\" \\ there".into(),
            parents: vec!["a1".into(), "a2".into()],
            depends_on: vec![],
            labels: vec!["left".into()],
            replaces: vec![
                Replaced { id: "x1".into(), stem: "2026_x1_\"odd\"".into() },
                Replaced { id: "b1".into(), stem: "b1".into() },
            ],
        };
        let text = Template::default().render(&revision, Bodies::default(), &Widths::default()).unwrap();
        assert_eq!(super::super::header::parse("s", &text).unwrap(), revision);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_template_of_ones_own_is_checked_and_filled_in() {
        let template = Template::new(
            "//! {{title}} After {{parents}}.\n// {{id}}\nuse crate::words::*;\n{{migration}}\n{{functions}}\n",
        );
        let revision = Revision {
            id: "b1".into(),
            stem: "s".into(),
            message: "say {{id}}".into(),
            parents: vec!["a1".into()],
            ..Revision::default()
        };
        let text = template.unwrap().render(&revision, Bodies::default(), &Widths::default()).unwrap();
        assert!(text.starts_with("//! Say {{id}}. After a1.\n// b1\nuse crate::words::*;\npub const"), "{text}");
        for (bad, told) in [
            ("{{migration}}", "{{functions}}"),
            ("{{migration}} {{functions}} {{author}}", "`{{author`"),
            ("const MIGRATION: M = M { id: \"x\" }; {{migration}} {{functions}}", "does not read back"),
        ] {
            assert!(Template::new(bad).unwrap_err().contains(told), "{bad}");
        }
    }

    #[test]
    fn a_slug_has_letters_digits_and_underscores() {
        assert_eq!(slug("Create users' table! (2nd try)"), "create_users_table_2nd_try");
        assert_eq!(slug("äöü"), "");
    }
}
