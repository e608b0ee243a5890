//! What a write makes the cache forget, and what it leaves alone.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::world::{assistant, behind_its_back, made, nest, on_both_layers, serve};

on_both_layers! {
    async fn a_write_is_seen_by_the_next_read(database: TestDatabase, layers: Layers) {
        let app = serve(database, layers).await;
        let ada = app.user("ada").await;
        let [assistant, entity, value] = nest(&ada).await;
        for (path, field) in [(&assistant, "name"), (&entity, "name"), (&value, "value")] {
            for number in 0..20 {
                let name = format!("name-{number}");
                ada.read(path).await;
                let patched = ada.patch(path, json!({field: &name})).await;
                assert_eq!(patched.status(), StatusCode::OK);
                assert_eq!(ada.read(path).await[field], name, "{path}");
            }
        }
    }

    async fn a_list_changes_with_every_write_below_its_parent(database: TestDatabase, layers: Layers) {
        let app = serve(database, layers).await;
        let ada = app.user("ada").await;
        let [_, entity, first] = nest(&ada).await;
        let list = format!("{entity}/values");
        let values = async || {
            let list = ada.read(&list).await;
            let names = list["items"].as_array().unwrap().iter().map(|item| item["value"].as_str().unwrap().to_owned());
            (list["total"].as_u64().unwrap(), names.collect::<Vec<_>>())
        };
        assert_eq!(values().await, (1, vec!["Porto".to_owned()]));
        let second = made(&ada, &list, json!({"value": "Braga", "position": 1})).await;
        assert_eq!(values().await, (2, vec!["Porto".to_owned(), "Braga".to_owned()]));
        ada.patch(&first, json!({"value": "Lisboa"})).await;
        assert_eq!(values().await, (2, vec!["Lisboa".to_owned(), "Braga".to_owned()]));
        assert_eq!(ada.delete(&second).await.status(), StatusCode::NO_CONTENT);
        assert_eq!(values().await, (1, vec!["Lisboa".to_owned()]));
    }

    async fn what_goes_takes_along_what_is_beneath_it_and_brings_it_back(database: TestDatabase, layers: Layers) {
        let app = serve(database, layers).await;
        let ada = app.user("ada").await;
        let [kept, gone] = [nest(&ada).await, {
            let assistant = assistant(&ada, "Other desk").await;
            let entity = made(&ada, &format!("{assistant}/entities"), json!({"name": "city", "kind": "list"})).await;
            let value = made(&ada, &format!("{entity}/values"), json!({"value": "Porto"})).await;
            [assistant, entity, value]
        }];
        let all = |[assistant, entity, value]: &[String; 3]| {
            [assistant.clone(), format!("{assistant}/entities"), entity.clone(), format!("{entity}/values"), value.clone()]
        };
        for path in all(&kept).iter().chain(&all(&gone)) {
            ada.read(path).await;
        }
        assert_eq!(ada.delete(&gone[0]).await.status(), StatusCode::NO_CONTENT);
        for path in all(&gone) {
            assert_eq!(ada.get(&path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        let restored = ada.post(&format!("{}/restore", gone[0]), json!({})).await;
        assert_eq!(restored.status(), StatusCode::OK);
        for path in all(&gone) {
            ada.read(&path).await;
        }
        for path in all(&kept) {
            ada.read(&path).await;
        }
        assert_eq!(ada.delete(&kept[1]).await.status(), StatusCode::NO_CONTENT);
        assert_eq!(ada.get(&kept[2]).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(ada.read(&format!("{}/entities", kept[0])).await["total"], 0);
    }

    async fn a_change_above_leaves_alone_what_is_beneath(database: TestDatabase, layers: Layers) {
        let app = serve(database, layers).await;
        let ada = app.user("ada").await;
        let [assistant, _, value] = nest(&ada).await;
        ada.read(&value).await;
        behind_its_back(&app, "UPDATE entity_values SET value = 'Changed'").await;
        ada.patch(&assistant, json!({"name": "New name"})).await;
        assert_eq!(ada.read(&value).await["value"], "Porto");
    }

    async fn what_is_refused_or_rolled_back_forgets_nothing(database: TestDatabase, layers: Layers) {
        let app = serve(database, layers).await;
        let ada = app.user("ada").await;
        let [first, _] = [assistant(&ada, "One").await, assistant(&ada, "Two").await];
        ada.read(&first).await;
        behind_its_back(&app, "UPDATE assistants SET model = 'changed' WHERE name = 'One'").await;
        let refused = [
            ada.patch(&first, json!({"name": "Two"})).await,
            ada.patch(&first, json!({"name": "Two", "metadata": {"a": 1}})).await,
            ada.patch(&first, json!({"name": 1})).await,
            ada.post("/api/v1/assistants", json!({"name": "One"})).await,
        ];
        let statuses = refused.map(|refused| refused.status().as_u16());
        assert_eq!(statuses, [409, 409, 422, 409]);
        let stale = ada.request(reqwest::Method::DELETE, &first).header("If-Match", "\"9\"").send().await.unwrap();
        assert_eq!(stale.status(), StatusCode::PRECONDITION_FAILED);
        assert_eq!(ada.read(&first).await["model"], Value::Null, "it is still the answer that was kept");
        ada.patch(&first, json!({"name": "Three"})).await;
        assert_eq!(ada.read(&first).await["model"], "changed");
    }

    async fn that_there_is_nothing_is_forgotten_too(database: TestDatabase, layers: Layers) {
        let app = serve(database, layers).await;
        let ada = app.user("ada").await;
        assert_eq!(ada.read("/api/v1/cities?name=Porto").await["total"], 0);
        let path = made(&ada, "/api/v1/cities", json!({"name": "Porto", "country_code": "PT"})).await;
        assert_eq!(ada.read("/api/v1/cities?name=Porto").await["total"], 1);
        ada.read(&path).await;
        ada.delete(&path).await;
        for _ in 0..2 {
            assert_eq!(ada.get(&path).await.status(), StatusCode::NOT_FOUND);
        }
        assert_eq!(ada.read("/api/v1/cities?name=Porto").await["total"], 0);
    }
}
