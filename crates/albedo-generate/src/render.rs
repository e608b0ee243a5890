//! The text of the files that a resource consists of: templates filled in, and formatted as all sources are.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use crate::column::{Column, Key};
use crate::error::{Error, Result};
use crate::field::Kind;
use crate::resource::Resource;
use crate::words;

/// One template for each of [`Resource::files`], in their order.
const TEMPLATES: [&str; 4] = [
    include_str!("../templates/entity.rs.jinja"),
    include_str!("../templates/rules.rs.jinja"),
    include_str!("../templates/tests.rs.jinja"),
    include_str!("../templates/factory.rs.jinja"),
];

/// Each file with its text.
pub(crate) fn files(resource: &Resource, root: &Path) -> Result<Vec<(String, String)>> {
    let context = context(resource);
    let mut files = Vec::new();
    for (path, template) in resource.files().into_iter().zip(TEMPLATES) {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // A line that only says what to do leaves no line behind.
        environment
            .set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().unwrap_or_default());
        environment.add_filter("capital", |text: String| words::capital(&text));
        let text = environment.render_str(template, &context);
        let text = text.map_err(|error| Error::source(&path, format!("its template does not fit: {error:#}")))?;
        let text = formatted(&path, &text, root)?;
        files.push((path, text));
    }
    Ok(files)
}

fn context(resource: &Resource) -> Value {
    let above = resource.above();
    // SeaORM takes one key of several columns on a column; all others are known by `unique = [...]` alone.
    let first = resource.fields.iter().find(|field| field.unique).map(|field| &field.name);
    let shared_key = above.as_ref().zip(first).map(|(above, first)| format!("{above}_{first}"));
    let mut referred = resource.referred.iter();
    let columns = resource.fields.iter().map(|field| {
        let module = if matches!(field.kind, Kind::References(_)) { referred.next() } else { None };
        let key = match &shared_key {
            Some(key) => (first == Some(&field.name)).then(|| Key::With(key.clone())),
            None => field.unique.then_some(Key::Alone),
        };
        Column::new(field, &resource.name, key, module.map(|known| known.module.as_str()))
    });
    let columns: Vec<Column> = columns.collect();
    let unique = resource.fields.iter().filter(|field| field.unique);
    let unique: Vec<String> = unique
        .map(|field| above.iter().map(String::as_str).chain([field.name.as_str()]).collect::<Vec<_>>().join(", "))
        .collect();
    let parent = resource.parent.as_ref().map(|parent| {
        context! {
            module => parent.module.as_str(),
            name => parent.name.as_str(),
            words => words::spoken(&parent.name),
            article => words::with_article(&words::spoken(&parent.name)),
        }
    });
    let spoken = words::spoken(&resource.name);
    let own_name = words::singular_of_tag(&resource.tag()) != resource.name;
    context! {
        shared_key, unique, parent, above,
        columns => Value::from(Serde(&columns)),
        name => resource.name.as_str(),
        plural => resource.plural.as_str(),
        camel => words::camel(&resource.name),
        camel_plural => words::camel(&resource.plural),
        article => words::with_article(&spoken),
        words => spoken,
        plural_words => words::spoken(&resource.plural),
        path => resource.path(),
        tag => resource.tag(),
        own_name,
        owned => resource.owned,
        owner => resource.request.owner,
        cache_ttl => resource.request.cache_ttl,
        require_if_match => resource.request.require_if_match,
        total => !resource.fields.iter().any(|field| field.kind == Kind::Double),
    }
}

/// The text as rustfmt writes it, by the settings of the workspace.
pub(crate) fn formatted(path: &str, text: &str, root: &Path) -> Result<String> {
    let failed = |said: String| Error::source(path, format!("rustfmt refuses it: {said}"));
    let mut rustfmt = Command::new("rustfmt")
        .arg("--config-path")
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("{error}; install it by `rustup component add rustfmt`")))?;
    let mut input = rustfmt.stdin.take().ok_or_else(|| failed("it has no input".to_owned()))?;
    // It reads to the end before it writes, so neither waits for the other.
    input.write_all(text.as_bytes()).map_err(|error| failed(error.to_string()))?;
    drop(input);
    let done = rustfmt.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if !done.status.success() {
        return Err(failed(String::from_utf8_lossy(&done.stderr).into_owned()));
    }
    String::from_utf8(done.stdout).map_err(|error| failed(error.to_string()))
}
