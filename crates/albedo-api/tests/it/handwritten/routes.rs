//! Routes beside the generated ones, put together by hand: below a row, below a list, for some alone.

use albedo_api::routes;
use albedo_core::field::{Field, Kind};
use albedo_entities::{Role, value};
use albedo_http::controllers::{Own, OwnRequest};
use albedo_http::error::ApiError;
use albedo_http::routes::Api;
use albedo_services::served;
use albedo_services::{Access, ServiceError};
use albedo_testing::on_both_databases;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{NOTES, note};
use crate::support::{TestApp, faults, header};

static SEEN: [Field; 1] =
    [Field { example: Some("1"), ..Field::shown("parents", Kind::Integer64, "How many the path names.") }];

/// Tells how many parents the path has, and that a list is no row.
async fn parents(asked: OwnRequest) -> Result<Value, ApiError> {
    assert!(asked.id.is_nil() && asked.body.is_null());
    Ok(json!({"parents": asked.parents.len()}))
}

/// Tells what was sent, or breaks as a handler may.
async fn echo(asked: OwnRequest) -> Result<Value, ApiError> {
    match asked.body.get("text").and_then(Value::as_str) {
        Some("panic") => panic!("the handler breaks"),
        Some("forbidden") => Err(ServiceError::Forbidden.into()),
        _ => Ok(asked.body),
    }
}

fn of_values(name: &'static str) -> Own {
    Own::get_of_list(value::Entity, name, parents).says("Count", "Its parents.").answers("Seen", "It.", &SEEN)
}

static ASKED: [Field; 2] = [
    Field { example: Some("3"), ..Field::sent("times", Kind::Integer32, "How often.") },
    Field { required: false, default: Some("true"), ..Field::sent("loud", Kind::Boolean, "Whether it is heard.") },
];

/// Tells what was asked for.
async fn asked(asked: OwnRequest) -> Result<Value, ApiError> {
    Ok(asked.query.into())
}

fn of_notes(name: &'static str) -> Own {
    Own::post_of_row(note::Entity, name, echo)
        .says("Echo a note", "As it was sent.")
        .takes::<note::CreateNote>("Echoed", "What comes back.")
        .answers("Seen", "It.", &SEEN)
}

fn api(own: Vec<Own>) -> Api {
    let mut api = routes::api();
    api.resources.push(served::<note::Entity>());
    api.own.extend(own);
    api
}

on_both_databases! {
    async fn a_route_below_a_list_is_found_below_ones_own_parents_alone(database: TestDatabase) {
        let app = TestApp::start_serving(database, api(vec![of_values("depth")]), &[]).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let id = |made: Value| made["id"].as_str().unwrap().to_owned();
        let assistant = format!("/api/v1/assistants/{}", id(ada.create("/api/v1/assistants", json!({"name": "Desk"})).await));
        let entity = json!({"name": "city", "kind": "list"});
        let entity = format!("{assistant}/entities/{}", id(ada.create(&format!("{assistant}/entities"), entity).await));
        let depth = format!("{entity}/values/depth");
        assert_eq!(ada.read(&depth).await, json!({"parents": 2}));
        faults(eve.get(&depth).await, StatusCode::NOT_FOUND).await;
        faults(ada.get(&format!("{assistant}/entities/x/values/depth")).await, StatusCode::BAD_REQUEST).await;
    }

    async fn a_route_below_a_row_asks_for_its_role_and_its_row(database: TestDatabase) {
        let own = vec![of_notes("echo"), of_notes("order").for_those_who(Access::As(Role::Admin))];
        let app = TestApp::start_serving(database, api(own), &[]).await;
        note::create_table(app.database()).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let note = format!("{NOTES}/{}", ada.create(NOTES, json!({"text": "Lift"})).await["id"].as_str().unwrap());
        let echo = format!("{note}/echo");
        let answer = ada.post(&echo, json!({"text": "hello"})).await;
        assert_eq!((answer.status(), answer.json::<Value>().await.unwrap()), (StatusCode::OK, json!({"text": "hello"})));
        faults(eve.post(&echo, json!({})).await, StatusCode::NOT_FOUND).await;
        faults(ada.post(&format!("{note}/order"), json!({})).await, StatusCode::FORBIDDEN).await;
        faults(ada.post(&echo, json!({"text": "forbidden"})).await, StatusCode::FORBIDDEN).await;
        faults(ada.post(&echo, json!({"text": "panic"})).await, StatusCode::INTERNAL_SERVER_ERROR).await;
        let broken = ada.request(Method::POST, &echo).header("content-type", "application/json").body("{").send().await;
        faults(broken.unwrap(), StatusCode::BAD_REQUEST).await;
        assert_eq!(header(&ada.get(&echo).await, "allow"), Some("POST, OPTIONS"));
    }
}

on_both_databases! {
    async fn a_query_is_held_against_its_fields(database: TestDatabase) {
        let own = Own::get_of_list(note::Entity, "echoes", asked).says("Ask", "It.").answers("Seen", "It.", &SEEN);
        let app = TestApp::start_serving(database, api(vec![own.asks(&ASKED)]), &[]).await;
        let ada = app.user("ada").await;
        let echoes = format!("{NOTES}/echoes");
        assert_eq!(ada.read(&format!("{echoes}?times=3")).await, json!({"times": 3, "loud": true}));
        let told = faults(ada.get(&format!("{echoes}?loud=maybe&how=1")).await, StatusCode::BAD_REQUEST).await;
        let expected = [("how", "unknown"), ("times", "required"), ("loud", "wrong_type")];
        assert_eq!(told, expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
        let document = app.request(Method::GET, "/api/openapi.json").send().await.unwrap();
        let document: Value = document.json().await.unwrap();
        let parameters = &document["paths"]["/api/v1/notes/echoes"]["get"]["parameters"];
        assert_eq!((&parameters[0]["name"], &parameters[0]["required"]), (&json!("times"), &json!(true)));
        assert_eq!(parameters[1]["schema"]["default"], true);
    }
}

#[test]
fn a_route_that_would_hide_another_is_refused_at_the_start() {
    assert_eq!(api(vec![of_notes("echo"), of_values("depth")]).check(), Ok(()));
    let refused = |own: Own| api(vec![own]).check().unwrap_err().to_string();
    let verb = "the verb notes.pin and the route notes.pin are both /notes/{}/pin; one of them needs another name";
    assert_eq!(refused(of_notes("pin")), verb);
    let bulk = "/assistants/{}/entities/{}/values/bulk; one of them needs another name";
    assert!(refused(of_values("bulk")).ends_with(bulk));
    let twice = api(vec![of_values("depth"), of_values("depth")]).check();
    assert!(twice.is_err());
}

#[test]
fn a_route_of_a_resource_that_is_not_served_is_refused_at_the_start() {
    let refused = Api { resources: Vec::new(), own: vec![of_notes("echo")] }.check().unwrap_err().to_string();
    let told = "the route /notes/{note_id}/echo stands at the resource note, which is not served";
    assert_eq!(refused, format!("{told}; give that a line beside the others"));
}
