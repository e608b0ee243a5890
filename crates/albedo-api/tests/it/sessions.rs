//! Access tokens: good for as long as their session, their user and their time.

use albedo_core::security::token::Tokens;
use albedo_core::settings::{Settings, Sources};
use albedo_testing::on_both_databases;
use chrono::{Duration, Utc};
use reqwest::header::AUTHORIZATION;
use reqwest::{Method, Response, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{PASSWORD, TestApp, TestUser, faults, header};

const ME: &str = "/api/v1/users/me";
const SECRET: &str = "hPq3vXk9ZrT5mWc8yLb2NfJd7GsQa4Ue6oKi";

async fn refresh(user: &TestUser<'_>) -> Response {
    let body = json!({"refresh_token": user.refresh_token});
    user.app.request(Method::POST, "/api/v1/auth/refresh").json(&body).send().await.unwrap()
}

async fn logout(app: &TestApp, token: &str) -> StatusCode {
    let body = json!({"refresh_token": token});
    app.request(Method::POST, "/api/v1/auth/logout").json(&body).send().await.unwrap().status()
}

async fn me_with(app: &TestApp, authorization: &[u8]) -> Response {
    app.request(Method::GET, ME).header(AUTHORIZATION, authorization).send().await.unwrap()
}

/// The path of a user's row.
async fn path_of(user: &TestUser<'_>) -> String {
    format!("/api/v1/users/{}", user.read(ME).await["id"].as_str().unwrap())
}

/// An issuer of tokens with a secret.
fn tokens(secret: &str) -> Tokens {
    let sources = Sources::new(None, [("ALBEDO_JWT_SECRET".to_owned(), secret.to_owned())]);
    Tokens::new(&Settings::load(&sources).unwrap().security).unwrap()
}

/// The user and the session that an access token names.
fn named_in(token: &str) -> (Uuid, Uuid) {
    let claims = tokens(SECRET).verify(token, Utc::now()).unwrap();
    (claims.user, claims.session)
}

on_both_databases! {
    async fn logging_out_ends_the_session_at_once_and_no_other(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let elsewhere = app.sign_in("ada@example.com").await;
        // Remembered by the process, and forgotten in time.
        ada.read(ME).await;
        assert_eq!(logout(&app, &ada.refresh_token).await, StatusCode::NO_CONTENT);
        let refused = ada.get(ME).await;
        assert_eq!(header(&refused, "www-authenticate"), Some("Bearer error=\"invalid_token\""));
        faults(refused, StatusCode::UNAUTHORIZED).await;
        faults(refresh(&ada).await, StatusCode::UNAUTHORIZED).await;
        for other in [&elsewhere, &eve] {
            other.read(ME).await;
        }
        // Whoever logs out twice, or with a token that never was, is logged out.
        for token in [&*ada.refresh_token, "art_nothing", ""] {
            assert_eq!(logout(&app, token).await, StatusCode::NO_CONTENT);
        }
    }

    async fn a_session_that_is_read_as_it_ends_is_not_remembered(database: TestDatabase) {
        let app = TestApp::start(database).await;
        app.user("ada").await;
        for _ in 0..6 {
            let ada = app.sign_in("ada@example.com").await;
            let reads = (0..12).map(|_| ada.get(ME));
            let (_, ended) = tokio::join!(futures_util::future::join_all(reads), logout(&app, &ada.refresh_token));
            assert_eq!(ended, StatusCode::NO_CONTENT);
            faults(ada.get(ME).await, StatusCode::UNAUTHORIZED).await;
        }
    }

    async fn a_token_is_good_only_from_us_for_a_living_session_and_now(database: TestDatabase) {
        let app = TestApp::start_with(database, &[("ALBEDO_JWT_SECRET", SECRET)]).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let (user, session) = named_in(&ada.token);
        let (stranger, _) = named_in(&eve.token);
        let ours = tokens(SECRET);
        let issued = |tokens: &Tokens, user, session, ago| {
            let token = tokens.issue(user, session, Utc::now() - Duration::seconds(ago)).unwrap().token;
            token.expose_secret().to_owned()
        };
        let good = issued(&ours, user, session, 60);
        assert_eq!(me_with(&app, format!("Bearer {good}").as_bytes()).await.status(), StatusCode::OK);

        let theirs = tokens("9wKc4RtYb7XmZq2LhVs8NfJd3GpUe6oTiAxQ");
        let (head, tail) = good.rsplit_once('.').unwrap();
        for (what, token) in [
            ("expired", issued(&ours, user, session, 3_600)),
            ("from the future", issued(&ours, user, session, -600)),
            ("of another issuer", issued(&theirs, user, session, 0)),
            ("for a session that is none", issued(&ours, user, Uuid::now_v7(), 0)),
            ("for somebody else's session", issued(&ours, stranger, session, 0)),
            ("without its signature", format!("{head}.")),
            ("with another signature", format!("{head}.{}", tail.chars().rev().collect::<String>())),
            ("a refresh token", ada.refresh_token.clone()),
            ("endless", "a".repeat(20_000)),
        ] {
            let refused = me_with(&app, format!("Bearer {token}").as_bytes()).await;
            assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{what}");
            assert_eq!(header(&refused, "www-authenticate"), Some("Bearer error=\"invalid_token\""), "{what}");
            faults(refused, StatusCode::UNAUTHORIZED).await;
        }
    }

    async fn odd_headers_sign_nobody_in(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let with = |scheme: &str| [scheme.as_bytes(), ada.token.as_bytes()].concat();
        for odd in [
            b"".to_vec(),
            b"Bearer".to_vec(),
            b"Bearer ".to_vec(),
            with(""),
            with("Basic "),
            with("Bearer"),
            with("Bearer\t"),
            with("Bearer, "),
            [with("Bearer "), b"\xff\xfe".to_vec()].concat(),
        ] {
            let refused = me_with(&app, &odd).await;
            assert_eq!(header(&refused, "www-authenticate"), Some("Bearer"), "{odd:?}");
            faults(refused, StatusCode::UNAUTHORIZED).await;
        }
        for odd in [with("Bearer null, Bearer "), [with("Bearer "), b" x".to_vec()].concat(), with("Bearer \"")] {
            faults(me_with(&app, &odd).await, StatusCode::UNAUTHORIZED).await;
        }
        for fine in ["bearer ", "BEARER   "] {
            assert_eq!(me_with(&app, &with(fine)).await.status(), StatusCode::OK, "{fine}");
        }
        // A token in the query ends up in logs and histories; it is refused there rather than overlooked.
        let query = app.request(Method::GET, &format!("{ME}?access_token={}", ada.token)).send().await.unwrap();
        let text = query.text().await.unwrap();
        assert!(text.contains("\"parameter\":\"access_token\"") && !text.contains(&ada.token), "{text}");
    }
}

on_both_databases! {
    async fn a_closed_account_is_shut_out_at_once(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (admin, ada) = (app.admin().await, app.user("ada").await);
        let path = path_of(&ada).await;
        assert_eq!(admin.patch(&path, json!({"is_active": false})).await.status(), StatusCode::OK);
        faults(ada.get(ME).await, StatusCode::UNAUTHORIZED).await;
        faults(refresh(&ada).await, StatusCode::UNAUTHORIZED).await;
        let login = json!({"email": "ada@example.com", "password": PASSWORD});
        let login = || app.request(Method::POST, "/api/v1/auth/login").json(&login).send();
        faults(login().await.unwrap(), StatusCode::UNAUTHORIZED).await;

        // Opened again, it wants a new login: the old sessions have ended.
        assert_eq!(admin.patch(&path, json!({"is_active": true})).await.status(), StatusCode::OK);
        faults(ada.get(ME).await, StatusCode::UNAUTHORIZED).await;
        faults(refresh(&ada).await, StatusCode::UNAUTHORIZED).await;
        assert_eq!(login().await.unwrap().status(), StatusCode::OK);
    }

    async fn a_role_is_taken_and_given_at_once(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (admin, ada) = (app.admin().await, app.user("ada").await);
        let path = path_of(&ada).await;
        let expect = async |role: &str, reads_users: StatusCode, creates: StatusCode| {
            assert_eq!(admin.patch(&path, json!({"role": role})).await.status(), StatusCode::OK);
            assert_eq!(ada.get("/api/v1/users").await.status(), reads_users, "{role}");
            assert_eq!(ada.post("/api/v1/assistants", json!({"name": role})).await.status(), creates, "{role}");
        };
        expect("admin", StatusCode::OK, StatusCode::CREATED).await;
        expect("viewer", StatusCode::FORBIDDEN, StatusCode::FORBIDDEN).await;
        expect("editor", StatusCode::FORBIDDEN, StatusCode::CREATED).await;
    }

    async fn a_deleted_account_is_shut_out_at_once(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (admin, ada) = (app.admin().await, app.user("ada").await);
        let path = path_of(&ada).await;
        assert_eq!(admin.delete(&path).await.status(), StatusCode::NO_CONTENT);
        faults(ada.get(ME).await, StatusCode::UNAUTHORIZED).await;
        faults(refresh(&ada).await, StatusCode::UNAUTHORIZED).await;
        faults(admin.get(&path).await, StatusCode::NOT_FOUND).await;
        app.user("ada").await.read(ME).await;
    }

    async fn the_password_form_of_oauth_signs_in(database: TestDatabase) {
        let app = TestApp::start(database).await;
        app.user("ada").await;
        let send = |form: &'static str| {
            let request = app.request(Method::POST, "/api/v1/auth/token").body(form);
            request.header("content-type", "application/x-www-form-urlencoded").send()
        };
        let granted = send("grant_type=password&username=ADA%40example.com&password=violet+anchor+ribbon%2042&scope=");
        let granted = granted.await.unwrap();
        assert_eq!(granted.status(), StatusCode::OK);
        assert_eq!(header(&granted, "cache-control"), Some("no-store"));
        let grant: Value = granted.json().await.unwrap();
        let token = grant["access_token"].as_str().unwrap();
        assert_eq!(me_with(&app, format!("Bearer {token}").as_bytes()).await.status(), StatusCode::OK);

        faults(send("username=ada%40example.com&password=wrong").await.unwrap(), StatusCode::UNAUTHORIZED).await;
        for (form, expected) in [
            ("grant_type=client_credentials", &["/grant_type", "/username", "/password"][..]),
            ("", &["/username", "/password"]),
            ("username=a&password=%ff", &["password"]),
            ("username=a&password=%00", &["password"]),
        ] {
            let told = faults(send(form).await.unwrap(), StatusCode::BAD_REQUEST).await;
            assert_eq!(told.iter().map(|(place, _)| &**place).collect::<Vec<_>>(), expected, "{form}");
        }
        let json =
            app.request(Method::POST, "/api/v1/auth/token").json(&json!({"username": "a"})).send().await.unwrap();
        let expected = [("Content-Type".to_owned(), "not_a_choice".to_owned())];
        assert_eq!(faults(json, StatusCode::UNSUPPORTED_MEDIA_TYPE).await, expected);
    }
}
