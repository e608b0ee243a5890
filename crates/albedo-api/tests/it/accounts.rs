//! Accounts: made, signed in with, and given a new password; and what a stranger can learn of them.

use std::time::{Duration, Instant};

use albedo_testing::on_both_databases;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp, faults, header};

const REGISTER: &str = "/api/v1/auth/register";
const LOGIN: &str = "/api/v1/auth/login";
const ME: &str = "/api/v1/users/me";
const MY_PASSWORD: &str = "/api/v1/users/me/password";
const OTHER_PASSWORD: &str = "seven wet seals juggle brass lamps";

async fn post(app: &TestApp, path: &str, body: &Value) -> Response {
    app.request(Method::POST, path).json(body).send().await.unwrap()
}

fn place(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

on_both_databases! {
    async fn a_new_account_is_shown_without_its_password(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let body = json!({"email": "Ada.Lovelace@Example.com", "password": PASSWORD, "full_name": "Ada"});
        let made = post(&app, REGISTER, &body).await;
        assert_eq!(made.status(), StatusCode::CREATED);
        assert_eq!(header(&made, "location"), Some(ME));
        let tag = header(&made, "etag").unwrap().to_owned();
        assert!(tag.starts_with("\"1."), "{tag}");
        let text = made.text().await.unwrap();
        assert!(!text.contains("hash") && !text.contains(PASSWORD), "{text}");
        let user: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&user["email"], &user["role"]), (&json!("ada.lovelace@example.com"), &json!("editor")));
        assert_eq!(
            (&user["full_name"], &user["is_active"], &user["version"]),
            (&json!("Ada"), &json!(true), &json!(1))
        );

        let ada = app.sign_in("ADA.lovelace@example.COM").await;
        let me = ada.read(ME).await;
        assert_eq!(me["id"], user["id"]);
        assert!(me["last_login_at"].as_str().is_some_and(|time| time.ends_with('Z')), "{me}");
        assert_eq!(me["version"], 1, "a sign-in is no change of the account");
        let tag_of_me = header(&ada.get(ME).await, "etag").unwrap().to_owned();
        assert_ne!(tag_of_me, tag, "but it shows");
        let admin = app.admin().await;
        let path = format!("/api/v1/users/{}", me["id"].as_str().unwrap());
        let when = async |tag: &str| {
            let request = admin.request(reqwest::Method::GET, &path).header("if-none-match", tag);
            request.send().await.unwrap().status()
        };
        assert_eq!([when(&tag).await, when(&tag_of_me).await], [StatusCode::OK, StatusCode::NOT_MODIFIED]);
    }

    async fn an_address_is_taken_in_any_case(database: TestDatabase) {
        let app = TestApp::start(database).await;
        app.user("ada").await;
        for email in ["ada@example.com", "ADA@Example.Com"] {
            let again = post(&app, REGISTER, &json!({"email": email, "password": OTHER_PASSWORD})).await;
            assert_eq!(faults(again, StatusCode::CONFLICT).await, [place("/email", "taken")]);
        }
    }

    async fn of_forty_who_register_one_address_at_once_one_gets_it(database: TestDatabase) {
        // Room for all of them: the test is about the address, not about the queue.
        let room = [("ALBEDO_HASH_QUEUE", "64"), ("ALBEDO_HASH_WAIT_SECONDS", "60")];
        let patience = [("ALBEDO_HANDLER_SECONDS", "60"), ("ALBEDO_HASH_THREADS", "2")];
        let app = TestApp::start_with(database, &[room, patience].concat()).await;
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        let requests = (0..40).map(|_| post(&app, REGISTER, &body));
        let mut made = 0;
        for response in futures_util::future::join_all(requests).await {
            if response.status() == StatusCode::CREATED {
                made += 1;
            } else {
                assert_eq!(faults(response, StatusCode::CONFLICT).await, [place("/email", "taken")]);
            }
        }
        assert_eq!(made, 1);
        app.sign_in("ada@example.com").await;
    }

    async fn a_new_password_ends_every_session(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let elsewhere = app.sign_in("ada@example.com").await;
        let bystander = app.user("eve").await;
        elsewhere.read(ME).await;

        let body = json!({"current_password": PASSWORD, "new_password": OTHER_PASSWORD});
        let changed = ada.post(MY_PASSWORD, body).await;
        assert_eq!(changed.status(), StatusCode::NO_CONTENT);
        for session in [&ada, &elsewhere] {
            faults(session.get(ME).await, StatusCode::UNAUTHORIZED).await;
            let refresh = json!({"refresh_token": session.refresh_token});
            faults(post(&app, "/api/v1/auth/refresh", &refresh).await, StatusCode::UNAUTHORIZED).await;
        }
        bystander.read(ME).await;
        let login = |password| json!({"email": "ada@example.com", "password": password});
        faults(post(&app, LOGIN, &login(PASSWORD)).await, StatusCode::UNAUTHORIZED).await;
        assert_eq!(post(&app, LOGIN, &login(OTHER_PASSWORD)).await.status(), StatusCode::OK);
    }

    async fn a_new_password_wants_the_current_one_and_must_be_good(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("harbourlight").await;
        let change =
            |current: &str, new: &str| ada.post(MY_PASSWORD, json!({"current_password": current, "new_password": new}));
        let wrong = change(OTHER_PASSWORD, OTHER_PASSWORD).await;
        let expected = [place("/current_password", "contradiction")];
        assert_eq!(faults(wrong, StatusCode::UNPROCESSABLE_ENTITY).await, expected);
        for (new, code) in [("short", "too_short"), ("passwordpassword", "too_common")] {
            let weak = change(PASSWORD, new).await;
            assert_eq!(faults(weak, StatusCode::UNPROCESSABLE_ENTITY).await, [place("/new_password", code)]);
        }
        // The body does not say whose password it is, and the own address is as easy to guess as ever.
        let own = change(PASSWORD, "harbourlightharbourlight").await;
        assert_eq!(faults(own, StatusCode::UNPROCESSABLE_ENTITY).await, [place("/new_password", "too_common")]);
        let empty = ada.post(MY_PASSWORD, json!({})).await;
        let expected = [place("/current_password", "required"), place("/new_password", "required")];
        assert_eq!(faults(empty, StatusCode::UNPROCESSABLE_ENTITY).await, expected);
        ada.read(ME).await;
    }

    async fn of_two_password_changes_at_once_one_is_made(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let body = |new| json!({"current_password": PASSWORD, "new_password": new});
        let (one, other) = tokio::join!(
            ada.post(MY_PASSWORD, body(OTHER_PASSWORD)),
            ada.post(MY_PASSWORD, body("nine dry otters paint quiet harbours")),
        );
        let mut statuses = [one.status().as_u16(), other.status().as_u16()];
        statuses.sort_unstable();
        // The slower one meets either the new hash or an ended session.
        assert!(matches!(statuses, [204, 401 | 422]), "{statuses:?}");
    }
}

