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
    let shared_key = above
        .as_ref()
        .filter(|_| !resource.request.soft_delete)
        .zip(first)
        .map(|(above, first)| format!("{above}_{first}"));
    let mut referred = resource.referred.iter();
    let columns = resource.fields.iter().map(|field| {
        let module = if matches!(field.kind, Kind::References(_)) { referred.next() } else { None };
        let key = match &shared_key {
            // Among the living alone, which SeaORM has no word for.
            _ if resource.request.soft_delete => None,
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
    // What is above it and what it refers to; a user is for admins to see.
    let relations = columns.iter().filter_map(|column| Some(column.relation.as_ref()?.name.clone()));
    let expand: Vec<String> = resource.parent.iter().map(|parent| parent.name.clone()).chain(relations).collect();
    let spoken = words::spoken(&resource.name);
    let own_name = words::singular_of_tag(&resource.tag()) != resource.name;
    context! {
        shared_key, unique, parent, above, expand,
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
        soft_delete => resource.request.soft_delete,
        audit => resource.request.audit,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use crate::resource::Request;

    fn root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
    }

    fn rendered(request: &Request) -> [String; 4] {
        let resource = Resource::new(request, &Catalogue::read(root()).unwrap(), root()).unwrap();
        let texts: Vec<_> = files(&resource, root()).unwrap().into_iter().map(|(_, text)| text).collect();
        texts.try_into().unwrap()
    }

    fn request(fields: &str) -> Request {
        Request { name: "river".to_owned(), fields: fields.to_owned(), ..Request::default() }
    }

    /// What stands in `#[resource(...)]`.
    fn keys(entity: &str) -> &str {
        entity.split_once("#[resource(").unwrap().1.split_once(")]").unwrap().0
    }

    #[test]
    fn each_option_is_a_key_of_the_resource() {
        let all = Request {
            owner: true,
            cache_ttl: Some(30),
            require_if_match: true,
            soft_delete: true,
            audit: true,
            ..request("name:string!^")
        };
        insta::assert_snapshot!(keys(&rendered(&all)[0]), @r#"
        path = "/rivers",
        tag = "rivers",
        owner = owner_id,
        unique = [owner_id, name],
        cache_ttl = 30,
        require_if_match,
        soft_delete,
        audit,
        "#);
        insta::assert_snapshot!(keys(&rendered(&request("name:string!^"))[0]), @r#"
        path = "/rivers",
        tag = "rivers",
        unique = [name],
        "#);
    }

    #[test]
    fn what_is_unique_among_the_living_is_no_key_of_the_table() {
        let [entity, ..] = rendered(&Request { soft_delete: true, ..request("name:string!^ length:bigint") });
        assert!(entity.contains("unique = [name]") && !entity.contains("sea_orm(unique"), "{entity}");
        assert!(entity.contains("pub deleted_at: Option<DateTimeUtc>,"), "{entity}");
        let [entity, ..] = rendered(&request("name:string!^ length:bigint"));
        assert!(entity.contains("#[sea_orm(unique)]") && !entity.contains("deleted_at"), "{entity}");
    }

    #[test]
    fn what_a_row_leads_to_can_be_shown_with_it() {
        let shown = "what_it_leads_to_is_shown_with_it";
        let [entity, _, tests, _] = rendered(&request("name:string!^"));
        assert!(!entity.contains("expand") && !tests.contains(shown), "{entity}");
        let nested =
            Request { parent: Some("assistant".to_owned()), ..request("name:string! city:references:cities!") };
        let [entity, _, tests, _] = rendered(&nested);
        assert!(entity.contains("expand = [assistant, city],") && tests.contains(shown), "{entity}");
    }

    #[test]
    fn tests_know_what_a_resource_can_do() {
        let (restored, told) = ("what_is_deleted_can_be_restored", "what_is_done_is_written_down");
        let [.., tests, _] = rendered(&request("name:string!^"));
        assert!(!tests.contains(restored) && !tests.contains(told) && !tests.contains("deleted_at"));
        let [.., tests, _] = rendered(&Request { soft_delete: true, ..request("name:string!^") });
        assert!(tests.contains(restored) && !tests.contains(told));
        assert!(tests.contains("CONFLICT).await;\n        change(&ada, Method::DELETE, &taken"), "{tests}");
        let [.., tests, _] = rendered(&Request { audit: true, ..request("length:bigint!") });
        assert!(!tests.contains(restored) && tests.contains(told));
        assert!(tests.contains("[\"create\", \"update\", \"delete\"]"), "{tests}");
        // Nothing of it could be changed to something else.
        let [.., tests, _] = rendered(&Request { audit: true, ..request("open:boolean=false") });
        assert!(tests.contains(told), "{tests}");
    }

    #[test]
    fn a_body_that_is_always_the_same_looks_at_no_number() {
        let [.., factory] = rendered(&request("city:references:cities!"));
        assert!(factory.contains("fn body(&self, _number: u8)"), "{factory}");
        let [.., factory] = rendered(&request("name:string"));
        assert!(factory.contains("fn body(&self, number: u8)"), "{factory}");
    }

    #[test]
    fn no_helper_of_the_tests_is_called_as_the_rows_are() {
        let [.., tests, _] = rendered(&Request { name: "place".to_owned(), ..request("name:string!") });
        assert!(!tests.contains(" places(") && tests.contains("let places = Places::of("), "{tests}");
    }

    #[test]
    fn whatever_is_asked_for_is_rust_without_holes() {
        // rustfmt refuses what is no Rust, and strict templates what has no value.
        let kinds = "name:string{1..120}!^ code:string{2}!^ notes:text depth:integer{0..12000} length:bigint! \
                     slope:double{-1.5..90} open:boolean=false source:uuid at_noon:datetime state:choice(dry,wet)=wet \
                     details:json nicknames:texts city:references:cities!";
        for fields in [kinds, "details:json", "open:boolean", "state:choice(dry,wet)!", "source:uuid!^"] {
            for (parent, owner) in [(None, false), (None, true), (Some("assistant"), false), (Some("value"), false)] {
                for all in [false, true] {
                    let parent = parent.map(str::to_owned);
                    let asked = Request { parent, owner, soft_delete: all, audit: all, ..request(fields) };
                    rendered(&Request { require_if_match: all, ..asked });
                }
            }
        }
    }
}
