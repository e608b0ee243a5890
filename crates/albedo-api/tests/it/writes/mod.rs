//! Writes: what is made, changed and deleted, what is refused, and who wins when many write at once.

mod bodies;
mod bulk;
mod conditions;
mod conflicts;
mod dry_run;
mod idempotency;
mod patches;
mod races;

use reqwest::header::IF_MATCH;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::TestUser;

const ASSISTANTS: &str = "/api/v1/assistants";
const CITIES: &str = "/api/v1/cities";

/// The path of a row in its list.
fn row(list: &str, made: &Value) -> String {
    format!("{list}/{}", made["id"].as_str().unwrap())
}

/// A `PATCH` that expects a state.
async fn patch_if(user: &TestUser<'_>, path: &str, tag: &str, body: &Value) -> Response {
    user.request(Method::PATCH, path).header(IF_MATCH, tag).json(body).send().await.unwrap()
}

/// An assistant with a list entity that has one value: the paths of the three, and of the lists below.
struct Tree {
    assistant: String,
    entities: String,
    entity: String,
    values: String,
    value: String,
}

impl Tree {
    async fn grow(user: &TestUser<'_>, name: &str) -> Self {
        let assistant = row(ASSISTANTS, &user.create(ASSISTANTS, json!({"name": name})).await);
        let entities = format!("{assistant}/entities");
        let entity = row(&entities, &user.create(&entities, json!({"name": "city", "kind": "list"})).await);
        let values = format!("{entity}/values");
        let value = row(&values, &user.create(&values, json!({"value": "Porto"})).await);
        Self { assistant, entities, entity, values, value }
    }
}
