//! Nested resources: reached through all their parents, up to the owner, or not at all.

use albedo_testing::on_both_databases;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{TestApp, TestUser, faults, header};

const ASSISTANTS: &str = "/api/v1/assistants";

/// An assistant, an entity below it and a value below that, by their ids.
struct Branch {
    assistant: String,
    entity: String,
    value: String,
}

impl Branch {
    async fn grow(user: &TestUser<'_>, name: &str) -> Self {
        let id = |made: &Value| made["id"].as_str().unwrap().to_owned();
        let assistant = id(&user.create(ASSISTANTS, json!({"name": name})).await);
        let entity = id(&user.create(&entities(&assistant), json!({"name": "city", "kind": "list"})).await);
        let value = id(&user.create(&values(&assistant, &entity), json!({"value": "Porto"})).await);
        Self { assistant, entity, value }
    }
}

fn entities(assistant: &str) -> String {
    format!("{ASSISTANTS}/{assistant}/entities")
}

fn values(assistant: &str, entity: &str) -> String {
    format!("{}/{entity}/values", entities(assistant))
}

/// Every verb on a list and on a row of it.
async fn every_verb(user: &TestUser<'_>, list: &str, id: &str, body: Value) -> Vec<Response> {
    let row = format!("{list}/{id}");
    vec![
        user.get(list).await,
        user.post(list, body).await,
        user.get(&row).await,
        user.patch(&row, json!({})).await,
        user.delete(&row).await,
    ]
}

on_both_databases! {
    async fn a_nested_row_is_where_its_parents_are(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let branch = Branch::grow(&ada, "Desk").await;
        let list = values(&branch.assistant, &branch.entity);
        let response = ada.post(&list, json!({"value": "Faro", "synonyms": ["Faaro"]})).await;
        let location = header(&response, "location").unwrap().to_owned();
        let made: Value = response.json().await.unwrap();
        assert_eq!(location, format!("{list}/{}", made["id"].as_str().unwrap()));
        assert_eq!((&made["entity_id"], made.get("value_key")), (&json!(branch.entity), None));
        assert_eq!(ada.read(&location).await, made);
        assert_eq!(ada.read(&list).await["total"], 2);
        assert_eq!(ada.read(&format!("{list}?q=fa")).await["items"], json!([made]));
    }

    async fn somebody_elses_branch_is_not_there(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, eve, admin) = (app.user("ada").await, app.user("eve").await, app.admin().await);
        let branch = Branch::grow(&ada, "Desk").await;
        Branch::grow(&eve, "Desk").await;
        let (entities, values) = (entities(&branch.assistant), values(&branch.assistant, &branch.entity));
        for other in [&eve, &admin] {
            for response in every_verb(other, &entities, &branch.entity, json!({"name": "mine", "kind": "list"})).await {
                faults(response, StatusCode::NOT_FOUND).await;
            }
            for response in every_verb(other, &values, &branch.value, json!({"value": "mine"})).await {
                faults(response, StatusCode::NOT_FOUND).await;
            }
        }
        assert_eq!((&ada.read(&entities).await["total"], &ada.read(&values).await["total"]), (&json!(1), &json!(1)));
    }

    async fn a_row_is_not_reached_through_the_wrong_parents(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let (one, two) = (Branch::grow(&ada, "One").await, Branch::grow(&ada, "Two").await);
        let hers = Branch::grow(&eve, "Hers").await;
        // The entity of one assistant below another, ones own or somebody else's.
        for (assistant, entity, value) in [
            (&two.assistant, &one.entity, &one.value),
            (&one.assistant, &two.entity, &one.value),
            (&one.assistant, &hers.entity, &hers.value),
            (&hers.assistant, &one.entity, &one.value),
            (&one.entity, &one.assistant, &one.value),
        ] {
            for response in every_verb(&ada, &values(assistant, entity), value, json!({"value": "Faro"})).await {
                faults(response, StatusCode::NOT_FOUND).await;
            }
            faults(ada.get(&format!("{}/{entity}", entities(assistant))).await, StatusCode::NOT_FOUND).await;
        }
        faults(
            ada.get(&format!("{}/{}", values(&two.assistant, &two.entity), one.value)).await,
            StatusCode::NOT_FOUND,
        )
        .await;
        for branch in [&one, &two] {
            assert_eq!(ada.read(&values(&branch.assistant, &branch.entity)).await["total"], 1);
        }
    }

    async fn a_missing_parent_is_named_and_no_empty_list(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let branch = Branch::grow(&ada, "Desk").await;
        let nobody = "01a20674-1715-76ed-8847-8036cb1fa3c5";
        for (list, body, name) in [
            (entities(nobody), json!({"name": "city", "kind": "list"}), "assistant"),
            (values(nobody, &branch.entity), json!({"value": "Faro"}), "entity"),
            (values(&branch.assistant, nobody), json!({"value": "Faro"}), "entity"),
        ] {
            for response in [ada.get(&list).await, ada.get(&format!("{list}?page=7")).await, ada.post(&list, body).await] {
                assert_eq!(response.status(), StatusCode::NOT_FOUND, "{list}");
                let problem: Value = response.json().await.unwrap();
                assert!(problem["detail"].as_str().unwrap().contains(name), "{problem}");
            }
        }
        // Faults of the body come first: who sends nonsense need not know what there is.
        faults(ada.post(&entities(nobody), json!({})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    }

    async fn every_id_of_a_path_that_is_none_is_told(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let told = faults(ada.get(&format!("{}/3", values("1", "2"))).await, StatusCode::BAD_REQUEST).await;
        let told: Vec<_> = told.iter().map(|(place, code)| format!("{place} {code}")).collect();
        assert_eq!(told, ["assistant_id", "entity_id", "value_id"].map(|name| format!("{name} invalid_format")));
        let told = faults(ada.get(&entities("{01a20674-1715-76ed-8847-8036cb1fa3c5}")).await, StatusCode::BAD_REQUEST);
        assert_eq!(told.await, [("assistant_id".to_owned(), "invalid_format".to_owned())]);
    }

    async fn values_fit_the_kind_of_their_entity(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let branch = Branch::grow(&ada, "Desk").await;
        let made = ada.create(&entities(&branch.assistant), json!({"name": "ref", "kind": "pattern"})).await;
        let patterns = values(&branch.assistant, made["id"].as_str().unwrap());
        let lists = values(&branch.assistant, &branch.entity);
        for (list, body, place) in [
            (&lists, json!({"value": "x", "patterns": ["x"]}), "/patterns"),
            (&patterns, json!({"value": "x", "synonyms": ["x"]}), "/synonyms"),
        ] {
            let told = faults(ada.post(list, body).await, StatusCode::UNPROCESSABLE_ENTITY).await;
            assert_eq!(told, [(place.to_owned(), "contradiction".to_owned())]);
        }
        let made = ada.create(&patterns, json!({"value": "ref", "patterns": ["[A-Z]{2}-\\d{4}"], "synonyms": []})).await;
        let path = format!("{patterns}/{}", made["id"].as_str().unwrap());
        let told = faults(ada.patch(&path, json!({"synonyms": ["x"]})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(told, [("/synonyms".to_owned(), "contradiction".to_owned())]);
        // Every pattern that does not run in linear time and small memory is told by its place.
        let body = json!({"value": "x", "patterns": ["a+", "(", "(?=x)", "(a)\\1", "((\\w{50}){50}){50}"]});
        let told = faults(ada.post(&patterns, body).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(told, [1, 2, 3, 4].map(|at| (format!("/patterns/{at}"), "invalid_format".to_owned())));
    }
}
