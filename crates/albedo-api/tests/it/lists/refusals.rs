//! Queries that are refused, each with what would be right.

use albedo_testing::on_both_databases;
use reqwest::StatusCode;
use serde_json::Value;

use crate::support::{TestApp, TestUser, faults};

const CITIES: &str = "/api/v1/cities";

async fn problem(user: &TestUser<'_>, query: &str) -> Value {
    let response = user.get(&format!("{CITIES}?{query}")).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
    response.json().await.unwrap()
}

on_both_databases! {
    async fn what_is_wrong_is_told_with_what_is_allowed(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        for (query, place, code, hint) in [
            ("nam=x", "nam", "unknown", "name, country_code, population"),
            ("version=1", "version", "unknown", "name, country_code"),
            ("name__gt=x", "name__gt", "unknown", "eq, ne, in, not_in, contains"),
            ("name[]=x", "name[]", "unknown", "eq, ne, in"),
            ("name[eq=x", "name[eq", "unknown", "name"),
            ("sort=version", "sort", "unknown", "name, country_code"),
            ("sort=", "sort", "unknown", "name, country_code"),
            ("sort=name,-name", "sort", "duplicate", "name"),
            ("population=1.5", "population", "invalid_format", "whole number"),
            ("population=9223372036854775808", "population", "invalid_format", "64 bits"),
            ("population__between=1", "population__between", "invalid_format", "comma"),
            ("population__between=1,2,3", "population__between", "invalid_format", "whole number"),
            ("population__in=", "population__in", "invalid_format", "whole number"),
            ("latitude=nan", "latitude", "invalid_format", "number"),
            ("latitude=1e400", "latitude", "invalid_format", "number"),
            ("id=1", "id", "invalid_format", "UUID"),
            ("created_at=2026-01-31", "created_at", "invalid_format", "2026-01-31T09:30:00Z"),
            ("created_at=2026-01-31T09:30:00", "created_at", "invalid_format", "2026-01-31T09:30:00Z"),
            ("population__is_null=1", "population__is_null", "invalid_format", "true or false"),
            ("size=0", "size", "too_small", "1"),
            ("size=201", "size", "too_large", "200"),
            ("page=0", "page", "too_small", "1"),
            ("page=9223372036854775808", "page", "too_large", "9223372036854775807"),
            ("page=one", "page", "wrong_type", "whole number"),
            ("page=1&page=2", "page", "duplicate", "twice"),
            ("name=%ff", "name", "invalid_format", "UTF-8"),
            ("name=%00", "name", "invalid_format", "U+0000"),
        ] {
            let problem = problem(&admin, query).await;
            let error = &problem["errors"][0];
            assert_eq!((error["parameter"].as_str(), error["code"].as_str()), (Some(place), Some(code)), "{query}");
            assert!(error["detail"].as_str().unwrap().contains(hint), "{query}: {error}");
            assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{query}: {problem}");
        }
        let error = &problem(&admin, "page=x&size=x&nope=1&population=x").await["errors"];
        assert_eq!(error.as_array().unwrap().len(), 4);
    }

    async fn choices_that_are_none_name_the_choices(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        for query in ["status=gone", "status__in=draft,gone"] {
            let response = ada.get(&format!("/api/v1/assistants?{query}")).await;
            assert_eq!(response.status(), StatusCode::BAD_REQUEST);
            let problem: Value = response.json().await.unwrap();
            let error = &problem["errors"][0];
            assert_eq!(error["code"], "not_a_choice");
            assert_eq!(error["params"]["allowed"], serde_json::json!(["draft", "active", "archived"]));
        }
        // Neither data of one's own nor texts that nobody declared can be asked for.
        for query in ["metadata=1", "instructions=x", "owner_id=1", "sort=metadata"] {
            faults(ada.get(&format!("/api/v1/assistants?{query}")).await, StatusCode::BAD_REQUEST).await;
        }
    }

    async fn one_query_asks_only_so_much(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        let filters = |count: usize| vec!["name__ne=a"; count].join("&");
        let numbers = |count: usize| vec!["1"; count].join(",");
        for right in [
            filters(30),
            "sort=name,country_code,population,-latitude".to_owned(),
            format!("name={}", "a".repeat(1_995)),
            format!("population__in={}", numbers(100)),
            format!("q={}", "a".repeat(200)),
        ] {
            admin.read(&format!("{CITIES}?{right}")).await;
        }
        for (wrong, place, code, bound) in [
            (filters(31), "", "too_many", 30),
            ("sort=name,country_code,population,latitude,longitude".to_owned(), "sort", "too_many", 4),
            (format!("name={}", "a".repeat(1_996)), "", "too_long", 2_000),
            (format!("population__in={}", numbers(101)), "population__in", "too_many", 100),
            (format!("q={}", "a".repeat(201)), "q", "too_long", 200),
        ] {
            let problem = problem(&admin, &wrong).await;
            let error = &problem["errors"][0];
            assert_eq!((error["parameter"].as_str(), error["code"].as_str()), (Some(place), Some(code)), "{problem}");
            assert_eq!(error["params"]["max"], bound);
        }
    }
}
