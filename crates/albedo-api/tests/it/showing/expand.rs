//! `expand`: the rows that relations lead to, by one statement for each relation.

use albedo_entities::Role;
use albedo_testing::on_both_databases;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Vocabulary, text};
use crate::support::{TestApp, faults, header};

/// The row without what stands beside it.
fn without(row: &Value, names: &[&str]) -> Value {
    let mut row = row.as_object().unwrap().clone();
    names.iter().for_each(|name| assert!(row.remove(*name).is_some(), "{name}"));
    Value::Object(row)
}

on_both_databases! {
    async fn a_row_is_shown_with_those_that_relations_lead_to(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let words = Vocabulary::build(&ada, "one", &[3, 0]).await;
        let (assistant, first, second) =
            (ada.read(&words.assistant).await, ada.read(words.entity(0)).await, ada.read(words.entity(1)).await);
        let values = ada.read(&format!("{}/values", words.entity(0))).await;

        let shown = ada.read(&format!("{}?expand=values,assistant", words.entity(0))).await;
        assert_eq!(shown["assistant"], assistant);
        assert_eq!(shown["values"], json!({"items": values["items"], "total": 3}));
        assert_eq!(without(&shown, &["assistant", "values"]), first);

        let shown = ada.read(&format!("{}?expand=entities", words.assistant)).await;
        assert_eq!(shown["entities"], json!({"items": [first, second], "total": 2}));
        assert_eq!(without(&shown, &["entities"]), assistant);

        // What is shown with them is what they are shown with themselves; and fields are those of the row alone.
        let value = format!("{}/values/{}", words.entity(0), text(&values["items"][0]["id"]));
        let shown = ada.read(&format!("{value}?fields=value&expand=entity")).await;
        assert_eq!(shown, json!({"id": values["items"][0]["id"], "value": "v0", "entity": first}));
    }

    async fn each_row_of_a_list_is_shown_with_its_own(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let words = Vocabulary::build(&ada, "one", &[2, 0, 25]).await;
        for query in ["", "&cursor=", "&fields=name"] {
            let list = ada.read(&format!("{}?sort=name&expand=values,assistant{query}", words.list())).await;
            let assistant = ada.read(&words.assistant).await;
            for (number, (total, length)) in [(2, 2), (0, 0), (25, 20)].into_iter().enumerate() {
                let (row, values) = (&list["items"][number], format!("{}/values?size=20", words.entity(number)));
                let expected = json!({"items": ada.read(&values).await["items"], "total": total});
                assert_eq!((&row["values"], &row["assistant"]), (&expected, &assistant), "{query} {number}");
                assert_eq!(row["values"]["items"].as_array().unwrap().len(), length);
                assert_eq!(row.get("kind").is_none(), query == "&fields=name");
            }
        }
        // The addresses of the pages around keep it.
        let list = ada.read(&format!("{}?expand=values&cursor=&size=1", words.list())).await;
        let next = ada.read(text(&list["next"])).await;
        assert_eq!(next["items"][0]["values"]["total"], 0);
    }

    async fn a_longer_list_takes_no_more_statements(database: TestDatabase) {
        let app = TestApp::start_with(database, &[("ALBEDO_METRICS", "on"), ("ALBEDO_CACHE", "off")]).await;
        let ada = app.user("ada").await;
        let mut taken = Vec::new();
        for (name, values) in [("short", vec![1]), ("long", vec![4; 12])] {
            let words = Vocabulary::build(&ada, name, &values).await;
            let before = app.statements().await;
            let list = ada.read(&format!("{}?expand=values,assistant", words.list())).await;
            assert_eq!(list["items"].as_array().unwrap().len(), values.len());
            taken.push(app.statements().await - before);
            let before = app.statements().await;
            let shown = ada.read("/api/v1/assistants?expand=entities").await;
            assert!(shown["total"].as_u64() >= Some(1));
            taken.push(app.statements().await - before);
        }
        // Who asks, the page, the count of values, the assistants, the values; and with assistants, their entities and how
        // many values each has.
        assert_eq!(taken[..2], taken[2..], "{taken:?}");
        assert!((3.0..=5.0).contains(&taken[0]) && (2.0..=4.0).contains(&taken[1]), "{taken:?}");
    }

    async fn what_somebody_may_not_see_is_not_shown(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let words = Vocabulary::build(&ada, "one", &[1]).await;
        for path in [format!("{}?expand=entities", words.assistant), format!("{}?expand=values", words.list())] {
            faults(eve.get(&path).await, StatusCode::NOT_FOUND).await;
        }
        let viewer = app.user_as(Role::Viewer).await;
        assert_eq!(viewer.read("/api/v1/assistants?expand=entities").await["total"], 0);
        // Nor what is deleted, with what stands above it.
        ada.delete(&words.assistant).await;
        faults(ada.get(&format!("{}?expand=assistant", words.entity(0))).await, StatusCode::NOT_FOUND).await;
        let deleted = ada.read("/api/v1/assistants?deleted=only&expand=entities").await;
        assert_eq!(deleted["items"][0]["entities"], json!({"items": [], "total": 0}));
    }

    async fn the_tag_of_a_row_tells_of_what_stands_beside_it(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let words = Vocabulary::build(&ada, "one", &[1]).await;
        let path = format!("{}?expand=entities", words.assistant);
        let first = ada.get(&path).await;
        let tag = header(&first, "etag").unwrap().to_owned();
        assert!(tag.starts_with("\"1."), "{tag}");
        let again = async |tag: &str| {
            ada.request(reqwest::Method::GET, &path).header("if-none-match", tag).send().await.unwrap().status()
        };
        assert_eq!(again(&tag).await, StatusCode::NOT_MODIFIED);
        assert_eq!(again("\"1\"").await, StatusCode::OK);
        ada.patch(words.entity(0), json!({"description": "other"})).await;
        assert_eq!(again(&tag).await, StatusCode::OK);
        // The row itself is in the state that it was seen in: a change of it loses nothing.
        let change = ada.request(reqwest::Method::PATCH, &words.assistant).header("if-match", tag);
        assert_eq!(change.json(&json!({"name": "two"})).send().await.unwrap().status(), StatusCode::OK);
    }

    async fn relations_that_are_none_are_told(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let words = Vocabulary::build(&ada, "one", &[1]).await;
        let told = |code: &str| [("expand".to_owned(), code.to_owned())];
        for path in ["/api/v1/assistants?expand=owner", "/api/v1/assistants?expand=", "/api/v1/cities?expand=country"] {
            assert_eq!(faults(ada.get(path).await, StatusCode::BAD_REQUEST).await, told("unknown"), "{path}");
        }
        let twice = format!("{}?expand=values&expand=values", words.entity(0));
        assert_eq!(faults(ada.get(&twice).await, StatusCode::BAD_REQUEST).await, told("duplicate"));
    }
}
