//! Who may do what, for every operation that the router has; and whose rows are whose.

use albedo_api::routes;
use albedo_entities::Role;
use albedo_http::controllers::Resource;
use albedo_testing::on_both_databases;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestApp, TestUser, faults};

const NOWHERE: &str = "01a20674-1715-76ed-8847-8036cb1fa3c5";

/// One operation of one resource, at rows that do not exist.
struct Operation {
    name: String,
    method: Method,
    path: String,
    least: Role,
}

fn operations() -> Vec<Operation> {
    routes::api().resources.iter().flat_map(operations_of).collect()
}

fn operations_of(resource: &Resource) -> Vec<Operation> {
    let description = resource.description;
    let (methods, read, write) = (description.methods, description.read, description.write);
    let list = description
        .path
        .split('/')
        .map(|part| if part.starts_with('{') { Uuid::now_v7().to_string() } else { part.to_owned() });
    let list = format!("/api/v1{}", list.collect::<Vec<_>>().join("/"));
    let row = format!("{list}/{}", Uuid::now_v7());
    let table = [
        (methods.list, "list", Method::GET, list.clone(), read),
        (methods.create, "create", Method::POST, list.clone(), write),
        (methods.get, "get", Method::GET, row.clone(), read),
        (methods.update, "update", Method::PATCH, row.clone(), write),
        (methods.delete, "delete", Method::DELETE, row.clone(), write),
        (methods.writes(), "bulk", Method::POST, format!("{list}/bulk"), write),
        (description.restores(), "restore", Method::POST, format!("{row}/restore"), write),
    ];
    let verbs = resource
        .verbs()
        .into_iter()
        .map(|verb| (true, verb.name, Method::POST, format!("{row}/{}", verb.name), verb.access().least(description)));
    let served = table.into_iter().chain(verbs).filter(|(served, ..)| *served);
    served
        .map(|(_, verb, method, path, least)| Operation {
            name: format!("{}.{verb}", description.tag),
            method,
            path,
            least,
        })
        .collect()
}

/// Paths of rows: of an assistant, of an entity in it, of a value in that.
struct Tree {
    assistant: String,
    entity: String,
    value: String,
}

impl Tree {
    async fn of(user: &TestUser<'_>, name: &str) -> Self {
        let make =
            async |list: &str, body: Value| format!("{list}/{}", user.create(list, body).await["id"].as_str().unwrap());
        let assistant = make("/api/v1/assistants", json!({"name": name})).await;
        let entity = make(&format!("{assistant}/entities"), json!({"name": "city", "kind": "list"})).await;
        let value = make(&format!("{entity}/values"), json!({"value": name})).await;
        Self { assistant, entity, value }
    }

