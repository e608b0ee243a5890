//! The rows that the lists are asked about: the same ids, times and texts on either database.

use albedo_entities::assistant::AssistantStatus;
use albedo_entities::entity::EntityKind;
use albedo_entities::{assistant, city, entity, user, value};
use albedo_testing::TestDatabase;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use sea_orm::prelude::Uuid;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp};

/// One city: name, country, population, latitude, and microseconds after [`epoch`].
pub(super) type City = (&'static str, &'static str, Option<i64>, Option<f64>, i64);

/// The cities; the first has the id 1.
pub(super) const CITIES: [City; 21] = [
    ("a", "AA", None, None, 0),
    ("A", "AB", Some(0), Some(-90.0), 1),
    ("Straße", "DE", Some(1), Some(-0.5), 999_999),
    ("STRASSE", "DE", Some(2), Some(0.0), 1_000_000),
    ("İstanbul", "TR", Some(15_000_000), Some(41.0082), 100_000),
    ("istanbul", "TR", Some(i64::MAX), Some(90.0), 120_000),
    ("ΟΔΟΣ", "GR", Some(9_007_199_254_740_993), None, 123_000),
    ("οδος", "GR", Some(9_007_199_254_740_992), Some(37.983_810_000_000_1), 123_456),
    ("Ångström", "SE", None, Some(1e-7), -1),
    ("ångström", "SE", Some(100), Some(-37.5), 2_000_000),
    ("\u{212B}ngström", "SE", Some(100), Some(-37.5), 3_000_000),
    ("100% legal", "US", Some(100), None, 4_000_000),
    ("under_score", "US", None, Some(10.0), 5_000_000),
    ("back\\slash", "US", Some(7), Some(10.0), 6_000_000),
    ("O'Brien \"x\"", "IE", Some(8), Some(10.0), 7_000_000),
    ("🚀 base", "ZZ", Some(9), Some(10.5), 8_000_000),
    ("\u{FFFD}", "ZZ", Some(10), None, 9_000_000),
    ("trailing ", "ZZ", Some(11), Some(11.0), 10_000_000),
    ("[a-z]+(x)?$", "ZZ", Some(12), Some(12.0), 11_000_000),
    ("1000 legal", "US", Some(13), Some(13.0), 12_000_000),
    ("underXscore", "US", Some(14), Some(14.0), 13_000_000),
];

/// One assistant: name, description, status, temperature.
pub(super) type Assistant = (&'static str, Option<&'static str>, AssistantStatus, Option<f64>);

/// The assistants; the first has the id 1.
pub(super) const ASSISTANTS: [Assistant; 6] = [
    ("Travel desk", Some("Books trains"), AssistantStatus::Active, Some(0.2)),
    ("travel desk", None, AssistantStatus::Draft, None),
    ("Kitchen", Some(""), AssistantStatus::Archived, Some(2.0)),
    ("Zoo", Some("Knows TRAINS by heart, 100%"), AssistantStatus::Active, Some(0.2)),
    ("Äpfel", Some("null"), AssistantStatus::Draft, Some(0.0)),
    ("apfel", None, AssistantStatus::Active, Some(1.5)),
];

/// The id of everything that has no other.
const OWNER: Uuid = Uuid::from_u128(0xada);

/// 2026-01-31T09:30:00Z, the time from which all others count.
pub(super) fn epoch() -> DateTime<Utc> {
    DateTime::from_timestamp(1_769_851_800, 0).unwrap()
}

/// The numbers of the cities in the order of a key; equal ones by id.
pub(super) fn cities_by<K: Ord>(key: impl Fn(&City) -> K) -> Vec<u128> {
    let mut numbers: Vec<u128> = (1..=21).collect();
    numbers.sort_by_key(|number| key(&CITIES[usize::try_from(*number - 1).unwrap()]));
    numbers
}

/// A server with these rows, and the token of their owner.
pub(super) struct World {
    app: TestApp,
    token: String,
}

