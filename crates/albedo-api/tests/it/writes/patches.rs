//! Changes: a JSON merge patch keeps, sets and clears, whatever the kind of the field.

use albedo_entities::{Description, Resource, assistant, city, entity, value};
use albedo_testing::on_both_databases;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{ASSISTANTS, CITIES, Tree, row};
use crate::support::{TestApp, TestUser, faults, header};

/// The examples of the fields that a client sends at a create.
fn examples(description: &Description) -> Value {
    let fields = description.fields.iter().filter(|field| field.uses.create);
    let example = |text: Option<&str>| serde_json::from_str::<Value>(text.unwrap()).unwrap();
    fields.map(|field| (field.name.to_owned(), example(field.example))).collect::<serde_json::Map<_, _>>().into()
}

/// Every field that can be changed: absent keeps it, its example sets it, `null` clears it or is refused.
async fn every_field_has_three_states(user: &TestUser<'_>, list: &str, description: &Description) {
    let mut sent = examples(description);
    if description.name == "value" {
        // The list already has one with the example's name.
        sent["value"] = json!("Lisboa");
    }
    let mut shown = user.create(list, sent).await;
    let path = row(list, &shown);
    for field in description.fields.iter().filter(|field| field.uses.update) {
        let example: Value = match (description.name, field.name) {
            ("value", "value") => json!("Coimbra"),
            _ => serde_json::from_str(field.example.unwrap()).unwrap(),
        };
        for wanted in [Value::Null, example] {
            let response = user.patch(&path, json!({field.name: wanted})).await;
            if wanted.is_null() && !field.nullable {
                let told = faults(response, StatusCode::UNPROCESSABLE_ENTITY).await;
                assert_eq!(told, [(format!("/{}", field.name), "null_not_allowed".to_owned())]);
                continue;
            }
            assert_eq!(response.status(), StatusCode::OK, "{} {}", description.name, field.name);
            let version = shown["version"].as_i64().unwrap() + 1;
            // What is computed of a row makes a digest behind the version.
            let tag = header(&response, "etag").unwrap().replace('"', "");
            assert_eq!(tag.split('.').next(), Some(version.to_string().as_str()));
            let patched: Value = response.json().await.unwrap();
            shown[field.name] = wanted;
            shown["version"] = json!(version);
            assert!(patched["updated_at"].as_str() >= shown["updated_at"].as_str());
            shown["updated_at"] = patched["updated_at"].clone();
            assert_eq!(patched, shown, "{} {}", description.name, field.name);
        }
    }
    assert_eq!(user.read(&path).await, shown);
}

on_both_databases! {
    async fn a_patch_keeps_sets_and_clears_every_field(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        every_field_has_three_states(&admin, CITIES, city::Entity::description()).await;
        every_field_has_three_states(&admin, ASSISTANTS, assistant::Entity::description()).await;
        let tree = Tree::grow(&admin, "Desk").await;
        let other = row(ASSISTANTS, &admin.create(ASSISTANTS, json!({"name": "Other"})).await);
        every_field_has_three_states(&admin, &format!("{other}/entities"), entity::Entity::description()).await;
        every_field_has_three_states(&admin, &tree.values, value::Entity::description()).await;
    }

    async fn an_empty_patch_changes_nothing(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let made = ada.create(ASSISTANTS, json!({"name": "Desk"})).await;
        let response = ada.patch(&row(ASSISTANTS, &made), json!({})).await;
        assert_eq!((response.status(), header(&response, "etag")), (StatusCode::OK, Some("\"1\"")));
        assert_eq!(response.json::<Value>().await.unwrap(), made);
    }

    async fn a_patch_of_an_object_is_merged_into_it(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let made = ada.create(ASSISTANTS, json!({"name": "Desk", "metadata": {"a": 1, "b": 2}})).await;
        let path = row(ASSISTANTS, &made);
        let metadata = async |patch: Value| {
            let response = ada.patch(&path, json!({"metadata": patch})).await;
            assert_eq!(response.status(), StatusCode::OK);
            response.json::<Value>().await.unwrap()["metadata"].clone()
        };
        assert_eq!(metadata(json!({"b": 3})).await, json!({"a": 1, "b": 3}));
        assert_eq!(metadata(json!({"a": null, "c": {"d": 1, "e": 2}})).await, json!({"b": 3, "c": {"d": 1, "e": 2}}));
        assert_eq!(metadata(json!({"c": {"d": null}})).await, json!({"b": 3, "c": {"e": 2}}));
        assert_eq!(metadata(json!({})).await, json!({"b": 3, "c": {"e": 2}}));
    }
}
