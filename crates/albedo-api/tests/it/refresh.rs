//! Refresh tokens: exchanged once, forgiven once, and the end of their session when stolen.

use albedo_entities::refresh_token;
use albedo_testing::on_both_databases;
use reqwest::{Method, Response, StatusCode};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use crate::support::{TestApp, faults};

const ME: &str = "/api/v1/users/me";
const EXPIRE: &str = "UPDATE refresh_tokens SET expires_at = '2020-01-01 00:00:00+00:00'";

async fn refresh(app: &TestApp, token: &str) -> Response {
    let body = json!({"refresh_token": token});
    app.request(Method::POST, "/api/v1/auth/refresh").json(&body).send().await.unwrap()
}

/// The access and the refresh token of a grant.
async fn granted(response: Response) -> (String, String) {
    assert_eq!(response.status(), StatusCode::OK);
    let grant: Value = response.json().await.unwrap();
    assert_eq!((&grant["token_type"], &grant["expires_in"]), (&json!("Bearer"), &json!(900)));
    let text = |name: &str| grant[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

async fn me(app: &TestApp, access: &str) -> StatusCode {
    app.request(Method::GET, ME).bearer_auth(access).send().await.unwrap().status()
}

on_both_databases! {
    async fn a_refresh_token_is_exchanged_for_the_next_one(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let (first_access, second) = granted(refresh(&app, &ada.refresh_token).await).await;
        let (access, third) = granted(refresh(&app, &second).await).await;
        assert!(ada.refresh_token != second && second != third && first_access != access);
        // Access tokens of one session live side by side.
        for token in [&ada.token, &first_access, &access] {
            assert_eq!(me(&app, token).await, StatusCode::OK);
        }
    }

    async fn a_used_token_that_comes_again_ends_its_session(database: TestDatabase) {
        let app = TestApp::start_with(database, &[("ALBEDO_REFRESH_GRACE_SECONDS", "0")]).await;
        let ada = app.user("ada").await;
        let elsewhere = app.sign_in("ada@example.com").await;
        let (access, newest) = granted(refresh(&app, &ada.refresh_token).await).await;
        assert_eq!(me(&app, &access).await, StatusCode::OK);

        faults(refresh(&app, &ada.refresh_token).await, StatusCode::UNAUTHORIZED).await;
        faults(refresh(&app, &newest).await, StatusCode::UNAUTHORIZED).await;
        assert_eq!(me(&app, &access).await, StatusCode::UNAUTHORIZED, "at once, on this process");
        assert_eq!(me(&app, &ada.token).await, StatusCode::UNAUTHORIZED);
        // Another login of the same person is another family.
        granted(refresh(&app, &elsewhere.refresh_token).await).await;
    }

    async fn an_answer_lost_on_its_way_may_be_asked_for_once_more(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let (access, newest) = granted(refresh(&app, &ada.refresh_token).await).await;
        let (sibling_access, sibling) = granted(refresh(&app, &ada.refresh_token).await).await;
        faults(refresh(&app, &ada.refresh_token).await, StatusCode::UNAUTHORIZED).await;
        // Within the grace time that is taken for haste and not for theft.
        for token in [&access, &sibling_access] {
            assert_eq!(me(&app, token).await, StatusCode::OK);
        }
        granted(refresh(&app, &newest).await).await;
        granted(refresh(&app, &sibling).await).await;
    }

    async fn of_fifty_at_once_one_wins_and_one_more_is_forgiven(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let answers = futures_util::future::join_all((0..50).map(|_| refresh(&app, &ada.refresh_token))).await;
        let mut grants = Vec::new();
        for answer in answers {
            if answer.status() == StatusCode::OK {
                grants.push(granted(answer).await);
            } else {
                faults(answer, StatusCode::UNAUTHORIZED).await;
            }
        }
        assert!((1..=2).contains(&grants.len()), "{} grants", grants.len());
        for (access, newest) in grants {
            assert_eq!(me(&app, &access).await, StatusCode::OK);
            granted(refresh(&app, &newest).await).await;
        }
    }

    async fn without_grace_fifty_at_once_are_a_theft(database: TestDatabase) {
        let app = TestApp::start_with(database, &[("ALBEDO_REFRESH_GRACE_SECONDS", "0")]).await;
        let ada = app.user("ada").await;
        let answers = futures_util::future::join_all((0..50).map(|_| refresh(&app, &ada.refresh_token))).await;
        let mut grants = Vec::new();
        for answer in answers {
            if answer.status() == StatusCode::OK {
                grants.push(granted(answer).await);
            } else {
                faults(answer, StatusCode::UNAUTHORIZED).await;
            }
        }
        assert_eq!(grants.len(), 1);
        for (access, newest) in grants {
            assert_eq!(me(&app, &access).await, StatusCode::UNAUTHORIZED);
            faults(refresh(&app, &newest).await, StatusCode::UNAUTHORIZED).await;
        }
    }

    async fn a_token_that_is_none_buys_nothing(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let (head, secret) = ada.refresh_token.split_once('.').unwrap();
        let forged = format!("{head}.{}", secret.chars().rev().collect::<String>());
        for token in [&forged, "", "art_", head, secret, &ada.refresh_token.to_uppercase(), "\u{1F9AD}"] {
            faults(refresh(&app, token).await, StatusCode::UNAUTHORIZED).await;
        }
        let odd =
            [json!({"refresh_token": 1}), json!({"refresh_token": null}), json!({}), json!([]), json!({"token": "x"})];
        for body in odd {
            let response = app.request(Method::POST, "/api/v1/auth/refresh").json(&body).send().await.unwrap();
            assert!(!faults(response, StatusCode::UNPROCESSABLE_ENTITY).await.is_empty());
        }
        granted(refresh(&app, &ada.refresh_token).await).await;
    }
}

on_both_databases! {
    async fn a_token_that_has_expired_buys_nothing(database: TestDatabase) {
        let open = database.open().await;
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        open.write().execute_unprepared(EXPIRE).await.unwrap();
        faults(refresh(&app, &ada.refresh_token).await, StatusCode::UNAUTHORIZED).await;
    }

    async fn a_login_sweeps_what_has_expired_but_not_what_holds_a_session_dead(database: TestDatabase) {
        let open = database.open().await;
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        // A rotation and a revocation that missed each other: the older row is taken back, the newer one is not.
        let (_, newest) = granted(refresh(&app, &ada.refresh_token).await).await;
        let sql = format!("{EXPIRE}, revoked_at = '2020-01-01 00:00:00+00:00' WHERE used_at IS NOT NULL");
        open.write().execute_unprepared(&sql).await.unwrap();
        app.sign_in("ada@example.com").await;
        faults(refresh(&app, &newest).await, StatusCode::UNAUTHORIZED).await;

        open.write().execute_unprepared(EXPIRE).await.unwrap();
        let ada = app.sign_in("ada@example.com").await;
        let rows = refresh_token::Entity::find().all(open.read()).await.unwrap();
        assert_eq!(rows.len(), 1, "all but the newest login are swept");
        granted(refresh(&app, &ada.refresh_token).await).await;
    }
}
