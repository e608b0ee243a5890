//! Deleted assistants: out of sight with all beneath them, back with a restore, their names free meanwhile.

use std::process::Command;

use albedo_testing::on_both_databases;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{TestApp, TestUser, faults, header};

const ASSISTANTS: &str = "/api/v1/assistants";

/// The paths of a new assistant, of an entity below it and of a value below that.
async fn branch(user: &TestUser<'_>, name: &str) -> [String; 3] {
    let id = |made: &Value| made["id"].as_str().unwrap().to_owned();
    let assistant = id(&user.create(ASSISTANTS, json!({"name": name})).await);
    let assistant = format!("{ASSISTANTS}/{assistant}");
    let entity = id(&user.create(&format!("{assistant}/entities"), json!({"name": "city", "kind": "list"})).await);
    let entity = format!("{assistant}/entities/{entity}");
    let value = id(&user.create(&format!("{entity}/values"), json!({"value": "Porto"})).await);
    [assistant, entity.clone(), format!("{entity}/values/{value}")]
}

async fn restore(user: &TestUser<'_>, path: &str, if_match: Option<&str>) -> reqwest::Response {
    let request = user.request(Method::POST, &format!("{path}/restore"));
    let request = if_match.into_iter().fold(request, |request, tag| request.header("if-match", tag));
    request.send().await.unwrap()
}

fn fault(place: &str, code: &str) -> [(String, String); 1] {
    [(place.to_owned(), code.to_owned())]
}