impl World {
    pub(super) async fn build(database: TestDatabase) -> Self {
        let rows = database.open().await;
        let app = TestApp::start(database).await;
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        let registered = app.request(Method::POST, "/api/v1/auth/register").json(&body).send().await.unwrap();
        assert_eq!(registered.status(), StatusCode::CREATED);
        let write = rows.write();
        user::Entity::update_many()
            .col_expr(user::Column::Id, OWNER.into())
            .filter(user::Column::Email.eq("ada@example.com"))
            .exec(write)
            .await
            .unwrap();
        city::Entity::insert_many((0..CITIES.len()).map(city)).exec_without_returning(write).await.unwrap();
        let assistants = (0..ASSISTANTS.len()).map(assistant);
        assistant::Entity::insert_many(assistants).exec_without_returning(write).await.unwrap();
        entity::Entity::insert_many((0..4).map(entity)).exec_without_returning(write).await.unwrap();
        value::Entity::insert_many((0..5).map(value)).exec_without_returning(write).await.unwrap();
        let token = app.sign_in("ada@example.com").await.token;
        Self { app, token }
    }

    /// Status, `Link` header and body of each query below `/api/v1`.
    pub(super) async fn answers(&self, queries: &[String]) -> Vec<String> {
        let mut answers = Vec::new();
        for query in queries {
            let request = self.app.request(Method::GET, &format!("/api/v1{query}")).bearer_auth(&self.token);
            let response = request.header("x-request-id", "fixed").send().await.unwrap();
            let link = response.headers().get("link").map_or("", |link| link.to_str().unwrap());
            let head = format!("{} {link}", response.status());
            answers.push(format!("{head}\n{}", response.text().await.unwrap()));
        }
        answers
    }
}

/// The numbers of the rows in an answer; `None` where it is no page.
pub(super) fn ids(answer: &str) -> Option<Vec<u128>> {
    let page: Value = serde_json::from_str(answer.split_once('\n')?.1).ok()?;
    let items = page["items"].as_array()?;
    Some(items.iter().map(|item| item["id"].as_str().unwrap().parse::<Uuid>().unwrap().as_u128()).collect())
}

fn number(index: usize) -> Uuid {
    Uuid::from_u128(index as u128 + 1)
}

fn city(index: usize) -> city::ActiveModel {
    let (name, country_code, population, latitude, microseconds) = CITIES[index];
    let at = epoch() + TimeDelta::microseconds(microseconds);
    city::Model {
        id: number(index),
        name: name.to_owned(),
        country_code: country_code.to_owned(),
        population,
        latitude,
        // Plus zero, since PostgreSQL alone can store a zero below zero.
        longitude: latitude.map(|degrees| -2.0 * degrees + 0.0),
        version: 1,
        created_at: at,
        updated_at: at,
    }
    .into_active_model()
}

fn assistant(index: usize) -> assistant::ActiveModel {
    let (name, description, status, temperature) = ASSISTANTS[index];
    assistant::ActiveModel {
        id: Set(number(index)),
        owner_id: Set(OWNER),
        name: Set(name.to_owned()),
        description: Set(description.map(ToOwned::to_owned)),
        instructions: Set(None),
        language: Set("en".to_owned()),
        time_zone: Set("UTC".to_owned()),
        model: Set(None),
        temperature: Set(temperature),
        status: Set(status),
        metadata: Set(Default::default()),
        version: Set(1),
        created_at: Set(epoch()),
        updated_at: Set(epoch()),
        deleted_at: Set(None),
    }
}

/// Four entities of the first assistant, every second one fuzzy, the last one of patterns.
fn entity(index: usize) -> entity::ActiveModel {
    entity::ActiveModel {
        id: Set(number(index)),
        assistant_id: Set(number(0)),
        name: Set(format!("entity_{index}")),
        description: Set(None),
        kind: Set(if index == 3 { EntityKind::Pattern } else { EntityKind::List }),
        fuzzy_match: Set(index.is_multiple_of(2)),
        case_sensitive: Set(false),
        sensitive: Set(false),
        metadata: Set(Default::default()),
        version: Set(1),
        created_at: Set(epoch()),
        updated_at: Set(epoch()),
    }
}

/// Five values of the first entity, at places that fall and then tie.
fn value(index: usize) -> value::ActiveModel {
    let position = [30, 20, i32::MAX, 0, 20][index];
    value::ActiveModel {
        id: Set(number(index)),
        entity_id: Set(number(0)),
        value: Set(format!("value {index}")),
        value_key: Set(format!("value {index}")),
        language: Set((index > 1).then(|| "pt".to_owned())),
        synonyms: Set(Default::default()),
        patterns: Set(Default::default()),
        position: Set(position),
        version: Set(1),
        created_at: Set(epoch()),
        updated_at: Set(epoch()),
    }
}
