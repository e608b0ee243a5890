//! The notes' own verbs: what goes around any change goes around them, by their declaration alone.

use albedo_entities::Role;
use albedo_http::openapi;
use albedo_http::routes::Api;
use albedo_services::served;
use albedo_testing::on_both_databases;
use futures_util::future::join_all;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::{NOTES, note, serve};
use crate::support::{TestUser, faults, header};

/// The path of a new note.
async fn note(user: &TestUser<'_>, text: &str) -> String {
    format!("{NOTES}/{}", user.create(NOTES, json!({"text": text})).await["id"].as_str().unwrap())
}

/// A verb of whatever state the note is in.
async fn act(user: &TestUser<'_>, path: &str, body: Value) -> Response {
    user.request(Method::POST, path).header("if-match", "*").json(&body).send().await.unwrap()
}

fn fault(place: &str, code: &str) -> [(String, String); 1] {
    [(place.to_owned(), code.to_owned())]
}

on_both_databases! {
    async fn a_verb_changes_its_row_and_answers_it(database: TestDatabase) {
        let app = serve(database).await;
        let ada = app.user("ada").await;
        let path = note(&ada, "Lift").await;
        // Read before, so that a cache that was not told would show the old one.
        ada.read(&path).await;
        let response = ada.request(Method::POST, &format!("{path}/append-words/")).header("if-match", "\"1\"");
        let response = response.json(&json!({"words": "broken"})).send().await.unwrap();
        assert_eq!((response.status(), header(&response, "etag")), (StatusCode::OK, Some("\"2\"")));
        assert_eq!(header(&response, "cache-control"), Some("private, no-cache"));
        let changed: Value = response.json().await.unwrap();
        assert_eq!((&changed["text"], &changed["version"]), (&json!("Lift broken"), &json!(2)));
        assert_ne!(changed["updated_at"], changed["created_at"]);
        assert_eq!(ada.read(&path).await, changed);

        // Without fields there is no body, and what is sent for one is not looked at.
        let pin = ada.request(Method::POST, &format!("{path}/pin")).header("if-match", "*");
        let pinned: Value = pin.body("no JSON").send().await.unwrap().json().await.unwrap();
        assert_eq!((&pinned["pinned"], &pinned["version"]), (&json!(true), &json!(3)));
        let against = act(&ada, &format!("{path}/append-words"), json!({"words": "again"})).await;
        assert_eq!(faults(against, StatusCode::CONFLICT).await, fault("note_id", "contradiction"));
        assert_eq!(ada.read(&path).await, pinned);
    }

    async fn whatever_is_wrong_is_told_before_anything_is_done(database: TestDatabase) {
        let app = serve(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let path = note(&ada, "Lift").await;
        let append = format!("{path}/append-words");
        let words = || json!({"words": "broken"});
        faults(ada.post(&append, words()).await, StatusCode::PRECONDITION_REQUIRED).await;
        let stale = ada.request(Method::POST, &append).header("if-match", "\"7\"").json(&words()).send().await.unwrap();
        faults(stale, StatusCode::PRECONDITION_FAILED).await;
        let wrong = act(&ada, &append, json!({"words": "a word too many, and too long", "by": "ada"})).await;
        let told = faults(wrong, StatusCode::UNPROCESSABLE_ENTITY).await;
        let expected = [("/by", "unknown"), ("/words", "too_long"), ("/words", "invalid_format")];
        assert_eq!(told, expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
        let empty = act(&ada, &append, json!({})).await;
        assert_eq!(faults(empty, StatusCode::UNPROCESSABLE_ENTITY).await, fault("/words", "required"));
        faults(act(&ada, &format!("{append}?dry=1"), words()).await, StatusCode::BAD_REQUEST).await;
        faults(act(&ada, &format!("{NOTES}/1/append-words"), words()).await, StatusCode::BAD_REQUEST).await;
        let plain = ada.request(Method::POST, &append).header("if-match", "*").body("words").send().await.unwrap();
        faults(plain, StatusCode::UNSUPPORTED_MEDIA_TYPE).await;

        faults(act(&eve, &append, words()).await, StatusCode::NOT_FOUND).await;
        faults(act(&ada, &format!("{path}/frame"), words()).await, StatusCode::NOT_FOUND).await;
        let nobody = app.request(Method::POST, &append).json(&words()).send().await.unwrap();
        faults(nobody, StatusCode::UNAUTHORIZED).await;
        let get = ada.get(&append).await;
        assert_eq!(header(&get, "allow"), Some("POST, OPTIONS"));
        faults(get, StatusCode::METHOD_NOT_ALLOWED).await;
        let options = ada.request(Method::OPTIONS, &append).send().await.unwrap();
        assert_eq!((options.status(), header(&options, "allow")), (StatusCode::NO_CONTENT, Some("POST, OPTIONS")));
        assert_eq!(ada.read(&path).await["version"], 1);
    }

    async fn a_verb_may_ask_for_another_role_than_other_writes(database: TestDatabase) {
        let app = serve(database).await;
        let (editor, viewer) = (app.user_as(Role::Editor).await, app.user_as(Role::Viewer).await);
        let path = note(&editor, "Lift").await;
        faults(act(&editor, &format!("{path}/censor"), json!({})).await, StatusCode::FORBIDDEN).await;
        faults(act(&viewer, &format!("{path}/pin"), json!({})).await, StatusCode::FORBIDDEN).await;
        let admin = app.admin().await;
        let own = note(&admin, "Stairs").await;
        assert_eq!(act(&admin, &format!("{own}/censor"), json!({})).await.status(), StatusCode::OK);
        // The role is no key to the rows of others.
        faults(act(&admin, &format!("{path}/censor"), json!({})).await, StatusCode::NOT_FOUND).await;
    }

    async fn on_trial_nothing_is_kept_and_for_a_key_it_is_done_once(database: TestDatabase) {
        let app = serve(database).await;
        let ada = app.user("ada").await;
        let path = note(&ada, "Lift").await;
        let append = format!("{path}/append-words");
        let trial = act(&ada, &format!("{append}?dry_run=true"), json!({"words": "broken"})).await;
        assert_eq!((trial.status(), header(&trial, "dry-run")), (StatusCode::OK, Some("true")));
        assert_eq!(trial.json::<Value>().await.unwrap()["text"], "Lift broken");
        assert_eq!(ada.read(&path).await["text"], "Lift");

        let keyed = async |body: Value| {
            let request = ada.request(Method::POST, &append).header("if-match", "\"1\"").header("idempotency-key", "k");
            request.json(&body).send().await.unwrap()
        };
        let all = join_all((0..8).map(|_| keyed(json!({"words": "broken"})))).await;
        let first = all.iter().filter(|response| header(response, "idempotency-replayed").is_none()).count();
        assert_eq!(first, 1);
        for response in all {
            assert_eq!((response.status(), header(&response, "etag")), (StatusCode::OK, Some("\"2\"")));
            assert_eq!(response.json::<Value>().await.unwrap(), ada.read(&path).await);
        }
        let other = faults(keyed(json!({"words": "mended"})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(other, fault("Idempotency-Key", "key_reused"));
    }

    async fn many_at_once_lose_nothing_of_each_other(database: TestDatabase) {
        let app = serve(database).await;
        let ada = app.user("ada").await;
        let path = note(&ada, "Lift").await;
        let append = format!("{path}/append-words");
        let all = join_all((0..20).map(|number| act(&ada, &append, json!({"words": format!("w{number}")})))).await;
        assert!(all.iter().all(|response| response.status() == StatusCode::OK));
        let note = ada.read(&path).await;
        let mut words: Vec<_> = note["text"].as_str().unwrap().split(' ').collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!((words.len(), &note["version"]), (21, &json!(21)));
    }

    async fn a_verb_that_changes_nothing_leaves_the_state(database: TestDatabase) {
        let app = serve(database).await;
        let ada = app.user("ada").await;
        let path = note(&ada, "Lift").await;
        faults(act(&ada, &format!("{path}/append-words"), json!({"words": null})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        let other = note(&ada, "Lift broken").await;
        let taken = act(&ada, &format!("{path}/append-words"), json!({"words": "broken"})).await;
        assert_eq!(faults(taken, StatusCode::CONFLICT).await, fault("/text", "taken"));
        assert_eq!((&ada.read(&path).await["version"], &ada.read(&other).await["version"]), (&json!(1), &json!(1)));
    }
}

#[test]
fn the_document_tells_of_them() {
    let api = Api { resources: vec![served::<note::Entity>()], ..Api::default() };
    assert_eq!(api.check(), Ok(()));
    let document: Value = serde_json::from_slice(&openapi::json(&api)).unwrap();
    let append = &document["paths"]["/api/v1/notes/{note_id}/append-words"]["post"];
    assert_eq!(append["operationId"], "notes.append-words");
    let body = "#/components/schemas/AppendWordsNote";
    assert_eq!(append["requestBody"]["content"]["application/json"]["schema"]["$ref"], body);
    let schema = &document["components"]["schemas"]["AppendWordsNote"];
    assert_eq!((&schema["required"], &schema["properties"]["words"]["maxLength"]), (&json!(["words"]), &json!(20)));
    assert_eq!(schema["additionalProperties"], false);
    let statuses =
        |operation: &Value| operation["responses"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let all = "200 400 401 403 404 406 408 409 412 413 415 422 428 429 500 503";
    assert_eq!(statuses(append), all);
    let pin = &document["paths"]["/api/v1/notes/{note_id}/pin"]["post"];
    assert_eq!(
        (pin.get("requestBody"), &*statuses(pin)),
        (None, "200 400 401 403 404 406 409 412 422 428 429 500 503")
    );
    assert!(
        document["paths"]["/api/v1/notes/{note_id}/censor"]["post"]["description"]
            .as_str()
            .unwrap()
            .ends_with("Takes the role admin.")
    );
    let links = &document["paths"]["/api/v1/notes"]["post"]["responses"]["201"]["links"];
    assert_eq!(links["notes.pin"]["parameters"]["note_id"], "$response.body#/id");
}

#[test]
fn what_would_hide_something_else_is_refused_at_the_start() {
    let notes = served::<note::Entity>();
    let clash = Api { resources: vec![notes, notes], ..Api::default() }.check().unwrap_err();
    assert_eq!(
        clash.to_string(),
        "the resource note and the resource note are both /notes; one of them needs another name"
    );
}
