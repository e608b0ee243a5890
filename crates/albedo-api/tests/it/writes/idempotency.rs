//! `Idempotency-Key`: a write that is sent twice is made once.

use std::time::Duration;

use albedo_core::claim::{Asked, Claim};
use albedo_entities::idempotency_key;
use albedo_testing::{AppProcess, Signal, TestDatabase, on_both_databases};
use futures_util::future::join_all;
use reqwest::{Client, Method, Response, StatusCode};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::{ASSISTANTS, CITIES, Tree, row};
use crate::support::{ADMIN, PASSWORD, TestApp, TestUser, faults, header};

const REUSED: [(&str, &str); 1] = [("Idempotency-Key", "key_reused")];

async fn post(user: &TestUser<'_>, path: &str, key: &str, body: &Value) -> Response {
    user.request(Method::POST, path).header("idempotency-key", key).json(body).send().await.unwrap()
}

/// All of an answer that its first reader and the later ones share.
type Told = (StatusCode, Vec<Option<String>>, Vec<u8>);

async fn told(response: Response) -> Told {
    try_told(response).await.unwrap()
}

async fn try_told(response: Response) -> Result<Told, reqwest::Error> {
    let names = ["content-type", "location", "etag", "cache-control", "vary"];
    let headers = names.map(|name| header(&response, name).map(ToOwned::to_owned)).to_vec();
    Ok((response.status(), headers, response.bytes().await?.to_vec()))
}

fn is_replayed(response: &Response) -> bool {
    header(response, "idempotency-replayed") == Some("true")
}

fn owned(places: &[(&str, &str)]) -> Vec<(String, String)> {
    places.iter().map(|(place, code)| ((*place).to_owned(), (*code).to_owned())).collect()
}

