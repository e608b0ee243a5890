//! `migrate.toml` read with every fault in it: unknown keys, wrong kinds, values that make no sense.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Excluded, Level, Settings, duration};
use crate::error::{Error, Result};
use crate::generate::{FileName, Template};
use crate::schema::naming::Naming;

/// The tables of the file and the keys of each; those of `naming` and `lint` have lists of their own.
const TABLES: [(&str, &[&str]); 6] = [
    ("naming", &[]),
    ("files", &["name", "template"]),
    ("shadow", &["postgres"]),
    ("tables", &["exclude"]),
    ("lint", &[]),
    ("timeouts", &["lock_wait", "lock", "statement", "connect"]),
];

pub(super) fn settings(
    text: &str,
    path: &Path,
    rules: Option<&[&str]>,
    template: &mut dyn FnMut(&Path) -> std::io::Result<String>,
) -> Result<Settings> {
    let mut reader = Reader { text, path, faults: Vec::new() };
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        reader.fault(error.span().unwrap_or_default(), "", error.message());
    }
    let mut settings = Settings::default();
    for (name, value) in root.get_ref() {
        let Some((table, keys)) = TABLES.iter().find(|(table, _)| *table == name.get_ref()) else {
            let known: Vec<&str> = TABLES.iter().map(|(table, _)| *table).collect();
            reader.unknown(name.span(), "", name.get_ref(), &known);
            continue;
        };
        let Some(entries) = value.get_ref().as_table() else {
            reader.fault(value.span(), table, &format!("is a table: write [{table}] on a line of its own"));
            continue;
        };
        for (key, value) in entries {
            reader.entry(&mut settings, table, keys, key, value, rules, template);
        }
    }
    reader.faults.sort();
    if reader.faults.is_empty() {
        return Ok(settings);
    }
    let lines: Vec<String> = reader.faults.into_iter().map(|(_, line)| line).collect();
    let count = if lines.len() == 1 {
        "a setting is faulty".to_owned()
    } else {
        format!("{} settings are faulty", lines.len())
    };
    Err(Error::usage(format!("{count}:\n    {}", lines.join("\n    "))))
}

struct Reader<'t> {
    text: &'t str,
    path: &'t Path,
    /// The line it is on, and what is wrong.
    faults: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn fault(&mut self, span: Range<usize>, key: &str, what: &str) {
        let line = self.text.get(..span.start).unwrap_or(self.text).matches('\n').count() + 1;
        let key = if key.is_empty() { String::new() } else { format!(" {key}") };
        self.faults.push((line, format!("{}:{line}:{key} {}", self.path.display(), what.trim())));
    }

    fn unknown(&mut self, span: Range<usize>, table: &str, key: &str, known: &[&str]) {
        let near = known.iter().map(|known| (strsim::damerau_levenshtein(known, key), known)).min();
        let told = match near {
            Some((distance, near)) if distance <= 2.max(key.len() / 3) => format!("means nothing; is `{near}` meant?"),
            _ => format!("means nothing; there are {}", known.join(", ")),
        };
        let key = if table.is_empty() { format!("[{key}]") } else { format!("{table}.{key}") };
        self.fault(span, &key, &told);
    }

    #[expect(clippy::too_many_arguments, reason = "one entry of the file and all that may be asked about it")]
    fn entry(
        &mut self,
        settings: &mut Settings,
        table: &str,
        keys: &[&str],
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        rules: Option<&[&str]>,
        template: &mut dyn FnMut(&Path) -> std::io::Result<String>,
    ) {
        let name: &str = key.get_ref();
        let whole = format!("{table}.{name}");
        let kinds: Vec<&str> = Naming::kinds().collect();
        let known = match table {
            "naming" => kinds.as_slice(),
            "lint" => rules.unwrap_or(&[]),
            _ => keys,
        };
        let is_open = table == "lint" && rules.is_none();
        if !is_open && !known.contains(&name) {
            return self.unknown(key.span(), table, name, known);
        }
        let done = match (table, name) {
            ("naming", kind) => text(value).and_then(|pattern| settings.naming.set(kind, pattern)),
            ("files", "name") => text(value).and_then(FileName::new).map(|name| settings.style.file_name = name),
            ("files", _) => text(value).and_then(|file| {
                let text = template(Path::new(file)).map_err(|error| format!("{file} cannot be read: {error}"))?;
                settings.style.template = Template::new(&text).map_err(|why| format!("{file}: {why}"))?;
                Ok(())
            }),
            ("shadow", _) => text(value).and_then(postgres_url).map(|url| settings.shadow = Some(url)),
            ("tables", _) => names(value).map(|names| settings.excluded = Excluded::new(names)),
            ("lint", rule) => text(value).and_then(level).map(|level| {
                settings.lint.insert(rule.to_owned(), level);
            }),
            (_, name) => length(value).map(|length| match name {
                "lock_wait" => settings.timeouts.lock_wait = length,
                "lock" => settings.timeouts.lock = length,
                "statement" => settings.timeouts.statement = Some(length).filter(|length| !length.is_zero()),
                _ => settings.timeouts.connect = length,
            }),
        };
        if let Err(why) = done {
            self.fault(value.span(), &whole, &why);
        }
    }
}

fn text<'v>(value: &'v Spanned<DeValue<'_>>) -> Result<&'v str, String> {
    value.get_ref().as_str().ok_or_else(|| format!("is a text between quotes, not {}", kind(value)))
}

