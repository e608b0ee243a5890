//! Conflicts: what other rows stand against, told by field and never in a driver's words.

use albedo_testing::on_both_databases;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::{ASSISTANTS, CITIES, Tree, row};
use crate::support::{PASSWORD, TestApp, faults};

async fn taken(response: Response, place: &str) {
    assert_eq!(faults(response, StatusCode::CONFLICT).await, [(place.to_owned(), "taken".to_owned())]);
}

on_both_databases! {
    async fn what_is_unique_is_told_by_its_field(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        admin.create(CITIES, json!({"name": "Porto", "country_code": "PT"})).await;
        let city = row(CITIES, &admin.create(CITIES, json!({"name": "Faro", "country_code": "PT"})).await);
        taken(admin.post(CITIES, json!({"name": "Porto", "country_code": "BR"})).await, "/name").await;
        taken(admin.patch(&city, json!({"name": "Porto"})).await, "/name").await;

        let tree = Tree::grow(&admin, "Desk").await;
        let other = Tree::grow(&admin, "Other").await;
        taken(admin.post(ASSISTANTS, json!({"name": "Desk"})).await, "/name").await;
        taken(admin.patch(&other.assistant, json!({"name": "Desk"})).await, "/name").await;
        taken(admin.post(&tree.entities, json!({"name": "city", "kind": "pattern"})).await, "/name").await;
        let second = admin.create(&tree.entities, json!({"name": "town", "kind": "list"})).await;
        taken(admin.patch(&row(&tree.entities, &second), json!({"name": "city"})).await, "/name").await;

        admin.create(&tree.values, json!({"value": "Straße"})).await;
        for same in ["Straße", "straße", "STRASSE", "strasse"] {
            taken(admin.post(&tree.values, json!({"value": same})).await, "/value").await;
            taken(admin.patch(&tree.value, json!({"value": same})).await, "/value").await;
        }
        // A row does not stand against itself, and its own name in another case is a change like any other.
        assert_eq!(admin.patch(&tree.value, json!({"value": "PORTO"})).await.status(), StatusCode::OK);
        assert_eq!(admin.patch(&other.assistant, json!({"name": "Other"})).await.status(), StatusCode::OK);
        admin.create(&tree.values, json!({"value": "Strase"})).await;

        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        let users = "/api/v1/users";
        let ada = row(users, &admin.create(users, body.clone()).await);
        taken(admin.post(users, body).await, "/email").await;
        taken(admin.patch(&ada, json!({"email": "ROOT@example.com"})).await, "/email").await;
    }

    async fn what_is_unique_for_one_is_free_for_another(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        for user in [&ada, &eve] {
            Tree::grow(user, "Desk").await;
            Tree::grow(user, "Other").await;
        }
        assert_eq!(ada.read(ASSISTANTS).await["total"], 2);
    }

    async fn who_is_referred_to_stays(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (admin, ada) = (app.admin().await, app.user("ada").await);
        let tree = Tree::grow(&ada, "Desk").await;
        let me = ada.read("/api/v1/users/me").await;
        let account = row("/api/v1/users", &me);
        let told = faults(admin.delete(&account).await, StatusCode::CONFLICT).await;
        assert_eq!(told, [("user_id".to_owned(), "in_use".to_owned())]);
        assert_eq!(ada.delete(&tree.assistant).await.status(), StatusCode::NO_CONTENT);
        assert_eq!(admin.delete(&account).await.status(), StatusCode::NO_CONTENT);
    }

    async fn what_hangs_below_goes_with_its_parent(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let (tree, other) = (Tree::grow(&ada, "Desk").await, Tree::grow(&ada, "Other").await);
        assert_eq!(ada.delete(&tree.entity).await.status(), StatusCode::NO_CONTENT);
        faults(ada.get(&tree.value).await, StatusCode::NOT_FOUND).await;
        assert_eq!(ada.delete(&tree.assistant).await.status(), StatusCode::NO_CONTENT);
        for path in [&tree.assistant, &tree.entities, &tree.entity, &tree.values, &tree.value] {
            faults(ada.get(path).await, StatusCode::NOT_FOUND).await;
        }
        // Nothing of the others has gone, and the names are free again.
        ada.read(&other.value).await;
        Tree::grow(&ada, "Desk").await;
        assert_eq!(ada.read(&other.values).await["total"], 1);
    }

    async fn what_is_gone_is_gone_for_every_verb(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let path = row(ASSISTANTS, &ada.create(ASSISTANTS, json!({"name": "Desk"})).await);
        assert_eq!(ada.delete(&path).await.status(), StatusCode::NO_CONTENT);
        for response in [ada.get(&path).await, ada.patch(&path, json!({"name": "x"})).await, ada.delete(&path).await] {
            assert_eq!(faults(response, StatusCode::NOT_FOUND).await, []);
        }
        let response = ada.post(&format!("{path}/entities"), json!({"name": "city", "kind": "list"})).await;
        let problem: Value = response.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains("assistant"), "{problem}");
    }
}
