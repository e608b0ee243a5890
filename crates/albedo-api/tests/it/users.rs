//! Users as admins see them: made, changed, closed, deleted; and always an admin left.

use albedo_testing::on_both_databases;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{ADMIN, PASSWORD, TestApp, TestUser, faults};

const USERS: &str = "/api/v1/users";
const ME: &str = "/api/v1/users/me";

fn path(user: &Value) -> String {
    format!("{USERS}/{}", user["id"].as_str().unwrap())
}

fn last_admin() -> [(String, String); 1] {
    [("user_id".to_owned(), "contradiction".to_owned())]
}

/// A second admin, signed in, with the path of their row.
async fn second_admin<'a>(app: &'a TestApp, admin: &TestUser<'_>) -> (TestUser<'a>, String) {
    let made = admin.create(USERS, json!({"email": "two@example.com", "password": PASSWORD, "role": "admin"})).await;
    (app.sign_in("two@example.com").await, path(&made))
}

on_both_databases! {
    async fn an_admin_makes_accounts_and_nobody_sees_a_hash(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        let body = json!({"email": "Ada@Example.com", "password": PASSWORD, "full_name": "Ada", "role": "viewer"});
        let made = admin.post(USERS, body).await;
        assert_eq!(made.status(), StatusCode::CREATED);
        let text = made.text().await.unwrap();
        assert!(!text.contains("hash") && !text.contains("argon2") && !text.contains(PASSWORD), "{text}");
        let user: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&user["email"], &user["role"]), (&json!("ada@example.com"), &json!("viewer")));
        for path in [USERS, &path(&user)] {
            let text = admin.get(path).await.text().await.unwrap();
            assert!(text.contains("ada@example.com") && !text.contains("hash") && !text.contains("argon2"), "{text}");
        }
        // Nor can anybody feel for it with a filter or an order.
        for query in ["password_hash=x", "password_hash__starts_with=$argon2id", "sort=password_hash"] {
            faults(admin.get(&format!("{USERS}?{query}")).await, StatusCode::BAD_REQUEST).await;
        }
        app.sign_in("ada@example.com").await;
    }

    async fn faults_of_an_account_are_told_at_once_and_hashes_are_not_taken(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        let told = faults(
            admin.post(USERS, json!({"email": "x", "password": "short", "role": "king", "password_hash": "x"})).await,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
        let told: Vec<_> = told.await.into_iter().map(|(place, code)| format!("{place} {code}")).collect();
        let expected = ["/password_hash unknown", "/email invalid_format", "/role not_a_choice", "/password too_short"];
        assert_eq!(told, expected);
        let made = admin.create(USERS, json!({"email": "ada@example.com", "password": PASSWORD})).await;
        for body in [json!({"password": PASSWORD}), json!({"password_hash": "x"}), json!({"last_login_at": null})] {
            faults(admin.patch(&path(&made), body).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    }

    async fn an_address_moves_in_lower_case_and_to_nobody_elses(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (admin, ada) = (app.admin().await, app.user("ada").await);
        let ada = path(&ada.read(ME).await);
        let moved = admin.patch(&ada, json!({"email": "Countess@Example.com"})).await;
        assert_eq!(moved.json::<Value>().await.unwrap()["email"], "countess@example.com");
        app.sign_in("countess@example.com").await;
        let taken = [("/email".to_owned(), "taken".to_owned())];
        let clash = admin.patch(&ada, json!({"email": ADMIN.to_uppercase()})).await;
        assert_eq!(faults(clash, StatusCode::CONFLICT).await, taken);
        let again = admin.post(USERS, json!({"email": "COUNTESS@example.com", "password": PASSWORD})).await;
        assert_eq!(faults(again, StatusCode::CONFLICT).await, taken);
    }

    async fn the_last_admin_stays(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        let own = path(&admin.read(ME).await);
        for body in
            [json!({"role": "editor"}), json!({"is_active": false}), json!({"role": "viewer", "full_name": "x"})]
        {
            assert_eq!(faults(admin.patch(&own, body).await, StatusCode::CONFLICT).await, last_admin());
        }
        assert_eq!(faults(admin.delete(&own).await, StatusCode::CONFLICT).await, last_admin());
        // What leaves an admin an admin may change.
        let kept = admin.patch(&own, json!({"full_name": "Root", "role": "admin", "is_active": true})).await;
        assert_eq!(kept.status(), StatusCode::OK);

        // A second one who is closed does not count; once open, the first may go.
        let (two, path_of_two) = second_admin(&app, &admin).await;
        assert_eq!(admin.patch(&path_of_two, json!({"is_active": false})).await.status(), StatusCode::OK);
        assert_eq!(faults(admin.delete(&own).await, StatusCode::CONFLICT).await, last_admin());
        assert_eq!(admin.patch(&path_of_two, json!({"is_active": true})).await.status(), StatusCode::OK);
        assert_eq!(admin.delete(&own).await.status(), StatusCode::NO_CONTENT);
        faults(two.get(USERS).await, StatusCode::UNAUTHORIZED).await;
        assert_eq!(app.sign_in("two@example.com").await.read(USERS).await["total"], 1);
    }

    async fn two_admins_who_demote_each_other_leave_one(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        let own = path(&admin.read(ME).await);
        let (two, path_of_two) = second_admin(&app, &admin).await;
        for body in [json!({"role": "editor"}), json!({"is_active": false})] {
            let (one, other) = tokio::join!(admin.patch(&path_of_two, body.clone()), two.patch(&own, body));
            let mut statuses = [one.status().as_u16(), other.status().as_u16()];
            statuses.sort_unstable();
            // The slower one is either no admin any more or the last.
            assert!(matches!(statuses, [200, 401 | 403 | 409]), "{statuses:?}");
            let (left, gone) = if one.status() == 200 { (&admin, &path_of_two) } else { (&two, &own) };
            let restored = left.patch(gone, json!({"role": "admin", "is_active": true})).await;
            assert_eq!(restored.status(), StatusCode::OK);
        }
    }

    async fn who_owns_assistants_is_not_deleted(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (admin, ada) = (app.admin().await, app.user("ada").await);
        let account = path(&ada.read(ME).await);
        let assistant = ada.create("/api/v1/assistants", json!({"name": "Travel desk"})).await;
        let in_use = [("user_id".to_owned(), "in_use".to_owned())];
        assert_eq!(faults(admin.delete(&account).await, StatusCode::CONFLICT).await, in_use);
        let gone = ada.delete(&format!("/api/v1/assistants/{}", assistant["id"].as_str().unwrap())).await;
        assert_eq!(gone.status(), StatusCode::NO_CONTENT);
        assert_eq!(admin.delete(&account).await.status(), StatusCode::NO_CONTENT);
    }
}
