//! Pages: their number, their size, their total, and the links around them.

use albedo_testing::on_both_databases;
use serde_json::{Value, json};

use super::{assert_alike, assert_finds};
use crate::support::{TestApp, header};

const CITIES: &str = "/api/v1/cities";

fn place(page: &Value) -> Value {
    json!([page["items"].as_array().unwrap().len(), page["total"], page["page"], page["size"], page["pages"]])
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    let page = |number: u128| (7 * number - 6..=7 * number).collect();
    let cases: Vec<_> = (1..=3).map(|number| (format!("/cities?size=7&page={number}"), page(number))).collect();
    assert_finds(&cases).await;
    // Ties all over: without the id behind them, a row would show on two pages or on none.
    let tied: Vec<_> = (1..=6).map(|number| format!("/assistants?sort=created_at&size=1&page={number}")).collect();
    let cases: Vec<_> = tied.into_iter().zip(1..).map(|(query, row)| (query, vec![row])).collect();
    assert_finds(&cases).await;
}

#[tokio::test]
async fn bodies_and_links_are_alike_on_both_databases() {
    let queries = [
        "/cities",
        "/cities?size=5",
        "/cities?size=5&page=3&sort=-name&q=s",
        "/cities?page=9",
        "/cities?page=9223372036854775807&size=200",
        "/cities?name__gt=1&nope=2",
        "/cities/00000000-0000-0000-0000-000000000007",
        "/assistants",
        "/assistants/00000000-0000-0000-0000-000000000001/entities",
        "/assistants/00000000-0000-0000-0000-000000000001/entities/00000000-0000-0000-0000-000000000001/values",
        "/assistants/00000000-0000-0000-0000-00000000000f/entities",
    ];
    assert_alike(&queries.map(ToOwned::to_owned)).await;
}

on_both_databases! {
    async fn a_page_tells_where_it_is(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        assert_eq!(place(&admin.read(CITIES).await), json!([0, 0, 1, 50, 0]));
        for number in 0..5 {
            let country = if number < 3 { "PT" } else { "ES" };
            admin.create(CITIES, json!({"name": format!("City {number}"), "country_code": country})).await;
        }
        for (query, expected) in [
            ("", json!([5, 5, 1, 50, 1])),
            ("?size=2", json!([2, 5, 1, 2, 3])),
            ("?size=2&page=3", json!([1, 5, 3, 2, 3])),
            ("?size=5", json!([5, 5, 1, 5, 1])),
            ("?size=200&page=1", json!([5, 5, 1, 200, 1])),
            ("?size=2&page=4", json!([0, 5, 4, 2, 3])),
            ("?page=9223372036854775807&size=1", json!([0, 5, i64::MAX, 1, 5])),
            ("?page=9223372036854775807&size=200", json!([0, 5, i64::MAX, 200, 1])),
            ("?country_code=PT&size=2&page=2", json!([1, 3, 2, 2, 2])),
            ("?country_code=PT&size=2&page=3", json!([0, 3, 3, 2, 2])),
            ("?q=city%204", json!([1, 1, 1, 50, 1])),
            ("?q=nowhere", json!([0, 0, 1, 50, 0])),
        ] {
            assert_eq!(place(&admin.read(&format!("{CITIES}{query}")).await), expected, "{query}");
        }
    }

    async fn links_lead_to_the_pages_around(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        for name in ["a", "b", "c"] {
            admin.create(CITIES, json!({"name": name, "country_code": "PT"})).await;
        }
        let response = admin.get(&format!("{CITIES}?size=1&page=2&sort=-name&country_code[eq]=PT")).await;
        let links = header(&response, "link").unwrap().to_owned();
        for (relation, name) in [("first", "c"), ("prev", "c"), ("next", "a"), ("last", "a")] {
            let link = links.split(", ").find(|link| link.ends_with(&format!("rel=\"{relation}\""))).unwrap();
            let (address, _) = link.trim_start_matches('<').split_once('>').unwrap();
            assert_eq!(admin.read(address).await["items"][0]["name"], name, "{link}");
        }
        assert_eq!(header(&admin.get(CITIES).await, "link"), None);
        // With the slash at the end it is the same list, and the links keep it.
        let response = admin.get(&format!("{CITIES}/?size=2")).await;
        assert!(header(&response, "link").unwrap().contains("</api/v1/cities/?size=2&page=2>; rel=\"next\""));
    }
}
