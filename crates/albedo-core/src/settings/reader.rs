//! Reads one setting at a time out of the merged layers, and remembers every fault on the way.
//!
//! The files beside this one say what is allowed; here are the precedence, the wording and the redaction. Nobody
//! stops at the first fault: a reader that fails answers [`Noted`] and the next setting is read all the same.

use std::{fmt::Display, ops::RangeInclusive, path::Path, str::FromStr, time::Duration};

use config::{Config, ConfigError, File, FileFormat, Value};
use secrecy::SecretString;

use super::{
    SettingsError,
    sources::{Sources, read_bounded},
    unknown,
    variables::{Preset, Variable},
};

/// The fault is in the list; who gets this has nothing to add.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted;

pub(super) type Read<T> = Result<T, Noted>;

pub(super) struct Reader<'a> {
    sources: &'a Sources,
    file: Config,
    faults: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        let mut reader = Self { sources, file: Config::default(), faults: sources.faults.clone() };
        match parse_file(sources) {
            Ok(file) => reader.file = file,
            Err(problem) => reader.faults.push(format!("{}: {problem}", reader.file_name())),
        }
        reader.faults.extend(unknown::in_environment(&sources.environment));
        reader.faults.extend(unknown::in_file(&reader.file.cache, reader.file_name()));
        reader
    }

    /// Settings when nothing was wrong, otherwise everything that was.
    pub(super) fn finish<T>(self, read: Read<T>) -> Result<T, SettingsError> {
        match read {
            Ok(settings) if self.faults.is_empty() => Ok(settings),
            _ => Err(SettingsError { faults: self.faults }),
        }
    }

    pub(super) fn fault(&mut self, variable: &Variable, problem: impl Display) -> Noted {
        self.faults.push(format!("{}: {problem}", self.subject(variable)));
        Noted
    }

    /// The text of a setting: from the environment, else from the settings file, else its default.
    pub(super) fn text(&mut self, variable: &Variable) -> Read<Option<String>> {
        if let Some(text) = self.given_by_environment(variable)? {
            return Ok(Some(text));
        }
        if let Some(text) = self.given_by_file(variable)? {
            return Ok(Some(text));
        }
        match variable.default {
            Preset::Text(text) => Ok(Some(text.to_owned())),
            Preset::Computed(_) | Preset::Nothing => Ok(None),
        }
    }

    /// A setting that may be missing, turned into a value by `parse`; `allowed` completes the sentence "must be ...".
    pub(super) fn optional<T>(
        &mut self,
        variable: &Variable,
        allowed: impl Display,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Read<Option<T>> {
        let Some(text) = self.text(variable)? else { return Ok(None) };
        match parse(text.trim()) {
            Some(value) => Ok(Some(value)),
            None if variable.secret => Err(self.fault(variable, format_args!("must be {allowed}"))),
            None => Err(self.fault(variable, format_args!("must be {allowed}, not {}", shown(&text)))),
        }
    }

    pub(super) fn required<T>(
        &mut self,
        variable: &Variable,
        allowed: impl Display,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Read<T> {
        match self.optional(variable, &allowed, parse)? {
            Some(value) => Ok(value),
            None => Err(self.fault(variable, format_args!("is missing; it must be {allowed}"))),
        }
    }

    pub(super) fn number<T>(&mut self, variable: &Variable, range: RangeInclusive<T>) -> Read<T>
    where
        T: FromStr + PartialOrd + Display,
    {
        let allowed = whole_number(&range);
        self.required(variable, allowed, |text| text.parse().ok().filter(|number| range.contains(number)))
    }

    pub(super) fn number_or<T>(&mut self, variable: &Variable, range: RangeInclusive<T>, computed: T) -> Read<T>
    where
        T: FromStr + PartialOrd + Display,
    {
        let allowed = whole_number(&range);
        let given =
            self.optional(variable, allowed, |text| text.parse().ok().filter(|number| range.contains(number)))?;
        Ok(given.unwrap_or(computed))
    }

    /// A time in seconds, fractions allowed.
    pub(super) fn seconds(&mut self, variable: &Variable, range: RangeInclusive<f64>) -> Read<Duration> {
        self.required(variable, a_time(&range), |text| seconds(text, &range))
    }

    pub(super) fn seconds_or(
        &mut self,
        variable: &Variable,
        range: RangeInclusive<f64>,
        computed: Duration,
    ) -> Read<Duration> {
        let given = self.optional(variable, a_time(&range), |text| seconds(text, &range))?;
        Ok(given.unwrap_or(computed))
    }

    pub(super) fn secret(&mut self, variable: &Variable) -> Read<Option<SecretString>> {
        Ok(self.text(variable)?.map(SecretString::from))
    }

    /// Secrets separated by commas, line ends, or as a list in the file.
    pub(super) fn secrets(&mut self, variable: &Variable) -> Read<Vec<SecretString>> {
        Ok(self.list(variable)?.into_iter().map(SecretString::from).collect())
    }

    /// Values separated by commas, line ends, or as a list in the file.
    pub(super) fn list(&mut self, variable: &Variable) -> Read<Vec<String>> {
        let listed = match self.given_by_environment(variable)? {
            Some(text) => vec![text],
            None => match variable.key.and_then(|key| self.file.get::<Vec<String>>(key).ok()) {
                Some(listed) => listed,
                None => self.given_by_file(variable)?.into_iter().collect(),
            },
        };
        let split = listed.iter().flat_map(|text| text.split([',', '\n'])).map(str::trim);
        Ok(split.filter(|text| !text.is_empty()).map(str::to_owned).collect())
    }

    /// The values of a list, each turned into one by `parse`; `allowed` completes the sentence "must be ...".
    pub(super) fn list_of<T>(
        &mut self,
        variable: &Variable,
        allowed: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Read<Vec<T>> {
        let mut values = Vec::new();
        for text in self.list(variable)? {
            match parse(&text) {
                Some(value) => values.push(value),
                None => return Err(self.fault(variable, format_args!("must be {allowed}, not {}", shown(&text)))),
            }
        }
        Ok(values)
    }

    /// The text in the environment, or the path of the file that it names.
    pub(super) fn set_in_environment(&self, variable: &Variable) -> Option<String> {
        self.environment(variable.name).or_else(|| self.environment(&variable.file_name()?))
    }

    /// The text in the settings file, or the path of the file that it names.
    pub(super) fn set_in_file(&self, variable: &Variable) -> Option<String> {
        let value = |key: &str| self.file.get::<Value>(key).ok().map(|value| value.to_string());
        variable.key.and_then(value).or_else(|| value(&variable.file_key()?))
    }

    fn given_by_environment(&mut self, variable: &Variable) -> Read<Option<String>> {
        let direct = self.environment(variable.name);
        let Some(name) = variable.file_name() else { return Ok(direct) };
        match (direct, self.environment(&name)) {
            (Some(_), Some(_)) => Err(self.fault(variable, format_args!("is set, and so is {name}; keep one"))),
            (None, Some(path)) => self.secret_file(variable, &name, &path).map(Some),
            (direct, None) => Ok(direct),
        }
    }

    fn given_by_file(&mut self, variable: &Variable) -> Read<Option<String>> {
        let direct = variable.key.and_then(|key| self.file.get::<Value>(key).ok());
        let by_path = variable.file_key().and_then(|key| Some((self.file.get_string(&key).ok()?, key)));
        match (direct, by_path) {
            (Some(_), Some((_, key))) => Err(self.fault(variable, format_args!("is set, and so is {key}; keep one"))),
            (None, Some((path, key))) => self.secret_file(variable, &key, &path).map(Some),
            (Some(value), None) => match value.into_string() {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(self.fault(variable, "must be a single value, not a table or a list")),
            },
            (None, None) => Ok(None),
        }
    }

    fn secret_file(&mut self, variable: &Variable, named_by: &str, path: &str) -> Read<String> {
        match read_bounded(Path::new(path)) {
            // Editors and `echo` end a file with a line end that is no part of the secret.
            Ok(text) => Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => Err(self.fault(
                variable,
                format_args!("the file {} that {named_by} names cannot be read: {error}", shown(path)),
            )),
        }
    }

    /// A variable set to nothing is a variable not set: `ALBEDO_PORT=${PORT:-}` in a compose file means that.
    fn environment(&self, name: &str) -> Option<String> {
        self.sources.environment.get(name).filter(|text| !text.is_empty()).cloned()
    }

    /// The place people have to change first, and the other one.
    fn subject(&self, variable: &Variable) -> String {
        let Some(key) = variable.key else { return variable.name.to_owned() };
        if self.set_in_file(variable).is_some() && self.set_in_environment(variable).is_none() {
            format!("{key} in {} ({})", self.file_name(), variable.name)
        } else {
            format!("{} ({key} in {})", variable.name, self.file_name())
        }
    }

    fn file_name(&self) -> &'a str {
        self.sources.file.as_ref().map_or("albedo.toml", |file| &file.name)
    }
}

fn parse_file(sources: &Sources) -> Result<Config, String> {
    let Some(file) = &sources.file else { return Ok(Config::default()) };
    Config::builder().add_source(File::from_str(&file.text, FileFormat::Toml)).build().map_err(|error| {
        let text = match error {
            ConfigError::FileParse { cause, .. } => cause.to_string(),
            other => other.to_string(),
        };
        // The parser draws the line it stopped at, and that line may hold a secret: place and reason are enough.
        let told = text.lines().filter(|line| !line.contains('|')).collect::<Vec<_>>();
        format!("is not TOML: {}", told.join(": "))
    })
}

fn a_time(range: &RangeInclusive<f64>) -> String {
    format!("a number of seconds from {} to {}", range.start(), range.end())
}

fn seconds(text: &str, range: &RangeInclusive<f64>) -> Option<Duration> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| range.contains(seconds))?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn whole_number<T: Display>(range: &RangeInclusive<T>) -> String {
    format!("a whole number from {} to {}", range.start(), range.end())
}

/// A value in quotes, cut where it would drown the sentence.
fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}...", text.split_at(end).0),
        None => format!("{text:?}"),
    }
}
