//! The audit trail as admins read it: who did what to which row, in which request, and nothing that nobody may see.

use std::collections::BTreeSet;

use albedo_entities::{audit_event, city};
use albedo_testing::{AppProcess, TestDatabase, on_both_databases};
use reqwest::{Client, Method, StatusCode};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::{ADMIN, PASSWORD, TestApp, TestUser, faults};

const EVENTS: &str = "/api/v1/audit-events";
const CITIES: &str = "/api/v1/cities";

async fn events(admin: &TestUser<'_>, query: &str) -> Vec<Value> {
    admin.read(&format!("{EVENTS}?{query}")).await["items"].as_array().unwrap().clone()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

/// A process of its own, which can be killed.
fn serve(database: &TestDatabase) -> AppProcess {
    let environment = [
        ("DATABASE_URL", database.url()),
        ("ALBEDO_ADMIN_EMAIL", ADMIN),
        ("ALBEDO_ADMIN_PASSWORD", PASSWORD),
        ("ALBEDO_JWT_SECRET", "Yc2nq7TfKzWv4LsR9bXhJ6mDpGt3EaUo8kNi"),
    ];
    AppProcess::start(env!("CARGO_BIN_EXE_albedo-api"), &[], &environment)
}

on_both_databases! {
    async fn the_life_of_a_row_is_told_newest_first(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, admin) = (app.user("ada").await, app.admin().await);
        let me = ada.read("/api/v1/users/me").await;
        let made = ada.create(CITIES, json!({"name": "Oporto", "country_code": "PT", "latitude": 41.5})).await;
        let path = format!("{CITIES}/{}", text(&made, "id"));
        let patch = ada.request(Method::PATCH, &path).header("x-request-id", "order-7");
        patch.json(&json!({"name": "Porto", "population": 231_962})).send().await.unwrap();
        ada.patch(&path, json!({})).await;
        ada.delete(&path).await;

        let query = format!("table=cities&row_id={}", text(&made, "id"));
        let events = events(&admin, &query).await;
        let told: Vec<_> = events.iter().map(|event| (text(event, "action"), event["version"].as_i64().unwrap())).collect();
        assert_eq!(told, [("delete", 2), ("update", 2), ("create", 1)]);
        let [deleted, updated, created] = <[Value; 3]>::try_from(events).unwrap();
        assert_eq!(updated["diff"], json!({"name": ["Oporto", "Porto"], "population": [null, 231_962]}));
        assert_eq!((text(&updated, "request_id"), &updated["actor_id"]), ("order-7", &me["id"]));
        assert_eq!((&created["at"], &created["diff"]["latitude"]), (&made["created_at"], &json!([null, 41.5])));
        assert_eq!(created["diff"].get("population"), None);
        assert_eq!(deleted["diff"]["name"], json!(["Porto", null]));
        assert_eq!(updated["session_id"], created["session_id"]);
        assert_eq!(admin.read(&format!("{EVENTS}/{}", text(&updated, "id"))).await, updated);
    }

    async fn a_bulk_tells_of_each_of_its_rows_and_a_dry_run_of_none(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, admin) = (app.user("ada").await, app.admin().await);
        let create = |name: &str| json!({"op": "create", "body": {"name": name, "country_code": "PT"}});
        let bulk = format!("{CITIES}/bulk");
        let made = ada.post(&bulk, json!({"operations": [create("a"), create("b")]})).await;
        assert_eq!(made.status(), StatusCode::OK);
        let made: Value = made.json().await.unwrap();
        let id = |place: usize| made["results"][place]["body"]["id"].clone();
        let second = json!({"operations": [
            {"op": "update", "id": id(0), "body": {"name": "c"}},
            {"op": "delete", "id": id(1)},
        ]});
        assert_eq!(ada.post(&format!("{bulk}?dry_run=true"), second.clone()).await.status(), StatusCode::OK);
        assert_eq!(events(&admin, "table=cities").await.len(), 2);
        assert_eq!(ada.post(&bulk, second).await.status(), StatusCode::OK);
        let refused = json!({"operations": [create("d"), create("c")]});
        assert_eq!(ada.post(&bulk, refused).await.status(), StatusCode::CONFLICT);

        let told = events(&admin, "table=cities&sort=at").await;
        let told: BTreeSet<_> = told.iter().map(|event| (text(event, "action"), text(event, "row_id"))).collect();
        let (first, second) = (id(0), id(1));
        let (first, second) = (first.as_str().unwrap(), second.as_str().unwrap());
        assert_eq!(told, [("create", first), ("create", second), ("update", first), ("delete", second)].into());
    }

    async fn nothing_hidden_is_told_and_its_change_is(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, admin) = (app.user("ada").await, app.admin().await);
        let me = ada.read("/api/v1/users/me").await;
        let passwords = json!({"current_password": PASSWORD, "new_password": "violet anchor ribbon 43"});
        assert_eq!(ada.post("/api/v1/users/me/password", passwords).await.status(), StatusCode::NO_CONTENT);
        let account = format!("/api/v1/users/{}", text(&me, "id"));
        admin.patch(&account, json!({"role": "viewer"})).await;
        assert_eq!(admin.delete(&account).await.status(), StatusCode::NO_CONTENT);

        let events = events(&admin, &format!("row_id={}", text(&me, "id"))).await;
        let told: Vec<_> = events.iter().map(|event| text(event, "action")).collect();
        assert_eq!(told, ["delete", "update", "update", "create"]);
        assert_eq!(events[1]["diff"], json!({"role": ["editor", "viewer"]}));
        assert_eq!(events[2]["diff"], json!({"password_hash": null}));
        assert_eq!((&events[2]["actor_id"], &events[3]["actor_id"]), (&me["id"], &me["id"]));
        assert_ne!(events[1]["actor_id"], me["id"]);
        assert_eq!((&events[3]["diff"]["email"], &events[3]["session_id"]), (&json!([null, "ada@example.com"]), &Value::Null));
        let all = json!(events).to_string();
        assert!(!all.contains("argon2") && !all.contains(PASSWORD), "{all}");
    }

    async fn admins_read_it_and_nobody_writes_it(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, admin) = (app.user("ada").await, app.admin().await);
        for path in [EVENTS, "/api/v1/audit-events/01a20674-1715-76ed-8847-8036cb1fa3c5"] {
            faults(ada.get(path).await, StatusCode::FORBIDDEN).await;
            for response in [admin.post(path, json!({})).await, admin.patch(path, json!({})).await, admin.delete(path).await] {
                faults(response, StatusCode::METHOD_NOT_ALLOWED).await;
            }
        }
        faults(admin.get("/api/v1/audit-events/01a20674-1715-76ed-8847-8036cb1fa3c5").await, StatusCode::NOT_FOUND).await;
    }

    async fn events_are_found_by_who_what_and_when(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, admin) = (app.user("ada").await, app.admin().await);
        let me = ada.read("/api/v1/users/me").await;
        for name in ["a", "b"] {
            ada.create(CITIES, json!({"name": name, "country_code": "PT"})).await;
        }
        let first = events(&admin, "table=cities&sort=at").await[0].clone();
        for (query, count) in [
            ("table=cities".to_owned(), 2),
            ("action=create&table__in=cities,users".to_owned(), 4),
            (format!("actor_id={}", text(&me, "id")), 3),
            ("actor_id__is_null=true".to_owned(), 1),
            (format!("table=cities&at__gt={}", text(&first, "at")), 1),
            (format!("request_id={}", text(&first, "request_id")), 1),
            (format!("row_id={}", text(&first, "row_id")), 1),
            ("action=delete".to_owned(), 0),
        ] {
            assert_eq!(events(&admin, &query).await.len(), count, "{query}");
        }
        let told = faults(admin.get(&format!("{EVENTS}?diff=x&action=steal")).await, StatusCode::BAD_REQUEST).await;
        assert_eq!(told, [("diff", "unknown"), ("action", "not_a_choice")].map(|(place, code)| (place.to_owned(), code.to_owned())));
    }

    async fn a_kill_leaves_a_row_with_its_event_or_neither(database: TestDatabase) {
        for round in 0..4 {
            let (app, client) = (serve(&database), Client::new());
            let url = |path: &str| format!("{}/api/v1{path}", app.url());
            let granted = client.post(url("/auth/login")).json(&json!({"email": ADMIN, "password": PASSWORD})).send().await.unwrap();
            let token = granted.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
            let writers: Vec<_> = (0..6).map(|writer| {
                let (client, url, token) = (client.clone(), url("/cities"), token.clone());
                tokio::spawn(async move {
                    for number in 0.. {
                        let body = json!({"name": format!("{round} {writer} {number}"), "country_code": "PT"});
                        if client.post(&url).bearer_auth(&token).json(&body).send().await.is_err() {
                            return number;
                        }
                    }
                    0
                })
            }).collect();
            tokio::time::sleep(std::time::Duration::from_millis(300 + 70 * round)).await;
            // By SIGKILL, wherever it stands.
            drop(app);
            let written: u64 = futures_util::future::join_all(writers).await.into_iter().map(Result::unwrap).sum();
            assert!(written > 0, "nothing was under way");
        }
        let database = database.open().await;
        let rows: BTreeSet<_> = city::Entity::find().all(database.read()).await.unwrap().iter().map(|row| row.id).collect();
        let events = audit_event::Entity::find().all(database.read()).await.unwrap();
        let told: Vec<_> = events.iter().filter(|event| event.table == "cities").map(|event| event.row_id).collect();
        assert_eq!(told.len(), rows.len());
        assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), rows);
    }
}
