//! `dry_run`: all that a write does and answers, and nothing of it afterwards.

use albedo_testing::on_both_databases;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::{ASSISTANTS, CITIES, Tree, patch_if, row};
use crate::support::{TestApp, TestUser, faults, header};

/// The path with the wish to keep nothing.
fn dry(path: &str) -> String {
    format!("{path}?dry_run=true")
}

async fn total(user: &TestUser<'_>, list: &str) -> Value {
    user.read(list).await["total"].clone()
}

/// The body of an answer that is marked as one of which nothing was kept.
async fn marked(response: Response, status: StatusCode) -> Value {
    assert_eq!((response.status(), header(&response, "dry-run")), (status, Some("true")));
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default()
}

on_both_databases! {
    async fn the_answer_is_the_real_one_and_nothing_is_kept(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let response = ada.post(&dry(CITIES), json!({"name": "Porto", "country_code": "PT"})).await;
        assert_eq!(header(&response, "etag"), Some("\"1\""));
        let location = header(&response, "location").unwrap().to_owned();
        let shown = marked(response, StatusCode::CREATED).await;
        assert_eq!((&shown["name"], &shown["version"]), (&json!("Porto"), &json!(1)));
        assert_eq!(ada.get(&location).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(total(&ada, CITIES).await, 0);

        let made = ada.create(CITIES, json!({"name": "Porto", "country_code": "PT"})).await;
        let path = row(CITIES, &made);
        assert_eq!(ada.read(&path).await, made);
        let shown = marked(ada.patch(&dry(&path), json!({"population": 7})).await, StatusCode::OK).await;
        assert_eq!((&shown["population"], &shown["version"]), (&json!(7), &json!(2)));
        assert_eq!(marked(ada.patch(&dry(&path), json!({})).await, StatusCode::OK).await, made);
        assert_eq!(marked(ada.delete(&dry(&path)).await, StatusCode::NO_CONTENT).await, Value::Null);
        assert_eq!(ada.read(&path).await, made);
        assert_eq!(total(&ada, CITIES).await, 1);
    }

    async fn a_deleted_row_stays_deleted_after_a_trial(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let path = row(ASSISTANTS, &ada.create(ASSISTANTS, json!({"name": "Desk"})).await);
        marked(ada.delete(&dry(&path)).await, StatusCode::NO_CONTENT).await;
        assert_eq!(ada.delete(&path).await.status(), StatusCode::NO_CONTENT);
        let restore = |path: &str| ada.request(Method::POST, path).send();
        let response = restore(&dry(&format!("{path}/restore"))).await.unwrap();
        assert_eq!(marked(response, StatusCode::OK).await["name"], "Desk");
        assert_eq!(ada.get(&path).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(restore(&format!("{path}/restore")).await.unwrap().status(), StatusCode::OK);
    }

    async fn what_the_real_one_refuses_is_refused(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, admin) = (app.user("ada").await, app.admin().await);
        let made = ada.create(CITIES, json!({"name": "Porto", "country_code": "PT"})).await;
        let path = row(CITIES, &made);
        let taken = [("/name".to_owned(), "taken".to_owned())];
        let body = || json!({"name": "Porto", "country_code": "PT"});
        assert_eq!(faults(ada.post(&dry(CITIES), body()).await, StatusCode::CONFLICT).await, taken);
        ada.create(CITIES, json!({"name": "Faro", "country_code": "PT"})).await;
        assert_eq!(faults(ada.patch(&dry(&path), json!({"name": "Faro"})).await, StatusCode::CONFLICT).await, taken);
        faults(ada.post(&dry(CITIES), json!({"name": ""})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        faults(patch_if(&ada, &dry(&path), "\"9\"", &json!({"population": 1})).await, StatusCode::PRECONDITION_FAILED).await;
        let tree = Tree::grow(&ada, "Desk").await;
        // A rule that asks the row above, and one that asks the rows beside.
        let told = faults(ada.post(&dry(&tree.values), json!({"value": "x", "patterns": ["x"]})).await, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(told.await, [("/patterns".to_owned(), "contradiction".to_owned())]);
        let me = admin.read("/api/v1/users/me").await;
        let last = faults(admin.delete(&dry(&row("/api/v1/users", &me))).await, StatusCode::CONFLICT).await;
        assert_eq!(last, [("user_id".to_owned(), "contradiction".to_owned())]);
    }

    async fn a_rule_that_ends_sessions_ends_none_on_trial(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, admin) = (app.user("ada").await, app.admin().await);
        let path = row("/api/v1/users", &ada.read("/api/v1/users/me").await);
        marked(admin.patch(&dry(&path), json!({"is_active": false})).await, StatusCode::OK).await;
        marked(admin.delete(&dry(&path)).await, StatusCode::NO_CONTENT).await;
        assert_eq!(ada.read("/api/v1/users/me").await["is_active"], true);
        app.sign_in("ada@example.com").await;
    }

    async fn a_key_is_still_free_after_a_trial(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let post = async |path: &str| {
            let request = ada.request(Method::POST, path).header("idempotency-key", "k");
            request.json(&json!({"name": "Desk"})).send().await.unwrap()
        };
        marked(post(&dry(ASSISTANTS)).await, StatusCode::CREATED).await;
        let response = post(ASSISTANTS).await;
        assert_eq!((response.status(), header(&response, "idempotency-replayed")), (StatusCode::CREATED, None));
        assert_eq!(header(&response, "dry-run"), None);
        // The key holds now, and a trial asks nobody for it.
        faults(post(&dry(ASSISTANTS)).await, StatusCode::CONFLICT).await;
    }

    async fn what_is_no_wish_is_a_fault(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let body = || json!({"name": "Porto", "country_code": "PT"});
        for (query, told) in [
            ("dry_run=1", vec![("dry_run", "not_a_choice")]),
            ("dry_run=", vec![("dry_run", "not_a_choice")]),
            ("dry_run=true&dry_run=false", vec![("dry_run", "duplicate")]),
            ("dryrun=true&x=1", vec![("dryrun", "unknown"), ("x", "unknown")]),
        ] {
            let response = ada.post(&format!("{CITIES}?{query}"), body()).await;
            let told: Vec<_> = told.into_iter().map(|(place, code)| (place.to_owned(), code.to_owned())).collect();
            assert_eq!(faults(response, StatusCode::BAD_REQUEST).await, told, "{query}");
        }
        let response = ada.post(&format!("{CITIES}?dry_run=false"), body()).await;
        assert_eq!((response.status(), header(&response, "dry-run")), (StatusCode::CREATED, None));
    }
}