on_both_databases! {
    async fn an_unknown_address_and_a_wrong_password_look_alike(database: TestDatabase) {
        let app = TestApp::start(database).await;
        app.user("ada").await;
        let admin = app.admin().await;
        let eve = app.user("eve").await.read(ME).await;
        let account = format!("/api/v1/users/{}", eve["id"].as_str().unwrap());
        assert_eq!(admin.patch(&account, json!({"is_active": false})).await.status(), StatusCode::OK);

        let mut answers = Vec::new();
        for (email, password) in [
            ("nobody@example.com", OTHER_PASSWORD),
            ("ada@example.com", OTHER_PASSWORD),
            ("ADA@example.com", "x"),
            ("not an address", ""),
            ("eve@example.com", PASSWORD),
        ] {
            let response = post(&app, LOGIN, &json!({"email": email, "password": password})).await;
            let mut headers = response.headers().clone();
            headers.remove("date").unwrap();
            headers.remove("x-request-id").unwrap();
            let status = response.status();
            let mut body: Value = response.json().await.unwrap();
            body.as_object_mut().unwrap().remove("request_id").unwrap();
            // The whole length of a body is compared as well: ids have one length.
            answers.push((status, headers, body));
        }
        assert_eq!(answers.first().unwrap().0, StatusCode::UNAUTHORIZED);
        assert_eq!(answers.first().unwrap().1.get("www-authenticate").unwrap(), "Bearer");
        assert!(answers.windows(2).all(|pair| pair.first() == pair.last()), "{answers:#?}");
    }

    async fn where_registration_is_closed_only_admins_make_accounts(database: TestDatabase) {
        let app = TestApp::start_with(database, &[("ALBEDO_REGISTRATION", "closed")]).await;
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        faults(post(&app, REGISTER, &body).await, StatusCode::FORBIDDEN).await;
        app.admin().await.create("/api/v1/users", body).await;
        app.sign_in("ada@example.com").await;
    }
}

