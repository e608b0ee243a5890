//! Every row once, from either end, with sizes that change on the way.

use albedo_testing::on_both_databases;
use serde_json::{Value, json};

use super::model::{Dice, compare, insert, written};
use super::{CITIES, all_names, follow, names};
use crate::support::{TestApp, header};

on_both_databases! {
    async fn walks_meet_every_row_once_whatever_the_order(database: TestDatabase) {
        let rows = database.open().await;
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let mut dice = Dice::new(7);
        let mut cities: Vec<_> = (0..60).map(|number| dice.city(number)).collect();
        insert(&rows, &cities).await;
        for round in 0..60 {
            let sort = dice.sort();
            cities.sort_by(|one, other| compare(&sort, one, other));
            let expected: Vec<_> = cities.iter().map(|city| city.name.clone()).collect();
            let size = [1, 7, 13, 20, 59, 60, 61][usize::try_from(dice.roll(7)).unwrap()];
            // Pages of one row are sixty requests: a walk or two of them are enough.
            let size = if size == 1 && round > 4 { 7 } else { size };
            let start = format!("{CITIES}?size={size}{}&cursor=", written(&sort));
            let pages = follow(&ada, &start, "next").await;
            assert_eq!(all_names(&pages), expected, "{start}");
            assert_eq!(pages[0]["prev"], Value::Null);
            // From any page, `prev` leads exactly back.
            for (before, page) in pages.iter().zip(&pages[1..]) {
                let back = ada.read(page["prev"].as_str().unwrap()).await;
                assert_eq!(back["items"], before["items"], "{start}");
            }
            let mut back = follow(&ada, pages.last().unwrap()["prev"].as_str().unwrap_or(&start), "prev").await;
            back.reverse();
            if pages.len() > 1 {
                back.push(pages.last().unwrap().clone());
            }
            assert_eq!(all_names(&back), expected, "{start}");
            assert_eq!((&back[0]["prev"], &back.last().unwrap()["next"]), (&Value::Null, &Value::Null));
        }
    }

    async fn the_size_may_change_between_pages(database: TestDatabase) {
        let rows = database.open().await;
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let mut dice = Dice::new(11);
        let mut cities: Vec<_> = (0..40).map(|number| dice.city(number)).collect();
        insert(&rows, &cities).await;
        let sort = [("population", true), ("latitude", false)];
        cities.sort_by(|one, other| compare(&sort, one, other));
        let (mut met, mut next) = (Vec::new(), Some(format!("{CITIES}?size=3{}&cursor=", written(&sort))));
        while let Some(address) = next {
            let page = ada.read(&address.replace("size=3", &format!("size={}", dice.roll(9) + 1))).await;
            met.extend(names(&page).into_iter().map(ToOwned::to_owned));
            next = page["next"].as_str().map(ToOwned::to_owned);
        }
        assert_eq!(met, cities.iter().map(|city| city.name.clone()).collect::<Vec<_>>());
    }

    async fn the_answer_has_its_own_shape(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        let empty = admin.get(&format!("{CITIES}?cursor=")).await;
        assert_eq!(header(&empty, "link"), None);
        assert_eq!(empty.text().await.unwrap(), r#"{"items":[],"size":50,"next":null,"prev":null}"#);
        for name in ["a", "b", "c"] {
            admin.create(CITIES, json!({"name": name, "country_code": "PT"})).await;
        }
        let response = admin.get(&format!("{CITIES}?size=1&sort=-name&cursor=&count=exact&country_code=PT")).await;
        let link = header(&response, "link").unwrap().to_owned();
        let page: Value = response.json().await.unwrap();
        let keys: Vec<_> = page.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys.len(), 5, "{keys:?}");
        assert_eq!((&page["total"], &page["size"], &page["prev"]), (&json!(3), &json!(1), &Value::Null));
        let next = page["next"].as_str().unwrap();
        let first = format!("{CITIES}?size=1&sort=-name&count=exact&country_code=PT&cursor=");
        assert!(next.starts_with(&first) && next.len() < 200, "{next}");
        assert_eq!(link, format!("<{first}>; rel=\"first\", <{next}>; rel=\"next\""));
        let response = admin.get(next).await;
        let link = header(&response, "link").unwrap().to_owned();
        let page: Value = response.json().await.unwrap();
        assert_eq!(names(&page), ["b"]);
        let (next, prev) = (page["next"].as_str().unwrap(), page["prev"].as_str().unwrap());
        assert_eq!(link, format!("<{first}>; rel=\"first\", <{prev}>; rel=\"prev\", <{next}>; rel=\"next\""));
        assert_eq!(names(&admin.read(prev).await), ["c"]);
        assert_eq!(names(&admin.read(next).await), ["a"]);
    }

    async fn pages_by_number_need_not_be_counted(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        for name in ["a", "b", "c"] {
            admin.create(CITIES, json!({"name": name, "country_code": "PT"})).await;
        }
        for (query, found, next) in [("", 3, false), ("&size=2", 2, true), ("&size=2&page=2", 1, false), ("&size=3", 3, false), ("&page=9", 0, false)] {
            let response = admin.get(&format!("{CITIES}?count=none{query}")).await;
            let link = header(&response, "link").unwrap_or_default().to_owned();
            assert_eq!((link.contains("rel=\"next\""), link.contains("rel=\"last\"")), (next, false), "{query}: {link}");
            let page: Value = response.json().await.unwrap();
            assert_eq!((names(&page).len(), page.get("total"), page.get("pages")), (found, None, None), "{query}");
        }
        let far = admin.read(&format!("{CITIES}?count=none&page=9223372036854775807&size=200")).await;
        assert_eq!((names(&far).len(), far.get("total")), (0, None));
        assert_eq!(admin.read(&format!("{CITIES}?count=exact&size=2")).await["total"], 3);
    }

    async fn a_nested_list_is_walked_below_its_parent(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let mut lists = Vec::new();
        for name in ["Desk", "Other"] {
            let assistant = ada.create("/api/v1/assistants", json!({"name": name})).await;
            let list = format!("/api/v1/assistants/{}/entities", assistant["id"].as_str().unwrap());
            for entity in ["a", "b", "c", "d", "e"] {
                ada.create(&list, json!({"name": format!("{entity}_{}", name.to_lowercase()), "kind": "list"})).await;
            }
            lists.push(list);
        }
        let pages = follow(&ada, &format!("{}?size=2&sort=-kind,name&cursor=", lists[0]), "next").await;
        assert_eq!(all_names(&pages), ["a_desk", "b_desk", "c_desk", "d_desk", "e_desk"]);
        let values = format!("{}/{}/values", lists[0], pages[0]["items"][0]["id"].as_str().unwrap());
        for position in [3, 1, 1, 2] {
            let value = ada.create(&values, json!({"value": format!("{position}"), "position": position})).await;
            let address = format!("{values}/{}", value["id"].as_str().unwrap());
            ada.patch(&address, json!({"value": value["id"].as_str().unwrap()})).await;
        }
        let pages = follow(&ada, &format!("{values}?size=1&cursor="), "next").await;
        let positions: Vec<_> = pages.iter().map(|page| page["items"][0]["position"].as_i64().unwrap()).collect();
        assert_eq!(positions, [1, 1, 2, 3]);
        // A parent that is not there has no walk, and its absence is told as everywhere.
        let nobody = "/api/v1/assistants/01a20674-1715-76ed-8847-8036cb1fa3c5/entities?cursor=";
        assert_eq!(ada.get(nobody).await.status(), reqwest::StatusCode::NOT_FOUND);
    }
}
