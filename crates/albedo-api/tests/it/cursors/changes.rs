//! Rows that come and go while somebody walks: no row that stays is met twice or left out.

use std::collections::{BTreeMap, BTreeSet};

use albedo_entities::city;
use albedo_testing::on_both_databases;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::model::{Dice, insert, written};
use super::{CITIES, names};
use crate::support::TestApp;

on_both_databases! {
    async fn what_stays_is_met_exactly_once(database: TestDatabase) {
        let rows = database.open().await;
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let mut dice = Dice::new(13);
        let mut number = 0;
        for link in ["next", "prev"] {
            for _ in 0..12 {
                city::Entity::delete_many().exec(rows.write()).await.unwrap();
                let mut cities: Vec<_> = (0..30).map(|place| dice.city(number + place)).collect();
                number += 30;
                insert(&rows, &cities).await;
                let all: BTreeSet<_> = cities.iter().map(|city| city.name.clone()).collect();
                let sort = dice.sort();
                let start = format!("{CITIES}?size=4{}&cursor=", written(&sort));
                let mut page = ada.read(&start).await;
                if link == "prev" {
                    // To the end first, and from there back.
                    while let Some(next) = page["next"].as_str() {
                        page = ada.read(next).await;
                    }
                }
                let (mut met, mut gone) = (BTreeMap::<String, u32>::new(), BTreeSet::new());
                loop {
                    names(&page).into_iter().for_each(|name| *met.entry(name.to_owned()).or_default() += 1);
                    let Some(address) = page[link].as_str().map(ToOwned::to_owned) else { break };
                    for _ in 0..2 {
                        let city = cities.swap_remove(usize::try_from(dice.roll(cities.len() as u64)).unwrap());
                        city::Entity::delete_by_id(city.id).exec(rows.write()).await.unwrap();
                        gone.insert(city.name);
                        if cities.len() < 12 {
                            break;
                        }
                    }
                    let new = dice.city(number);
                    number += 1;
                    insert(&rows, &[new]).await;
                    page = ada.read(&address).await;
                }
                for name in all.difference(&gone) {
                    assert_eq!(met.get(name), Some(&1), "{name} on the way {link} of {start}");
                }
                assert!(met.values().all(|times| *times == 1), "{met:?} on {start}");
            }
        }
    }

    async fn a_page_that_was_emptied_leads_back(database: TestDatabase) {
        let rows = database.open().await;
        let app = TestApp::start(database).await;
        let admin = app.admin().await;
        let mut ids = BTreeMap::new();
        for name in ["a", "b", "c", "d"] {
            let city = admin.create(CITIES, json!({"name": name, "country_code": "PT"})).await;
            ids.insert(name, city["id"].as_str().unwrap().to_owned());
        }
        let first = admin.read(&format!("{CITIES}?size=2&sort=name&cursor=")).await;
        let second = admin.read(first["next"].as_str().unwrap()).await;
        let delete = async |names: &[&str]| {
            for name in names {
                assert!(admin.delete(&format!("{CITIES}/{}", ids[name])).await.status().is_success());
            }
        };
        delete(&["c", "d"]).await;
        let emptied = admin.read(first["next"].as_str().unwrap()).await;
        assert_eq!((names(&emptied).len(), &emptied["next"]), (0, &Value::Null));
        assert_eq!(names(&admin.read(emptied["prev"].as_str().unwrap()).await), ["a", "b"]);
        delete(&["a", "b"]).await;
        let emptied = admin.read(second["prev"].as_str().unwrap()).await;
        assert_eq!((names(&emptied).len(), &emptied["prev"]), (0, &Value::Null));
        admin.create(CITIES, json!({"name": "e", "country_code": "PT"})).await;
        assert_eq!(names(&admin.read(emptied["next"].as_str().unwrap()).await), ["e"]);
        drop(rows);
    }
}
