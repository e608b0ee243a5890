//! Bulks: many operations as a whole, and which of them is at fault.

use std::collections::BTreeMap;

use albedo_testing::{Backend, TestDatabase, on_both_databases};
use futures_util::future::join_all;
use reqwest::{Method, Response, StatusCode};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::{ASSISTANTS, CITIES, Tree, row};
use crate::support::{TestApp, TestUser, faults, header};

const BULK: &str = "/api/v1/cities/bulk";
const USERS: &str = "/api/v1/users";

async fn bulk(user: &TestUser<'_>, path: &str, operations: Value) -> Response {
    user.post(path, json!({"operations": operations})).await
}

/// The results of a bulk that was made.
async fn made(response: Response) -> Vec<Value> {
    assert_eq!(response.status(), StatusCode::OK);
    response.json::<Value>().await.unwrap()["results"].as_array().unwrap().clone()
}

fn create(name: &str) -> Value {
    json!({"op": "create", "body": {"name": name, "country_code": "PT"}})
}

#[expect(clippy::needless_pass_by_value, reason = "a body is written where it is sent")]
fn update(row: &Value, body: Value) -> Value {
    json!({"op": "update", "id": row["id"], "body": body})
}

fn delete(row: &Value) -> Value {
    json!({"op": "delete", "id": row["id"]})
}

fn owned(places: &[(&str, &str)]) -> Vec<(String, String)> {
    places.iter().map(|(place, code)| ((*place).to_owned(), (*code).to_owned())).collect()
}

/// As many cities as names.
async fn cities(user: &TestUser<'_>, names: &[&str]) -> Vec<Value> {
    let operations = names.iter().map(|name| create(name)).collect();
    made(bulk(user, BULK, operations).await).await.into_iter().map(|result| result["body"].clone()).collect()
}