    /// Every path below one of these, lists included.
    fn paths(&self) -> [String; 5] {
        let lists = [format!("{}/entities", self.assistant), format!("{}/values", self.entity)];
        let [entities, values] = lists;
        [self.assistant.clone(), entities, self.entity.clone(), values, self.value.clone()]
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// Tries everything at a path that must look as if nothing were there.
async fn finds_nothing(user: &TestUser<'_>, path: &str) {
    faults(user.get(path).await, StatusCode::NOT_FOUND).await;
    let name = last(path);
    if matches!(name, "entities" | "values") {
        let body = if name == "values" { json!({"value": "x"}) } else { json!({"name": "x", "kind": "list"}) };
        faults(user.post(path, body).await, StatusCode::NOT_FOUND).await;
    } else {
        faults(user.patch(path, json!({})).await, StatusCode::NOT_FOUND).await;
        faults(user.delete(path).await, StatusCode::NOT_FOUND).await;
    }
}

on_both_databases! {
    async fn every_operation_asks_for_its_role(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        let users = [
            (Role::Viewer, app.user_as(Role::Viewer).await),
            (Role::Editor, app.user_as(Role::Editor).await),
            (Role::Admin, admin),
        ];
        let operations = operations();
        assert!(operations.len() >= 25, "{} operations", operations.len());
        for Operation { name, method, path, least } in operations {
            let nobody = app.request(method.clone(), &path).json(&json!({})).send().await.unwrap();
            faults(nobody, StatusCode::UNAUTHORIZED).await;
            for (role, user) in &users {
                let response = user.request(method.clone(), &path).json(&json!({})).send().await.unwrap();
                let status = response.status();
                if role.allows(least) {
                    // Nothing is there, and nothing is sent: past the door, but not through.
                    let answers = match method {
                        Method::GET => [StatusCode::OK, StatusCode::NOT_FOUND],
                        _ => [StatusCode::NOT_FOUND, StatusCode::UNPROCESSABLE_ENTITY],
                    };
                    assert!(answers.contains(&status), "{name} as {}: {status}", role.text());
                } else {
                    assert_eq!(status, StatusCode::FORBIDDEN, "{name} as {}", role.text());
                    faults(response, StatusCode::FORBIDDEN).await;
                }
            }
        }
    }

    async fn every_documented_operation_keeps_its_promise_of_a_login(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let document: Value = serde_json::from_slice(&albedo_http::openapi::json(&routes::api())).unwrap();
        let mut closed = 0;
        for (path, operations) in document["paths"].as_object().unwrap() {
            let path: Vec<_> = path.split('/').map(|part| if part.starts_with('{') { NOWHERE } else { part }).collect();
            let path = path.join("/");
            for (method, operation) in operations.as_object().unwrap() {
                let Some(security) = operation["security"].as_array() else { continue };
                let method: Method = method.to_uppercase().parse().unwrap();
                let ask = || app.request(method.clone(), &path).json(&json!({}));
                let nobody = ask().send().await.unwrap();
                if security.is_empty() {
                    assert_ne!(nobody.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
                    continue;
                }
                closed += 1;
                faults(nobody, StatusCode::UNAUTHORIZED).await;
                faults(ask().bearer_auth("a.b.c").send().await.unwrap(), StatusCode::UNAUTHORIZED).await;
            }
        }
        assert!(closed >= operations().len() + 2, "{closed} operations ask for a login");
    }

    async fn the_own_account_asks_for_a_login_and_no_role(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let viewer = app.user_as(Role::Viewer).await;
        assert_eq!(viewer.read("/api/v1/users/me").await["role"], "viewer");
        for (method, path) in [(Method::GET, "/api/v1/users/me"), (Method::POST, "/api/v1/users/me/password")] {
            let nobody = app.request(method, path).json(&json!({})).send().await.unwrap();
            faults(nobody, StatusCode::UNAUTHORIZED).await;
        }
        let short = viewer.post("/api/v1/users/me/password", json!({})).await;
        faults(short, StatusCode::UNPROCESSABLE_ENTITY).await;
    }

    async fn somebody_elses_rows_are_nowhere(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let tree = Tree::of(&ada, "Travel desk").await;
        for path in tree.paths() {
            finds_nothing(&eve, &path).await;
            // An admin administers accounts, not other people's catalogues.
            finds_nothing(&app.admin().await, &path).await;
        }
        let asked = eve.post(&format!("{}/match", tree.assistant), json!({"text": "Travel desk"})).await;
        faults(asked, StatusCode::NOT_FOUND).await;
        assert_eq!(eve.read("/api/v1/assistants").await["total"], 0);
        for path in tree.paths() {
            ada.read(&path).await;
        }
    }

    async fn rows_are_found_below_their_own_parents_alone(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let (travel, food) = (Tree::of(&ada, "Travel desk").await, Tree::of(&ada, "Kitchen").await);
        let theirs = Tree::of(&eve, "Eve's").await;
        let below = |assistant: &str, entity: &str| format!("{assistant}/entities/{}", last(entity));
        let deep = |entity: &str, value: &str| format!("{entity}/values/{}", last(value));
        let swapped = below(&food.assistant, &travel.entity);
        for path in [
            swapped.clone(),
            format!("{swapped}/values"),
            deep(&swapped, &travel.value),
            deep(&food.entity, &travel.value),
            deep(&below(&food.assistant, &travel.entity), &food.value),
            below(&travel.assistant, &theirs.entity),
            deep(&travel.entity, &theirs.value),
            deep(&below(&travel.assistant, &theirs.entity), &theirs.value),
            format!("{}/values", below(&travel.assistant, &theirs.entity)),
            deep(&below(&theirs.assistant, &travel.entity), &travel.value),
            below(&travel.entity.replace("/entities", ""), &travel.entity),
        ] {
            for user in [&ada, &eve] {
                faults(user.get(&path).await, StatusCode::NOT_FOUND).await;
            }
            finds_nothing(&ada, &path).await;
        }
        for (user, tree) in [(&ada, &travel), (&ada, &food), (&eve, &theirs)] {
            for path in tree.paths() {
                user.read(&path).await;
            }
        }
    }
}
