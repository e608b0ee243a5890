//! Where settings come from: one file and the environment.
//!
//! Tests build [`Sources`] from values; only [`Sources::from_process`] looks at the world.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt, fs,
    io::{self, Read},
    path::Path,
};

use super::variables::{Preset, SETTINGS};

/// Longest settings file or secret file that is read: anything longer is a path given by mistake.
const LONGEST_FILE: u64 = 256 * 1024;

/// The texts that settings are read from, before anything is checked.
#[derive(Clone)]
pub struct Sources {
    pub(super) file: Option<SettingsFile>,
    pub(super) environment: BTreeMap<String, String>,
    /// Told together with the faults that loading finds.
    pub(super) faults: Vec<String>,
}

#[derive(Clone)]
pub(super) struct SettingsFile {
    pub(super) name: String,
    pub(super) text: String,
}

impl Sources {
    /// The text of a settings file, if there is one, and these variables instead of the real environment.
    #[must_use]
    pub fn new(file_text: Option<&str>, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let file = file_text.map(|text| SettingsFile { name: default_file().to_owned(), text: text.to_owned() });
        Self { file, environment: environment.into_iter().collect(), faults: Vec::new() }
    }

    /// The same, with another value of one variable.
    #[must_use]
    pub fn with(mut self, variable: &str, value: &str) -> Self {
        self.environment.insert(variable.to_owned(), value.to_owned());
        self
    }

    /// The environment of this process, and `albedo.toml` in its working directory or at `ALBEDO_SETTINGS`.
    ///
    /// What cannot be read is told by [`Settings::load`](super::Settings::load), with all other faults.
    #[must_use]
    pub fn from_process() -> Self {
        Self::from_variables(std::env::vars_os())
    }

    fn from_variables(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut faults = Vec::new();
        let mut environment = BTreeMap::new();
        for (name, value) in variables {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => drop(environment.insert(name, value)),
                Err(_)
                    if ["ALBEDO_", "DATABASE_URL", "DATABASE_REPLICA_URLS", "REDIS_URL"]
                        .iter()
                        .any(|known| name.starts_with(known)) =>
                {
                    faults.push(format!("{name}: is not UTF-8"));
                }
                Err(_) => {}
            }
        }
        let named = environment.get(SETTINGS.name).filter(|path| !path.is_empty()).cloned();
        let name = named.clone().unwrap_or_else(|| default_file().to_owned());
        let file = match read_bounded(Path::new(&name)) {
            Ok(text) => Some(SettingsFile { name, text }),
            Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                faults.push(format!("{} ({name}): the settings file cannot be read: {error}", SETTINGS.name));
                None
            }
        };
        Self { file, environment, faults }
    }
}

// Values may be secret, so only names are shown.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("file", &self.file.as_ref().map(|file| &file.name))
            .field("environment", &self.environment.keys())
            .finish_non_exhaustive()
    }
}

/// The text of a file that people name in a setting.
pub(super) fn read_bounded(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?.take(LONGEST_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is longer than {LONGEST_FILE} bytes")));
    }
    Ok(text)
}

fn default_file() -> &'static str {
    match SETTINGS.default {
        Preset::Text(name) => name,
        Preset::Computed(_) | Preset::Nothing => "albedo.toml",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(variables: &[(&str, &OsString)]) -> Sources {
        Sources::from_variables(variables.iter().map(|(name, value)| (OsString::from(name), (*value).clone())))
    }

    #[test]
    fn a_named_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.toml");
        fs::write(&path, "environment = 'production'").unwrap();
        let sources = sources(&[("ALBEDO_SETTINGS", &path.clone().into_os_string())]);
        let file = sources.file.unwrap();
        assert_eq!((file.name.as_str(), file.text.as_str()), (path.to_str().unwrap(), "environment = 'production'"));
    }

    #[test]
    fn the_default_file_may_be_missing_and_a_named_one_may_not() {
        assert!(sources(&[]).faults.is_empty());
        let missing = sources(&[("ALBEDO_SETTINGS", &"/nowhere/albedo.toml".into())]).faults;
        assert!(
            missing.concat().starts_with("ALBEDO_SETTINGS (/nowhere/albedo.toml): the settings file cannot be read")
        );
        let endless = sources(&[("ALBEDO_SETTINGS", &"/dev/zero".into())]).faults;
        assert!(endless.concat().contains("is longer than 262144 bytes"), "{endless:?}");
    }

    #[test]
    #[cfg(unix)]
    fn a_setting_that_is_no_text_is_a_fault_and_any_other_variable_is_none() {
        use std::os::unix::ffi::OsStringExt;

        let bytes = OsString::from_vec(vec![0xff]);
        assert_eq!(sources(&[("ALBEDO_PORT", &bytes)]).faults, ["ALBEDO_PORT: is not UTF-8"]);
        assert!(sources(&[("LESSOPEN", &bytes)]).faults.is_empty());
    }
}
