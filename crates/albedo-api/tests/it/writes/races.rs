//! Many at once: one wins, the others are told, nobody sees a fault of ours.

use std::collections::BTreeMap;

use albedo_testing::on_both_databases;
use futures_util::future::join_all;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::{ASSISTANTS, CITIES, Tree, patch_if, row};
use crate::support::{TestApp, TestUser, faults, header};

/// How often each status was answered.
fn statuses(responses: &[Response]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for response in responses {
        *counts.entry(response.status().as_u16()).or_default() += 1;
    }
    counts
}

/// Reads and writes until its own increment has been taken.
async fn increment(user: &TestUser<'_>, path: &str) {
    loop {
        let response = user.get(path).await;
        let tag = header(&response, "etag").unwrap().to_owned();
        let shown: Value = response.json().await.unwrap();
        let count = shown["metadata"]["count"].as_i64().unwrap() + 1;
        match patch_if(user, path, &tag, &json!({"metadata": {"count": count}})).await.status() {
            StatusCode::OK => return,
            status => assert_eq!(status, StatusCode::PRECONDITION_FAILED),
        }
    }
}

on_both_databases! {
    async fn of_fifty_patches_of_one_state_one_passes(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let path = row(ASSISTANTS, &ada.create(ASSISTANTS, json!({"name": "Desk"})).await);
        for round in 1..=3 {
            let tag = format!("\"{round}\"");
            let bodies: Vec<_> = (0..50).map(|number| json!({"model": format!("model {round} {number}")})).collect();
            let responses = join_all(bodies.iter().map(|body| patch_if(&ada, &path, &tag, body))).await;
            assert_eq!(statuses(&responses), BTreeMap::from([(200, 1), (412, 49)]));
        }
        assert_eq!(ada.read(&path).await["version"], 4);
    }

    async fn eight_who_read_and_write_back_lose_nothing(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let path = row(ASSISTANTS, &ada.create(ASSISTANTS, json!({"name": "Desk", "metadata": {"count": 0}})).await);
        let writers = (0..8).map(async |_| {
            for _ in 0..20 {
                increment(&ada, &path).await;
            }
        });
        join_all(writers).await;
        let shown = ada.read(&path).await;
        assert_eq!((&shown["metadata"]["count"], &shown["version"]), (&json!(160), &json!(161)));
    }

    async fn patches_of_one_object_without_a_condition_keep_each_others_keys(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let path = row(ASSISTANTS, &ada.create(ASSISTANTS, json!({"name": "Desk"})).await);
        let bodies: Vec<_> = (0..16).map(|key| json!({"metadata": {format!("key {key}"): key}})).collect();
        let responses = join_all(bodies.iter().map(|body| ada.patch(&path, body.clone()))).await;
        assert_eq!(statuses(&responses), BTreeMap::from([(200, 16)]));
        let shown = ada.read(&path).await;
        assert_eq!((shown["metadata"].as_object().unwrap().len(), &shown["version"]), (16, &json!(17)));
    }

    async fn of_forty_identical_creates_one_is_made(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        let tree = Tree::grow(&admin, "Desk").await;
        for round in 0..3 {
            let name = format!("round_{round}");
            for (list, place, body) in [
                (CITIES, "/name", json!({"name": name, "country_code": "PT"})),
                (ASSISTANTS, "/name", json!({"name": name})),
                (&tree.values, "/value", json!({"value": name})),
            ] {
                let responses = join_all((0..40).map(|_| admin.post(list, body.clone()))).await;
                assert_eq!(statuses(&responses), BTreeMap::from([(201, 1), (409, 39)]), "{list}");
                for response in responses.into_iter().filter(|response| response.status() == StatusCode::CONFLICT) {
                    let told = faults(response, StatusCode::CONFLICT).await;
                    assert_eq!(told, [(place.to_owned(), "taken".to_owned())]);
                }
            }
        }
        assert_eq!(admin.read(CITIES).await["total"], 3);
    }

    async fn a_parent_that_goes_while_children_come_is_not_found(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        for round in 0..4 {
            let tree = Tree::grow(&ada, &format!("Desk {round}")).await;
            let values = join_all((0..12).map(|number| ada.post(&tree.values, json!({"value": format!("v{number}")}))));
            let names = (0..12).map(|number| json!({"name": format!("e{number}"), "kind": "list"}));
            let entities = join_all(names.map(|body| ada.post(&tree.entities, body)));
            let (values, entities, gone) = tokio::join!(values, entities, ada.delete(&tree.assistant));
            assert_eq!(gone.status(), StatusCode::NO_CONTENT);
            for response in values.into_iter().chain(entities) {
                if response.status() != StatusCode::CREATED {
                    assert_eq!(faults(response, StatusCode::NOT_FOUND).await, []);
                }
            }
            faults(ada.get(&tree.values).await, StatusCode::NOT_FOUND).await;
        }
    }
}
