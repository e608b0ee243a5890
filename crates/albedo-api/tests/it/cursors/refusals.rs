//! Cursors that are none: altered, made up, another's, or of another list.

use albedo_testing::on_both_databases;
use reqwest::StatusCode;
use serde_json::json;

use super::{CITIES, names};
use crate::support::{TestApp, faults};

/// The cursor of an address.
fn cursor(address: &str) -> &str {
    address.rsplit_once("cursor=").unwrap().1
}

on_both_databases! {
    async fn a_cursor_is_good_for_its_own_walk_alone(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        for name in ["a", "b", "c"] {
            ada.create(CITIES, json!({"name": name, "country_code": "PT"})).await;
        }
        let page = ada.read(&format!("{CITIES}?size=1&sort=name&country_code=PT&name__ne=x&cursor=")).await;
        let cursor = cursor(page["next"].as_str().unwrap());
        let at = |query: &str| format!("{CITIES}?{query}&cursor={cursor}");
        // Said in other words it is the same walk.
        for same in [
            "size=1&sort=name&country_code=PT&name__ne=x",
            "name[ne]=x&country_code[eq]=PT&sort=%20name&count=exact&size=200",
        ] {
            assert_eq!(names(&ada.read(&at(same)).await)[0], "b", "{same}");
        }
        let refused = [("cursor".to_owned(), "contradiction".to_owned())];
        for other in ["", "sort=name", "sort=-name&country_code=PT&name__ne=x", "sort=name&country_code=PT&name__ne=y", "sort=name&country_code=PT&name__ne=x&q=a"] {
            assert_eq!(faults(ada.get(&at(other)).await, StatusCode::BAD_REQUEST).await, refused, "{other}");
        }
        let theirs = eve.get(&at("sort=name&country_code=PT&name__ne=x")).await;
        assert_eq!(faults(theirs, StatusCode::BAD_REQUEST).await, refused);
        let mut altered = cursor.to_owned();
        altered.replace_range(20..21, if &cursor[20..21] == "A" { "B" } else { "A" });
        let altered = altered.as_str();
        for text in [altered, "x", "%20", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "%F0%9F%9A%80", "..%2f"] {
            let path = format!("{CITIES}?sort=name&country_code=PT&name__ne=x&cursor={text}");
            assert_eq!(faults(ada.get(&path).await, StatusCode::BAD_REQUEST).await, refused, "{text}");
        }
    }

    async fn what_is_asked_for_beside_a_cursor_is_told_too(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        for (query, place, code) in [
            ("cursor=&page=1", "page", "contradiction"),
            ("page=2&cursor=x", "page", "contradiction"),
            ("cursor=&cursor=", "cursor", "duplicate"),
            ("cursor=&size=201", "size", "too_large"),
            ("cursor=&sort=nope", "sort", "unknown"),
            ("count=some", "count", "not_a_choice"),
            ("count=exact&count=none", "count", "duplicate"),
        ] {
            let told = faults(ada.get(&format!("{CITIES}?{query}")).await, StatusCode::BAD_REQUEST).await;
            assert_eq!(told, [(place.to_owned(), code.to_owned())], "{query}");
        }
        let long = format!("{CITIES}?cursor={}", "A".repeat(1_025));
        let told = faults(ada.get(&long).await, StatusCode::BAD_REQUEST).await;
        assert_eq!(told, [("cursor".to_owned(), "too_long".to_owned())]);
    }

    async fn another_parents_cursor_is_none(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let mut lists = Vec::new();
        for name in ["Desk", "Other"] {
            let assistant = ada.create("/api/v1/assistants", json!({"name": name})).await;
            let list = format!("/api/v1/assistants/{}/entities", assistant["id"].as_str().unwrap());
            for entity in ["a", "b"] {
                ada.create(&list, json!({"name": entity, "kind": "list"})).await;
            }
            lists.push(list);
        }
        let page = ada.read(&format!("{}?size=1&cursor=", lists[0])).await;
        let next = page["next"].as_str().unwrap();
        assert_eq!(names(&ada.read(next).await), ["b"]);
        let told = faults(ada.get(&next.replace(&lists[0], &lists[1])).await, StatusCode::BAD_REQUEST).await;
        assert_eq!(told, [("cursor".to_owned(), "contradiction".to_owned())]);
        // Altering a cursor tells nothing of another's list either.
        let eve = app.user("eve").await;
        faults(eve.get(next).await, StatusCode::BAD_REQUEST).await;
        faults(eve.get(&format!("{}?cursor=", lists[0])).await, StatusCode::NOT_FOUND).await;
    }
}