on_both_databases! {
    async fn operations_of_all_kinds_are_made_in_their_order(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let [porto, faro, braga, evora] = cities(&ada, &["Porto", "Faro", "Braga", "Évora"]).await.try_into().unwrap();
        for city in [&porto, &faro, &braga, &evora] {
            assert_eq!(ada.read(&row(CITIES, city)).await, *city);
        }
        let operations = json!([
            {"op": "update", "id": porto["id"], "if_match": "\"1\"", "body": {"population": 231_962, "latitude": 41.25}},
            update(&faro, json!({"country_code": "ES", "population": null})),
            update(&evora, json!({})),
            delete(&braga),
            create("Braga"),
        ]);
        let results = made(bulk(&ada, BULK, operations).await).await;
        let statuses: Vec<_> = results.iter().map(|result| result["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [200, 200, 200, 204, 201]);
        let tags: Vec<_> = results.iter().map(|result| result["etag"].as_str()).collect();
        assert_eq!(tags, [Some("\"2\""), Some("\"2\""), Some("\"1\""), None, Some("\"1\"")]);
        assert_eq!((&results[3]["id"], results[3].get("body")), (&braga["id"], None));
        for result in results.iter().filter(|result| result.get("body").is_some()) {
            assert_eq!(result["id"], result["body"]["id"]);
            assert_eq!(ada.read(&row(CITIES, &result["body"])).await, result["body"]);
        }
        assert_eq!((&results[0]["body"]["population"], &results[0]["body"]["latitude"]), (&json!(231_962), &json!(41.25)));
        assert_eq!((&results[1]["body"]["country_code"], &results[1]["body"]["name"]), (&json!("ES"), &json!("Faro")));
        assert_eq!(ada.get(&row(CITIES, &braga)).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(ada.read(CITIES).await["total"], 4);
    }

    async fn every_column_is_written_as_by_single_requests(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let bodies = [
            json!({"name": "A", "metadata": {"zz": 1.50, "b": {"é": [1e3, null]}}, "temperature": 0.7, "status": "active"}),
            json!({"name": "B", "description": "d", "language": "pt", "model": "m", "metadata": {}}),
        ];
        let operations = bodies.iter().map(|body| json!({"op": "create", "body": body})).collect();
        let assistants = format!("{ASSISTANTS}/bulk");
        let results = made(bulk(&ada, &assistants, operations).await).await;
        let patches = [
            json!({"metadata": {"zz": null, "a": 2e2}, "temperature": null, "instructions": "Be brief."}),
            json!({"metadata": {"k": "v"}, "status": "archived"}),
        ];
        let rows: Vec<_> = results.iter().map(|result| result["body"].clone()).collect();
        let operations = rows.iter().zip(&patches).map(|(row, patch)| update(row, patch.clone())).collect();
        let results = made(bulk(&ada, &assistants, operations).await).await;
        for ((result, body), patch) in results.iter().zip(&bodies).zip(&patches) {
            let mut body = body.clone();
            body["name"] = json!(format!("single {}", body["name"]));
            let single = row(ASSISTANTS, &ada.create(ASSISTANTS, body).await);
            assert_eq!(ada.patch(&single, patch.clone()).await.status(), StatusCode::OK);
            let (mut single, mut of_bulk) = (ada.read(&single).await, result["body"].clone());
            assert_eq!(ada.read(&row(ASSISTANTS, &of_bulk)).await, of_bulk);
            for name in ["id", "name", "created_at", "updated_at"] {
                single[name].take();
                of_bulk[name].take();
            }
            assert_eq!(single.to_string(), of_bulk.to_string());
        }
    }

    async fn all_that_is_wrong_with_all_bodies_is_told_at_once_and_where(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let [porto] = cities(&ada, &["Porto"]).await.try_into().unwrap();
        let operations = json!([
            create("Faro"),
            {"op": "create", "body": {"name": "", "country_code": "pt", "x": 1}},
            {"op": "create", "id": porto["id"]},
            {"op": "update", "id": porto["id"], "if_match": "3", "body": {"name": null}},
            {"op": "update", "id": "x", "body": 1},
            {"op": "delete", "id": porto["id"], "body": {}},
            {"op": "upsert"},
            {"body": {}},
            7,
        ]);
        let told = faults(bulk(&ada, BULK, operations).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        let expected = owned(&[
            ("/operations/1/body/x", "unknown"),
            ("/operations/1/body/name", "too_short"),
            ("/operations/1/body/country_code", "pattern_mismatch"),
            ("/operations/2/id", "unknown"),
            ("/operations/2/body", "required"),
            ("/operations/3/if_match", "invalid_format"),
            ("/operations/3/body/name", "null_not_allowed"),
            ("/operations/4/id", "invalid_format"),
            ("/operations/4/body", "wrong_type"),
            ("/operations/5/body", "unknown"),
            ("/operations/5/id", "duplicate"),
            ("/operations/6/op", "not_a_choice"),
            ("/operations/7/op", "required"),
            ("/operations/8", "wrong_type"),
        ]);
        assert_eq!(told, expected);
        assert_eq!(ada.read(CITIES).await["total"], 1);
        for (body, place, code) in [
            (json!({}), "/operations", "required"),
            (json!({"operations": []}), "/operations", "required"),
            (json!({"operations": {}}), "/operations", "wrong_type"),
            (json!({"operations": vec![create("x"); 101]}), "/operations", "too_many"),
            (json!([]), "", "wrong_type"),
        ] {
            let told = faults(ada.post(BULK, body).await, StatusCode::UNPROCESSABLE_ENTITY).await;
            assert_eq!(told, owned(&[(place, code)]));
        }
    }

    async fn rows_that_stand_against_it_are_told_by_operation_and_nothing_is_made(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let [porto, faro] = cities(&ada, &["Porto", "Faro"]).await.try_into().unwrap();
        let nobody = json!({"id": uuid::Uuid::now_v7()});
        for (operations, told) in [
            (json!([create("a"), create("Porto"), create("b"), create("a"), create("Faro")]),
             vec![("/operations/1/body/name", "taken"), ("/operations/3/body/name", "taken"), ("/operations/4/body/name", "taken")]),
            (json!([create("a"), update(&nobody, json!({})), delete(&json!({"id": uuid::Uuid::now_v7()})),
                    {"op": "update", "id": faro["id"], "if_match": "\"9\"", "body": {}}]),
             vec![("/operations/1/id", "not_found"), ("/operations/2/id", "not_found"), ("/operations/3/if_match", "contradiction")]),
            (json!([update(&porto, json!({"population": 1})), update(&faro, json!({"name": "Porto"}))]),
             vec![("/operations/1/body/name", "taken")]),
            (json!([create("Braga"), update(&porto, json!({"name": "Braga"}))]), vec![("/operations/1/body/name", "taken")]),
        ] {
            assert_eq!(faults(bulk(&ada, BULK, operations).await, StatusCode::CONFLICT).await, owned(&told));
        }
        assert_eq!(ada.read(CITIES).await["total"], 2);
        assert_eq!(ada.read(&row(CITIES, &porto)).await, porto);
    }

    async fn a_name_that_goes_from_one_row_to_another_goes_in_the_order_asked_for(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let [one, other] = cities(&ada, &["one", "other"]).await.try_into().unwrap();
        let passes = json!([update(&other, json!({"name": "third"})), update(&one, json!({"name": "other"}))]);
        assert_eq!(made(bulk(&ada, BULK, passes).await).await.len(), 2);
        let fails = json!([update(&other, json!({"name": "other"})), update(&one, json!({"name": "one"}))]);
        let told = faults(bulk(&ada, BULK, fails).await, StatusCode::CONFLICT).await;
        assert_eq!(told, owned(&[("/operations/0/body/name", "taken")]));
    }

    async fn rules_are_asked_for_each_operation(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, admin) = (app.user("ada").await, app.admin().await);
        let tree = Tree::grow(&ada, "Desk").await;
        let values = format!("{}/bulk", tree.values);
        let value = |value: &str, patterns: Value| json!({"op": "create", "body": {"value": value, "patterns": patterns}});
        let operations = json!([value("a", json!([])), value("b", json!(["x"])), value("c", json!(["("]))]);
        let told = faults(bulk(&ada, &values, operations).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(told, owned(&[("/operations/2/body/patterns/0", "invalid_format")]), "those of the body alone come first");
        let operations = json!([value("a", json!([])), value("b", json!(["x"])), value("c", json!(["y"]))]);
        let told = faults(bulk(&ada, &values, operations).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(told, owned(&[("/operations/1/body/patterns", "contradiction"), ("/operations/2/body/patterns", "contradiction")]));
        // Rules that look at other rows of the table see what the operations before have done.
        let user = |name: &str| json!({"op": "create", "body":
            {"email": format!("{name}@example.com"), "password": crate::support::PASSWORD, "role": "admin"}});
        let results = made(bulk(&admin, &format!("{USERS}/bulk"), json!([user("one"), user("two")])).await).await;
        let me = admin.read("/api/v1/users/me").await;
        let operations = json!([delete(&results[0]["body"]), delete(&results[1]["body"]), delete(&me)]);
        let told = faults(bulk(&admin, &format!("{USERS}/bulk"), operations).await, StatusCode::CONFLICT).await;
        assert_eq!(told, owned(&[("/operations/2/id", "contradiction")]));
        assert_eq!(admin.read(USERS).await["total"], 4);
    }

    async fn nobody_reaches_another_owners_rows(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let tree = Tree::grow(&ada, "Desk").await;
        let hers = ada.read(&tree.assistant).await;
        let told = faults(bulk(&eve, &format!("{ASSISTANTS}/bulk"), json!([delete(&hers)])).await, StatusCode::CONFLICT).await;
        assert_eq!(told, owned(&[("/operations/0/id", "not_found")]));
        let entity = json!([{"op": "create", "body": {"name": "x", "kind": "list"}}]);
        faults(bulk(&eve, &format!("{}/bulk", tree.entities), entity).await, StatusCode::NOT_FOUND).await;
        faults(bulk(&eve, &format!("{USERS}/bulk"), json!([])).await, StatusCode::FORBIDDEN).await;
        // Soft deletes too.
        assert_eq!(made(bulk(&ada, &format!("{ASSISTANTS}/bulk"), json!([delete(&hers)])).await).await[0]["status"], 204);
        assert_eq!(ada.get(&tree.value).await.status(), StatusCode::NOT_FOUND);
        let restored = ada.request(Method::POST, &format!("{}/restore", tree.assistant)).send().await.unwrap();
        assert_eq!(restored.status(), StatusCode::OK);
    }

    async fn keys_and_trials_hold_for_the_whole(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let body = json!({"operations": [create("a"), create("b")]});
        let response = ada.post(&format!("{BULK}?dry_run=true"), body.clone()).await;
        assert_eq!(header(&response, "dry-run"), Some("true"));
        assert_eq!(made(response).await.len(), 2);
        assert_eq!(ada.read(CITIES).await["total"], 0);
        let send = || ada.request(Method::POST, BULK).header("idempotency-key", "k").json(&body).send();
        let responses = join_all((0..6).map(|_| async { send().await.unwrap() })).await;
        let replayed = responses.iter().filter(|response| header(response, "idempotency-replayed") == Some("true"));
        assert_eq!(replayed.count(), 5);
        let mut bodies = join_all(responses.into_iter().map(|response| async { response.bytes().await.unwrap() })).await;
        bodies.dedup();
        assert_eq!((bodies.len(), &ada.read(CITIES).await["total"]), (1, &json!(2)));
    }

    async fn bulks_that_want_the_same_rows_end_one_after_another(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let names: Vec<_> = (0..20).map(|number| format!("city {number}")).collect();
        let rows = cities(&ada, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let bulks = (0..8).map(|writer| {
            let mut operations: Vec<_> = rows.iter().map(|row| update(row, json!({"population": writer}))).collect();
            if writer % 2 == 1 {
                operations.reverse();
            }
            bulk(&ada, BULK, json!(operations))
        });
        let mut statuses = BTreeMap::new();
        for response in join_all(bulks).await {
            *statuses.entry(response.status().as_u16()).or_insert(0) += 1;
        }
        assert_eq!(statuses, BTreeMap::from([(200, 8)]));
        let list = ada.read(CITIES).await;
        let items = list["items"].as_array().unwrap();
        assert!(items.iter().all(|item| item["version"] == 9 && item["population"] == items[0]["population"]));
    }
}

/// Statements that wrote cities, as the server itself counts them.
async fn statements(database: &TestDatabase) -> i64 {
    let opened = database.open().await;
    let counted = Statement::from_string(opened.read().get_database_backend(), "SELECT count(*) AS n FROM written");
    opened.read().query_one_raw(counted).await.unwrap().unwrap().try_get("", "n").unwrap()
}

#[tokio::test]
async fn a_longer_bulk_of_values_asks_no_more_often_what_kind_their_entity_is() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let Some(database) = TestDatabase::create(backend).await else { continue };
        let app = TestApp::start_with(database, &[("ALBEDO_METRICS", "on")]).await;
        let ada = app.user("ada").await;
        let tree = Tree::grow(&ada, "Desk").await;
        let mut taken = Vec::new();
        for count in [2, 100] {
            let create =
                |number| json!({"op": "create", "body": {"value": format!("{count} {number}"), "synonyms": ["x"]}});
            let before = app.statements().await;
            let made = made(bulk(&ada, &format!("{}/bulk", tree.values), (0..count).map(create).collect()).await).await;
            assert_eq!(made.len(), count);
            taken.push(app.statements().await - before);
        }
        assert_eq!(taken[0], taken[1], "{backend:?}");
    }
}

#[tokio::test]
async fn a_hundred_operations_of_one_kind_are_one_statement() {
    let Some(database) = TestDatabase::create(Backend::Postgres).await else { return };
    let triggers = "CREATE TABLE written (n serial); \
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO written DEFAULT VALUES; RETURN NULL; END'; \
        CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON cities FOR EACH STATEMENT EXECUTE FUNCTION note()";
    database.open().await.write().execute_unprepared(triggers).await.unwrap();
    let app = TestApp::start(database).await;
    let ada = app.user("ada").await;
    for count in [2, 100] {
        let before = statements(app.database()).await;
        let names: Vec<_> = (0..count).map(|number| format!("city {count} {number}")).collect();
        let rows = cities(&ada, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let names =
            rows.iter().map(|row| update(row, json!({"name": format!("{} anew", row["name"]), "population": 1})));
        assert_eq!(made(bulk(&ada, BULK, names.collect()).await).await.len(), count);
        assert_eq!(made(bulk(&ada, BULK, rows.iter().map(delete).collect()).await).await.len(), count);
        assert_eq!(statements(app.database()).await - before, 3, "{count}");
    }
}
