//! The examples of CONTRIBUTING.md, as somebody who follows it has them: compiled, served, and word for word what it says.

mod figures;
mod gauge;
mod river;
mod rivers;
mod route;
mod rules;

use albedo_api::routes;
use albedo_entities::city;
use albedo_services::served;
use albedo_testing::{TestDatabase, on_both_databases};
use reqwest::{Method, Response, StatusCode};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{ColumnDef, ForeignKey, ForeignKeyAction, Index, Table};
use serde_json::{Value, json};

use crate::support::{TestApp, faults, header};

const RIVERS: &str = "/api/v1/rivers";
const CITIES: &str = "/api/v1/cities";

/// All that is served anyway, and what the examples add: two lines of `routes/v1.rs`, one of them for the gauges.
async fn serve(database: TestDatabase) -> TestApp {
    let mut api = routes::api();
    // Whoever has followed the guide has rivers already.
    api.resources.retain(|known| !known.description.path.starts_with("/rivers"));
    api.own.retain(|known| known.path() != route::measure_rivers().path());
    api.resources.extend([served::<river::Entity>(), served::<gauge::Entity>()]);
    api.own.push(route::measure_rivers());
    let app = TestApp::start_serving(database, api, &[]).await;
    create_tables(app.database()).await;
    app
}

/// Makes the tables, with constraints that are named as all of ours are.
async fn create_tables(database: &TestDatabase) {
    let database = database.open().await;
    let reference = |table: &'static str, column: &'static str, to: &'static str, action| {
        let name = format!("fk_{table}_{column}");
        ForeignKey::create().name(name).from(table, column).to(to, "id").on_delete(action).take()
    };
    let table = |name: &'static str| {
        Table::create()
            .table(name)
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("version").big_integer().not_null())
            .col(ColumnDef::new("created_at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("updated_at").timestamp_with_time_zone().not_null())
            .take()
    };
    let rivers = table("rivers")
        .col(ColumnDef::new("name").string_len(120).not_null())
        .col(ColumnDef::new("length").big_integer())
        .col(ColumnDef::new("city_id").uuid())
        .col(ColumnDef::new("dammed").integer().not_null().default(0))
        .index(&mut Index::create().name("uq_rivers_name").unique().col("name").take())
        .foreign_key(&mut reference("rivers", "city_id", "cities", ForeignKeyAction::Restrict))
        .take();
    let gauges = table("gauges")
        .col(ColumnDef::new("river_id").uuid().not_null())
        .col(ColumnDef::new("place").string_len(120).not_null())
        .foreign_key(&mut reference("gauges", "river_id", "rivers", ForeignKeyAction::Cascade))
        .take();
    for name in ["gauges", "rivers"] {
        database.write().execute(&Table::drop().table(name).if_exists().cascade().take()).await.unwrap();
    }
    for table in [rivers, gauges] {
        database.write().execute(&table).await.unwrap();
    }
}

fn fault(place: &str, code: &str) -> [(String, String); 1] {
    [(place.to_owned(), code.to_owned())]
}

/// The version in an entity tag; behind it stands what tells computed fields apart.
fn state(response: &Response) -> &str {
    header(response, "etag").unwrap().trim_matches('"').split('.').next().unwrap()
}

fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}

