//! Rows of any resource, made of the examples of its fields: what a test has to stand on and does not look at.

use std::sync::atomic::{AtomicUsize, Ordering};

use albedo_api::routes;
use albedo_core::body::{self, Purpose};
use albedo_entities::Description;
use albedo_testing::on_both_databases;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};

use crate::support::{TestApp, TestUser};

/// The path of a resource's list, below new rows of all its parents.
pub(crate) async fn list_of(user: &TestUser<'_>, description: &'static Description) -> String {
    let mut parents: Vec<_> = description.parents().collect();
    parents.reverse();
    let mut ids: Vec<String> = Vec::new();
    for parent in parents {
        let list = path(parent, &ids);
        ids.push(row_in(user, &list, parent).await);
    }
    path(description, &ids)
}

/// The id of a new row, below new rows of all its parents.
pub(crate) async fn row_of(user: &TestUser<'_>, description: &'static Description) -> String {
    let list = list_of(user, description).await;
    row_in(user, &list, description).await
}

/// The id of a new row of this list. Boxed, since a row may refer to another, which may refer on.
fn row_in<'a>(user: &'a TestUser<'_>, list: &'a str, description: &'static Description) -> LocalBoxFuture<'a, String> {
    async move {
        let mut body = example(description);
        for reference in description.references {
            if let Some(sent) = body.get_mut(reference.column) {
                let known = routes::api().resources.into_iter().map(|resource| resource.description);
                let referred = known.into_iter().find(|known| (known.table)() == (reference.table)()).unwrap();
                *sent = row_of(user, referred).await.into();
            }
        }
        user.create(list, body.into()).await["id"].as_str().unwrap().to_owned()
    }
    .boxed_local()
}

/// The path of a list, with the ids of its parents, outermost first.
fn path(description: &Description, ids: &[String]) -> String {
    let mut ids = ids.iter();
    let parts = description.path.split('/').map(|part| match part.starts_with('{') {
        true => ids.next().unwrap().as_str(),
        false => part,
    });
    format!("/api/v1{}", parts.collect::<Vec<_>>().join("/"))
}

/// The examples of the fields that have to be sent. No two bodies are alike: a number is put behind each text that may be
/// changed so.
fn example(description: &Description) -> Map<String, Value> {
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let fields = (description.create_fields)();
    let sent = fields.iter().filter(|field| field.uses.create && field.required);
    let mut examples: Map<String, Value> =
        sent.map(|field| (field.name.to_owned(), serde_json::from_str(field.example.unwrap()).unwrap())).collect();
    for field in fields.iter().filter(|field| description.unique.iter().any(|columns| columns.contains(&field.name))) {
        let Some(Value::String(text)) = examples.get(field.name) else { continue };
        let mut changed = examples.clone();
        changed.insert(field.name.to_owned(), format!("{text}{number}").into());
        if body::check(fields, Purpose::Create, changed.clone().into(), |_, _| {}).is_ok() {
            examples = changed;
        }
    }
    examples
}

on_both_databases! {
    async fn every_resource_takes_its_own_examples(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        let made = routes::api().resources.into_iter().map(|resource| resource.description);
        for description in made.filter(|description| description.methods.create) {
            row_of(&admin, description).await;
        }
    }
}
