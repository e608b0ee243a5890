//! What is shown of a row beyond its columns: what is computed of it, and the rows that relations lead to.

mod computed;
mod expand;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::TestUser;

/// An assistant with entities that have so many values.
struct Vocabulary {
    assistant: String,
    entities: Vec<String>,
}

impl Vocabulary {
    async fn build(user: &TestUser<'_>, name: &str, values: &[usize]) -> Self {
        let assistant = user.create("/api/v1/assistants", json!({"name": name})).await;
        let assistant = format!("/api/v1/assistants/{}", text(&assistant["id"]));
        let mut entities = Vec::new();
        for (number, values) in values.iter().enumerate() {
            let entity = json!({"name": format!("e{number}"), "kind": "list"});
            let entity = user.create(&format!("{assistant}/entities"), entity).await;
            let entity = format!("{assistant}/entities/{}", text(&entity["id"]));
            if *values > 0 {
                let create = |value| json!({"op": "create", "body": {"value": format!("v{value}"), "position": value}});
                let operations: Vec<_> = (0..*values).map(create).collect();
                let bulk = format!("{entity}/values/bulk");
                assert_eq!(user.post(&bulk, json!({"operations": operations})).await.status(), StatusCode::OK);
            }
            entities.push(entity);
        }
        Self { assistant, entities }
    }

    fn list(&self) -> String {
        format!("{}/entities", self.assistant)
    }

    fn entity(&self, number: usize) -> &str {
        &self.entities[number]
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
