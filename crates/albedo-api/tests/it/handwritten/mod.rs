//! A resource written by hand, served by the public pieces: the macro saves lines and adds nothing.

mod note;
mod routes;
mod verbs;

use albedo_entities::Resource as _;
use albedo_http::openapi;
use albedo_http::routes::Api;
use albedo_services::served;
use albedo_testing::{TestDatabase, on_both_databases};
use reqwest::StatusCode;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};

use crate::support::{TestApp, faults, header};

const NOTES: &str = "/api/v1/notes";

/// All that is served anyway, and the notes.
async fn serve(database: TestDatabase) -> TestApp {
    let mut api = albedo_api::routes::api();
    api.resources.push(served::<note::Entity>());
    let app = TestApp::start_serving(database, api, &[]).await;
    note::create_table(app.database()).await;
    app
}

on_both_databases! {
    async fn the_five_verbs_serve_it(database: TestDatabase) {
        let app = serve(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let city = ada.create("/api/v1/cities", json!({"name": "Porto", "country_code": "PT"})).await;
        let response = ada.post(NOTES, json!({"text": "Ask about the lift", "city_id": city["id"]})).await;
        assert_eq!((response.status(), header(&response, "etag")), (StatusCode::CREATED, Some("\"1\"")));
        let path = header(&response, "location").unwrap().to_owned();
        let made: Value = response.json().await.unwrap();
        assert_eq!((&made["city_id"], &made["pinned"], made.get("owner_id")), (&city["id"], &json!(false), None));
        assert_eq!(ada.read(&path).await, made);

        let listed = ada.read(&format!("{NOTES}?expand=city")).await;
        assert_eq!(listed["items"][0]["city"], city);

        // It says so itself: no change without the state that is changed.
        faults(ada.patch(&path, json!({"pinned": true})).await, StatusCode::PRECONDITION_REQUIRED).await;
        let patch = ada.request(reqwest::Method::PATCH, &path).header("if-match", "\"1\"");
        let patched: Value = patch.json(&json!({"pinned": true, "city_id": null})).send().await.unwrap().json().await.unwrap();
        assert_eq!((&patched["pinned"], &patched["city_id"], &patched["version"]), (&json!(true), &Value::Null, &json!(2)));

        assert_eq!(ada.read(&format!("{path}?expand=city")).await["city"], Value::Null);
        ada.create(NOTES, json!({"text": "Zebra"})).await;
        let list = ada.read(NOTES).await;
        assert_eq!((&list["total"], &list["items"][0]), (&json!(2), &patched), "the pinned ones come first");
        assert_eq!(ada.read(&format!("{NOTES}?q=LIFT&pinned=true")).await["items"], json!([patched]));

        assert_eq!(eve.read(NOTES).await["total"], 0);
        faults(eve.get(&path).await, StatusCode::NOT_FOUND).await;
        let response = ada.delete(&path).await;
        assert_eq!(header(&response, "allow"), Some("GET, HEAD, PATCH, OPTIONS"));
        faults(response, StatusCode::METHOD_NOT_ALLOWED).await;
    }

    async fn an_object_that_nobody_sees_is_merged_with_what_is_stored(database: TestDatabase) {
        let app = serve(database).await;
        let ada = app.user("ada").await;
        let made = ada.create(NOTES, json!({"text": "One", "reminders": {"bell": 1, "light": 2}})).await;
        assert_eq!(made.get("reminders"), None);
        let path = format!("{NOTES}/{}", made["id"].as_str().unwrap());
        let patch = async |body: Value| {
            let patch = ada.request(reqwest::Method::PATCH, &path).header("if-match", "*");
            patch.json(&json!({"reminders": body})).send().await.unwrap()
        };
        assert_eq!(patch(json!({"light": null, "horn": 3})).await.status(), StatusCode::OK);
        let stored = note::Entity::find().one(app.database().open().await.read()).await.unwrap().unwrap();
        assert_eq!(serde_json::to_value(&stored.reminders).unwrap(), json!({"bell": 1, "horn": 3}));
        let refused = faults(patch(json!({"a": 1, "b": 2})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(refused, [("/reminders".to_owned(), "too_many".to_owned())]);
    }

    async fn its_faults_are_told_by_field(database: TestDatabase) {
        let app = serve(database).await;
        let ada = app.user("ada").await;
        let fault = |place: &str, code: &str| [(place.to_owned(), code.to_owned())];
        let nobody = "01a20674-1715-76ed-8847-8036cb1fa3c5";
        let made = ada.create(NOTES, json!({"text": "One"})).await;
        let path = format!("{NOTES}/{}", made["id"].as_str().unwrap());
        let conflict = StatusCode::CONFLICT;
        assert_eq!(faults(ada.post(NOTES, json!({"text": "One"})).await, conflict).await, fault("/text", "taken"));
        let response = ada.post(NOTES, json!({"text": "Two", "city_id": nobody})).await;
        assert_eq!(faults(response, conflict).await, fault("/city_id", "not_found"));
        let patch = ada.request(reqwest::Method::PATCH, &path).header("if-match", "*");
        let response = patch.json(&json!({"city_id": nobody})).send().await.unwrap();
        assert_eq!(faults(response, conflict).await, fault("/city_id", "not_found"));
        let response = ada.post(NOTES, json!({"owner_id": nobody, "text": "", "pinned": 1, "city_id": "x"})).await;
        assert_eq!(faults(response, StatusCode::UNPROCESSABLE_ENTITY).await.len(), 4);

        // And the other side of the reference.
        let city = ada.create("/api/v1/cities", json!({"name": "Porto", "country_code": "PT"})).await;
        ada.create(NOTES, json!({"text": "Three", "city_id": city["id"]})).await;
        let response = ada.delete(&format!("/api/v1/cities/{}", city["id"].as_str().unwrap())).await;
        assert_eq!(faults(response, conflict).await, fault("city_id", "in_use"));
    }
}

#[test]
fn its_table_fits_and_the_document_tells_of_it() {
    let description = note::Entity::description();
    for field in description.fields {
        assert_eq!(field.misfit(), None, "{}", field.name);
    }
    let api = Api { resources: vec![served::<note::Entity>()], ..Api::default() };
    let document: Value = serde_json::from_slice(&openapi::json(&api)).unwrap();
    assert_eq!(document["paths"]["/api/v1/notes"]["get"]["operationId"], "notes.list");
    assert!(document["paths"]["/api/v1/notes/{note_id}"].get("delete").is_none());
}