on_both_databases! {
    async fn a_river_is_served_by_its_declaration(database: TestDatabase) {
        let app = serve(database).await;
        let ada = app.user("ada").await;
        let response = ada.post(RIVERS, json!({"name": "Douro", "length": 897})).await;
        assert_eq!((response.status(), state(&response)), (StatusCode::CREATED, "1"));
        let path = header(&response, "location").unwrap().to_owned();
        let made: Value = response.json().await.unwrap();
        assert_eq!((&made["dammed"], ada.read(&path).await), (&json!(0), made.clone()));
        let renamed: Value = ada.patch(&path, json!({"name": "Duero"})).await.json().await.unwrap();
        assert_eq!((&renamed["name"], &renamed["version"]), (&json!("Duero"), &json!(2)));
        assert_eq!(ada.read(&format!("{RIVERS}?length__gt=800&q=due&sort=-name")).await["items"], json!([renamed]));
        let taken = ada.post(RIVERS, json!({"name": "Duero"})).await;
        assert_eq!(faults(taken, StatusCode::CONFLICT).await, fault("/name", "taken"));
    }

    async fn a_check_adds_to_the_faults_of_the_table(database: TestDatabase) {
        let app = serve(database).await;
        let ada = app.user("ada").await;
        let told = faults(ada.post(RIVERS, json!({"name": "Styx", "length": -1})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(told, [("/length", "too_small"), ("/name", "contradiction")].map(|(place, code)| (place.to_owned(), code.to_owned())));
    }

    async fn a_rule_before_the_write_asks_other_rows(database: TestDatabase) {
        let app = serve(database).await;
        let ada = app.user("ada").await;
        let city = ada.create(CITIES, json!({"name": "Porto", "country_code": "PT"})).await;
        let body = |name: &str| json!({"name": name, "city_id": city["id"]});
        let told = faults(ada.post(RIVERS, body("Porto")).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(told, fault("/name", "contradiction"));
        assert_eq!(ada.create(RIVERS, body("Douro")).await["city_id"], city["id"]);
        assert_eq!(ada.create(RIVERS, json!({"name": "Porto"})).await["city_id"], Value::Null);
    }

    async fn a_rule_after_the_write_writes_in_its_transaction(database: TestDatabase) {
        let app = serve(database).await;
        let ada = app.user("ada").await;
        let river = ada.create(RIVERS, json!({"name": "Douro"})).await;
        let gauges = ada.read(&format!("{RIVERS}/{}/gauges", id(&river))).await;
        assert_eq!((&gauges["total"], &gauges["items"][0]["place"]), (&json!(1), &json!("mouth")));
        let tried = ada.post(&format!("{RIVERS}?dry_run=true"), json!({"name": "Tejo"})).await;
        assert_eq!(tried.status(), StatusCode::CREATED);
        let tried: Value = tried.json().await.unwrap();
        faults(ada.get(&format!("{RIVERS}/{}/gauges", id(&tried))).await, StatusCode::NOT_FOUND).await;
    }

    async fn a_verb_of_its_own_is_there_by_its_line(database: TestDatabase) {
        let app = serve(database).await;
        let ada = app.user("ada").await;
        let river = format!("{RIVERS}/{}", id(&ada.create(RIVERS, json!({"name": "Douro"})).await));
        let dam = format!("{river}/dam");
        let response = ada.request(Method::POST, &dam).header("if-match", "\"1\"").json(&json!({"height": 300})).send().await.unwrap();
        assert_eq!((response.status(), state(&response)), (StatusCode::OK, "2"));
        assert_eq!(response.json::<Value>().await.unwrap()["dammed"], 300);
        let told = faults(ada.post(&dam, json!({"height": 301})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(told, fault("/height", "too_large"));
        let told = faults(ada.post(&dam, json!({"height": 201})).await, StatusCode::CONFLICT).await;
        assert_eq!(told, fault("river_id", "too_many"));
        assert_eq!(ada.read(&river).await["dammed"], 300);
    }

    async fn a_field_is_computed_for_all_rows_of_an_answer_at_once(database: TestDatabase) {
        let app = serve(database).await;
        let ada = app.user("ada").await;
        let [douro, tejo] = ["Douro", "Tejo"].map(|name| json!({"name": name}));
        let (douro, tejo) = (ada.create(RIVERS, douro).await, ada.create(RIVERS, tejo).await);
        assert_eq!((&douro["gauges_count"], &tejo["gauges_count"]), (&json!(1), &json!(1)));
        let river = format!("{RIVERS}/{}", id(&douro));
        assert_eq!(ada.read(&river).await["gauges_count"], 1);
        ada.create(&format!("{river}/gauges"), json!({"place": "source"})).await;
        assert_eq!(ada.read(&river).await["gauges_count"], 2, "what is kept of the river is forgotten");
        let counted = ada.read(&format!("{RIVERS}?fields=name,gauges_count&sort=name")).await;
        let expected = json!([
            {"id": douro["id"], "name": "Douro", "gauges_count": 2},
            {"id": tejo["id"], "name": "Tejo", "gauges_count": 1},
        ]);
        assert_eq!(counted["items"], expected);
        let dammed: Value = ada.post(&format!("{river}/dam"), json!({"height": 1})).await.json().await.unwrap();
        assert_eq!((&dammed["dammed"], &dammed["gauges_count"]), (&json!(1), &json!(2)));
    }

    async fn a_query_and_a_route_of_its_own_stand_beside_the_others(database: TestDatabase) {
        let app = serve(database).await;
        let ada = app.user("ada").await;
        let city = ada.create(CITIES, json!({"name": "Porto", "country_code": "PT"})).await;
        let figures = format!("{CITIES}/{}/river-figures", id(&city));
        assert_eq!(ada.read(&figures).await, json!({"rivers": 0, "length": 0}));
        for (name, length) in [("Douro", json!(897)), ("Tinto", json!(47)), ("Leça", Value::Null)] {
            ada.create(RIVERS, json!({"name": name, "length": length, "city_id": city["id"]})).await;
        }
        let response = ada.get(&figures).await;
        assert_eq!(header(&response, "cache-control"), Some("private, no-cache"));
        assert_eq!(response.json::<Value>().await.unwrap(), json!({"rivers": 3, "length": 944}));
        let head = ada.request(Method::HEAD, &format!("{figures}/")).send().await.unwrap();
        assert_eq!(head.status(), StatusCode::OK);

        let nowhere = format!("{CITIES}/01a20674-1715-76ed-8847-8036cb1fa3c5/river-figures");
        faults(ada.get(&nowhere).await, StatusCode::NOT_FOUND).await;
        faults(ada.get(&format!("{CITIES}/1/river-figures")).await, StatusCode::BAD_REQUEST).await;
        faults(ada.get(&format!("{figures}?page=1")).await, StatusCode::BAD_REQUEST).await;
        faults(app.request(Method::GET, &figures).send().await.unwrap(), StatusCode::UNAUTHORIZED).await;
        let deaf = ada.request(Method::GET, &figures).header("accept", "text/html").send().await.unwrap();
        faults(deaf, StatusCode::NOT_ACCEPTABLE).await;
        let post = ada.post(&figures, json!({})).await;
        assert_eq!(header(&post, "allow"), Some("GET, HEAD, OPTIONS"));
        faults(post, StatusCode::METHOD_NOT_ALLOWED).await;
    }

    async fn one_document_tells_of_all_of_it(database: TestDatabase) {
        let app = serve(database).await;
        let document = app.request(Method::GET, "/api/openapi.json").send().await.unwrap();
        let document: Value = document.json().await.unwrap();
        let operation = |method: &str, path: &str| document["paths"][&format!("/api/v1{path}")][method].clone();
        for (method, path, name) in [
            ("get", "/cities", "cities.list"),
            ("post", "/rivers", "rivers.create"),
            ("post", "/rivers/{river_id}/dam", "rivers.dam"),
            ("get", "/rivers/{river_id}/gauges", "gauges.list"),
            ("get", "/cities/{city_id}/river-figures", "cities.river-figures"),
        ] {
            assert_eq!(operation(method, path)["operationId"], name);
        }
        let figures = operation("get", "/cities/{city_id}/river-figures");
        let answers: Vec<_> = figures["responses"].as_object().unwrap().keys().collect();
        assert_eq!(answers, ["200", "400", "401", "404", "406", "429", "500", "503"]);
        let schema = &document["components"]["schemas"]["RiverFigures"];
        assert_eq!(schema["required"], json!(["rivers", "length"]));
    }
}

const FILES: [(&str, &str); 6] = [
    ("river.rs", include_str!("river.rs")),
    ("rules/mod.rs", include_str!("rules/mod.rs")),
    ("rules/dam.rs", include_str!("rules/dam.rs")),
    ("rivers.rs", include_str!("rivers.rs")),
    ("figures.rs", include_str!("figures.rs")),
    ("route.rs", include_str!("route.rs")),
];

/// What comes after the imports of a file.
fn example(text: &str) -> &str {
    let end = text.rfind("\nuse ").and_then(|place| Some(place + text[place..].find(";\n\n")? + ";\n\n".len()));
    &text[end.unwrap_or_default()..]
}

#[test]
fn contributing_says_what_these_files_say() {
    let guide = include_str!("../../../../../CONTRIBUTING.md");
    let blocks: Vec<_> = guide.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    for (name, text) in FILES {
        let told = blocks.iter().any(|block| *block == text || *block == example(text));
        assert!(
            told,
            "no block of CONTRIBUTING.md is what tests/it/worked/{name} says after its imports; make them the same"
        );
    }
    for block in blocks {
        let compiled = FILES.iter().any(|(_, text)| block == *text || block == example(text));
        assert!(
            compiled,
            "no file of tests/it/worked says this block of CONTRIBUTING.md, so nobody compiles it:\n{block}"
        );
    }
}
