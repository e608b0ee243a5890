//! Walks by cursor: every row once, in both directions, at any depth; and the cursors that are none.

mod changes;
mod fields;
mod model;
mod refusals;
mod walks;

use serde_json::Value;

use crate::support::TestUser;

/// The cities of a walk.
const CITIES: &str = "/api/v1/cities";

/// The names of the rows of a page.
fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

/// All pages from an address on, by their links of this name.
async fn follow(user: &TestUser<'_>, from: &str, link: &str) -> Vec<Value> {
    let mut pages = vec![user.read(from).await];
    while let Some(address) = pages.last().unwrap()[link].as_str().map(ToOwned::to_owned) {
        pages.push(user.read(&address).await);
    }
    pages
}

/// The names on these pages, one after the other.
fn all_names(pages: &[Value]) -> Vec<String> {
    pages.iter().flat_map(names).map(ToOwned::to_owned).collect()
}
