//! Bodies: what a create answers, what is refused, and that the same data always come back as the same bytes.

use albedo_entities::registry;
use albedo_testing::on_both_databases;
use reqwest::StatusCode;
use serde_json::{Map, Value, json};

use super::{ASSISTANTS, CITIES, Tree, row};
use crate::support::{TestApp, faults, header};

/// A list of each resource that everybody may write, with a row of it, and a name that tells which one it is.
async fn lists(app: &TestApp) -> (crate::support::TestUser<'_>, Vec<(String, String, &'static str)>) {
    let admin = app.admin().await;
    let tree = Tree::grow(&admin, "Desk").await;
    let city = row(CITIES, &admin.create(CITIES, json!({"name": "Porto", "country_code": "PT"})).await);
    let lists = vec![
        (ASSISTANTS.to_owned(), tree.assistant, "assistant"),
        (tree.entities, tree.entity, "entity"),
        (tree.values, tree.value, "value"),
        (CITIES.to_owned(), city, "city"),
    ];
    (admin, lists)
}

/// The part of the text that begins with a key of the body.
fn tail<'t>(text: &'t str, key: &str) -> &'t str {
    &text[text.find(&format!("\"{key}\":")).unwrap()..]
}

on_both_databases! {
    async fn what_the_server_sets_cannot_be_sent(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (admin, lists) = lists(&app).await;
        for (list, path, name) in lists {
            let description = registry::resources().into_iter().find(|known| known.name == name).unwrap();
            let (mut made, mut changed) = (0, 0);
            for field in description.fields {
                let body: Value = Map::from_iter([(field.name.to_owned(), json!(1))]).into();
                let expected = (format!("/{}", field.name), "unknown".to_owned());
                if !field.uses.create {
                    let told = faults(admin.post(&list, body.clone()).await, StatusCode::UNPROCESSABLE_ENTITY).await;
                    assert!(told.contains(&expected), "{name} {told:?}");
                    made += 1;
                }
                if !field.uses.update {
                    let told = faults(admin.patch(&path, body).await, StatusCode::UNPROCESSABLE_ENTITY).await;
                    assert_eq!(told, [expected], "{name}");
                    changed += 1;
                }
            }
            assert!(made >= 4 && changed >= made, "{name}: an id, a version and two times at the least");
        }
    }

    async fn all_faults_of_a_body_are_told_at_once(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let metadata: Map<_, _> = (0..17).map(|key| (format!("key {key}"), json!(key))).collect();
        let body = json!({
            "description": "x".repeat(513), "language": "english please", "time_zone": "Lisbon", "temperature": 2.5,
            "status": "gone", "model": 7, "metadata": metadata, "version": 2, "nope": null, "instructions": "a\u{0}b",
        });
        let told = faults(ada.post(ASSISTANTS, body).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        let mut told: Vec<_> = told.iter().map(|(place, code)| format!("{place} {code}")).collect();
        told.sort();
        let expected = [
            "/description too_long",
            "/instructions null_character",
            "/language invalid_format",
            "/metadata too_many",
            "/model wrong_type",
            "/name required",
            "/nope unknown",
            "/status not_a_choice",
            "/temperature too_large",
            "/time_zone invalid_format",
            "/version unknown",
        ];
        assert_eq!(told, expected);
        assert_eq!(ada.read(ASSISTANTS).await["total"], 0);
    }

    async fn a_hundred_faults_are_enough(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let body: Map<_, _> = (0..15_000).map(|key| (format!("k{key}"), Value::Null)).collect();
        let started = std::time::Instant::now();
        let told = faults(ada.post(ASSISTANTS, body.into()).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(told.len(), 100);
        assert!(started.elapsed().as_secs() < 5, "a body of unknown names costs {:?}", started.elapsed());
    }

    async fn metadata_have_sixteen_keys_also_after_many_patches(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let keys = |keys: std::ops::Range<u8>| -> Value {
            keys.map(|key| (format!("k{key}"), json!(1))).collect::<Map<_, _>>().into()
        };
        let made = ada.create(ASSISTANTS, json!({"name": "Desk", "metadata": keys(0..16)})).await;
        let path = row(ASSISTANTS, &made);
        let refused = ada.patch(&path, json!({"metadata": {"one more": 1}})).await;
        let told = faults(refused, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(told, [("/metadata".to_owned(), "too_many".to_owned())]);
        let swapped = ada.patch(&path, json!({"metadata": {"k0": null, "one more": 1}})).await;
        assert_eq!(swapped.status(), StatusCode::OK);
        assert_eq!(swapped.json::<Value>().await.unwrap()["metadata"].as_object().unwrap().len(), 16);
    }

    async fn the_same_data_are_the_same_bytes_wherever_they_are_read(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let ada = app.user("ada").await;
        let metadata = r#"{"zz":1,"a":{"long key":[1.0,-0.0,1e16,1e20,1e-7,0.30000000000000004],"b":null},
            "é":"\u00e9\ud83d\ude80\n\"\\/","large":18446744073709551615,"small":-9223372036854775808}"#;
        let body = format!(r#"{{"name":"Desk \u2028 ß","temperature":2,"metadata":{metadata}}}"#);
        let request = ada.request(reqwest::Method::POST, ASSISTANTS).header("content-type", "application/json");
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        let path = header(&response, "location").unwrap().to_owned();
        let made = response.text().await.unwrap();
        let expected = concat!(
            r#""temperature":2.0,"status":"draft","metadata":{"a":{"b":null,"long key":"#,
            r#"[1.0,0.0,10000000000000000,1e+20,1e-7,0.30000000000000004]},"large":18446744073709551615,"#,
            r#""small":-9223372036854775808,"zz":1,"é":"é🚀\n\"\\/"},"version":1,"#,
        );
        assert!(tail(&made, "temperature").starts_with(expected), "{made}");
        assert_eq!(ada.get(&path).await.text().await.unwrap(), made);
        let list = ada.get(ASSISTANTS).await.text().await.unwrap();
        assert_eq!(list, format!(r#"{{"items":[{made}],"total":1,"page":1,"size":50,"pages":1}}"#));
        let patched = ada.patch(&path, json!({"temperature": 2.0})).await.text().await.unwrap();
        assert!(tail(&patched, "temperature").starts_with(&expected.replace("version\":1", "version\":2")), "{patched}");
    }

    async fn times_have_six_digits_and_end_in_z(database: TestDatabase) {
        let app = TestApp::start(database).await;
        let (admin, lists) = lists(&app).await;
        for (_, path, name) in lists {
            let shown = admin.read(&path).await;
            for field in ["created_at", "updated_at"] {
                let time = shown[field].as_str().unwrap();
                assert!(time.len() == 27 && time.ends_with('Z') && time.as_bytes()[19] == b'.', "{name} {time}");
            }
            assert_eq!(shown["created_at"], shown["updated_at"]);
        }
    }
}
