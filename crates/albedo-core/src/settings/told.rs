//! What is set, from where: for the people who wonder why the server does what it does.

use serde::Serialize;

use super::reader::Reader;
use super::sources::Sources;
use super::variables::{Preset, Variable, variables};

/// One setting as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The environment variable.
    pub name: &'static str,
    /// The dotted key in the settings file.
    pub key: Option<&'static str>,
    /// Who has the last word.
    pub origin: Origin,
    /// The text that counts, before anything is checked; a secret is never shown.
    pub value: Option<String>,
    /// What it means.
    pub meaning: &'static str,
}

/// Who has the last word on a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The environment, or a file that a variable names.
    Environment,
    /// The settings file.
    File,
    /// Nobody: its default.
    Default,
    /// Nobody: worked out at start.
    Computed,
    /// Nobody, and it has no default.
    Unset,
}

impl Origin {
    /// The word for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::File => "file",
            Self::Default => "default",
            Self::Computed => "computed",
            Self::Unset => "unset",
        }
    }
}

/// Every setting as these sources give it, right or wrong, in the order of the table.
#[must_use]
pub fn told(sources: &Sources) -> Vec<Told> {
    let reader = Reader::new(sources);
    variables().iter().map(|variable| tell(&reader, variable)).collect()
}

fn tell(reader: &Reader<'_>, variable: &'static Variable) -> Told {
    let (origin, text) = match (reader.set_in_environment(variable), reader.set_in_file(variable)) {
        (Some(text), _) => (Origin::Environment, Some(text)),
        (None, Some(text)) => (Origin::File, Some(text)),
        (None, None) => match variable.default {
            Preset::Text(text) => (Origin::Default, Some(text.to_owned())),
            Preset::Computed(how) => (Origin::Computed, Some(how.to_owned())),
            Preset::Nothing => (Origin::Unset, None),
        },
    };
    let given = matches!(origin, Origin::Environment | Origin::File);
    let value = if variable.secret && given { Some("(hidden)".to_owned()) } else { text };
    Told { name: variable.name, key: variable.key, origin, value, meaning: variable.meaning }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(file: Option<&str>, environment: &[(&str, &str)]) -> Vec<Told> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        told(&Sources::new(file, environment))
    }

    fn one(all: &[Told], name: &str) -> (Origin, Option<String>) {
        let told = all.iter().find(|told| told.name == name).unwrap();
        (told.origin, told.value.clone())
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_default() {
        let file = "[server]\nport = 5000\nhost = '::1'\n";
        let all = of(Some(file), &[("ALBEDO_PORT", "6000"), ("ALBEDO_WORKERS", "")]);
        assert_eq!(one(&all, "ALBEDO_PORT"), (Origin::Environment, Some("6000".to_owned())));
        assert_eq!(one(&all, "ALBEDO_HOST"), (Origin::File, Some("::1".to_owned())));
        assert_eq!(one(&all, "ALBEDO_ENV"), (Origin::Default, Some("development".to_owned())));
        assert_eq!(one(&all, "ALBEDO_WORKERS").0, Origin::Computed);
        assert_eq!(one(&all, "ALBEDO_ADMIN_EMAIL"), (Origin::Unset, None));
        assert_eq!(all.len(), variables().len());
    }

    #[test]
    fn no_secret_is_shown_whether_given_directly_or_by_a_file() {
        let file = "[database]\nurl = 'postgres://ana:hunter2@db/albedo'\n";
        let environment = [("ALBEDO_JWT_SECRET", "hunter2"), ("ALBEDO_ADMIN_PASSWORD_FILE", "/run/hunter2")];
        let all = of(Some(file), &environment);
        assert!(!format!("{all:?}").contains("hunter2"), "{all:?}");
        for (name, origin) in [
            ("ALBEDO_JWT_SECRET", Origin::Environment),
            ("ALBEDO_ADMIN_PASSWORD", Origin::Environment),
            ("DATABASE_URL", Origin::File),
        ] {
            assert_eq!(one(&all, name), (origin, Some("(hidden)".to_owned())));
        }
    }
}