#[tokio::test]
async fn all_faults_of_a_registration_are_told_at_once() {
    let app = TestApp::on_sqlite(&[]).await;
    let expect = async |body: Value, expected: &[(&str, &str)]| {
        let told = faults(post(&app, REGISTER, &body).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        let expected: Vec<_> = expected.iter().map(|(pointer, code)| place(pointer, code)).collect();
        assert_eq!(told, expected, "{body}");
    };
    expect(json!({}), &[("/email", "required"), ("/password", "required")]).await;
    expect(
        json!({"email": "nobody", "password": "short", "full_name": 7, "role": "admin"}),
        &[("/role", "unknown"), ("/email", "invalid_format"), ("/full_name", "wrong_type"), ("/password", "too_short")],
    )
    .await;
    expect(
        json!({"email": null, "password": null}),
        &[("/email", "null_not_allowed"), ("/password", "null_not_allowed")],
    )
    .await;
    expect(
        json!({"email": "\u{0}ada@example.com", "password": "\u{0}".repeat(20)}),
        &[("/email", "null_character"), ("/password", "null_character"), ("/password", "too_common")],
    )
    .await;
    let long = json!({"email": format!("{}@example.com", "a".repeat(250)), "password": "q7 ".repeat(86)});
    let told = faults(post(&app, REGISTER, &long).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(told.contains(&place("/email", "too_long")) && told.contains(&place("/password", "too_long")), "{told:?}");
    let own = json!({"email": "ada@harbourlight.example", "password": "harbourlightharbourlight"});
    let told = faults(post(&app, REGISTER, &own).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(told, [place("/password", "too_common")]);
}

#[tokio::test]
async fn an_unknown_address_takes_as_long_as_a_wrong_password() {
    let app = TestApp::on_sqlite(&[]).await;
    app.user("ada").await;
    let timed = async |email: &str| {
        let started = Instant::now();
        let refused = post(&app, LOGIN, &json!({"email": email, "password": OTHER_PASSWORD})).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        started.elapsed()
    };
    // In turns, so that a busy machine slows both.
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        known.push(timed("ada@example.com").await);
        unknown.push(timed("nobody@example.com").await);
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap().as_secs_f64()
    };
    // Without a hash, an answer takes a tenth of the time.
    let ratio = median(&mut unknown) / median(&mut known);
    assert!((0.4..2.5).contains(&ratio), "unknown to known as {ratio} to 1");
}

#[tokio::test]
async fn more_logins_than_the_queue_holds_are_put_off() {
    let narrow = [("ALBEDO_HASH_QUEUE", "1"), ("ALBEDO_HASH_THREADS", "1"), ("ALBEDO_HASH_WAIT_SECONDS", "10")];
    let app = TestApp::on_sqlite(&narrow).await;
    let started = Instant::now();
    let body = json!({"email": "nobody@example.com", "password": PASSWORD});
    let answers = futures_util::future::join_all((0..60).map(|_| post(&app, LOGIN, &body))).await;
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    let mut put_off = 0;
    for answer in answers {
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
            put_off += 1;
            assert_eq!(header(&answer, "retry-after"), Some("1"));
            faults(answer, StatusCode::SERVICE_UNAVAILABLE).await;
        } else {
            faults(answer, StatusCode::UNAUTHORIZED).await;
        }
    }
    assert!((1..60).contains(&put_off), "{put_off} of 60 were put off");
    // And none is put off for longer than the flood lasts.
    app.admin().await;
}