fn kind(value: &Spanned<DeValue<'_>>) -> &'static str {
    match value.get_ref().type_str() {
        "array" => "a list",
        "boolean" => "true or false",
        "table" => "a table",
        "string" => "a text",
        "datetime" => "a date",
        _ => "a number",
    }
}

fn names(value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, String> {
    let wrong = || "is a list of table names, such as [\"spatial_ref_sys\", \"audit_*\"]".to_owned();
    let list = value.get_ref().as_array().ok_or_else(wrong)?;
    let one = |name: &Spanned<DeValue<'_>>| {
        let name = name.get_ref().as_str().filter(|name| !name.is_empty()).ok_or_else(wrong)?;
        let stars = name.strip_suffix('*').unwrap_or(name).contains('*');
        if stars { Err(format!("`{name}` has a `*` that is not at its end")) } else { Ok(name.to_owned()) }
    };
    list.iter().map(one).collect()
}

fn level(text: &str) -> Result<Level, String> {
    match text {
        "off" => Ok(Level::Off),
        "warn" => Ok(Level::Warn),
        "error" => Ok(Level::Error),
        _ => Err("is \"off\", \"warn\" or \"error\"".to_owned()),
    }
}

fn length(value: &Spanned<DeValue<'_>>) -> Result<Duration, String> {
    match value.get_ref() {
        DeValue::Integer(number) => duration::parse(number.as_str()),
        DeValue::String(text) => duration::parse(text),
        _ => Err("write a number and ms, s, m or h, such as \"5s\"".to_owned()),
    }
}

fn postgres_url(text: &str) -> Result<String, String> {
    let is = url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql"));
    // A faulty URL may hold a password, so it is not repeated.
    if is { Ok(text.to_owned()) } else { Err("is a URL: \"postgres://user@host/postgres\"".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Option<&[&str]> = Some(&["drop_column", "index_not_concurrent"]);

    fn parse(text: &str) -> Result<Settings> {
        let mut template = |path: &Path| match path.to_str() {
            Some("own.txt") => Ok("//! {{title}}\n{{migration}}\n{{functions}}\n".to_owned()),
            Some("bad.txt") => Ok("{{functions}}".to_owned()),
            _ => Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
        };
        settings(text, Path::new("migration/migrate.toml"), RULES, &mut template)
    }

    #[test]
    fn an_empty_file_means_the_defaults() {
        assert_eq!(parse("# nothing\n").unwrap(), Settings::default());
    }

    #[test]
    fn every_setting_is_read() {
        let settings = parse(
            r#"
            lint = { drop_column = "error" }
            timeouts = { lock_wait = "2m", lock = "500ms", statement = 30, connect = "0s" }
            [naming]
            check = "{table}_{name}_check"
            [files]
            name = "m{epoch}_{id}"
            template = "own.txt"
            [shadow]
            postgres = "postgres://u:p@localhost/postgres"
            [tables]
            exclude = ["audit_*"]
            "#,
        )
        .unwrap();
        assert_eq!(settings.naming.check("t", "c"), "t_c_check");
        assert_eq!(settings.style.file_name, FileName::new("m{epoch}_{id}").unwrap());
        assert_ne!(settings.style.template, Template::default());
        assert_eq!(settings.shadow.as_deref(), Some("postgres://u:p@localhost/postgres"));
        assert!(settings.excluded.contains("audit_log"));
        assert_eq!(settings.lint["drop_column"], Level::Error);
        let options = settings.timeouts.options();
        assert_eq!((options.lock_wait, options.lock_timeout), (Duration::from_secs(120), Duration::from_millis(500)));
        assert_eq!((options.statement_timeout, options.connect_wait), (Some(Duration::from_secs(30)), Duration::ZERO));
    }

    #[test]
    fn all_faults_are_told_at_once_with_line_key_and_what_to_type() {
        let told = parse(
            "[timouts]\nlock = 1\n[timeouts]\nlock = \"soon\"\nlock_wate = 1\n[naming]\nindex = \"ix_{columns}\"\n\
             [files]\ntemplate = \"gone.txt\"\nname = 3\n[shadow]\npostgres = \"mysql://u:secret@h/d\"\n\
             [tables]\nexclude = [\"*_log\"]\n[lint]\ndrop_colum = \"warn\"\ndrop_column = \"loud\"\n",
        )
        .unwrap_err()
        .report();
        for part in [
            "10 settings are faulty",
            "migration/migrate.toml:1: [timouts] means nothing; is `timeouts` meant?",
            "migrate.toml:4: timeouts.lock write a number",
            "migrate.toml:5: timeouts.lock_wate means nothing; is `lock_wait` meant?",
            "migrate.toml:7: naming.index without {table}",
            "migrate.toml:9: files.template gone.txt cannot be read",
            "migrate.toml:10: files.name is a text between quotes, not a number",
            "migrate.toml:12: shadow.postgres is a URL",
            "migrate.toml:14: tables.exclude `*_log` has a `*`",
            "migrate.toml:16: lint.drop_colum means nothing; is `drop_column` meant?",
            "migrate.toml:17: lint.drop_column is \"off\", \"warn\" or \"error\"",
        ] {
            assert!(told.contains(part), "{part} is missing in {told}");
        }
        assert!(!told.contains("secret"), "{told}");
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line() {
        let told = parse("[timeouts]\nlock = \n").unwrap_err().report();
        assert!(told.contains("migrate.toml:2:"), "{told}");
        assert!(parse("timeouts = 5\n").unwrap_err().report().contains("write [timeouts] on a line of its own"));
        assert!(parse("[files]\ntemplate = \"bad.txt\"\n").unwrap_err().report().contains("needs {{migration}}"));
    }
}