on_both_databases! {
    async fn what_is_deleted_is_gone_with_all_beneath_it_until_it_is_restored(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let paths = branch(&ada, "Desk").await;
        let matching = format!("{}/match", paths[0]);
        let mut before = Vec::new();
        for path in &paths {
            before.push(ada.read(path).await);
            let list = path.rsplit_once('/').unwrap().0;
            assert_eq!(ada.read(list).await["total"], 1);
        }
        assert_eq!(before[0]["deleted_at"], Value::Null);
        assert_eq!(ada.delete(&paths[0]).await.status(), StatusCode::NO_CONTENT);
        for path in &paths {
            for response in [ada.get(path).await, ada.patch(path, json!({})).await, ada.delete(path).await] {
                faults(response, StatusCode::NOT_FOUND).await;
            }
        }
        faults(ada.get(&format!("{}/entities", paths[0])).await, StatusCode::NOT_FOUND).await;
        let entity = json!({"name": "other", "kind": "list"});
        faults(ada.post(&format!("{}/entities", paths[0]), entity).await, StatusCode::NOT_FOUND).await;
        faults(ada.post(&matching, json!({"text": "to Porto"})).await, StatusCode::NOT_FOUND).await;
        assert_eq!(ada.read(ASSISTANTS).await["total"], 0);
        faults(restore(&ada, &paths[1], None).await, StatusCode::NOT_FOUND).await;

        let response = restore(&ada, &paths[0], None).await;
        assert_eq!((response.status(), header(&response, "etag")), (StatusCode::OK, Some("\"3\"")));
        let back: Value = response.json().await.unwrap();
        assert_eq!((&back["name"], &back["deleted_at"], &back["version"]), (&json!("Desk"), &Value::Null, &json!(3)));
        assert_eq!(ada.read(&paths[0]).await, back);
        assert_eq!((ada.read(&paths[1]).await, ada.read(&paths[2]).await), (before[1].clone(), before[2].clone()));
        assert_eq!(ada.post(&matching, json!({"text": "to Porto"})).await.status(), StatusCode::OK);
        faults(restore(&ada, &paths[0], None).await, StatusCode::NOT_FOUND).await;
    }

    async fn the_deleted_ones_are_listed_where_they_are_asked_for(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let [gone, ..] = branch(&ada, "Gone").await;
        branch(&ada, "There").await;
        ada.delete(&gone).await;
        let names = |page: Value| page["items"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect::<Vec<_>>();
        for (query, expected) in [("", "There"), ("?deleted=none", "There"), ("?deleted=only", "Gone"), ("?deleted=only&q=gone", "Gone")] {
            assert_eq!(names(ada.read(&format!("{ASSISTANTS}{query}")).await), [expected], "{query}");
        }
        let listed = ada.read(&format!("{ASSISTANTS}?deleted=only&sort=-deleted_at")).await["items"][0].clone();
        assert_eq!((&listed["version"], &listed["deleted_at"]), (&json!(2), &listed["updated_at"]));
        assert_eq!(eve.read(&format!("{ASSISTANTS}?deleted=only")).await["total"], 0);
        faults(restore(&eve, &gone, None).await, StatusCode::NOT_FOUND).await;
        let told = faults(ada.get(&format!("{ASSISTANTS}?deleted=all")).await, StatusCode::BAD_REQUEST).await;
        assert_eq!(told, fault("deleted", "not_a_choice"));
        let told = faults(ada.get("/api/v1/cities?deleted=only").await, StatusCode::BAD_REQUEST).await;
        assert_eq!(told, fault("deleted", "unknown"));
        let there = ada.request(Method::POST, "/api/v1/cities/01a20674-1715-76ed-8847-8036cb1fa3c5/restore");
        faults(there.send().await.unwrap(), StatusCode::NOT_FOUND).await;
    }

    async fn a_name_is_free_again_and_a_return_that_meets_it_is_told_by_its_field(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let [first, ..] = branch(&ada, "Desk").await;
        ada.delete(&first).await;
        let second = ada.create(ASSISTANTS, json!({"name": "Desk"})).await;
        assert_eq!(faults(ada.post(ASSISTANTS, json!({"name": "Desk"})).await, StatusCode::CONFLICT).await, fault("/name", "taken"));
        assert_eq!(faults(restore(&ada, &first, None).await, StatusCode::CONFLICT).await, fault("/name", "taken"));
        assert_eq!(ada.read(&format!("{ASSISTANTS}?deleted=only")).await["total"], 1);
        ada.patch(&format!("{ASSISTANTS}/{}", second["id"].as_str().unwrap()), json!({"name": "Other"})).await;
        assert_eq!(restore(&ada, &first, None).await.status(), StatusCode::OK);
    }

    async fn a_return_heeds_the_state_that_was_seen(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let [path, ..] = branch(&ada, "Desk").await;
        ada.delete(&path).await;
        faults(restore(&ada, &path, Some("\"1\"")).await, StatusCode::PRECONDITION_FAILED).await;
        faults(restore(&ada, &path, Some("nonsense")).await, StatusCode::BAD_REQUEST).await;
        faults(restore(&ada, "/api/v1/assistants/1", None).await, StatusCode::BAD_REQUEST).await;
        assert_eq!(restore(&ada, &path, Some("\"2\"")).await.status(), StatusCode::OK);
        let response = app.request(Method::POST, &format!("{path}/restore")).send().await.unwrap();
        faults(response, StatusCode::UNAUTHORIZED).await;
        let response = ada.get(&format!("{path}/restore")).await;
        assert_eq!(header(&response, "allow"), Some("POST, OPTIONS"));
    }

    async fn a_return_that_is_asked_for_again_is_answered_as_before(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let [path, ..] = branch(&ada, "Desk").await;
        ada.delete(&path).await;
        let restore = async |path: &str| {
            let request = ada.request(Method::POST, &format!("{path}/restore")).header("idempotency-key", "back");
            request.send().await.unwrap()
        };
        let first = restore(&path).await;
        assert_eq!((first.status(), header(&first, "idempotency-replayed")), (StatusCode::OK, None));
        let first: Value = first.json().await.unwrap();
        let again = restore(&path).await;
        assert_eq!((again.status(), header(&again, "etag")), (StatusCode::OK, Some("\"3\"")));
        assert_eq!(header(&again, "idempotency-replayed"), Some("true"));
        assert_eq!((again.json::<Value>().await.unwrap(), ada.read(&path).await), (first.clone(), first));
        let [other, ..] = branch(&ada, "Other").await;
        ada.delete(&other).await;
        let reused = faults(restore(&other).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(reused, fault("Idempotency-Key", "key_reused"));
        assert_eq!(ada.read(&format!("{ASSISTANTS}?deleted=only")).await["total"], 1);
    }

    async fn many_who_restore_at_once_make_one_return(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let [path, ..] = branch(&ada, "Desk").await;
        ada.delete(&path).await;
        let all = futures_util::future::join_all((0..20).map(|_| restore(&ada, &path, None))).await;
        let count = |status| all.iter().filter(|response| response.status() == status).count();
        assert_eq!((count(StatusCode::OK), count(StatusCode::NOT_FOUND)), (1, 19));
        assert_eq!(ada.read(&path).await["version"], 3);
    }

    async fn deleted_assistants_go_with_their_account_and_living_ones_hold_it(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, admin) = (app.user("ada").await, app.admin().await);
        let account = format!("/api/v1/users/{}", ada.read("/api/v1/users/me").await["id"].as_str().unwrap());
        let ([gone, ..], [there, ..]) = (branch(&ada, "Gone").await, branch(&ada, "There").await);
        ada.delete(&gone).await;
        assert_eq!(faults(admin.delete(&account).await, StatusCode::CONFLICT).await, fault("user_id", "in_use"));
        assert_eq!(ada.read(&format!("{ASSISTANTS}?deleted=only")).await["total"], 1, "nothing has gone");
        ada.delete(&there).await;
        assert_eq!(admin.delete(&account).await.status(), StatusCode::NO_CONTENT);
        faults(admin.get(&account).await, StatusCode::NOT_FOUND).await;
    }

    async fn a_purge_from_the_console_ends_what_is_old_enough(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let [path, ..] = branch(&ada, "Desk").await;
        ada.delete(&path).await;
        let url = app.database().url().to_owned();
        let purge = |age: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_albedo-api"));
            let folder = tempfile::tempdir().unwrap();
            command.args(["purge", "--older-than", age]).env_clear().current_dir(folder.path());
            let output = command.env("DATABASE_URL", &url).output().unwrap();
            (output.status.code(), String::from_utf8(output.stdout).unwrap())
        };
        assert_eq!(purge("30d"), (Some(0), "assistants: 0 gone for good\n".to_owned()));
        assert_eq!(purge("a month").0, Some(2));
        assert_eq!(purge("0d"), (Some(0), "assistants: 1 gone for good\n".to_owned()));
        faults(restore(&ada, &path, None).await, StatusCode::NOT_FOUND).await;
        assert_eq!(ada.read(&format!("{ASSISTANTS}?deleted=only")).await["total"], 0);
    }
}