on_both_databases! {
    async fn the_same_request_again_is_answered_as_before(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let tree = Tree::grow(&ada, "Desk").await;
        let mut answers = Vec::new();
        for (list, body) in [
            (CITIES, json!({"name": "Porto", "country_code": "PT", "latitude": 41.1579})),
            (ASSISTANTS, json!({"name": "Other", "metadata": {"b": 1, "a": {"é": [1.5, null]}}})),
            (&*tree.values, json!({"value": "Lisboa", "synonyms": ["Lisbon"]})),
        ] {
            let key = format!("key-of-{list}");
            let first = post(&ada, list, &key, &body).await;
            assert!(first.status() == StatusCode::CREATED && !is_replayed(&first));
            for path in [list, &format!("{list}/")] {
                let again = post(&ada, path, &key, &body).await;
                assert!(is_replayed(&again));
                answers.push(told(again).await);
            }
            answers.push(told(first).await);
            answers.dedup();
            assert_eq!(answers.len(), 1);
            answers.clear();
        }
        assert_eq!(ada.read(CITIES).await["total"], 1);
        assert_eq!(ada.read(&tree.values).await["total"], 2);
    }

    async fn a_request_is_known_under_a_new_secret_and_stored_under_none(database: TestDatabase) {
        let [old, new] = ["hPq3vXk9ZrT5mWc8yLb2NfJd7GsQa4Ue6oKi", "Yc2nq7TfKzWv4LsR9bXhJ6mDpGt3EaUo8kNi"];
        let app = TestApp::start_with(database, &[("ALBEDO_JWT_SECRET", old)]).await;
        let admin = app.admin().await;
        let person = json!({"email": "eve@example.com", "password": PASSWORD});
        assert_eq!(post(&admin, "/api/v1/users", "k", &person).await.status(), StatusCode::CREATED);
        let stored = idempotency_key::Entity::find().one(app.database().open().await.read()).await.unwrap().unwrap();
        let asked = Asked { method: "POST", path: "/api/v1/users", query: "", body: &person };
        let plain = Claim::new("k", Duration::from_secs(1), asked).unwrap().fingerprint;
        assert!(stored.fingerprint.len() == 64 && stored.fingerprint != plain, "anybody could try passwords on it");

        let secrets = [("ALBEDO_JWT_SECRET", new), ("ALBEDO_JWT_PREVIOUS_SECRETS", old)];
        let later = TestApp::start_with(app.database().clone(), &secrets).await;
        let again = |body: Value| {
            let request = later.request(Method::POST, "/api/v1/users").bearer_auth(&admin.token);
            request.header("idempotency-key", "k").json(&body).send()
        };
        let other = json!({"email": "eve@example.com", "password": "another one of theirs"});
        assert!(is_replayed(&again(person).await.unwrap()));
        let refused = faults(again(other).await.unwrap(), StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(refused, owned(&REUSED));
    }

    async fn a_retry_is_answered_when_what_the_write_needed_is_gone(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let tree = Tree::grow(&ada, "Desk").await;
        let bulk = json!({"operations": [{"op": "create", "body": {"value": "Faro"}}]});
        let asked = [(tree.values.clone(), json!({"value": "Lisboa"})), (format!("{}/bulk", tree.values), bulk)];
        let mut answers = Vec::new();
        for (path, body) in &asked {
            answers.push(told(post(&ada, path, path, body).await).await);
        }
        assert_eq!(ada.delete(&tree.assistant).await.status(), StatusCode::NO_CONTENT);
        for ((path, body), first) in asked.iter().zip(answers) {
            let again = post(&ada, path, path, body).await;
            assert!(is_replayed(&again));
            assert_eq!(told(again).await, first);
            // What was never made is refused as ever, and so is the key for something else.
            faults(post(&ada, path, "another", body).await, StatusCode::NOT_FOUND).await;
            faults(post(&ada, path, path, &json!({"value": "Braga", "operations": []})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    }

    async fn a_replay_is_the_answer_of_then_and_not_the_row_of_now(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let body = json!({"name": "Porto", "country_code": "PT"});
        let first = told(post(&ada, CITIES, "k", &body).await).await;
        let path = first.1[1].clone().unwrap();
        assert_eq!(ada.patch(&path, json!({"population": 1})).await.status(), StatusCode::OK);
        assert_eq!(ada.delete(&path).await.status(), StatusCode::NO_CONTENT);
        let again = post(&ada, CITIES, "k", &body).await;
        assert!(is_replayed(&again));
        assert_eq!(told(again).await, first);
        assert_eq!(ada.read(CITIES).await["total"], 0);
    }

    async fn a_key_stands_for_one_request_of_one_user(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let body = json!({"name": "Desk", "description": "d"});
        assert_eq!(post(&ada, ASSISTANTS, "k", &body).await.status(), StatusCode::CREATED);
        for (path, body) in [
            (ASSISTANTS, json!({"name": "Other"})),
            (CITIES, json!({"name": "Porto", "country_code": "PT"})),
            (&*format!("{ASSISTANTS}?dry_run=false"), body.clone()),
        ] {
            let told = faults(post(&ada, path, "k", &body).await, StatusCode::UNPROCESSABLE_ENTITY).await;
            assert_eq!(told, owned(&REUSED), "{path}");
        }
        assert_eq!(post(&eve, ASSISTANTS, "k", &body).await.status(), StatusCode::CREATED, "hers is another key");
        // Spaces and the order of names are the client's own affair.
        let request = ada.request(Method::POST, ASSISTANTS).header("idempotency-key", "k");
        let request = request.header("content-type", "application/json").body(r#"{ "description":"d", "name":"Desk" }"#);
        assert!(is_replayed(&request.send().await.unwrap()));
        assert_eq!((&ada.read(ASSISTANTS).await["total"], &ada.read(CITIES).await["total"]), (&json!(1), &json!(0)));
    }

    async fn of_ten_at_once_one_writes_and_all_are_answered_alike(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        for round in 0..5 {
            let (body, key) = (json!({"name": format!("city {round}"), "country_code": "PT"}), format!("key-{round}"));
            let responses = join_all((0..10).map(|_| post(&ada, CITIES, &key, &body))).await;
            assert_eq!(responses.iter().filter(|response| is_replayed(response)).count(), 9);
            let mut answers = join_all(responses.into_iter().map(told)).await;
            assert_eq!(answers[0].0, StatusCode::CREATED);
            answers.dedup();
            assert_eq!(answers.len(), 1);
            assert_eq!(ada.read(CITIES).await["total"], round + 1);
        }
    }

    async fn what_is_refused_keeps_no_key(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let taken = json!({"name": "Porto", "country_code": "PT"});
        ada.create(CITIES, taken.clone()).await;
        faults(post(&ada, CITIES, "k", &json!({"name": "Faro"})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        faults(post(&ada, CITIES, "k", &taken).await, StatusCode::CONFLICT).await;
        let gone = format!("{ASSISTANTS}/{}/entities", uuid::Uuid::now_v7());
        faults(post(&ada, &gone, "k", &json!({"name": "x", "kind": "list"})).await, StatusCode::NOT_FOUND).await;
        let made = post(&ada, CITIES, "k", &json!({"name": "Faro", "country_code": "PT"})).await;
        assert!(made.status() == StatusCode::CREATED && !is_replayed(&made));
    }

    async fn what_is_no_key_is_a_fault(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let body = json!({"name": "Porto", "country_code": "PT"});
        let long = "k".repeat(256);
        for key in ["", "two words", &long] {
            let told = faults(post(&ada, CITIES, key, &body).await, StatusCode::BAD_REQUEST).await;
            assert_eq!(told, owned(&[("Idempotency-Key", "invalid_format")]), "{key}");
            // Nor does it become one where it will not be kept.
            let on_trial = post(&ada, &format!("{CITIES}?dry_run=true"), key, &body).await;
            assert_eq!(faults(on_trial, StatusCode::BAD_REQUEST).await, told, "{key}");
        }
        let twice = ada.request(Method::POST, CITIES).header("idempotency-key", "a").header("idempotency-key", "b");
        let told = faults(twice.json(&body).send().await.unwrap(), StatusCode::BAD_REQUEST).await;
        assert_eq!(told, owned(&[("Idempotency-Key", "duplicate")]));
        assert_eq!(ada.read(CITIES).await["total"], 0);
        assert_eq!(post(&ada, CITIES, &"k".repeat(255), &body).await.status(), StatusCode::CREATED);
    }

    async fn a_key_that_has_expired_is_free(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        assert_eq!(post(&ada, CITIES, "k", &json!({"name": "Porto", "country_code": "PT"})).await.status(), 201);
        let age = "UPDATE idempotency_keys SET expires_at = '2020-01-01T00:00:00+00:00'";
        app.database().open().await.write().execute_unprepared(age).await.unwrap();
        let made = post(&ada, CITIES, "k", &json!({"name": "Faro", "country_code": "PT"})).await;
        assert!(made.status() == StatusCode::CREATED && !is_replayed(&made));
        assert!(is_replayed(&post(&ada, CITIES, "k", &json!({"name": "Faro", "country_code": "PT"})).await));
    }

    async fn keys_go_with_their_user(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, admin) = (app.user("ada").await, app.admin().await);
        assert_eq!(post(&ada, CITIES, "k", &json!({"name": "Porto", "country_code": "PT"})).await.status(), 201);
        let path = row("/api/v1/users", &ada.read("/api/v1/users/me").await);
        assert_eq!(admin.delete(&path).await.status(), StatusCode::NO_CONTENT);
    }

    async fn a_server_that_is_killed_at_any_moment_leaves_one_row_for_one_key(database: TestDatabase) {
        const KILLS: usize = 8;
        const WRITERS: usize = 4;
        let server = || AppProcess::start(
            env!("CARGO_BIN_EXE_albedo-api"),
            &["serve"],
            &[
                ("DATABASE_URL", database.url()),
                ("ALBEDO_ADMIN_EMAIL", ADMIN),
                ("ALBEDO_ADMIN_PASSWORD", PASSWORD),
                ("ALBEDO_WORKERS", "2"),
            ],
        );
        let (mut lost, mut replayed, mut made) = (0, 0, 0);
        for kill in 0..KILLS {
            let mut app = server();
            let (client, url) = (Client::new(), app.url());
            let token = token(&client, &url).await;
            // Each sends on until it is cut off, and remembers what it does not know the outcome of.
            let unknown = join_all((0..WRITERS).map(|writer| writes_until_killed(&client, &url, &token, kill, writer)));
            // One more never listens. In half of the rounds its row is waited for, so that its answer is lost for sure.
            let deaf = format!("city {kill} deaf");
            let killed = async {
                let _connection = send_and_turn_away(&app, &token, &deaf).await;
                if kill % 2 == 0 {
                    sleep(Duration::from_millis(2 + kill as u64)).await;
                } else {
                    while counted(&database, &deaf).await.0 == 0 {}
                }
                app.signal(Signal::SIGKILL).unwrap();
            };
            let (mut unknown, ()) = tokio::join!(unknown, killed);
            unknown.push((0, deaf));
            app.wait(Duration::from_secs(10)).unwrap();
            drop(app);
            let app = server();
            let (client, url) = (Client::new(), app.url());
            let token = self::token(&client, &url).await;
            for (done, name) in unknown {
                made += i64::try_from(done).unwrap() + 1;
                lost += 1;
                let (was_made, first) = send(&client, &url, &token, &name).await.unwrap();
                assert_eq!(first.0, StatusCode::CREATED, "{name}");
                replayed += usize::from(was_made);
                assert_eq!(send(&client, &url, &token, &name).await.unwrap(), (true, first));
            }
        }
        // As many rows as names: none lost, none twice.
        assert_eq!(counted(&database, "%").await, (made, made));
        assert!(replayed >= KILLS / 2, "{replayed} of {lost} had been made when the server was killed");
        println!("{KILLS} kills, {made} writes, {lost} without an answer, of which {replayed} had been made");
    }
}

/// Sends a write and listens to nothing; the connection stays open while it is held.
async fn send_and_turn_away(app: &AppProcess, token: &str, name: &str) -> TcpStream {
    let (body, key) = (json!({"name": name, "country_code": "PT"}).to_string(), name.replace(' ', "-"));
    let request = format!(
        "POST {CITIES} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\nidempotency-key: {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = TcpStream::connect(("127.0.0.1", app.port())).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    connection
}

/// How many cities have a name like this, and how many names they have.
async fn counted(database: &TestDatabase, name: &str) -> (i64, i64) {
    let database = database.open().await;
    let sql = format!("SELECT count(*) AS total, count(DISTINCT name) AS names FROM cities WHERE name LIKE '{name}'");
    let statement = Statement::from_string(database.read().get_database_backend(), sql);
    let row = database.read().query_one_raw(statement).await.unwrap().unwrap();
    (row.try_get("", "total").unwrap(), row.try_get("", "names").unwrap())
}

/// Writes one city after another, until no answer comes: how many were answered, and the name of the last one.
async fn writes_until_killed(client: &Client, url: &str, token: &str, kill: usize, writer: usize) -> (usize, String) {
    let mut done = 0;
    loop {
        let name = format!("city {kill} {writer} {done}");
        match send(client, url, token, &name).await {
            Ok((_, (status, ..))) => assert_eq!(status, StatusCode::CREATED, "{name}"),
            Err(_) => return (done, name),
        }
        done += 1;
    }
}

/// Whether it was made before, and all of the answer: one that breaks off is none.
async fn send(client: &Client, url: &str, token: &str, name: &str) -> Result<(bool, Told), reqwest::Error> {
    let request = client.post(format!("{url}{CITIES}")).bearer_auth(token);
    let request = request.header("idempotency-key", name.replace(' ', "-"));
    let response = request.json(&json!({"name": name, "country_code": "PT"})).send().await?;
    Ok((is_replayed(&response), try_told(response).await?))
}

async fn token(client: &Client, url: &str) -> String {
    let body = json!({"email": ADMIN, "password": PASSWORD});
    let granted = client.post(format!("{url}/api/v1/auth/login")).json(&body).send().await.unwrap();
    granted.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned()
}
