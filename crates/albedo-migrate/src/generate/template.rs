//! The text of a new revision file, as rustfmt would leave it.

use crate::revision::Revision;

/// What stands in `up` and `down` of a new file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bodies<'b> {
    /// Lines of `up`; none leaves it empty.
    pub up: &'b [String],
    /// Lines of `down`; none leaves it empty.
    pub down: &'b [String],
}

/// The whole file.
#[must_use]
pub fn render(revision: &Revision, bodies: Bodies<'_>) -> String {
    let title = sentence(&revision.message);
    let list = |names: &[String]| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let parameter = |lines: &[String]| if lines.is_empty() { "_op" } else { "op" };
    let body = |lines: &[String]| {
        if lines.is_empty() {
            " {}".to_owned()
        } else {
            format!(" {{\n{}}}", lines.iter().map(|line| format!("    {line}\n")).collect::<String>())
        }
    };
    format!(
        "//! {title}\n\nuse albedo_migrate::prelude::*;\n\npub const MIGRATION: Migration = Migration {{\n    id: {:?},\n    after: &[{}],\n    depends_on: &[{}],\n    labels: &[{}],\n    message: {:?},\n    up,\n    down,\n}};\n\nfn up({}: &mut Operations){}\n\nfn down({}: &mut Operations){}\n",
        revision.id,
        list(&revision.parents),
        list(&revision.depends_on),
        list(&revision.labels),
        revision.message,
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
        };
        let text = render(&revision, Bodies::default());
        assert_eq!(super::super::header::parse("s", &text).unwrap(), revision);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_slug_has_letters_digits_and_underscores() {
        assert_eq!(slug("Create users' table! (2nd try)"), "create_users_table_2nd_try");
        assert_eq!(slug("äöü"), "");
    }
}
